"""Least change: a series stands, something about it changed, what has to follow?

    answer = replan(problem, standing, pinned={2: Standing(start, roles)})
    match answer:
        case Replan(plans=plans): ...  # plans[0] disturbs the patient least
        case Blocked(session=number): ...

`problem` leaves out what the standing sessions claim themselves: one that stays needs
its resources free. The days and times asked for bind only what moves; `earliest` and
`latest` bound the dates that are looked at, so no standing session lies outside them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bookings.scheduling.answer import Blocked, Session
from bookings.scheduling.explain import Progress, blocked
from bookings.scheduling.masks import between, bits
from bookings.scheduling.problem import (
    DAY_MINUTES,
    Fixed,
    Problem,
    Series,
    Strategy,
    instant,
    moment,
)
from bookings.scheduling.replan_answer import (
    Allowance,
    DayOption,
    Replan,
    Replanned,
    Standing,
    minute_of,
    replanned,
    shown,
)
from bookings.scheduling.replan_price import (
    ANY_DISTANCE,
    Choice,
    Prices,
    Visit,
    Wide,
)
from bookings.scheduling.replan_search import Frame, Visits, forward, least, reached
from bookings.scheduling.replan_staff import NO_WISH, Staff
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.workspace import Workspace


def replan(
    problem: Problem,
    standing: Mapping[int, Standing],
    *,
    pinned: Mapping[int, Standing] | None = None,
    must_move: Collection[int] = (),
    workspace: Workspace | None = None,
    allowed: Mapping[int, Allowance] | None = None,
) -> Replan | Blocked:
    """The `problem.proposals` best ways to go on, or the session that fits nowhere.

    Sessions in `series.fixed` stay. `pinned` ones are decided and obey nothing, but
    their neighbours keep the gap to them; those in `must_move` leave their present
    date and time. Any other stays, stays with other resources, or moves; a session in
    none of the mappings is planned afresh. `allowed` are gaps out of range, by the
    later session. The answer is exact: no plan beats the first by `objective`, and
    none is missing among the best.
    """
    series = Replanner(problem, standing, workspace, allowed)
    return series.replan(pinned=pinned, must_move=must_move)


def slack(
    standing: Mapping[int, Standing],
    gap_days: tuple[int, int],
    fixed: Mapping[int, Fixed],
) -> dict[int, int]:
    """Days by which each session can move later before its window closes.

    The window counts from the session before, standing or fixed; below 0 it is closed
    already. A session without one before it has no window and is left out. Starts
    are read in their own zone.
    """
    dates = {number: each.date for number, each in fixed.items()}
    dates |= {number: each.start.date() for number, each in standing.items()}
    return {
        number: gap_days[1] - (dates[number] - dates[number - 1]).days
        for number in sorted(standing)
        if number - 1 in dates
    }


class Replanner:
    """One standing series on one diary, ready for any number of questions."""

    def __init__(
        self,
        problem: Problem,
        standing: Mapping[int, Standing],
        workspace: Workspace | None = None,
        allowed: Mapping[int, Allowance] | None = None,
    ) -> None:
        """Lay the diary out, unless a `workspace` of the same diary is there."""
        self._problem = replace(problem, strategy=Strategy.EARLIEST_FINISH)
        self._standing = standing
        self._workspace = workspace or Workspace(self._problem)
        self._openings = self._workspace.openings(self._problem)
        self._staff = Staff(self._problem, self._workspace)
        self._wide = dict(self._wider(allowed or {}))

    def replan(
        self,
        *,
        pinned: Mapping[int, Standing] | None = None,
        must_move: Collection[int] = (),
    ) -> Replan | Blocked:
        """As the function `replan`, of which this is the work."""
        pinned = pinned or {}
        problem = self._with_fixed(pinned)
        series = problem.series
        choices = [self._choice(step, must_move, series) for step in steps(problem)]
        frame = Frame(series.gap_days, self._openings.size, problem.proposals)
        table = forward(choices, frame)
        if len(table) < len(choices):
            ended = Progress(choices[len(table)].step, {None: reached(table)})
            return blocked(problem, self._workspace, ended)
        prices = Prices(choices, self._openings, self._staff)
        plans = tuple(
            self._plan(choices, visits, pinned)
            for visits in least(choices, table, prices, frame)
        )
        return Replan(plans, self._alternatives(choices, plans[0], prices))

    def place(
        self, number: int, start: datetime, wanted: Mapping[str, str] = NO_WISH
    ) -> Session | None:
        """Session `number` from `start` on, with the fewest resources exchanged.

        A role in `wanted` is filled by that resource alone. None if its roles cannot
        be filled there. It looks at no rule of dates.
        """
        before = self._standing.get(number)
        roles = before.roles if before else {}
        staffed = self._staff.at(instant(start), roles, wanted)
        return self._session(number, instant(start), staffed.roles) if staffed else None

    def places_near(
        self, number: int, start: datetime, wanted: Mapping[str, str] = NO_WISH
    ) -> Iterator[Session]:
        """Where `place` finds one on the local day of `start`, the nearest first.

        On the quarters of the grid, whatever rule of dates; not at `start` itself.
        """
        day, grid = shown(start, self._problem.zone), self._problem.grid_minutes
        index, wished = day.toordinal() - self._openings.origin, minute_of(day)
        minutes = sorted(range(0, DAY_MINUTES, grid), key=lambda at: abs(at - wished))
        for minute in minutes:
            at = moment(self._staff.instant(index, minute), self._problem.zone)
            if at != start and (session := self.place(number, at, wanted)):
                yield session

    def lost(self, number: int, start: datetime) -> tuple[str, ...]:
        """The roles that cannot be filled as now from `start` on, by name.

        Of a session that does not stand, those that nobody could fill.
        """
        before = self._standing.get(number)
        roles = before.roles if before else {}
        able = self._staff.able(instant(start))
        return tuple(
            sorted(
                name
                for name, those in able.items()
                if (roles[name] not in those if name in roles else not those)
            )
        )

    def options(self, number: int) -> list[DayOption]:
        """Each day on which `number` could lie, the sessions before it staying.

        The days and times asked for bind. Its present date and time are left out.
        """
        days = self._window(number) & self._openings.dates()
        return [
            DayOption(
                day=self._date(index),
                minutes=tuple(minutes),
                follows=self._follows(number, (index, minutes[0])),
            )
            for index in bits(days)
            if (minutes := self._other_minutes(number, index))
        ]

    def _follows(self, number: int, visit: Visit) -> Replanned | None:
        session = self._visit(number, visit)
        pinned = {number: Standing(session.start, session.roles)}
        answer = self.replan(pinned=pinned)
        return answer.plans[0] if isinstance(answer, Replan) else None

    def _window(self, number: int) -> int:
        """Days left for `number` by the sessions before it and by what cannot move."""
        before = {n: one for n, one in self._standing.items() if n < number}
        return self._inside(self._with_fixed(before).series, number)

    def _with_fixed(self, pinned: Mapping[int, Standing]) -> Problem:
        """The problem in which what is pinned is as settled as what is done."""
        zone, series = self._problem.zone, self._problem.series
        fixed = {n: Fixed(shown(one.start, zone).date()) for n, one in pinned.items()}
        fixed = {**series.fixed, **fixed}
        return replace(self._problem, series=replace(series, fixed=fixed))

    def _choice(self, step: Step, must_move: Collection[int], series: Series) -> Choice:
        now = self._standing.get(step.number)
        present = self._present(step.number)
        start, roles = (instant(now.start), now.roles) if now else (0, {})
        inside = self._inside(series, step.number)
        stays, moves = 0, inside & self._openings.dates()
        if present:
            day = inside & between(present[0], present[0])
            if step.number not in must_move and self._staff.at(start, roles):
                stays = day
            if moves & day and not self._other_minutes(step.number, present[0]):
                moves &= ~day
        wide = self._wide.get(step.number)
        return Choice(step, present, start, roles, stays, moves, wide)

    def _inside(self, series: Series, number: int) -> int:
        """The days that the range and the fixed sessions leave for `number`."""
        first = max(series.earliest, series.not_before.get(number, series.earliest))
        last = min(self._index(series.latest), self._openings.size - 1)
        days = between(self._index(first), last)
        if before := series.fixed.get(number - 1):
            days &= self._days_after(self._index(before.date), number)
        if after := series.fixed.get(number + 1):
            day = self._index(after.date)
            least, most = self._gap(number + 1, day)
            days &= between(day - most, day - least)
        return days

    def _days_after(self, before: int, number: int) -> int:
        """Days on which `number` keeps its gap to the session before."""
        least, most = self._problem.series.gap_days
        days = between(before + least, before + most)
        wide = self._wide.get(number)
        if wide and wide.least <= wide.day - before <= wide.most:
            days |= between(wide.day, wide.day)
        return days

    def _gap(self, number: int, day: int) -> tuple[int, int]:
        """The fewest and most days before `number` on `day`, as allowed."""
        wide = self._wide.get(number)
        if wide and wide.day == day:
            return wide.least, wide.most
        return self._problem.series.gap_days

    def _wider(self, allowed: Mapping[int, Allowance]) -> Iterator[tuple[int, Wide]]:
        """Yield the allowed gaps of days that are looked at, by session."""
        least, most = self._problem.series.gap_days
        for number, one in allowed.items():
            day = self._index(one.day)
            if 0 <= day < self._openings.size:
                yield number, Wide(day, min(least, one.days), max(most, one.days))

    def _index(self, day: date) -> int:
        """The number of a day on the timeline."""
        return day.toordinal() - self._openings.origin

    def _other_minutes(self, number: int, index: int) -> list[int]:
        """The arrivals of a day, save for the session's present visit."""
        present = self._present(number)
        minutes = self._openings.minutes(index)
        return [minute for minute in minutes if (index, minute) != present]

    def _present(self, number: int) -> Visit | None:
        """Where a standing session stands: day number and minute of the day."""
        if number not in self._standing:
            return None
        local = shown(self._standing[number].start, self._problem.zone)
        return local.toordinal() - self._openings.origin, minute_of(local)

    def _plan(
        self,
        choices: Sequence[Choice],
        visits: Visits,
        pinned: Mapping[int, Standing],
    ) -> Replanned:
        planned = [
            self._visit(choice.step.number, visit)
            for choice, visit in zip(choices, visits, strict=True)
        ]
        decided = [
            self._session(number, instant(one.start), one.roles)
            for number, one in pinned.items()
        ]
        return replanned(self._standing, [*planned, *decided], self._problem.zone)

    def _visit(self, number: int, visit: Visit) -> Session:
        """Session `number` at a visit that can take place."""
        now = self._standing.get(number)
        stays = now is not None and visit == self._present(number)
        start = instant(now.start) if now and stays else self._staff.instant(*visit)
        staffed = self._staff.at(start, now.roles if now else {})
        return self._session(number, start, staffed.roles if staffed else {})

    def _session(self, number: int, start: int, roles: Mapping[str, str]) -> Session:
        zone = self._problem.zone
        end = start + self._problem.length
        return Session(number, moment(start, zone), moment(end, zone), roles)

    def _alternatives(
        self, choices: Sequence[Choice], plan: Replanned, prices: Prices
    ) -> dict[int, tuple[Session, ...]]:
        days = {
            one.number: one.start.toordinal() - self._openings.origin
            for one in plan.sessions
        }
        return {
            choice.step.number: self._other_places(choice, days, prices)
            for choice in choices
            if choice.step.number in plan.moved
        }

    def _other_places(
        self, choice: Choice, days: Mapping[int, int], prices: Prices
    ) -> tuple[Session, ...]:
        """The cheapest visit of each other day between the neighbours' `days`."""
        number, (fewest, most) = choice.step.number, self._problem.series.gap_days
        possible = choice.moves & ~between(days[number], days[number])
        if (before := days.get(number - 1)) is not None:
            possible &= between(before + fewest, before + most)
        if (after := days.get(number + 1)) is not None:
            possible &= between(after - most, after - fewest)
        priced = sorted(
            (*prices.within(choice, day, 1, ANY_DISTANCE)[0], day)
            for day in bits(possible)
        )
        return tuple(
            self._visit(number, (day, minute))
            for _price, minute, day in priced[: self._problem.proposals]
        )

    def _date(self, index: int) -> date:
        return date.fromordinal(self._openings.origin + index)
