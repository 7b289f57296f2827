"""One planning problem as plain values: who is free when, what a session needs.

Build these from JSON with `parse`, or straight from rows. Either way:

* a `Span` is half-open, `(start, end)` in whole minutes since 1970-01-01T00:00 UTC
  (`instant(moment)` makes one from an aware datetime, and SQL can as
  `extract(epoch from moment) / 60`); spans may be in any order, touch and overlap;
* dates are local to the clinic, times of day are minutes since local midnight;
* what is built in Python is trusted: only `parse` checks it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Span = tuple[int, int]

DAY_MINUTES = 24 * 60
EVERY_WEEKDAY = frozenset(range(7))
ANY_TIME = (0, DAY_MINUTES - 1)
OPERATOR = "operator"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def instant(moment: datetime) -> int:
    """Turn an aware datetime into minutes since 1970 in UTC, seconds dropped."""
    return (moment - _EPOCH) // _MINUTE


def moment(instant: int, zone: ZoneInfo) -> datetime:
    """Turn minutes since 1970 in UTC into an aware datetime in `zone`."""
    return (_EPOCH + instant * _MINUTE).astimezone(zone)


class Kind(StrEnum):
    """What a resource is."""

    PRACTITIONER = "practitioner"
    ROOM = "room"
    DEVICE = "device"


class Strategy(StrEnum):
    """What "best" means; `objective` spells each one out."""

    EARLIEST_FINISH = "earliest-finish"
    STEADY = "steady"
    ONE_PRACTITIONER = "one-practitioner"


@dataclass(frozen=True, slots=True)
class Resource:
    """A person, room or device: usable where it is open and not busy."""

    id: str
    kind: Kind
    skills: frozenset[str]
    open: tuple[Span, ...]
    busy: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A part in a session, played throughout by one resource of `kind` and `skills`.

    A `shared` role only needs its resource to be open: a doctor on the premises.
    """

    kind: Kind
    skills: frozenset[str] = frozenset()
    shared: bool = False

    def suits(self, resource: Resource) -> bool:
        """Whether `resource` could ever fill this role."""
        return resource.kind == self.kind and self.skills <= resource.skills


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a session, `minutes` long, and the names of the roles it uses."""

    name: str
    minutes: int
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A session that is done or kept: its local date, and its operator where known."""

    date: date
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """What is asked: how many sessions, how far apart, on which days and times.

    All ranges include both ends. `arrive_between` is in minutes of the day, weekdays
    count from Monday = 0, and `not_before` and `fixed` go by session number from 1.
    """

    count: int
    gap_days: tuple[int, int]
    ideal_gap_days: int
    earliest: date
    latest: date
    weekdays: frozenset[int] = EVERY_WEEKDAY
    arrive_between: tuple[int, int] = ANY_TIME
    blackouts: tuple[tuple[date, date], ...] = ()
    not_before: Mapping[int, date] = field(default_factory=dict)
    fixed: Mapping[int, Fixed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the solver knows: no clock, no database, nothing else."""

    zone: ZoneInfo
    grid_minutes: int
    resources: tuple[Resource, ...]
    roles: Mapping[str, Role]
    phases: tuple[Phase, ...]
    series: Series
    strategy: Strategy = Strategy.EARLIEST_FINISH
    proposals: int = 1

    @property
    def length(self) -> int:
        """Minutes from a session's arrival to its end."""
        return sum(phase.minutes for phase in self.phases)

    def runs(self, role: str) -> list[Span]:
        """When a session uses `role`, in minutes from arrival, joined where touching.

        A resource usable in both of two touching phases is usable across the joint.
        """
        runs: list[Span] = []
        at = 0
        for phase in self.phases:
            end = at + phase.minutes
            if role in phase.uses:
                start = runs.pop()[0] if runs and runs[-1][1] == at else at
                runs.append((start, end))
            at = end
        return runs

    @property
    def tracks_operators(self) -> bool:
        """Whether a session has an operator at all, so that one can switch."""
        return OPERATOR in self.roles
