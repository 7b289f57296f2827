"""The clinicians' alerts: what wakes them, in which order, and how it is closed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentStatus,
    CheckInMoment,
    HealingState,
    PlanStatus,
    Task,
    TaskKind,
)
from bookings.services import alerts, inbox, todo
from bookings.services.portal import checkins, rechecks
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.tests.checks import fresh, make_sessions, make_treated, seen
from bookings.tests.factories import make_patient, make_task, make_user
from bookings.tests.threads import at_once

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def worried(now, name="Ada", **said):
    """A patient who is worried two days after a session."""
    plan = make_treated(patient=make_patient(first_name=name, phone="6135550147"))
    [row] = make_sessions(plan, now - 2 * DAY, told=False)
    Appointment.objects.filter(pk=row.pk).update(
        status=AppointmentStatus.DONE, completed_at=now - 2 * DAY
    )
    return checkins.say(
        fresh(row),
        moment=CheckInMoment.TWO_DAYS,
        state=HealingState.WORRIED,
        now=now,
        **said,
    )


def changed(now, question="open-wound", name="Bea", value="yes"):
    """A patient whose changed answer holds two sessions back."""
    plan = make_treated(patient=make_patient(first_name=name, phone="6135550148"))
    session, _later = make_sessions(plan, now + 3 * DAY, now + 60 * DAY)
    given = [Given(question, value, is_fresh=True)]
    rechecks.change(session, given, seen=seen(session, now), now=now)
    return plan


def test_what_cannot_wait_comes_first_then_worries_then_answers_oldest_first():
    now = timezone.now()
    changed(now - 3 * DAY)
    worried(now - DAY, "Newer")
    worried(now - 2 * DAY, "Older")
    worried(now - MINUTE, "Urgent", signs=["fever"])

    rows = alerts.open_alerts(now=now)

    names = [row.patient.first_name for row in rows]
    assert names == ["Urgent", "Older", "Newer", "Bea"]


def test_the_page_shows_what_a_clinician_needs_to_call(as_clinician):
    now = timezone.now()
    worried(now, signs=["pus"], words="It smells")
    changed(now)

    page = as_clinician.get(reverse("review:alerts")).content.decode()

    for words in ("It smells", "Pus", "(613) 555-0147", "Call at once"):
        assert words in page
    for words in ("Open wound", "<s>no</s>", "held back", "(613) 555-0148"):
        assert words in page


def test_looking_is_remembered_for_each_patient(as_clinician):
    worried(timezone.now())

    as_clinician.get(reverse("review:alerts"))

    assert AccessLog.objects.filter(what="alerts").count() == 1


def test_it_is_closed_with_what_was_done_by_whom_and_when(as_clinician, clinician):
    worried(timezone.now())
    task = Task.objects.get()

    as_clinician.post(
        reverse("review:alert-close", args=[task.pk]), {"note": "Called her: all well"}
    )

    task.refresh_from_db()
    assert task.closed_by == clinician
    assert task.closed_at is not None
    assert task.words.endswith(" — Called her: all well")


@pytest.mark.parametrize(
    ("note", "status"), [("", 422), ("x" * 141, 422), ("x" * 140, 302)]
)
def test_a_note_is_needed_and_has_room(as_clinician, note, status):
    worried(timezone.now(), words="y" * 500)
    task = Task.objects.get()

    answer = as_clinician.post(
        reverse("review:alert-close", args=[task.pk]), {"note": note}
    )

    assert answer.status_code == status
    task.refresh_from_db()
    assert task.is_open == (status == 422)
    assert len(task.words) <= 400


def test_the_second_of_two_is_told(as_clinician, clinician):
    worried(timezone.now())
    task = Task.objects.get()
    alerts.answer(task, note="Called", actor=clinician, now=timezone.now())

    answer = as_clinician.post(
        reverse("review:alert-close", args=[task.pk]), {"note": "Called too"}
    )

    assert answer.status_code == 422
    assert "answered this one already" in answer.content.decode()
    task.refresh_from_db()
    assert task.words.endswith("Called")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_note_is_kept():
    worried(timezone.now())
    task, doctor = Task.objects.get(), make_user("Clinician")

    outcomes = at_once(
        *[
            lambda note=note: alerts.answer(
                task, note=note, actor=doctor, now=timezone.now()
            )
            for note in ("one", "two")
        ]
    )

    assert sum(isinstance(one, BookingRefused) for one in outcomes) == 1
    task.refresh_from_db()
    assert task.words.count(" — ") == 1


def test_the_desk_sees_it_and_cannot_close_it(as_desk, desk):
    worried(timezone.now())
    task = Task.objects.get()

    page = as_desk.get(reverse("desk:tasks")).content.decode()
    answer = as_desk.post(reverse("desk:task-done", args=[task.pk]))

    assert "is worried after session 1" in page
    assert reverse("desk:task-done", args=[task.pk]) not in page
    assert answer.status_code == 422
    assert "A clinician closes this one" in answer.content.decode()
    with pytest.raises(BookingRefused):
        todo.done(task, actor=desk, now=timezone.now())


def test_alerts_are_counted_with_what_is_open():
    worried(timezone.now())
    make_task()

    counts = inbox.open_counts()
    assert (counts["tasks"], counts["alerts"]) == (2, 1)


def test_other_tasks_are_no_alerts(as_clinician):
    task = make_task(kind=TaskKind.CALL, patient=make_patient())

    answer = as_clinician.post(
        reverse("review:alert-close", args=[task.pk]), {"note": "x"}
    )

    assert answer.status_code == 404


def test_a_plan_that_is_held_back_goes_to_where_one_decides(as_clinician):
    plan = changed(timezone.now(), "cold-sores")
    task = Task.objects.get()

    answer = as_clinician.post(reverse("review:alert-decide", args=[task.pk, plan.pk]))

    plan.refresh_from_db()
    assert answer.url == reverse("review:plan", args=[plan.pk])
    assert plan.status == PlanStatus.SUBMITTED


def test_a_plan_that_is_not_held_back_stays_as_it_is(as_clinician):
    changed(timezone.now(), "cold-sores")
    other = make_treated(patient=make_patient())

    answer = as_clinician.post(
        reverse("review:alert-decide", args=[Task.objects.get().pk, other.pk])
    )

    assert answer.status_code == 422
    other.refresh_from_db()
    assert other.status == PlanStatus.APPROVED


def test_the_page_costs_the_same_for_three_as_for_one(as_clinician, count_queries):
    now, place = timezone.now(), reverse("review:alerts")
    worried(now)
    changed(now)
    as_clinician.get(place)
    one = count_queries(as_clinician, place)
    for name in ("Eve", "Fay"):
        worried(now, name, signs=["pus"])
        changed(now, name=name)

    assert count_queries(as_clinician, place) == one
