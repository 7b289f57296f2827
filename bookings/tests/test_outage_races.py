"""A booking and an outage at the same moment: one of them gives way, never neither."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier

import pytest
from django.db import connection

from bookings.models import Appointment, Claim, Outage, SeriesBooking, Task
from bookings.services.judging import PlannedSession
from bookings.services.missing import outage_plans
from bookings.services.missing.affected import affected
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_device,
    make_doctor,
    make_hours,
    make_place_with_people,
    make_protocol,
    make_room,
    make_user,
)
from bookings.tests.test_outages import declare, device_of
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)
from bookings.tests.test_series_races import forget
from clinic.models import Practitioner, Room

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


def make_stand_in(place):
    """The one other device of `place`, wanted by all who lost theirs."""
    device = make_device(place, name="Pen 2")
    make_hours(device)
    return device


def test_a_booking_and_a_re_plan_after_the_same_device_never_both_get_it():
    place, protocol = make_place_with_people(), make_protocol()
    actor, missing = make_user("Front desk"), device_of(place)
    plan, rival = (
        make_approved(place, protocol=protocol, session_count=1) for _ in "ab"
    )
    book(plan, make_sessions(plan, (0,)))
    spare = make_stand_in(place)
    make_hours(make_room(place, name="Room 2"))
    make_hours(make_doctor(place, name="Dr Roy"))
    outage = declare(missing, actor=actor)
    outage = Outage.objects.select_related("resource__location").get(pk=outage.pk)
    sealed = [
        one.proposal.sealed()
        for one in outage_plans.proposals(outage, now=NOW).possible
    ]
    wanted = on_what_is_left(rival, spare)

    (applied,), booked = at_once(
        lambda: outage_plans.apply(outage, sealed, actor=actor, now=NOW),
        lambda: book(rival, wanted, actor=actor),
    )

    assert bool(applied.refusal) == isinstance(booked, SeriesBooking)
    assert overlaps() == 0
    assert Task.objects.open().count() == bool(applied.refusal)


def on_what_is_left(rival, spare):
    """The session that `rival` wants: at the same time, all of it with others."""
    roles = {
        "operator": Practitioner.objects.get(name="Dr Roy").pk,
        "room": Room.objects.get(name="Room 2").pk,
        "device": spare.pk,
    }
    minutes = sum(phase.minutes for phase in rival.protocol.phases.all())
    start = local(FIRST)
    return [PlannedSession(1, start, start + timedelta(minutes=minutes), roles)]


def test_two_who_apply_the_same_bulk_move_each_series_once():
    place, protocol = make_place_with_people(), make_protocol()
    actor, missing = make_user("Front desk"), device_of(place)
    plans = [
        make_approved(place, protocol=protocol, session_count=1) for _number in range(3)
    ]
    for hour, plan in zip((8, 11, 14), plans, strict=True):
        book(plan, make_sessions(plan, (0,), at=time(hour)))
    outage = declare(missing, actor=actor)
    outage = Outage.objects.select_related("resource__location").get(pk=outage.pk)
    sealed = [
        one.proposal.sealed()
        for one in outage_plans.proposals(outage, now=NOW).possible
    ]

    outcomes = at_once(
        *[lambda: outage_plans.apply(outage, sealed, actor=actor, now=NOW)] * 2
    )

    assert [one.refusal for applied in outcomes for one in applied] == [""] * 6
    assert {row.version for row in Appointment.objects.all()} == {2}
    assert overlaps() == 0
    assert free_time(outage) == 0
    assert not Task.objects.open().exists()
