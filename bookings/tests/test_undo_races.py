"""Real threads at one visit: one winner, words for the rest, nothing half-written."""

from datetime import timedelta

import pytest

from bookings.models import Appointment, AppointmentStatus, Claim, Message
from bookings.services.messages import reminders
from bookings.services.moves import backwards, changes, undo
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_user
from bookings.tests.test_changes import make_series, session
from bookings.tests.test_series_book import book, make_approved, make_sessions
from bookings.tests.threads import at_once

ROUNDS = 5

pytestmark = pytest.mark.django_db(transaction=True)


def won(answers):
    return [one for one in answers if not isinstance(one, BookingRefused)]


def test_of_two_desks_that_note_an_arrival_and_cancel_one_wins():
    plan = make_series(0)
    actor = make_user()
    for _round in range(ROUNDS):
        row = session(plan, 1)
        facts = {"actor": actor, "now": NOW, "seen": AppointmentStatus.BOOKED}

        answers = at_once(
            lambda row=row, facts=facts: changes.arrive(row, **facts),
            lambda row=row, facts=facts: changes.cancel(row, reason="Ill", **facts),
        )

        [winner] = won(answers)
        row = session(plan, 1)
        assert row.status == winner.status
        assert row.claims.count() == (3 if row.is_live else 0)
        undone = {"actor": actor, "now": NOW}
        (backwards.back if row.is_live else backwards.reopen)(row, **undone)


def test_of_two_desks_that_take_the_same_step_one_wins():
    plan = make_series(0)
    actor, row = make_user(), session(plan, 1)

    answers = at_once(
        *(lambda: changes.arrive(row, actor=actor, now=NOW) for _desk in range(4))
    )

    assert len(won(answers)) == 1
    assert session(plan, 1).events.count() == 2


def cancelled(plan, actor):
    with undo.recording(plan, actor=actor, now=NOW) as record:
        changes.cancel(session(plan, 1), reason="A slip", actor=actor, now=NOW)
    return record.token


def test_an_undo_and_a_booking_of_the_freed_time_have_one_winner():
    plan = make_series(0)
    actor = make_user()
    token = cancelled(plan, actor)
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    sessions = make_sessions(other, (0,))

    answers = at_once(
        lambda: undo.undo(token, actor=actor, now=NOW),
        lambda: book(other, sessions),
    )

    assert len(won(answers)) == 1
    live = Appointment.objects.live().get()
    assert Claim.objects.count() == 3
    assert set(Claim.objects.values_list("appointment", flat=True)) == {live.pk}
    waiting = Message.objects.waiting()
    assert set(waiting.values_list("appointment", flat=True)) == {live.pk}


def test_two_clicks_on_undo_count_once():
    plan = make_series(0)
    actor = make_user()
    token = cancelled(plan, actor)

    answers = at_once(
        *(lambda: undo.undo(token, actor=actor, now=NOW) for _click in range(3))
    )

    assert len(won(answers)) == 1
    assert session(plan, 1).claims.count() == 3


def test_an_undo_and_a_reopening_make_one_visit():
    plan = make_series(0)
    actor = make_user()
    token = cancelled(plan, actor)
    row = session(plan, 1)

    answers = at_once(
        lambda: undo.undo(token, actor=actor, now=NOW),
        lambda: backwards.reopen(row, actor=actor, now=NOW),
    )

    assert len(won(answers)) == 1
    assert session(plan, 1).claims.count() == 3
    told = Message.objects.waiting().filter(rule=reminders.CONFIRMATION)
    assert told.count() == 1
    assert told.get().due_at >= NOW + timedelta(0)
