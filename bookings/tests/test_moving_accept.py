"""Accepting a move: every row, claim and message of it, or none."""

from datetime import time

import pytest

from bookings.models import (
    Claim,
    Message,
    MessageStatus,
)
from bookings.services import claims
from bookings.services.messages import reminders
from bookings.services.moves import changes, moving, placing, windows
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_user,
)
from bookings.tests.test_moving import (
    accept,
    days_of,
    make_series,
    on,
    propose,
    session,
)
from bookings.tests.test_series_book import (
    book,
    make_approved,
    make_sessions,
)

pytestmark = pytest.mark.django_db


def test_all_that_moves_gets_its_time_claims_and_one_version():
    plan = make_series(0, 49, 105)

    moved = accept(plan, propose(plan, 2, 42))

    assert days_of(plan) == [0, 42, 98]
    assert {row.version for row in moved} == {2}
    assert {row.reason for row in moved} == {"She asked."}
    for row in moved:
        taken = [claim.during.lower for claim in row.claims.order_by("during")]
        assert taken[0] == row.starts_at
        assert len(taken) == 3


def test_the_history_keeps_the_old_time():
    plan = make_series()

    accept(plan, propose(plan, 2, 50))

    kept = [row.during.lower for row in session(plan, 2).events.order_by("pgh_id")]
    assert kept == [on(49), on(50)]


def test_the_same_submit_again_changes_nothing_more():
    plan = make_series()
    proposal = propose(plan, 2, 50)

    accept(plan, proposal)
    accept(plan, proposal)

    assert session(plan, 2).version == 2


def test_a_series_that_changed_meanwhile_is_refused():
    plan = make_series()
    one, other = propose(plan, 2, 50), propose(plan, 2, 51)

    accept(plan, one)

    with pytest.raises(BookingRefused, match="has changed since"):
        accept(plan, other)
    assert days_of(plan) == [0, 50, 98]


def test_a_move_by_a_quarter_of_an_hour_takes_its_own_place():
    plan = make_series()

    accept(plan, propose(plan, 2, 49, time(10, 15)))

    assert session(plan, 2).local_start.time() == time(10, 15)
    assert Claim.objects.filter(appointment=session(plan, 2)).count() == 3


def test_a_session_may_take_the_place_that_another_of_its_series_leaves():
    plan = make_series(0, 49, 98)

    accept(plan, propose(plan, 1, 49))

    assert days_of(plan) == [49, 91, 133]


def test_a_place_lost_meanwhile_moves_nothing():
    plan = make_series(0, 49, 105)
    proposal = propose(plan, 2, 42)
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    book(other, make_sessions(other, (98,)))

    with pytest.raises(BookingRefused, match="just booked"):
        accept(plan, proposal)

    assert days_of(plan) == [0, 49, 105]
    assert {row.version for row in plan.appointments.all()} == {1}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (placing.series, "write"),
        (claims, "take"),
        (reminders, "withdraw"),
        (reminders, "promise"),
        (windows, "settle"),
        (moving.freed, "report"),
    ],
)
def test_a_move_that_fails_half_way_moves_nothing(monkeypatch, module, name):
    plan = make_series(0, 49, 105)
    proposal = propose(plan, 2, 42)
    real = getattr(module, name)

    def fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError

    monkeypatch.setattr(module, name, fail)

    with pytest.raises(RuntimeError):
        accept(plan, proposal)

    assert days_of(plan) == [0, 49, 105]
    assert Claim.objects.filter(during__startswith=on(49)).count() == 1
    assert {row.version for row in plan.appointments.all()} == {1}
    assert not Message.objects.filter(version=2).exists()


def test_a_changed_proposal_for_another_plan_is_refused():
    plan, other = make_series(), make_series()

    with pytest.raises(BookingRefused, match="another series"):
        accept(other, propose(plan, 2, 50))


# --- What the patient hears


def test_one_confirmation_tells_all_that_moved():
    plan = make_series(0, 49, 105)
    Message.objects.filter(rule="confirmation").update(
        status=MessageStatus.SENT, sent_at=NOW
    )

    accept(plan, propose(plan, 2, 42))

    owed = Message.objects.waiting().get(rule="confirmation")
    assert owed.version == 2
    assert [row.number for row in reminders.confirmed_by(owed)][-2:] == [2, 3]


def test_a_confirmation_not_yet_out_is_told_together_with_the_move():
    plan = make_series()

    accept(plan, propose(plan, 1, 1))

    owed = Message.objects.waiting().get(rule="confirmation")
    assert [row.number for row in reminders.confirmed_by(owed)] == [1, 2, 3]
    assert set(plan.appointments.values_list("version", flat=True)) == {2}


def test_sessions_of_two_bookings_are_told_in_one_message():
    plan = make_series(0, 49, 105)
    changes.cancel(session(plan, 3), reason="x", actor=make_user(), now=NOW)
    book(plan, make_sessions(plan, (0, 49, 105))[2:])
    Message.objects.filter(rule="confirmation").update(
        status=MessageStatus.SENT, sent_at=NOW
    )

    accept(plan, propose(plan, 2, 42))

    owed = Message.objects.waiting().get(rule="confirmation")
    assert [row.number for row in reminders.confirmed_by(owed)][-2:] == [2, 3]
