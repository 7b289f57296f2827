"""The solver's door: one problem in, one answer out, the same in every process."""

from collections.abc import Iterable
from dataclasses import replace

from bookings.scheduling.answer import Answer, Infeasible, Optimal
from bookings.scheduling.explain import blocked, progress
from bookings.scheduling.problem import Problem, Strategy
from bookings.scheduling.relax import relaxations
from bookings.scheduling.workspace import Workspace


def solve(problem: Problem) -> Answer:
    """Find the best plans for `problem`, or say why there is none and what would help.

    The answer is exact: no plan beats the first, and none is missing among the best
    `problem.proposals`.
    """
    return _answer(problem, Workspace(problem))


def solve_each(
    problem: Problem,
    strategies: Iterable[Strategy] = Strategy,
    *,
    workspace: Workspace | None = None,
) -> dict[Strategy, Answer]:
    """Solve the same problem for several strategies: the diary is laid out once.

    Give the problem's own `workspace` to ask more of it afterwards at no cost.
    """
    workspace = workspace or Workspace(problem)
    return {
        strategy: _answer(replace(problem, strategy=strategy), workspace)
        for strategy in strategies
    }


def _answer(problem: Problem, workspace: Workspace) -> Answer:
    openings = workspace.openings(problem)
    if plans := workspace.plans(problem, openings):
        return Optimal(problem.strategy, tuple(plans))
    return Infeasible(
        blocked(problem, workspace, progress(problem, openings)),
        relaxations(problem, workspace),
    )
