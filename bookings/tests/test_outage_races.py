"""A booking and an outage at the same moment: one of them gives way, never neither."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from bookings.models import Appointment, Claim, Outage, SeriesBooking, Task
from bookings.services.affected import affected
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_outages import declare, device_of
from bookings.tests.test_series_book import book, make_approved
from bookings.tests.test_series_races import forget

ROUNDS = 12

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Let all go at the same moment; their outcomes, refusals included, in order."""
    together = Barrier(len(works))

    def go(work):
        together.wait()
        try:
            return work()
        except BookingRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(works)) as people:
        return list(people.map(go, works))


def overlaps():
    """Pairs of claims of one resource that overlap: the constraint allows none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_claim a JOIN bookings_claim b"
            " ON a.resource_id = b.resource_id AND a.during && b.during AND a.id < b.id"
        )
        return cursor.fetchone()[0]


def free_time(outage):
    """Seconds of the outage that nobody has claimed."""
    taken = Claim.objects.filter(
        resource=outage.resource, during__overlap=outage.during
    ).values_list("during", flat=True)
    claimed = sum(
        (
            min(span.upper, outage.ends_at) - max(span.lower, outage.starts_at)
        ).total_seconds()
        for span in taken
    )
    return (outage.ends_at - outage.starts_at).total_seconds() - claimed


def test_a_booking_that_wins_is_affected_and_one_that_loses_is_refused():
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_approved(place, protocol=protocol, session_count=3)
    actor, device = make_user("Front desk"), device_of(place)
    seen = set()

    for _round in range(ROUNDS):
        booked, outage = at_once(
            lambda: book(plan, actor=actor), lambda: declare(device, actor=actor)
        )
        won = isinstance(booked, SeriesBooking)
        seen.add(won)
        outage = Outage.objects.select_related("resource__location").get(pk=outage.pk)
        left = affected(outage, now=NOW)
        assert [one.appointment.number for one in left] == ([1] if won else [])
        assert Task.objects.open().count() == len(left)
        assert overlaps() == 0
        assert free_time(outage) == 0
        assert Appointment.objects.count() == (3 if won else 0)
        forget()
        clear()

    assert seen


def clear():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bookings_outage, bookings_task CASCADE")


def test_of_two_who_declare_the_same_outage_one_is_told():
    device = device_of(make_place_with_people())
    actor = make_user("Front desk")

    outcomes = at_once(*[lambda: declare(device, actor=actor)] * 4)

    assert sum(isinstance(one, Outage) for one in outcomes) == 1
    assert Outage.objects.count() == 1
    assert Claim.objects.count() == 1
