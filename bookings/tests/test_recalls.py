"""Letters about maintenance: who gets one, what it says, and asking for a time by it."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    ConsentKind,
    Message,
    MessageStatus,
    OutcomeDecision,
    Task,
    TaskKind,
)
from bookings.services import links
from bookings.services.courses.states import Sitting
from bookings.services.links import Purpose
from bookings.services.messages import letters, outbox
from bookings.services.outcomes import deciding, sweeping
from bookings.services.outcomes.deciding import Choice
from bookings.services.portal import stages
from bookings.services.portal.courses_shown import Around, shown
from bookings.services.portal.stages import Stage
from bookings.tests.factories import NOW, make_appointment, make_plan, make_user
from bookings.tests.letterbox import make_talk
from bookings.tests.results import make_over, make_review

DAY = date(2027, 3, 1)  # a Monday, nine o'clock in Ottawa is 14:00 UTC

pytestmark = pytest.mark.django_db


def keep(plan, *, day=DAY, now=NOW):
    """Maintenance twice a year, and the letter about it on `day`."""
    choice = Choice(OutcomeDecision.MAINTENANCE, per_year=2, recall_on=day)
    deciding.decide(plan, choice, seen=0, actor=make_user("Clinician"), now=now)
    return letter_of(plan)


def letter_of(plan):
    return Message.objects.get(plan=plan, rule="recall")


def send(letter, *, late=timedelta()):
    outbox.send_due(clock=lambda: letter.due_at + late)
    letter.refresh_from_db()
    return letter


def test_the_letter_leaves_at_nine_on_its_day_with_a_link_to_ask_for_a_time():
    letter = keep(make_over())

    assert f"{letter.due_at:%Y-%m-%d %H:%M}" == "2027-03-01 14:00"
    assert send(letter).status == MessageStatus.SENT
    [sent] = mail.outbox
    assert sent.subject == "Would you like another visit with us?"
    assert "we planned 2 sessions a year with you" in sent.body
    assert "/my/r/" in sent.body
    assert "/my/r/" in letter.text
    assert "hidden" in letter.text


def test_the_letter_is_written_in_the_patients_language():
    plan = make_over()
    plan.patient.language = "fr"
    plan.patient.save(update_fields=["language"])

    letter = letters.write(keep(plan), now=NOW)

    assert "/fr/" in letter.text


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (None, "has not agreed to messages about care"),
        (False, "has not agreed to messages about care"),
    ],
)
def test_nobody_is_written_to_who_has_not_agreed(said, problem):
    plan = make_over(agrees=False)
    if said is not None:
        plan.patient.consents.create(
            kind=ConsentKind.CARE_MESSAGES, is_given=said, words="No.", at=NOW
        )

    letter = keep(plan)

    assert letter.status == MessageStatus.SUPPRESSED
    assert problem in letter.problem


def test_an_agreement_taken_back_since_keeps_the_letter_back():
    plan = make_over()
    letter = keep(plan)
    plan.patient.consents.create(
        kind=ConsentKind.CARE_MESSAGES,
        is_given=False,
        words="No.",
        at=NOW + timedelta(days=1),
    )

    assert send(letter).status == MessageStatus.SUPPRESSED
    assert mail.outbox == []


def test_who_cannot_be_written_to_is_called_once_on_that_day():
    plan = make_over(agrees=False)
    letter = keep(plan)

    sweeping.reconcile(now=letter.due_at - timedelta(minutes=1))
    assert not Task.objects.filter(kind=TaskKind.CALL).exists()
    for minute in range(2):
        sweeping.reconcile(now=letter.due_at + timedelta(minutes=minute))

    [task] = Task.objects.filter(kind=TaskKind.CALL)
    assert task.words.startswith("Ada Lovelace: call about another session of Medical")


@pytest.mark.parametrize("kind", ["session", "consultation"])
def test_who_has_booked_already_is_not_written_to(kind):
    plan = make_over()
    letter = keep(plan)
    if kind == "session":
        again = make_plan(patient=plan.patient, protocol=plan.protocol)
        make_appointment(plan=again, starts_at=NOW + timedelta(days=200))
    else:
        make_talk(patient=plan.patient, starts_at=NOW + timedelta(days=200))

    sweeping.reconcile(now=NOW + timedelta(days=1))

    letter.refresh_from_db()
    assert letter.status == MessageStatus.SUPERSEDED
    assert letter.problem == "The patient has booked already."


def test_a_booking_in_the_last_minute_still_stops_the_letter():
    plan = make_over()
    letter = keep(plan)
    make_talk(patient=plan.patient, starts_at=letter.due_at + timedelta(days=3))

    assert send(letter).status == MessageStatus.SUPERSEDED
    assert mail.outbox == []


def test_a_session_of_another_treatment_stops_no_letter():
    plan = make_over()
    letter = keep(plan)
    other = make_plan(patient=plan.patient)
    make_appointment(plan=other, starts_at=NOW + timedelta(days=200))

    sweeping.reconcile(now=NOW + timedelta(days=1))

    assert send(letter).status == MessageStatus.SENT


@pytest.mark.parametrize(
    ("days", "status"), [(59, MessageStatus.SENT), (60, MessageStatus.MISSED)]
)
def test_a_letter_that_is_two_months_late_helps_nobody(days, status):
    letter = keep(make_over())

    assert send(letter, late=timedelta(days=days)).status == status


# --- Asking by the link ---------------------------------------------------------------


def link_of(plan):
    token = links.token(Purpose.RECALL, plan, now=timezone.now())
    return reverse("portal:recall", args=[token])


def test_a_patient_asks_for_a_time_and_the_desk_reads_it_once():
    plan, browser = make_over(), Client()
    address = link_of(plan)
    wish = {"weekdays": ["1"], "parts": ["morning"], "words": "Before June"}

    assert "Would you like another session?" in browser.get(address).content.decode()
    page = browser.post(address, wish, follow=True).content.decode()
    browser.post(address, wish)

    assert "Our desk has your wish" in page
    [task] = Task.objects.filter(kind=TaskKind.ASKS)
    assert task.words == (
        "Ada Lovelace asks for another session of Medical microneedling. "
        "Days: Tuesday. Time: morning. “Before June”"
    )


def test_an_empty_wish_is_asked_again_and_opening_the_page_changes_nothing():
    plan = make_over()

    answer = Client().post(link_of(plan), {"words": ""})

    assert answer.status_code == 422
    assert not Task.objects.filter(kind=TaskKind.ASKS).exists()


def test_who_has_booked_reads_so_and_a_strange_link_opens_nothing():
    plan = make_over()
    make_talk(patient=plan.patient, starts_at=timezone.now() + timedelta(days=3))

    page = Client().get(link_of(plan)).content.decode()

    assert "You have a time with us already" in page
    assert Client().get(link_of(plan)[:-3] + "xx/").status_code == 404


# --- What patients read on their own pages ---------------------------------------------


def shown_of(plan, now=NOW):
    plan = type(plan).objects.with_people().get(pk=plan.pk)
    visits = plan.appointments.select_related("location").order_by("during")
    return shown(plan, visits, Around((), (), now))


def test_a_result_that_is_due_asks_for_a_call_until_its_visit_is_booked():
    plan = make_over(days_ago=42)

    before = shown_of(plan)
    make_review(plan, NOW + timedelta(days=2))
    after = shown_of(plan)

    assert (before.stage, before.needs_a_time) == (Stage.RESULT_DUE, True)
    assert (after.stage, after.needs_a_time) == (Stage.RESULT_DUE, False)
    assert after.text.startswith("We look at your result together: ")


def test_a_decision_is_what_the_patient_reads_from_then_on():
    plan = make_over(days_ago=42)

    keep(plan)

    found = shown_of(plan)
    assert found.stage == Stage.MAINTENANCE
    assert "we planned 2 sessions a year with you" in found.text


def test_a_decided_series_is_finished_whatever_its_days():
    day = NOW.date() - timedelta(days=42)
    facts = ("approved", 1, (42, 56), (Sitting(1, day, True),))

    due = stages.progress(stages.Course(*facts), NOW.date())
    over = stages.progress(stages.Course(*facts, is_decided=True), NOW.date())

    assert (due.stage, over.stage) == (Stage.RESULT_DUE, Stage.MAINTENANCE)
