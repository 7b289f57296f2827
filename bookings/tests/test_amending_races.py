"""Amending while others book, move or amend: one winner, words for the rest, no deadlock."""

from uuid import uuid4

import pytest
from django.db import connection

from bookings.models import Appointment, Claim, PlanAmendment
from bookings.services import series
from bookings.services.amendments import amending
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_amending import make_booked, make_done, preview
from bookings.tests.test_series_book import make_approved, make_sessions
from bookings.tests.threads import at_once

ROUNDS = 3

pytestmark = pytest.mark.django_db(transaction=True)


def saves(plan, diff, actor):
    sealed = diff.sealed()
    return lambda: amending.save(
        plan, sealed, version=plan.version, actor=actor, now=NOW
    )


def books(plan, start, actor):
    at = start.timetz().replace(tzinfo=None)
    sessions = make_sessions(plan, (0,), first=start.date(), at=at)
    return lambda: series.book(
        plan, sessions, key=uuid4(), strategy="steady", actor=actor, now=NOW
    )


def refusals(outcomes):
    return [one for one in outcomes if isinstance(one, BookingRefused)]


def test_of_an_amendment_and_a_booking_of_its_new_time_one_wins():
    place, protocol, actor = make_place_with_people(), make_protocol(), make_user()
    for _turn in range(ROUNDS):
        plan = make_booked((0, 49), place=place, protocol=protocol)
        diff = preview(plan, session_count=3)
        rival = make_approved(place, protocol=protocol, session_count=1)

        outcomes = at_once(
            saves(plan, diff, actor), books(rival, diff.lines[2].after.starts_at, actor)
        )

        assert len(refusals(outcomes)) == 1
        assert PlanAmendment.objects.filter(plan=plan).exists() == (
            plan.appointments.live().count() == 3
        )
        forget()


def test_giving_up_and_taking_times_that_cross_with_bookings_never_deadlocks():
    place, protocol, actor = make_place_with_people(), make_protocol(), make_user()
    for _turn in range(ROUNDS):
        plan = make_booked((0, 49), place=place, protocol=protocol)
        make_done(plan, 1)
        diff = preview(plan, gap_days=(56, 70))
        old, new = diff.lines[1].before.starts_at, diff.lines[1].after.starts_at
        rivals = [
            make_approved(place, protocol=protocol, session_count=1) for _ in range(4)
        ]

        outcomes = at_once(
            saves(plan, diff, actor),
            *(
                books(rival, at, actor)
                for rival, at in zip(rivals, [old, new] * 2, strict=True)
            ),
        )

        assert all(isinstance(one, BookingRefused) or one.pk for one in outcomes)
        held = Claim.objects.filter(appointment__number=2, appointment__plan=plan)
        assert held.count() == 3
        forget()


def test_of_two_amendments_of_one_plan_one_is_told_that_it_is_stale():
    place, protocol, actor = make_place_with_people(), make_protocol(), make_user()
    plan = make_booked(place=place, protocol=protocol)
    make_answers(plan)
    diffs = [preview(plan, session_count=count) for count in (2, 4, 5)]

    outcomes = at_once(*(saves(plan, diff, actor) for diff in diffs))

    assert len(refusals(outcomes)) == 2
    assert PlanAmendment.objects.count() == 1


def test_of_equal_submits_all_get_the_one_amendment():
    plan, actor = make_booked(), make_user()
    diff = preview(plan, session_count=4)

    outcomes = at_once(*(saves(plan, diff, actor) for _turn in range(4)))

    assert len({one.pk for one in outcomes}) == 1
    assert Appointment.objects.live().count() == 4


def forget():
    """Clear the diary between two rounds; rows here are protected from DELETE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE bookings_seriesbooking, bookings_appointment, bookings_claim,"
            " bookings_message, bookings_serieshold CASCADE"
        )
