"""Where the n best plans are to be sought, in rounds that only get worse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bookings.scheduling.layers import Layer, day_layers
from bookings.scheduling.masks import bits
from bookings.scheduling.objective import Weights
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import Problem, Strategy
from bookings.scheduling.reach import Lane, backward, forward, lanes
from bookings.scheduling.steadiness import steady_layers
from bookings.scheduling.steps import Step


@dataclass(frozen=True, slots=True)
class Graph:
    """Layers, one for each step, and the lane of operators that they keep to."""

    layers: Sequence[Layer]
    lane: Lane


def rounds(
    problem: Problem, plan: Sequence[Step], openings: Openings, weights: Weights
) -> Iterator[list[Graph]]:
    """Yield graphs round by round: a plan of a later round costs more.

    Where the date of the last session comes first in the tuple, there is a round for
    each date it could have; otherwise one round holds everything.
    """
    reached = [
        (lane, days)
        for lane in lanes(problem, plan, openings)
        if (days := forward(problem, plan, openings, lane))
    ]
    for ends in _ends(problem, plan, [days[-1] for _lane, days in reached]):
        graphs = []
        for lane, days in reached:
            if last := days[-1] & ends:
                live = backward(problem, plan, days, last)
                layers = _layers(problem, plan, live, openings, weights)
                graphs.append(Graph(layers, lane))
        yield graphs


def _ends(
    problem: Problem, plan: Sequence[Step], lasts: Sequence[int]
) -> Iterator[int]:
    """Yield the days for the last step, round by round."""
    days = 0
    for last in lasts:
        days |= last
    finish_first = problem.strategy is not Strategy.STEADY
    if finish_first and plan[-1].number == problem.series.count:
        yield from (1 << day for day in bits(days))
    elif days:
        yield days


def _layers(
    problem: Problem,
    plan: Sequence[Step],
    live: Sequence[int],
    openings: Openings,
    weights: Weights,
) -> list[Layer]:
    if problem.strategy is Strategy.STEADY:
        return steady_layers(problem, plan, live, openings, weights)
    return day_layers(problem, plan, live, weights)
