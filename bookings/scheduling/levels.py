"""On which days a session could be, at the price of how many roles freed for it.

A level is a set of days alike in price: nothing, one role at one moment, several.
Everyone who suits a freed role is there and has nothing else to do whenever the
session uses it. Prices go by how readily a desk would name the cause: a hundred for
each, forty for a further role at the same moment, a little more where the people are
not even at work.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from itertools import combinations
from operator import and_

from bookings.scheduling.masks import bits, ones
from bookings.scheduling.openings import Diary, Openings, asked, days_of
from bookings.scheduling.problem import ANY_TIME, EVERY_WEEKDAY, Problem, Span
from bookings.scheduling.timeline import Timeline
from bookings.scheduling.workspace import Workspace

TAKEN = 102
CLOSED = 104
FURTHER = 40

WEEK_DAYS = 7
REACH_BACK = 35
"""How many days before the diary begins are worth a thought."""


def least_price(count: int) -> int:
    """The least that `count` roles freed at one moment can cost."""
    return TAKEN + FURTHER * (count - 1) if count else 0


@dataclass(frozen=True, slots=True)
class Level:
    """The days that `roles` freed open up at `price`.

    `packed` has the arrivals, `step` bytes a day from day `first` on; bit n of a day
    is minute n × `unit`.
    """

    price: int
    roles: tuple[str, ...]
    days: int
    packed: bytes
    first: int
    step: int
    unit: int

    def minutes(self, day: int) -> list[int]:
        """The arrivals of that day in minutes of the day."""
        at = (day - self.first) * self.step
        word = int.from_bytes(self.packed[at : at + self.step], "little")
        return [self.unit * bit for bit in bits(word)]


class Ground:
    """All days of a question as numbers from 0: the diary's, and some before those.

    The days before are those of the week before `earliest`, of which nothing is
    known, and those on which nobody has begun to work yet. `times` are the arrivals
    asked for, both ends included.
    """

    def __init__(self, problem: Problem, workspace: Workspace) -> None:
        line = workspace.timeline
        week_before = problem.series.earliest.toordinal() - WEEK_DAYS
        begin = max(week_before, line.first - REACH_BACK, date.min.toordinal() + 1)
        self.origin = min(begin, line.first)
        self.size = line.first + len(line.days) - self.origin
        self.asked_from = problem.series.earliest.toordinal() - self.origin
        self._back = line.first - self.origin
        self._problem = problem
        self._workspace = workspace
        self._before = Timeline(problem, self.origin, line.first - 1)
        self._tiers: dict[tuple[int, str | None, Span], list[Level]] = {}
        self._fits: dict[Span, tuple[int, Openings]] = {}

    def tier(self, count: int, leader: str | None, times: Span) -> list[Level]:
        """The levels with `count` roles freed, the cheaper first."""
        key = count, leader, times
        if key not in self._tiers:
            self._tiers[key] = self._tier(*key)
        return self._tiers[key]

    def before_asked(self, times: Span = ANY_TIME) -> Level:
        """The days before `earliest`, everyone being free."""
        return self._unknown(times, 0, (), ones(max(self.asked_from, 0)))

    def _tier(self, count: int, leader: str | None, times: Span) -> list[Level]:
        freed, fits = self._workspace.freed, self._fitting(times)[0]
        if count == 0:
            return [self._level(0, (), fits & freed.starts((), leader))]
        price = least_price(count)
        taken, closed = [], []
        for roles in combinations(sorted(self._problem.roles), count):
            starts = fits & freed.starts(roles, leader)
            staffed = reduce(and_, (freed.staffed(role, leader) for role in roles))
            taken.append(self._level(price, roles, starts & staffed))
            closed.append(self._level(price + CLOSED - TAKEN, roles, starts & ~staffed))
        if count == len(self._problem.roles):
            last, nobody_yet = closed[-1], ~ones(max(self.asked_from, 0))
            closed.append(self._unknown(times, last.price, last.roles, nobody_yet))
        return [*taken, *closed]

    def _level(self, price: int, roles: tuple[str, ...], starts: int) -> Level:
        line = self._workspace.timeline
        step = line.width // 8
        packed = starts.to_bytes(len(line.days) * step, "little")
        days = days_of(packed, step) << self._back
        return Level(price, roles, days, packed, self._back, step, line.unit)

    def _unknown(
        self, times: Span, price: int, roles: tuple[str, ...], days: int
    ) -> Level:
        """Those of `days` that come before the diary, whoever they find there."""
        found, step = self._fitting(times)[1], self._before.width // 8
        packed, unit = found.packed(), self._before.unit
        return Level(price, roles, found.dates() & days, packed, 0, step, unit)

    def _fitting(self, times: Span) -> tuple[int, Openings]:
        """The arrivals within `times`: of the diary's days, and of those before."""
        if times not in self._fits:
            series = replace(
                self._problem.series,
                weekdays=EVERY_WEEKDAY,
                blackouts=(),
                arrive_between=times,
            )
            problem, line = replace(self._problem, series=series), self._before
            empty = Openings(problem, Diary(line, ones(line.cells)))
            self._fits[times] = asked(problem, self._workspace.timeline), empty
        return self._fits[times]
