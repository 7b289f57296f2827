"""The cheapest way to an earlier end: what would have to be given up for it.

What holds for the whole series (the patient's dates, the weekdays and times asked
for, the first day) is given up in sets, cheapest first. For each set one pass over
the sessions keeps, for every price paid so far at single moments, the days that can
be had for it; so the cheapest way of all is found, not merely a cheap one.

A price is a hundred and a little for each cause, the patient's own dates first, then
medical dates, one role at one moment, weekdays and times. The first day asked for is
dearer: it is true of every series that it could begin sooner.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from operator import or_

from bookings.scheduling.levels import Ground, Level, least_price
from bookings.scheduling.masks import between, bits, later, ones
from bookings.scheduling.openings import allowed_days
from bookings.scheduling.problem import (
    ANY_TIME,
    EVERY_WEEKDAY,
    Problem,
    Series,
)
from bookings.scheduling.reach import Lane
from bookings.scheduling.steps import Step, steps

AWAY = 100
NOT_BEFORE = 101
WEEKDAYS = 110
TIMES = 111
EARLIEST = 150

CAPS = 111, 150, 260, 1 << 30
"""One cause, one moment, a few causes, any number: what is cheap is tried first."""

MANY = 7
"""Of up to so many wishes every set is tried; of more only small ones come first."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Wishes given up for the whole series; `away` are positions in `blackouts`."""

    away: frozenset[int] = frozenset()
    weekdays: bool = False
    times: bool = False
    earliest: bool = False

    @property
    def price(self) -> int:
        """What giving them up costs."""
        return (
            AWAY * len(self.away)
            + WEEKDAYS * self.weekdays
            + TIMES * self.times
            + EARLIEST * self.earliest
        )

    def __or__(self, other: "GivenUp") -> "GivenUp":
        """Both given up."""
        return GivenUp(
            self.away | other.away,
            self.weekdays or other.weekdays,
            self.times or other.times,
            self.earliest or other.earliest,
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """One session of an earlier plan: its day number, and what its moment needs."""

    number: int
    day: int
    level: Level


@dataclass(frozen=True, slots=True)
class Way:
    """An earlier plan, by session number, and the wishes to give up for it."""

    price: int
    given_up: GivenUp
    stops: tuple[Stop, ...]


Paid = Mapping[int, int]
"""By the price paid up to a session, the days it can lie on; the cheapest first."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one set of wishes given up leads to."""

    rank: tuple[int, int]
    given_up: GivenUp
    most: int
    plan: Sequence[Step]
    paid: Sequence[Paid]


class Sooner:
    """The search for ways to end before a date.

    `planned` are the ordinals of the plan's own dates: of equally cheap and equally
    early ways, one near to them is taken. With `keeps_pattern` the weekdays and times
    of `problem` are the plan's own, and are not given up.
    """

    def __init__(
        self,
        problem: Problem,
        ground: Ground,
        lane: Lane,
        planned: Sequence[int],
        *,
        keeps_pattern: bool,
    ) -> None:
        self._problem = problem
        self._ground = ground
        self._lane = lane
        self._planned = [day - ground.origin for day in planned]
        self._wishes = list(_wishes(problem.series, keeps_pattern=keeps_pattern))
        self._sets = _sets(self._wishes)

    def cheapest(self, before: int) -> Way | None:
        """The cheapest way to end before ordinal `before`; the earliest of several."""
        for cap in CAPS:
            best: _Pass | None = None
            for given_up in self._sets:
                most = best.rank[0] if best else cap
                if most < given_up.price:
                    break
                found = self._pass(given_up, before, most - given_up.price)
                if found and (best is None or found.rank < best.rank):
                    best = found
            if best:
                return self._way(best)
        return self._way(some) if (some := self._of_many(before)) else None

    def _of_many(self, before: int) -> _Pass | None:
        """All wishes given up, and then as many kept as can be, the dearest first."""
        given_up = list(self._wishes)
        found = self._pass(reduce(or_, given_up), before, CAPS[-1])
        for wish in reversed(self._wishes) if found else ():
            fewer = [other for other in given_up if other is not wish]
            again = self._pass(reduce(or_, fewer, GivenUp()), before, CAPS[-1])
            if again:
                given_up, found = fewer, again
        return found

    def _pass(self, given_up: GivenUp, before: int, most: int) -> _Pass | None:
        """Plan session after session, for `most` at most; None if one has no day."""
        plan = list(self._steps(given_up, before))
        allowed = self._allowed(given_up)
        paid: list[Paid] = []
        for at, step in enumerate(plan):
            here: dict[int, int] = {}
            prices = list(self._prices(at, step, given_up, most))
            for price, days in (paid[-1] if paid else {0: 0}).items():
                near = allowed & self._near(step, days)
                for own, open_days in prices:
                    if price + own <= most and (hit := near & open_days):
                        here[price + own] = here.get(price + own, 0) | hit
            if not here:
                return None
            paid.append(_cheapest_only(here))
        price, days = next(iter(paid[-1].items()))
        rank = given_up.price + price, next(bits(days))
        return _Pass(rank, given_up, most, plan, paid)

    def _steps(self, given_up: GivenUp, before: int) -> Iterator[Step]:
        """Yield the sessions to plan, free of what is given up or paid for."""
        series = replace(self._problem.series, not_before={})
        if given_up.earliest:
            origin = self._problem.series.earliest.fromordinal(self._ground.origin)
            series = replace(series, earliest=origin)
        for step in steps(replace(self._problem, series=series)):
            last = before - 1 if step.number == series.count else step.last
            yield replace(step, last=min(step.last, last))

    def _allowed(self, given_up: GivenUp) -> int:
        series = self._problem.series
        left = (n for n in range(len(series.blackouts)) if n not in given_up.away)
        series = replace(
            series,
            blackouts=tuple(series.blackouts[at] for at in left),
            weekdays=EVERY_WEEKDAY if given_up.weekdays else series.weekdays,
        )
        return allowed_days(series, self._ground.origin, self._ground.size)

    def _near(self, step: Step, before: int) -> int:
        origin, size = self._ground.origin, self._ground.size
        days = between(step.first - origin, min(step.last - origin, size - 1))
        if step.follows:
            days &= later(before, *self._problem.series.gap_days, size)
        return days

    def _prices(
        self, at: int, step: Step, given_up: GivenUp, most: int
    ) -> Iterator[tuple[int, int]]:
        """Yield the days of a session with their price."""
        early = self._early(step)
        for level in self._levels(at, given_up, most):
            yield level.price, level.days & ~early
            if early:
                yield level.price + NOT_BEFORE, level.days & early

    def _early(self, step: Step) -> int:
        """The days before the session's own `not_before`."""
        day = self._problem.series.not_before.get(step.number)
        return ones(max(0, day.toordinal() - self._ground.origin)) if day else 0

    def _levels(self, at: int, given_up: GivenUp, most: int) -> Iterator[Level]:
        """Yield the levels for `most` at most, the dearer first."""
        times = ANY_TIME if given_up.times else self._problem.series.arrive_between
        for count in range(len(self._problem.roles), -1, -1):
            if least_price(count) <= most:
                yield from reversed(self._ground.tier(count, self._lane[at], times))
        if given_up.earliest:
            yield self._ground.before_asked(times)

    def _way(self, found: _Pass) -> Way:
        """Read the plan back from its end: what is paid for comes as late as it can."""
        price, day = next(iter(found.paid[-1])), found.rank[1]
        stops = []
        for at in range(len(found.plan) - 1, -1, -1):
            level, price, before = self._back(found, at, price, day)
            stops.append(Stop(found.plan[at].number, day, level))
            day = before
        return Way(found.rank[0], found.given_up, tuple(reversed(stops)))

    def _back(
        self, found: _Pass, at: int, price: int, day: int
    ) -> tuple[Level, int, int]:
        """What the session's moment needs, the price before it and the day before."""
        step = found.plan[at]
        late = NOT_BEFORE if self._early(step) >> day & 1 else 0
        came: Paid = found.paid[at - 1] if at else {0: 1}
        least, most = self._problem.series.gap_days
        for level in self._levels(at, found.given_up, found.most):
            left = price - level.price - late
            days = came.get(left, 0)
            if step.follows and at:
                days &= between(day - most, day - least)
            if days and level.days >> day & 1:
                return level, left, self._nearest(days, at - 1)
        raise ValueError("The day was never paid for.")

    def _nearest(self, days: int, at: int) -> int:
        """The day nearest to the plan's own, of equally near ones the later."""
        own = self._planned[at]
        return min(bits(days), key=lambda day: (abs(day - own), -day))


def _cheapest_only(paid: Mapping[int, int]) -> Paid:
    """Each day at its least price."""
    found, seen = {}, 0
    for price in sorted(paid):
        if days := paid[price] & ~seen:
            found[price] = days
            seen |= days
    return found


def _wishes(series: Series, *, keeps_pattern: bool) -> Iterator[GivenUp]:
    """Yield each wish that could be given up, the cheapest first."""
    for at in range(len(series.blackouts)):
        yield GivenUp(away=frozenset([at]))
    if not keeps_pattern and series.weekdays != EVERY_WEEKDAY:
        yield GivenUp(weekdays=True)
    if not keeps_pattern and series.arrive_between != ANY_TIME:
        yield GivenUp(times=True)
    yield GivenUp(earliest=True)


def _sets(wishes: Sequence[GivenUp]) -> list[GivenUp]:
    """Sets of wishes to give up, cheapest first: all, or the small ones of many."""
    sizes = range(len(wishes) + 1 if len(wishes) <= MANY else 3)
    sets = [
        reduce(or_, some, GivenUp())
        for size in sizes
        for some in combinations(wishes, size)
    ]
    return sorted(sets, key=lambda given_up: given_up.price)
