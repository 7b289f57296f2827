"""Least change: a series stands, something about it changed, what has to follow?

    answer = replan(problem, standing, pinned={2: Standing(start, roles)})
    match answer:
        case Replan(plans=plans): ...   # plans[0] disturbs the patient least
        case Blocked(session=number): ...

`problem` leaves out what the standing sessions claim themselves: one that stays needs
its own resources free. Its dates and times wished for bind only what moves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bookings.scheduling.answer import Blocked, Session
from bookings.scheduling.explain import Progress, blocked
from bookings.scheduling.masks import between, bits
from bookings.scheduling.problem import (
    DAY_MINUTES,
    OPERATOR,
    Fixed,
    Problem,
    Strategy,
    instant,
    moment,
)
from bookings.scheduling.replan_price import Pricing
from bookings.scheduling.replan_search import Choice, Visits, forward, least
from bookings.scheduling.replan_staff import Staff
from bookings.scheduling.steps import steps
from bookings.scheduling.workspace import Workspace

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A session in the diary: its aware start, and who fills each role, where known."""

    start: datetime
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replanned:
    """A series after the change: every session that is not `fixed`, by number.

    `objective`: (sessions whose date or time changes, days moved, minutes of the day
    moved, roles filled by another resource than before, sum of date ordinals). A
    session that did not stand before counts as one that changes, moved by nothing.
    """

    objective: tuple[int, int, int, int, int]
    sessions: tuple[Session, ...]
    moved: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replan:
    """The plans of least change, best first, and other places for what moves.

    `alternatives`: for each session that the best plan moves and nobody pinned, the
    next-best visit of each other day, all other sessions staying as in that plan.
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


def replan(
    problem: Problem,
    standing: Mapping[int, Standing],
    *,
    pinned: Mapping[int, Standing] | None = None,
    must_move: Collection[int] = (),
) -> Replan | Blocked:
    """The `problem.proposals` best ways to go on, or the session that fits nowhere.

    Sessions in `series.fixed` stay, `pinned` ones are decided: they obey nothing, but
    their neighbours keep the gap to them. Those in `must_move` leave their present
    date and time. All others stay, take another resource, or move; a session in none
    of the mappings is planned afresh. The answer is exact.
    """
    return Replanner(problem, standing).replan(pinned=pinned, must_move=must_move)


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
    ) -> None:
        """Lay the diary out, unless a `workspace` of the same diary is there."""
        self.problem = replace(problem, strategy=Strategy.EARLIEST_FINISH)
        self.standing = standing
        self.workspace = workspace or Workspace(self.problem)
        self.openings = self.workspace.openings(self.problem)
        self.staff = Staff(self.problem, self.workspace)

    def replan(
        self,
        *,
        pinned: Mapping[int, Standing] | None = None,
        must_move: Collection[int] = (),
    ) -> Replan | Blocked:
        """As `replan`, of which this is the work."""
        pinned = pinned or {}
        problem = self._decided(pinned)
        choices = [self._choice(step, must_move) for step in steps(problem)]
        table = forward(choices, problem.series.gap_days, self.openings.size)
        if len(table) < len(choices):
            days = table[-1].days if table else 0
            ended = Progress(choices[len(table)].step, {None: days})
            return blocked(problem, self.workspace, ended)
        pricing = self._pricing(choices)
        found = least(choices, table, pricing, problem)
        plans = tuple(self._plan(choices, visits, pinned) for visits in found)
        return Replan(plans, self._alternatives(problem, choices, plans[0], pricing))

    def place(self, number: int, start: datetime) -> Session | None:
        """Session `number` from `start` on, with the fewest resources exchanged.

        None if its roles cannot be filled there. It looks at no rule of dates.
        """
        before = self.standing.get(number)
        crew = self.staff.at(instant(start), before.roles if before else {})
        return self._session(number, instant(start), crew.roles) if crew else None

    def options(self, number: int) -> list[DayOption]:
        """Each day on which `number` could lie after the session before it.

        The request's days and times bind. Its present date and time are left out.
        """
        return [
            DayOption(
                day=date.fromordinal(self.openings.origin + index),
                minutes=tuple(minutes),
                follows=self._follows(number, index, minutes[0]),
            )
            for index in bits(self._window(number) & self.openings.dates())
            if (minutes := self._other_minutes(number, index))
        ]

    def _follows(self, number: int, index: int, minute: int) -> Replanned | None:
        start = moment(self.staff.instant(index, minute), self.problem.zone)
        session = self.place(number, start)
        if session is None:
            return None
        answer = self.replan(pinned={number: Standing(start, session.roles)})
        return answer.plans[0] if isinstance(answer, Replan) else None

    def _window(self, number: int) -> int:
        """Days that the session before, `not_before` and the range leave."""
        others = {n: one for n, one in self.standing.items() if n < number}
        problem = self._decided(others)
        series = replace(
            problem.series,
            fixed={n: one for n, one in problem.series.fixed.items() if n < number},
        )
        step = next(
            step
            for step in steps(replace(problem, series=series))
            if step.number == number
        )
        origin, last = self.openings.origin, self.openings.size - 1
        return between(step.first - origin, min(step.last - origin, last))

    def _other_minutes(self, number: int, index: int) -> list[int]:
        present = self._present(number)
        minutes = self.openings.minutes(index)
        return [minute for minute in minutes if (index, minute) != present]

    def _decided(self, pinned: Mapping[int, Standing]) -> Problem:
        """The problem with what is pinned as fixed as what is done."""
        series = self.problem.series
        fixed = {n: Fixed(self._local(one.start).date()) for n, one in pinned.items()}
        return replace(
            self.problem, series=replace(series, fixed={**series.fixed, **fixed})
        )

    def _choice(self, step: Step, must_move: Collection[int]) -> Choice:
        now = self.standing.get(step.number)
        present = self._present(step.number)
        last = min(step.last - self.openings.origin, self.openings.size - 1)
        inside = between(step.first - self.openings.origin, last)
        start, roles = (instant(now.start), now.roles) if now else (0, {})
        stays = 0
        if present and step.number not in must_move and self.staff.at(start, roles):
            stays = inside & between(present[0], present[0])
        moves = inside & self.openings.dates()
        if present and moves & between(present[0], present[0]):
            if not self._other_minutes(step.number, present[0]):
                moves ^= 1 << present[0]
        return Choice(step, present, start, roles, stays, moves)

    def _present(self, number: int) -> Visit | None:
        """The visit of a standing session: day number and minute of the day."""
        if number not in self.standing:
            return None
        start = self._local(self.standing[number].start)
        index = start.toordinal() - self.openings.origin
        return index, start.hour * 60 + start.minute

    def _local(self, start: datetime) -> datetime:
        return start.astimezone(self.problem.zone)

    def _session(self, number: int, start: int, roles: Mapping[str, str]) -> Session:
        zone = self.problem.zone
        end = start + self.problem.length
        return Session(number, moment(start, zone), moment(end, zone), roles)

    def _visit(self, choice: Choice, visit: Visit) -> Session:
        """The session at a visit that can take place."""
        stays = visit == choice.present
        start = choice.start if stays else self.staff.instant(*visit)
        staffed = self.staff.at(start, choice.roles)
        return self._session(
            choice.step.number, start, staffed.roles if staffed else {}
        )

    def _plan(
        self,
        choices: Sequence[Choice],
        visits: Visits,
        pinned: Mapping[int, Standing],
    ) -> Replanned:
        planned = [
            self._visit(choice, visit)
            for choice, visit in zip(choices, visits, strict=True)
        ]
        decided = [
            self._session(number, instant(one.start), one.roles)
            for number, one in pinned.items()
        ]
        sessions = sorted([*planned, *decided], key=lambda session: session.number)
        moved = tuple(one.number for one in sessions if self._moves(one))
        return Replanned(self._objective(sessions, moved), tuple(sessions), moved)

    def _moves(self, session: Session) -> bool:
        before = self.standing.get(session.number)
        return before is None or self._shown(before.start) != self._shown(session.start)

    def _shown(self, start: datetime) -> datetime:
        """What the calendar and the clock show, to the minute."""
        return self._local(start).replace(tzinfo=None, second=0, microsecond=0)

    def _objective(
        self, sessions: Sequence[Session], moved: Collection[int]
    ) -> tuple[int, int, int, int, int]:
        days = minutes = exchanged = 0
        for one in sessions:
            if before := self.standing.get(one.number):
                old, new = self._shown(before.start), self._shown(one.start)
                days += abs((new.date() - old.date()).days)
                minutes += abs(_minute(new) - _minute(old))
                exchanged += sum(
                    one.roles.get(name, who) != who
                    for name, who in before.roles.items()
                )
        dates = sum(one.start.date().toordinal() for one in sessions)
        return len(moved), days, minutes, exchanged, dates

    def _alternatives(
        self, choices: Sequence[Choice], plan: Replanned, prices: Prices
    ) -> dict[int, tuple[Session, ...]]:
        dates = {n: one.date for n, one in self.problem.series.fixed.items()}
        dates |= {one.number: one.start.date() for one in plan.sessions}
        return {
            choice.step.number: self._other_places(choice, dates, prices)
            for choice in choices
            if choice.step.number in plan.moved
        }

    def _other_places(
        self, choice: Choice, dates: Mapping[int, date], prices: Prices
    ) -> tuple[Session, ...]:
        """The cheapest visit of each other day between the neighbours' `dates`."""
        number, (least, most) = choice.step.number, self.problem.series.gap_days
        days = choice.moves & ~self._bit(dates[number])
        if before := dates.get(number - 1):
            days &= later(self._bit(before), least, most, self.openings.size)
        if after := dates.get(number + 1):
            days &= sooner(self._bit(after), least, most)
        ...
