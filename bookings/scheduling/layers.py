"""The sessions as layers of nodes, joined where one may follow the other.

A node is a day and, for `steady`, an arrival: all of a session that its neighbours
feel, save for its operator. Every way through the layers is a plan's list of days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bookings.scheduling.masks import bits
from bookings.scheduling.objective import Weights
from bookings.scheduling.problem import Problem
from bookings.scheduling.steps import Step

ANY_ARRIVAL = -1

Node = tuple[int, int]
"""(day number, arrival in minutes of the day, or ANY_ARRIVAL)."""

Layer = dict[Node, Sequence[tuple[Node, int]]]
"""Each node of a session, with the nodes it may follow and what that costs."""


def day_layers(
    problem: Problem, plan: Sequence[Step], live: Sequence[int], weights: Weights
) -> list[Layer]:
    """Layers whose nodes are the days `live`, for strategies blind to arrivals."""
    layers: list[Layer] = []
    gap, ideal = problem.series.gap_days, problem.series.ideal_gap_days
    earlier: list[int] = []
    for step, days in zip(plan, live, strict=True):
        rhythm = weights.rhythm if step.follows else 0
        here = list(bits(days))
        layers.append(
            {
                (day, ANY_ARRIVAL): [
                    ((before, ANY_ARRIVAL), rhythm * abs(day - before - ideal))
                    for before in near(earlier, day, step.follows, gap)
                ]
                for day in here
            }
        )
        earlier = here
    return layers


def near(
    days: Sequence[int], day: int, bound: bool, gap: tuple[int, int]
) -> Sequence[int]:
    """Which of ascending `days` lie the gap before `day`; all, if not bound by it.

    A negative gap looks as far ahead.
    """
    if not bound:
        return days
    least, most = gap
    return days[bisect_left(days, day - most) : bisect_right(days, day - least)]
