"""Real threads that move and book across each other: one winner, words for the rest."""

from datetime import time
from uuid import uuid4

import pytest

from bookings.models import Appointment, Claim, Message
from bookings.services import series
from bookings.services.moves import changes, placing
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_place_with_people, make_protocol
from bookings.tests.factories import make_user as make_actor
from bookings.tests.test_moving import accept, days_of, propose, session
from bookings.tests.test_series_book import book, make_approved, make_sessions
from bookings.tests.test_series_races import forget
from bookings.tests.threads import at_once

ROUNDS = 6

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(outcomes):
    return [one for one in outcomes if isinstance(one, BookingRefused)]


def make_plans(count):
    place, protocol = make_place_with_people(), make_protocol()
    return [
        make_approved(place, protocol=protocol, session_count=2) for _ in range(count)
    ]


def assert_whole(plan):
    """Every session of the plan has exactly its own claims, from its own start."""
    for row in plan.appointments.live():
        taken = row.claims.order_by("during")
        assert len(taken) == 3
        assert taken[0].during.lower == row.starts_at


def test_two_who_move_one_session_at_once_move_it_once():
    (plan,) = make_plans(1)
    actor = make_actor()

    for _turn in range(ROUNDS):
        book(plan, make_sessions(plan, (0, 49)), actor=actor)
        one, other = propose(plan, 2, 50), propose(plan, 2, 51)
        lost = refusals(
            at_once(*[lambda p=p: accept(plan, p, actor) for p in (one, other)])
        )
        assert ["has changed since" in str(refused) for refused in lost] == [True]
        assert days_of(plan)[1] in (50, 51)
        assert_whole(plan)
        forget()


def test_two_who_want_each_others_time_are_both_told_that_it_is_taken():
    """What somebody still has is not free, even while it is being moved away."""
    one, other = make_plans(2)
    actor = make_actor()
    book(one, make_sessions(one, (0, 49)), actor=actor)
    book(other, make_sessions(other, (0, 49), at=time(14)), actor=actor)
    there = make_sessions(one, (0, 49), at=time(14))[1:]
    back = make_sessions(other, (0, 49))[1:]
    act = {"actor": actor, "now": NOW, "why": ""}

    for _turn in range(ROUNDS):
        lost = refusals(
            at_once(
                *[
                    lambda: placing.place(one, there, **act),
                    lambda: placing.place(other, back, **act),
                ]
            )
        )
        assert len(lost) == 2
        assert_whole(one)
        assert_whole(other)


def test_of_two_who_move_to_one_time_one_gets_it():
    one, other = make_plans(2)
    actor = make_actor()

    for _turn in range(ROUNDS):
        book(one, make_sessions(one, (0, 49)), actor=actor)
        book(other, make_sessions(other, (0, 49), at=time(14)), actor=actor)
        there, back = propose(one, 2, 49, time(12)), propose(other, 2, 49, time(12))
        lost = refusals(
            at_once(
                *[
                    lambda p=there: accept(one, p, actor),
                    lambda p=back: accept(other, p, actor),
                ]
            )
        )
        assert ["just booked" in str(refused) for refused in lost] == [True]
        for plan in (one, other):
            assert_whole(plan)
        forget()


def test_a_move_and_a_booking_of_the_time_it_leaves_never_deadlock():
    one, other = make_plans(2)
    actor = make_actor()
    wanted = make_sessions(other, (0, 49))  # where `one` is, and where it wants to go

    for turn in range(ROUNDS):
        book(one, make_sessions(one, (1, 50)), actor=actor)
        there = propose(one, 2, 49, time(10, 30 if turn % 2 else 0))

        def take():
            return series.book(
                other,
                wanted,
                key=uuid4(),
                strategy="earliest-finish",
                actor=actor,
                now=NOW,
            )

        lost = refusals(at_once(*[lambda p=there: accept(one, p, actor), take]))
        assert len(lost) == 1
        assert_whole(one)
        assert_whole(other)
        forget()


def test_a_move_and_a_cancellation_of_one_session_end_in_one_of_the_two():
    (plan,) = make_plans(1)
    actor = make_actor()

    for _turn in range(ROUNDS):
        book(plan, make_sessions(plan, (0, 49)), actor=actor)
        proposal, row = propose(plan, 2, 50), session(plan, 2)
        outcomes = at_once(
            *[
                lambda p=proposal: accept(plan, p, actor),
                lambda row=row: changes.cancel(
                    row, reason="x", actor=actor, now=NOW, version=row.version
                ),
            ]
        )
        assert len(refusals(outcomes)) == 1
        is_cancelled = not plan.appointments.live().filter(number=2).exists()
        assert Claim.objects.count() == (3 if is_cancelled else 6)
        stale = Message.objects.waiting().filter(appointment__number=2)
        assert stale.exists() != is_cancelled
        assert Appointment.objects.count() == 2
        forget()
