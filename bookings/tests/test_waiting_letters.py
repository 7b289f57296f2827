"""The one e-mail about an offer: the time, until when, and only while it can be taken."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from bookings.models import Message, MessageStatus
from bookings.services import waiting
from bookings.services.messages import letters, outbox
from bookings.services.messages.moments import GRACE
from bookings.tests.factories import NOW, make_patient, make_protocol
from bookings.tests.letterbox import CARE
from bookings.tests.test_series_book import make_approved
from bookings.tests.waiting import (
    answer_afresh,
    keep_only,
    make_booked,
    offered,
    wait,
)

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 12, 4)
MINUTE = timedelta(minutes=1)


def make_offer(plan, number=1, **wish):
    entry = wait(plan, number, **wish)
    waiting.match(now=NOW)
    return offered(entry)


def the_message():
    return Message.objects.get(rule="offer")


def letter():
    return letters.write(the_message(), now=NOW)


def words(text):
    return " ".join(text.split())


@pytest.fixture
def plan():
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    return plan


def test_the_letter_says_when_until_when_and_what_to_do(plan):
    make_offer(plan)

    told = letter()

    assert told.subject == "A time came free on Friday 4 December: answer by 12:00"
    text = words(told.text)
    assert "You asked for an earlier time for session 1. One has come free." in text
    assert "Friday 4 December, 10:00" in text
    assert "We keep it for you until 12:00 on Tuesday 24 November." in text
    assert "Take it or leave it on your page, or call 613-555-0100 before then." in text
    assert "your time on Tuesday 8 December, 10:00 stays yours" in text


def test_page_and_plain_text_say_the_same(plan):
    make_offer(plan)

    told = letter()

    for sentence in ("until 12:00", "Friday 4 December", "call 613-555-0100"):
        assert sentence in words(told.text)
        assert sentence in words(told.html)


def test_a_series_is_told_as_a_start():
    make_offer(make_approved(), None)

    text = words(letter().text)

    assert "when your sessions can begin. A time has come free." in text
    assert "you stay on our list" in text
    assert "The sessions after it are kept for you as well: Wednesday 6 January" in text


def test_a_session_without_a_time_is_told_so():
    make_offer(make_approved(session_count=1))

    assert "You asked for a time for session 1." in words(letter().text)


def test_the_letter_leaves_after_the_grace_and_once(plan):
    make_offer(plan)

    assert [outbox.send_due(clock=lambda: NOW + GRACE) for _ring in "ab"][1] == 0

    sent = [m for m in mail.outbox if m.subject.startswith("A time came free")]
    assert len(sent) == 1
    assert the_message().status == MessageStatus.SENT


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_an_answer_takes_the_letter_back(plan, desk, answer):
    answer_afresh(plan)
    offer = make_offer(plan)

    getattr(waiting, answer)(offer, actor=desk, now=NOW)

    assert the_message().status == MessageStatus.SUPERSEDED


def test_a_lapse_takes_the_letter_back(plan):
    make_offer(plan)

    waiting.lapse_overdue(now=NOW + 120 * MINUTE)

    assert the_message().status == MessageStatus.SUPERSEDED


def test_a_letter_that_is_late_stays_here(plan):
    make_offer(plan)

    outbox.send_due(clock=lambda: NOW + 120 * MINUTE)

    assert the_message().status == MessageStatus.SUPERSEDED
    assert not [m for m in mail.outbox if m.subject.startswith("A time came free")]


def test_a_patient_without_an_address_gets_a_call_instead():
    plan = make_booked(patient=make_patient(email="", phone="+16135550111"))
    make_offer(plan)

    message = the_message()

    assert message.status == MessageStatus.SUPPRESSED
    assert message.problem == "The patient has no e-mail address."


@pytest.mark.parametrize(("days", "is_said"), [(2, True), (1, False)])
def test_the_letter_says_when_there_is_little_time_to_get_ready(days, is_said):
    """The session is tomorrow: one day is left to get ready."""
    care = [CARE[0] | {"starts_offset": -days}]
    plan = make_approved(protocol=make_protocol(care=care), session_count=1)
    tomorrow = NOW.date() + timedelta(days=1)
    make_offer(plan, first_day=tomorrow, last_day=tomorrow)

    said = f"Getting ready usually begins {days} day" in words(letter().text)

    assert said == is_said


def test_the_desk_reads_the_letter_among_the_messages(plan, as_desk):
    make_offer(plan)
    message = the_message()

    shown = as_desk.get(reverse("desk:message", args=[message.pk]))
    page = as_desk.get(reverse("desk:message-page", args=[message.pk]))
    listed = as_desk.get(reverse("desk:messages"), {"status": "all"})

    assert "Offer of a freed time" in shown.content.decode()
    assert "A time came free on Friday 4 December" in page.content.decode()
    assert "Offer of a freed time" in listed.content.decode()
