"""Every day that one session could have, whatever else must then follow.

What may be chosen by hand is exactly what can still be planned around: the day itself
has an arrival, and all other sessions still fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bookings.scheduling.masks import bits
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import Problem
from bookings.scheduling.reach import backward, forward, reach
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Choice:
    """A local day for a session, its arrivals in minutes of the day, ascending.

    `finish` is the earliest date on which the whole series can then end.
    """

    day: date
    arrivals: tuple[int, ...]
    finish: date


def choices(
    problem: Problem, number: int, workspace: Workspace | None = None
) -> tuple[Choice, ...]:
    """Every day that session `number` could have, with anyone, the earliest first.

    None where it is fixed, or where the series has no plan at all.
    """
    plan = list(steps(problem))
    openings = (workspace or Workspace(problem)).openings(problem)
    reached = forward(problem, plan, openings, [None] * len(plan))
    at = next((i for i, step in enumerate(plan) if step.number == number), None)
    if at is None or not reached:
        return ()
    days = backward(problem, plan, reached, reached[-1])[at]
    return tuple(_choices(problem, plan[at:], openings, days))


def _choices(
    problem: Problem, plan: Sequence[Step], openings: Openings, days: int
) -> Iterator[Choice]:
    for index in bits(days):
        yield Choice(
            day=date.fromordinal(openings.origin + index),
            arrivals=tuple(openings.minutes(index)),
            finish=_finish(problem, plan, openings, index),
        )


def _finish(
    problem: Problem, plan: Sequence[Step], openings: Openings, index: int
) -> date:
    """The first date of the last session, the first of `plan` being on day `index`."""
    if fixed := problem.series.fixed.get(problem.series.count):
        return fixed.date
    days = 1 << index
    for step in plan[1:]:
        days = reach(problem, step, days, openings, None)
    return date.fromordinal(openings.origin + next(bits(days)))
