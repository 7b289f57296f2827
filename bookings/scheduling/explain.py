"""Why nothing fits: the session at which it ends, and the roles that it lacks there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import combinations
from operator import or_

from bookings.scheduling.answer import Blocked
from bookings.scheduling.masks import bits, ones
from bookings.scheduling.openings import Diary, Openings
from bookings.scheduling.problem import OPERATOR, Problem
from bookings.scheduling.reach import keeps_operator, reach, within
from bookings.scheduling.reason import reason
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.timeline import Timeline
from bookings.scheduling.workspace import Workspace

_MONTH = 30

Reached = Mapping[str | None, int]
"""The days a session can lie on, by the operator who must go on; None for anyone."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sessions get: the first that fits nowhere, if any does not.

    `reached` are the days of the last planned session that does fit.
    """

    blocked: Step | None
    reached: Reached | None

    @property
    def days(self) -> int:
        """All days of the last planned session that fits."""
        return reduce(or_, (self.reached or {}).values(), 0)


def progress(problem: Problem, openings: Openings) -> Progress:
    """Plan session after session until one can lie on no day at all."""
    operators = openings.operators if keeps_operator(problem) else (None,)
    reached: Reached | None = None
    for step in steps(problem):
        here = {}
        for operator in operators:
            before = _before(problem, step, operator, reached)
            if before is not None:
                here[operator] = reach(problem, step, before, openings, operator)
        found = {operator: days for operator, days in here.items() if days}
        if not found:
            return Progress(step, reached)
        reached = found
    return Progress(None, reached)


def _before(
    problem: Problem, step: Step, operator: str | None, reached: Reached | None
) -> int | None:
    """Days of the session before that lead on to `operator`; None if nothing does."""
    if operator is None:
        return (reached or {}).get(None, 0)
    if any(known != operator for known in step.operators):
        return None
    if reached is None or not step.hands_over:
        return 0
    return reached.get(operator)


def blocked(problem: Problem, workspace: Workspace, ended: Progress) -> Blocked:
    """Explain the step at which `ended` stopped."""
    step = ended.blocked
    if step is None:
        raise ValueError("Nothing is blocked: every session fits.")
    window = _window(problem, workspace, step, ended)
    roles = _lacking(problem, workspace, step, ended)
    return Blocked(step.number, window, roles, reason(problem, step, window, roles))


def _window(
    problem: Problem, workspace: Workspace, step: Step, ended: Progress
) -> tuple[date, date]:
    series = problem.series
    if step.number == 1:
        return series.earliest, series.latest
    if fixed := series.fixed.get(step.number - 1):
        first = last = fixed.date.toordinal()
    else:
        origin = workspace.timeline.first
        first = origin + next(bits(ended.days))
        last = origin + ended.days.bit_length() - 1
    least, most = series.gap_days
    return _date(first + least), _date(last + most)


def _date(ordinal: int) -> date:
    return date.fromordinal(min(ordinal, date.max.toordinal()))


def _lacking(
    problem: Problem, workspace: Workspace, step: Step, ended: Progress
) -> tuple[str, ...]:
    """The fewest roles that alone leave no arrival, alphabetically first."""
    if not _has_a_time(problem, _ranges(problem, workspace, step, ended)):
        return ()
    names = sorted(problem.roles)
    for size in range(1, len(names)):
        for some in combinations(names, size):
            if not _fits(problem, workspace, step, ended, some):
                return some
    return tuple(names)


def _ranges(
    problem: Problem, workspace: Workspace, step: Step, ended: Progress
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of dates, ascending, that the gaps and bounds leave."""
    if not step.follows:
        yield step.first, step.last
        return
    least, most = problem.series.gap_days
    first = step.first
    for day in bits(ended.days):
        before = workspace.timeline.first + day
        first = max(first, before + least)
        last = min(step.last, before + most)
        if first <= last:
            yield first, last
            first = last + 1


def _has_a_time(problem: Problem, ranges: Iterable[tuple[int, int]]) -> bool:
    """Whether the days and times asked for leave any arrival in `ranges`."""
    for first, last in ranges:
        for start in range(first, last + 1, _MONTH):
            timeline = Timeline(problem, start, min(last, start + _MONTH - 1))
            empty_diary = Diary(timeline, ones(timeline.cells))
            if Openings(problem, empty_diary).dates():
                return True
    return False


def _fits(
    problem: Problem,
    workspace: Workspace,
    step: Step,
    ended: Progress,
    roles: tuple[str, ...],
) -> bool:
    """Whether `step` has an arrival, were no other roles needed than `roles`."""
    leads = OPERATOR in roles and keeps_operator(problem)
    diary = Diary.of(workspace.timeline, workspace.crew, roles, leads=leads)
    openings = Openings(problem, diary)
    if not leads:
        return bool(within(problem, step, ended.days, openings) & openings.dates())
    for operator in openings.operators:
        before = _before(problem, step, operator, ended.reached)
        if before is not None and reach(problem, step, before, openings, operator):
            return True
    return False
