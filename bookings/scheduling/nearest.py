"""Single places: the ones nearest to a moment, or day by day; for one visit alone.

    search = Places(problem, after=now, operator="12")
    search.nearest(wanted, 3)
    search.from_day_to_day(5, 8)

With an `operator` only places with that one count. Sought is the first session that `problem` still has to plan, at every time it could
start inside its window; what would follow is not looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby, islice

from bookings.scheduling.answer import Session
from bookings.scheduling.clock import instant_at
from bookings.scheduling.masks import bits
from bookings.scheduling.problem import OPERATOR, Problem, instant, moment
from bookings.scheduling.reach import within
from bookings.scheduling.replan import Replanner
from bookings.scheduling.replan_answer import Standing
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.workspace import Workspace

HALF_HOUR = 30


class Places:
    """One diary, asked where one visit could be."""

    def __init__(
        self,
        problem: Problem,
        *,
        after: datetime,
        operator: str | None = None,
        prefer: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing starts before or at `after`; `prefer` names whom roles would like."""
        self._problem, self._operator = problem, operator
        self._after = instant(after)
        self._step: Step | None = next(iter(steps(problem)), None)
        number = self._step.number if self._step else 1
        start = moment(self._after, problem.zone)
        likes = {**(prefer or {}), **({OPERATOR: operator} if operator else {})}
        standing = {number: Standing(start, likes)}
        self._workspace = Workspace(problem)
        self._placer = Replanner(problem, standing, self._workspace)

    def at(self, start: datetime) -> Session | None:
        """The visit from `start` on, with the preferred where they can; None if not.

        It looks at no rule of dates.
        """
        found = self._step and self._placer.place(self._step.number, start)
        if not found or self._operator not in (None, found.roles.get(OPERATOR)):
            return None
        return found

    def nearest(self, wanted: datetime, count: int) -> list[Session]:
        """The `count` places that start nearest to `wanted`, in order of time.

        Of two as near as each other the later one comes first; `wanted` itself counts.
        Where all would lie before it, the first one after it takes the last's place.
        """
        at = instant(wanted)
        starts = sorted(self._starts(), key=lambda one: (abs(one - at), -one))
        found = list(islice(self._places(starts), count))
        if len(found) == count and all(one.start < wanted for one in found):
            after = self._places(start for start in starts if start >= at)
            found[-1] = next(after, found[-1])
        return sorted(found, key=lambda one: one.start)

    def from_day_to_day(self, days: int, a_day: int) -> list[Session]:
        """The first places of each of the first `days`, at most `a_day`, in order.

        Where a day has more than that, those on the half-hour are told first.
        """
        by_day = groupby(
            self._starts(), lambda one: moment(one, self._problem.zone).date()
        )
        found: list[Session] = []
        for _day, starts in islice(by_day, days):
            chosen = _spread(list(starts), a_day)
            found += self._places(chosen)
        return found

    def _places(self, starts: Iterable[int]) -> Iterator[Session]:
        for start in starts:
            if found := self.at(moment(start, self._problem.zone)):
                yield found

    def _starts(self) -> Iterator[int]:
        """Yield every instant at which the visit could start, in order."""
        if self._step is None:
            return
        problem = self._problem
        openings = self._workspace.openings(problem)
        days = within(problem, self._step, 0, openings) & openings.dates(self._operator)
        for index in bits(days):
            for minute in openings.minutes(index, self._operator):
                start = instant_at(problem.zone, openings.origin + index, minute)
                if start > self._after:
                    yield start


def _spread(starts: list[int], most: int) -> list[int]:
    """At most `most` of `starts`, those on the half-hour first, spread over them."""
    if len(starts) <= most:
        return starts
    halves = [start for start in starts if start % HALF_HOUR == 0]
    fewer = halves if len(halves) >= most else starts
    return [fewer[n * len(fewer) // most] for n in range(most)]
