"""Every single change of what was asked that would make a problem solvable.

Never the gap or `not_before`: those are medical.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bookings.scheduling.answer import Relaxation
from bookings.scheduling.explain import progress
from bookings.scheduling.masks import bits
from bookings.scheduling.problem import (
    DAY_MINUTES,
    EVERY_WEEKDAY,
    Problem,
    Series,
)
from bookings.scheduling.timeline import Timeline
from bookings.scheduling.workspace import Workspace


def relaxations(problem: Problem, workspace: Workspace) -> tuple[Relaxation, ...]:
    """Every change that helps, the one with the best plan first."""
    single = replace(problem, proposals=1)
    found = [
        *_each(single, workspace, "weekdays", _one_more_weekday(single.series)),
        *_each(single, workspace, "arrive_between", _earlier(single, workspace)),
        *_each(single, workspace, "arrive_between", _later(single, workspace)),
        *_least_later_latest(single, workspace),
        *_each(single, workspace, "blackouts", _one_blackout_fewer(single.series)),
    ]
    return tuple(sorted(found, key=lambda relaxation: relaxation.objective))


def _each(
    problem: Problem, workspace: Workspace, field: str, changed: Iterator[Series]
) -> Iterator[Relaxation]:
    """Yield each changed series that has a plan, with the best one's tuple."""
    for series in changed:
        relaxed = replace(problem, series=series)
        for plan in workspace.plans(relaxed, workspace.openings(relaxed)):
            yield Relaxation(field, series, plan.objective)


def _one_more_weekday(series: Series) -> Iterator[Series]:
    for weekday in sorted(EVERY_WEEKDAY - series.weekdays):
        yield replace(series, weekdays=series.weekdays | {weekday})


def _one_blackout_fewer(series: Series) -> Iterator[Series]:
    blackouts = series.blackouts
    for at in range(len(blackouts)):
        yield replace(series, blackouts=blackouts[:at] + blackouts[at + 1 :])


def _earlier(problem: Problem, workspace: Workspace) -> Iterator[Series]:
    first, last = problem.series.arrive_between
    grid = problem.grid_minutes
    times = range((first - 1) // grid * grid, -1, -grid)
    yield from _nearest(problem, workspace, [(time, last) for time in times])


def _later(problem: Problem, workspace: Workspace) -> Iterator[Series]:
    first, last = problem.series.arrive_between
    grid = problem.grid_minutes
    times = range((last // grid + 1) * grid, DAY_MINUTES, grid)
    yield from _nearest(problem, workspace, [(first, time) for time in times])


def _nearest(
    problem: Problem, workspace: Workspace, windows: list[tuple[int, int]]
) -> Iterator[Series]:
    """Yield the series with the first of ever wider `windows` that helps, if one does.

    What helps in one window helps in every wider one, so halving finds the first.
    """
    changed = [replace(problem.series, arrive_between=window) for window in windows]
    first = bisect_left(
        changed,
        True,
        key=lambda series: _solvable(replace(problem, series=series), workspace),
    )
    yield from changed[first : first + 1]


def _least_later_latest(problem: Problem, workspace: Workspace) -> Iterator[Relaxation]:
    """Yield the change to the first date on which the last planned session can lie."""
    if problem.roles and _all_close_by(problem, workspace.timeline):
        return
    endless = replace(problem, series=replace(problem.series, latest=date.max))
    workspace = Workspace(endless)
    reached = progress(endless, workspace.openings(endless))
    if reached.blocked is None:
        first = workspace.timeline.first
        latest = date.fromordinal(first + next(bits(reached.days)))
        changed = iter([replace(problem.series, latest=latest)])
        yield from _each(problem, workspace, "latest", changed)


def _all_close_by(problem: Problem, line: Timeline) -> bool:
    """Whether nobody works after the diary's last day, so that later ones are no help."""
    return bool(line.days) and all(
        closes <= line.end for each in problem.resources for _, closes in each.open
    )


def _solvable(problem: Problem, workspace: Workspace) -> bool:
    return progress(problem, workspace.openings(problem)).blocked is None
