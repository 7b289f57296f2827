"""What the re-planner is given and what it answers; how much a new series changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bookings.scheduling.answer import Session

Change = tuple[int, int, int, int, int]
"""(sessions whose date or time changes, days moved, minutes of the day moved, roles
filled by another resource than before, sum of date ordinals); smaller is better."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A session in the diary: its aware start, and who fills each role, where known."""

    start: datetime
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A gap out of its range that somebody allowed for a session on `day`.

    It came `days` after the session before. The word holds for that day alone, and for
    any gap that is no farther out of the range.
    """

    day: date
    days: int


@dataclass(frozen=True, slots=True)
class Replanned:
    """A series after the change: every session that is not `fixed`, by number.

    `moved` are those whose date or time changes. A session that did not stand before
    is one of them; it has moved by nothing and exchanged nobody.
    """

    objective: Change
    sessions: tuple[Session, ...]
    moved: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replan:
    """The plans of least change, best first, and other places for what moves.

    `alternatives`: for each session that the best plan moves and nobody pinned, its
    cheapest visit of each other day, all other sessions being where that plan has them.
    """

    plans: tuple[Replanned, ...]
    alternatives: Mapping[int, tuple[Session, ...]]


@dataclass(frozen=True, slots=True)
class DayOption:
    """A day to which a session could move: its arrivals, in minutes of the day.

    `follows` is the best plan with the session there; None if the rest cannot follow.
    """

    day: date
    minutes: tuple[int, ...]
    follows: Replanned | None


def replanned(
    standing: Mapping[int, Standing], sessions: Sequence[Session], zone: ZoneInfo
) -> Replanned:
    """`sessions` by number, held against where and with whom they stood."""
    ordered = tuple(sorted(sessions, key=lambda session: session.number))
    moved, days, minutes, exchanged = [], 0, 0, 0
    for session in ordered:
        before = standing.get(session.number)
        new = shown(session.start, zone)
        old = shown(before.start, zone) if before else None
        if new != old:
            moved.append(session.number)
        if before and old:
            days += abs((new.date() - old.date()).days)
            minutes += abs(minute_of(new) - minute_of(old))
            exchanged += exchanges(before.roles, session.roles)
    dates = sum(shown(session.start, zone).toordinal() for session in ordered)
    objective = len(moved), days, minutes, exchanged, dates
    return Replanned(objective, ordered, tuple(moved))


def exchanges(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    """How many roles known in both have another resource than before."""
    return sum(after.get(name, who) != who for name, who in before.items())


def shown(start: datetime, zone: ZoneInfo) -> datetime:
    """What calendar and clock show in `zone`, to the minute, as a naive datetime."""
    local = start.astimezone(UTC).astimezone(zone)
    return local.replace(tzinfo=None, second=0, microsecond=0)


def minute_of(local: datetime) -> int:
    """Minutes of the day that a clock shows."""
    return local.hour * 60 + local.minute
