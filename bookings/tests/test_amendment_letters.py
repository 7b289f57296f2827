"""The one letter about an amended plan: what is off, what stays, what comes next."""

from datetime import timedelta

import pytest
from django.core import mail

from bookings.models import Message, MessageStatus
from bookings.services.amendments import amending
from bookings.services.messages import letters, outbox
from bookings.services.messages.moments import GRACE
from bookings.tests.factories import NOW, make_patient
from bookings.tests.test_amending import make_booked, make_done, preview, save
from bookings.tests.test_series_book import FIRST, local

pytestmark = pytest.mark.django_db


def amend(plan, **changes):
    return save(plan, preview(plan, **changes))


def letters_owed():
    return Message.objects.filter(rule="amended")


def test_whoever_loses_a_date_gets_one_letter_that_names_what_stays():
    plan = make_booked()

    amend(plan, session_count=2)

    [message] = letters_owed()
    letter = letters.write(message, now=NOW)
    assert letter.subject == "Your visit on Tuesday 16 March is off"
    off, stays = letter.text.split("These visits stay as they are:")
    assert "Tuesday 16 March 2027, 10:00" in off
    assert "Tuesday 8 December 2026, 10:00" in stays
    assert "Tuesday 26 January 2027, 10:00" in stays
    assert "clinician" not in letter.text
    assert "16 March" in letter.html


def test_a_letter_about_a_medical_change_says_that_new_dates_follow():
    plan = make_booked((0, 49))
    make_done(plan, 1)

    amend(plan, gap_days=(56, 70))

    letter = letters.write(letters_owed().get(), now=NOW)
    assert "As soon as it is signed, you get your new dates." in letter.text


def test_whoever_keeps_every_date_gets_no_letter():
    amend(make_booked(), session_count=4)

    assert not letters_owed().exists()


def test_the_letter_leaves_once():
    amend(make_booked(), session_count=2)

    for _turn in range(2):
        outbox.send_due(clock=lambda: NOW + GRACE)

    assert [one.subject for one in mail.outbox].count(
        "Your visit on Tuesday 16 March is off"
    ) == 1


def test_a_letter_that_comes_after_the_date_is_not_sent():
    amend(make_booked(), session_count=2)
    message = letters_owed().get()
    day = FIRST + timedelta(days=98)

    for late, sent in ((local(day) - timedelta(minutes=1), True), (local(day), False)):
        verdict = outbox._verdict(message, late)
        assert (verdict is None) == sent


def test_without_an_address_the_letter_says_why_it_is_not_sent():
    plan = make_booked(patient=make_patient(email="", phone="+16135550111"))

    amend(plan, session_count=2)

    message = letters_owed().get()
    assert message.status == MessageStatus.SUPPRESSED
    assert "no e-mail address" in message.problem


def test_saving_twice_plans_one_letter(desk):
    plan = make_booked()
    diff = preview(plan, session_count=2)

    for _turn in range(2):
        amending.save(plan, diff.sealed(), version=1, actor=desk, now=NOW)

    assert letters_owed().count() == 1
