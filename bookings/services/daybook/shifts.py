"""Hours of one resource on one local day, as instants in the location's zone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bookings.scheduling import instant
from bookings.scheduling.problem import moment
from bookings.scheduling.spans import gaps
from bookings.services import hours
from bookings.services.daybook.reading import Rows


class Stretch(NamedTuple):
    """[start, end) in the location's zone."""

    start: datetime
    end: datetime


def midnights(zone: ZoneInfo, day: date) -> Stretch:
    """The local `day` from midnight to midnight: 23, 24 or 25 hours."""
    after = day + timedelta(days=1)
    return Stretch(
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(after, time.min, tzinfo=zone),
    )


def worked(resource: Any, day: date, rows: Rows) -> list[Stretch]:
    """The shifts of the weekly hours on `day`, whatever closes or is missing then."""
    zone = rows.asked.location.zone
    return [
        Stretch(
            datetime.combine(day, shift.opens, tzinfo=zone),
            datetime.combine(day, shift.closes, tzinfo=zone),
        )
        for shift in hours.shifts_of(resource)
        if shift.holds_on(day)
    ]


def open_on(resource: Any, day: date, rows: Rows) -> list[Stretch]:
    """When `resource` can be booked on `day`, before anything is."""
    zone = rows.asked.location.zone
    found = hours.spans(resource, zone, day, day)
    return [Stretch(moment(start, zone), moment(end, zone)) for start, end in found]


def between(spans: list[Stretch], whole: Stretch, zone: ZoneInfo) -> Iterator[Stretch]:
    """What `spans` leave of `whole`, in order."""
    taken = [(instant(one.start), instant(one.end)) for one in spans]
    for start, end in gaps(taken, instant(whole.start), instant(whole.end)):
        yield Stretch(moment(start, zone), moment(end, zone))
