"""Opening hours are expanded from patterns; they say what asking day by day says."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.scheduling import instant
from bookings.services import hours
from bookings.services.days import bounds
from bookings.tests.factories import (
    make_location,
    make_outage,
    make_place_with_people,
)
from clinic.models import Closure, ClosureKind, Device, Location, Resource, Room

TORONTO = ZoneInfo("America/Toronto")
FIRST = date(2026, 10, 1)
DAYS = st.integers(0, 200).map(lambda number: FIRST + timedelta(days=number))
RANGES = st.tuples(DAYS, DAYS).map(sorted)
SHIFTS = st.fixed_dictionaries(
    {
        "weekday": st.integers(0, 6),
        "opens": st.sampled_from(["08:00:00", "09:30:00"]),
        "closes": st.sampled_from(["12:00:00", "18:00:00"]),
        "valid_from": DAYS.map(date.isoformat),
        "valid_until": st.none() | DAYS.map(date.isoformat),
    }
)
CLOSURES = RANGES.map(
    lambda days: {"first": days[0].isoformat(), "last": days[1].isoformat()}
)


def day_by_day(resource, first, last):
    """The spans, asked the slow way."""
    place = Location(timezone=str(TORONTO))
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if any(row["first"] <= day.isoformat() <= row["last"] for row in resource.shut):
            continue
        if resource.device and not resource.device.may_be_used_on(day):
            continue
        midnight = bounds(place, day)[0].astimezone(TORONTO)
        for row in resource.shifts:
            if row["weekday"] != day.weekday() or row["valid_from"] > day.isoformat():
                continue
            if row["valid_until"] and row["valid_until"] < day.isoformat():
                continue
            opens, closes = (time.fromisoformat(row[at]) for at in ("opens", "closes"))
            found.append(
                tuple(
                    instant(midnight.replace(hour=at.hour, minute=at.minute))
                    for at in (opens, closes)
                )
            )
    return tuple(found)


@settings(max_examples=150, deadline=None)
@given(
    shifts=st.lists(SHIFTS, max_size=4),
    shut=st.lists(CLOSURES, max_size=3),
    device=st.none() | RANGES,
    days=RANGES,
)
def test_patterns_open_a_resource_as_asking_day_by_day_does(shifts, shut, device, days):
    machine = device and Device(
        in_service_from=device[0], licence_expires_on=device[1], in_service_until=None
    )
    resource = SimpleNamespace(shifts=shifts, shut=shut, out=[], device=machine)

    assert hours.spans(resource, TORONTO, *days) == day_by_day(resource, *days)


def test_a_device_is_open_to_the_day_it_leaves_service():
    day = {"weekday": 3, "opens": "08:00:00", "closes": "12:00:00"}
    always = {"valid_from": "2020-01-01", "valid_until": None}
    device = Device(
        in_service_from=date(2020, 1, 1),
        in_service_until=FIRST,
        licence_expires_on=date(2030, 1, 1),
    )
    resource = SimpleNamespace(shifts=[day | always], shut=[], out=[], device=device)

    spans = hours.spans(resource, TORONTO, FIRST, FIRST + timedelta(days=7))

    assert len(spans) == 1  # FIRST is a Thursday, as is the day a week later


def test_hours_run_over_the_turn_of_the_year():
    day = {"weekday": 4, "opens": "08:00:00", "closes": "12:00:00"}
    always = {"valid_from": "2020-01-01", "valid_until": None}
    resource = SimpleNamespace(shifts=[day | always], shut=[], out=[], device=None)

    spans = hours.spans(resource, TORONTO, date(2026, 12, 25), date(2027, 1, 1))

    assert len(spans) == 2


@pytest.mark.django_db
def test_hours_of_a_few_are_those_of_all():
    place, elsewhere = make_place_with_people(), make_location()
    room, device = Room.objects.get(), Device.objects.get()
    device.licence_expires_on = FIRST + timedelta(days=20)
    device.save(update_fields=["licence_expires_on"])
    targets = ({}, {"location": place}, {"location": elsewhere}, {"resource": room})
    for number, target in enumerate(targets):
        day = FIRST + timedelta(days=3 * number)
        dates = {"first_day": day, "last_day": day}
        Closure.objects.create(kind=ClosureKind.LEAVE, name="Away", **dates, **target)
    out = datetime(2026, 10, 26, 14, 0, 30, tzinfo=UTC)
    make_outage(resource=room, during=(out, out + timedelta(minutes=45)))
    days = FIRST, FIRST + timedelta(days=40)

    here = Resource.objects.filter(location=place).select_related("device")
    few = hours.spans_of_few(here, place, *days)

    rows = hours.resources_of(place, *days)
    assert few == {row.pk: hours.spans(row, place.zone, *days) for row in rows}
