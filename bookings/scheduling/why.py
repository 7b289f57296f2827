"""Why a plan does not end earlier: named, proven, and nothing but real constraints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from bookings.scheduling.answer import Plan, Session
from bookings.scheduling.causes import (
    Away,
    Cause,
    Earliest,
    NotBefore,
    Times,
    Unavailable,
    Weekdays,
)
from bookings.scheduling.clock import instant_at
from bookings.scheduling.explain import progress
from bookings.scheduling.levels import Ground
from bookings.scheduling.masks import bits
from bookings.scheduling.problem import Problem, Strategy, instant, moment
from bookings.scheduling.reach import lane_of
from bookings.scheduling.sooner import Sooner, Stop, Way
from bookings.scheduling.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Why:
    """What keeps a plan from an earlier end than `finish`, the last session's date.

    Without all of `causes` the series could end on `sooner`, the first such date, and
    each of them is needed for it. That is by the plan's own rule: for `steady` on its
    own weekday and arrival, if its sessions share them; for `one-practitioner` with
    its own practitioner. Where `causes` are empty, `sooner` is None: the gaps keep it.

    `sooner_otherwise` is set where another plan of the same problem ends before this
    one, and then on which date: for `steady`, with other weekdays and arrivals.
    `waiting` are the planned sessions that lie as close to the one before as the gap
    allows; `kept` is the last fixed session before the end, if any.
    """

    finish: date
    causes: tuple[Cause, ...] = ()
    sooner: date | None = None
    sooner_otherwise: date | None = None
    waiting: tuple[int, ...] = ()
    kept: int | None = None


def why_not_earlier(
    problem: Problem, plan: Plan, *, workspace: Workspace | None = None
) -> Why:
    """Say what keeps `plan`, an optimal plan of `problem`, from ending earlier.

    `workspace` is the one that the plan was found in, or is laid out anew.
    """
    workspace = workspace or Workspace(problem)
    known = _known(problem, plan)
    if problem.series.count in problem.series.fixed:
        return known
    known = replace(
        known, sooner_otherwise=_otherwise(problem, workspace, known.finish)
    )
    question = _Question(problem, plan, workspace)
    if known.sooner_otherwise and not question.keeps_pattern:
        return known
    way = question.way(known.finish)
    if way is None:
        return known
    causes = tuple(question.causes(way))
    return replace(known, causes=causes, sooner=question.day(way.stops[-1].day))


def _known(problem: Problem, plan: Plan) -> Why:
    """What the dates alone tell."""
    fixed = problem.series.fixed
    dates = {number: each.date for number, each in fixed.items()}
    dates |= {each.number: each.start.date() for each in plan.sessions}
    least = problem.series.gap_days[0]
    waiting = tuple(
        number
        for before, number in pairwise(sorted(dates))
        if number not in fixed and (dates[number] - dates[before]).days == least
    )
    kept = max(fixed, default=None)
    return Why(dates[problem.series.count], waiting=waiting, kept=kept)


def _otherwise(problem: Problem, workspace: Workspace, finish: date) -> date | None:
    """The first end that any plan of `problem` has, if it is before `finish`."""
    openings = workspace.openings(problem)
    for day in bits(progress(problem, openings).days):
        first = date.fromordinal(openings.origin + day)
        return first if first < finish else None
    return None


class _Question:
    """One plan, and the search for what keeps it."""

    def __init__(self, problem: Problem, plan: Plan, workspace: Workspace) -> None:
        self._asked = problem.series
        self._sessions = {session.number: session for session in plan.sessions}
        self.keeps_pattern = _has_pattern(problem, plan.sessions)
        if self.keeps_pattern:
            problem = _patterned(problem, plan.sessions[0].start)
        self._problem = problem
        self._workspace = workspace
        self._lane = lane_of(problem, plan.sessions)
        self._ground = Ground(problem, workspace)

    def way(self, finish: date) -> Way | None:
        """The cheapest way to end before `finish`."""
        planned = [each.start.date().toordinal() for each in self._sessions.values()]
        search = Sooner(
            self._problem,
            self._ground,
            self._lane,
            planned,
            keeps_pattern=self.keeps_pattern,
        )
        return search.cheapest(finish.toordinal())

    def day(self, number: int) -> date:
        """The date of a day number of the ground."""
        return date.fromordinal(self._ground.origin + number)

    def causes(self, way: Way) -> Iterator[Cause]:
        """Yield what the way gives up, each where it is first needed."""
        visits = [(stop, self._start(stop)) for stop in way.stops]
        for at in sorted(way.given_up.away):
            first, last = self._asked.blackouts[at]
            for stop, start in visits:
                if first <= start.date() <= last:
                    yield Away(stop.number, start, first, last)
                    break
        for stop, start in visits:
            yield from self._at_one_moment(stop, start)
        if way.given_up.weekdays:
            yield from self._first_on_other_weekday(visits)
        if way.given_up.times:
            yield from self._first_at_other_time(visits)
        if way.given_up.earliest:
            yield from self._first_too_early(visits)

    def _first_on_other_weekday(
        self, visits: Sequence[tuple[Stop, datetime]]
    ) -> Iterator[Cause]:
        for stop, start in visits:
            if start.weekday() not in self._asked.weekdays:
                yield Weekdays(stop.number, start)
                return

    def _first_at_other_time(
        self, visits: Sequence[tuple[Stop, datetime]]
    ) -> Iterator[Cause]:
        for stop, start in visits:
            if not self._is_asked(_minute(start)):
                yield Times(stop.number, start)
                return

    def _first_too_early(
        self, visits: Sequence[tuple[Stop, datetime]]
    ) -> Iterator[Cause]:
        for stop, start in visits:
            if start.date() < self._asked.earliest:
                yield Earliest(stop.number, start, self._asked.earliest)
                return

    def _at_one_moment(self, stop: Stop, start: datetime) -> Iterator[Cause]:
        """Yield what is in the way of this session alone."""
        first = self._asked.not_before.get(stop.number)
        if first and start.date() < first:
            yield NotBefore(stop.number, start, first)
        leader = self._lane[list(self._sessions).index(stop.number)]
        for role in stop.level.roles:
            who = self._workspace.freed.who(role, leader)
            closed = self._closed(role, who, start)
            taken = tuple(each for each in who if each not in closed)
            yield Unavailable(stop.number, start, role, taken, closed)

    def _closed(
        self, role: str, who: Sequence[str], start: datetime
    ) -> tuple[str, ...]:
        """Which of `who` are not at work throughout their part in the session."""
        crew, line = self._workspace.crew, self._workspace.timeline
        at = instant(start)
        if at < line.start:
            return tuple(who)
        cell = line.cell(at)
        return tuple(each for each in who if not crew.staffed(role, [each]) >> cell & 1)

    def _start(self, stop: Stop) -> datetime:
        """The arrival of a stop, asked for if it can be, and near the plan's own."""
        own = _minute(self._sessions[stop.number].start)
        minute = min(
            stop.level.minutes(stop.day),
            key=lambda each: (not self._is_asked(each), abs(each - own), each),
        )
        ordinal = self._ground.origin + stop.day
        zone = self._problem.zone
        return moment(instant_at(zone, ordinal, minute), zone)

    def _is_asked(self, minute: int) -> bool:
        first, last = self._asked.arrive_between
        return first <= minute <= last


def _has_pattern(problem: Problem, sessions: Sequence[Session]) -> bool:
    """Whether `steady` found sessions that all share a weekday and an arrival."""
    shared = {(each.start.weekday(), _minute(each.start)) for each in sessions}
    steady = problem.strategy is Strategy.STEADY
    return steady and len(sessions) > 1 and len(shared) == 1


def _patterned(problem: Problem, start: datetime) -> Problem:
    """The problem with the weekday and arrival of `start`, and no others."""
    minute = _minute(start)
    series = replace(
        problem.series,
        weekdays=frozenset([start.weekday()]),
        arrive_between=(minute, minute),
    )
    return replace(problem, series=series)


def _minute(start: datetime) -> int:
    return start.hour * 60 + start.minute
