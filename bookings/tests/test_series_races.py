"""Real threads after the same time: one winner, words for the rest, no half series."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from bookings.models import Appointment, Claim, SeriesBooking
from bookings.services import series
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_series_book import FIRST, make_approved, make_sessions

BOOKERS = 8
ROUNDS = 50

pytestmark = pytest.mark.django_db(transaction=True)


def race(bids, actor):
    """Let every bid go at once; the bookings and refusals in the order of the bids."""
    together = Barrier(len(bids))

    def go(bid):
        plan, sessions, key = bid
        together.wait()
        try:
            return series.book(
                plan,
                sessions,
                key=key,
                strategy="earliest-finish",
                actor=actor,
                now=NOW,
            )
        except BookingRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(bids)) as desks:
        return list(desks.map(go, bids))


def split(outcomes):
    won = [o for o in outcomes if isinstance(o, SeriesBooking)]
    return won, [o for o in outcomes if isinstance(o, BookingRefused)]


def make_contest():
    """As many signed one-session plans as bookers, all at one place with one room."""
    place, protocol = make_place_with_people(), make_protocol()
    return [
        make_approved(place, protocol=protocol, session_count=2) for _ in range(BOOKERS)
    ]


def test_of_eight_bookers_of_one_slot_exactly_one_wins_each_time():
    plans, actor = make_contest(), make_user("Front desk")

    for turn in range(ROUNDS):
        first = FIRST + timedelta(days=turn % 3)
        bids = [
            (plan, make_sessions(plan, (0, 49), first=first), uuid4()) for plan in plans
        ]
        won, lost = split(race(bids, actor))
        assert (len(won), len(lost)) == (1, BOOKERS - 1)
        assert Appointment.objects.count() == 2
        assert Claim.objects.count() == 6
        forget()


def test_crossing_series_never_deadlock_and_are_never_half_booked():
    plans, actor = make_contest(), make_user("Front desk")

    for _turn in range(ROUNDS):
        bids = []
        for number, plan in enumerate(plans):
            early, late = make_sessions(plan, (0, 49)), make_sessions(plan, (0, 50))
            bids.append((plan, early if number % 2 else [early[0], late[1]], uuid4()))
        won, lost = split(race(bids, actor))
        assert (len(won), len(lost)) == (1, BOOKERS - 1)
        assert Appointment.objects.count() == 2
        assert Claim.objects.count() == 6
        forget()


def test_of_eight_equal_submits_all_get_the_one_booking():
    plan, actor, key = make_contest()[0], make_user("Front desk"), uuid4()
    bids = [(plan, make_sessions(plan, (0, 49)), key) for _ in range(BOOKERS)]

    won, lost = split(race(bids, actor))

    assert not lost
    assert len({booking.pk for booking in won}) == 1
    assert Appointment.objects.count() == 2


def test_neighbours_in_time_all_win():
    plans, actor = make_contest()[:4], make_user("Front desk")
    bids = [
        (plan, make_sessions(plan, (0, 49), at=time(8 + 2 * number)), uuid4())
        for number, plan in enumerate(plans)
    ]

    won, lost = split(race(bids, actor))

    assert (len(won), len(lost)) == (4, 0)


def forget():
    """Clear the diary between two rounds; rows here are protected from DELETE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE bookings_seriesbooking, bookings_appointment, bookings_claim,"
            " bookings_message CASCADE"
        )
