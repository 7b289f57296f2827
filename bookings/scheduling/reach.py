"""On which days each session can lie, given what comes before and after it.

Sets of days are masks over day numbers. Under `one-practitioner` the answer depends on
who leads: a *lane* says for each session which operator it may have.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from bookings.scheduling.answer import Session
from bookings.scheduling.masks import between, later, sooner
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import OPERATOR, Problem, Strategy
from bookings.scheduling.steps import Step

Lane = Sequence[str | None]
"""For each step the one operator it may have, or None for anyone."""


def keeps_operator(problem: Problem) -> bool:
    """Whether the strategy's hard rule allows no operator switch."""
    return problem.strategy is Strategy.ONE_PRACTITIONER and problem.tracks_operators


def lanes(problem: Problem, plan: Sequence[Step], openings: Openings) -> Iterator[Lane]:
    """Yield each way to keep the hard rule; without one, the single way to keep none.

    Sessions that hand over to each other share an operator: the known one of a fixed
    session beside them or, only where no operator is known at all, each in turn.
    """
    if not keeps_operator(problem):
        yield [None] * len(plan)
        return
    runs = _runs(plan)
    for chosen in product(*(_operators(run, openings) for run in runs)):
        yield [
            operator
            for operator, run in zip(chosen, runs, strict=True)
            for _step in run
        ]


def lane_of(problem: Problem, sessions: Iterable[Session]) -> Lane:
    """The lane that a plan with these planned sessions keeps to."""
    keeps = keeps_operator(problem)
    return [session.roles[OPERATOR] if keeps else None for session in sessions]


def _runs(plan: Sequence[Step]) -> list[list[Step]]:
    """Cut the plan where a fixed session's known operator stands between two steps."""
    runs: list[list[Step]] = []
    for step in plan:
        if runs and step.hands_over:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _operators(run: Sequence[Step], openings: Openings) -> Sequence[str]:
    known = list(dict.fromkeys(name for step in run for name in step.operators))
    if not known:
        return openings.operators
    return known if len(known) == 1 else []


def reach(
    problem: Problem,
    step: Step,
    before: int,
    openings: Openings,
    operator: str | None,
) -> int:
    """Days on which `step` can lie when the step before it lies on one of `before`."""
    days = within(problem, step, before, openings)
    return days and days & openings.dates(operator)


def within(problem: Problem, step: Step, before: int, openings: Openings) -> int:
    """Days that the gaps, `not_before` and the range of dates leave for `step`."""
    last = min(step.last - openings.origin, openings.size - 1)
    days = between(step.first - openings.origin, last)
    if step.follows:
        days &= later(before, *problem.series.gap_days, openings.size)
    return days


def forward(
    problem: Problem, plan: Sequence[Step], openings: Openings, lane: Lane
) -> list[int] | None:
    """For each step, its days given those before it; None if one has no day."""
    found: list[int] = []
    before = 0
    for step, operator in zip(plan, lane, strict=True):
        before = reach(problem, step, before, openings, operator)
        if not before:
            return None
        found.append(before)
    return found


def backward(
    problem: Problem, plan: Sequence[Step], reached: Sequence[int], ends: int
) -> list[int]:
    """Of the days `reached`, those from which the last step can still lie in `ends`."""
    live = [ends]
    for at in range(len(plan) - 1, 0, -1):
        days = reached[at - 1]
        if plan[at].follows:
            days &= sooner(live[-1], *problem.series.gap_days)
        live.append(days)
    return live[::-1]
