"""Invented clinics of any size, as planning problems: the same seed, the same clinic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bookings.scheduling import (
    Kind,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Span,
    instant,
)

ZONE = ZoneInfo("America/Toronto")
OPENS, CLOSES = 8, 18
LENGTHS = (30, 45, 60, 75, 90)
SKILLS = {
    Kind.PRACTITIONER: frozenset({"needling"}),
    Kind.ROOM: frozenset({"treatment"}),
    Kind.DEVICE: frozenset({"needling"}),
}
PHASES = (
    Phase("Numbing", 30, ("room",)),
    Phase("Needling", 30, ("operator", "room", "device", "supervisor")),
    Phase("Turnover", 10, ("room", "device")),
)
ROLES = {
    "operator": Role(Kind.PRACTITIONER, SKILLS[Kind.PRACTITIONER]),
    "room": Role(Kind.ROOM, SKILLS[Kind.ROOM]),
    "supervisor": Role(Kind.PRACTITIONER, frozenset({"doctor"}), shared=True),
    "device": Role(Kind.DEVICE, SKILLS[Kind.DEVICE]),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a clinic is and what is asked of it; as it stands, clinic size."""

    practitioners: int = 20
    rooms: int = 8
    devices: int = 6
    weeks: int = 40
    sessions: int = 5
    full: float = 0.92


def monday_after(day: date) -> date:
    """The next Monday after `day`."""
    return day + timedelta(days=7 - day.weekday())


def clinic(rng: Random, size: Size, first: date) -> Problem:
    """A clinic booked to about `size.full` of its hours from the Monday `first` on.

    Bookings run back to back from opening to closing, Monday to Friday; each is left
    out with the chance that makes the diary so full.
    """
    crew = [
        (Kind.PRACTITIONER, size.practitioners),
        (Kind.ROOM, size.rooms),
        (Kind.DEVICE, size.devices),
    ]
    days = list(_workdays(first, size.weeks))
    resources = tuple(
        _resource(rng, kind, f"{kind}-{number:03}", days, size.full)
        for kind, count in crew
        for number in range(count)
    )
    return Problem(ZONE, 15, resources, ROLES, PHASES, _series(size, first))


def _series(size: Size, first: date) -> Series:
    return Series(
        count=size.sessions,
        gap_days=(42, 56),
        ideal_gap_days=49,
        earliest=first,
        latest=first + timedelta(weeks=size.weeks, days=-1),
    )


def _workdays(first: date, weeks: int) -> Iterator[Span]:
    for number in range(7 * weeks):
        day = first + timedelta(days=number)
        if day.weekday() < 5:
            yield _at(day, OPENS), _at(day, CLOSES)


def _at(day: date, hour: int) -> int:
    local = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
    return instant(local.astimezone(UTC))


def _resource(
    rng: Random, kind: Kind, name: str, days: list[Span], full: float
) -> Resource:
    is_doctor = kind is Kind.PRACTITIONER and (rng.random() < 0.3 or name.endswith("0"))
    skills = SKILLS[kind] | ({"doctor"} if is_doctor else set())
    busy = tuple(span for day in days for span in _bookings(rng, day, full))
    return Resource(name, kind, skills, tuple(days), busy)


def _bookings(rng: Random, day: Span, full: float) -> Iterator[Span]:
    at, closes = day
    while at < closes:
        end = min(closes, at + rng.choice(LENGTHS))
        if rng.random() < full:
            yield at, end
        at = end
