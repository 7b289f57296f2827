"""Layers for `steady`: only the days and arrivals that one of the best plans can use.

Whatever the operators do, weekday changes, drift and finish come first in the tuple.
So two cheap sweeps, one from each end, find the least leading cost of any plan through
each node; what can only lead to worse than the n best is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bookings.scheduling.clock import weekday
from bookings.scheduling.layers import Layer, Node, near
from bookings.scheduling.masks import bits
from bookings.scheduling.objective import Weights
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import Problem, Span
from bookings.scheduling.steps import Step

Starts = Mapping[int, Sequence[int]]
"""For each day of a session, ascending, its arrivals, ascending."""

Costs = dict[int, dict[int, int]]
"""For each day and arrival of a session, the least leading cost up to there."""

FAR = 1 << 512
"""Costlier than any plan."""


def steady_layers(
    problem: Problem,
    plan: Sequence[Step],
    live: Sequence[int],
    openings: Openings,
    weights: Weights,
) -> list[Layer]:
    """Layers of (day, arrival) that hold every one of the n best plans."""
    starts: list[Starts] = [
        {day: openings.minutes(day) for day in bits(days)} for days in live
    ]
    bound = [step.follows for step in plan]
    least, most = problem.series.gap_days
    finish = weights.finish if plan[-1].number == problem.series.count else 0
    terrain = _Terrain(weights, openings.origin, _axis(starts))
    there = terrain.sweep(starts, bound[1:], (least, most), 0)
    back = terrain.sweep(starts[::-1], bound[:0:-1], (-most, -least), finish)[::-1]
    limit = _limit(there, back, problem.proposals)
    layers: list[Layer] = [dict.fromkeys(_spare(there[0], back[0], limit), ())]
    for at in range(1, len(plan)):
        spare = _spare(there[at], back[at], limit)
        layers.append(terrain.layer(there[at - 1], spare, bound[at], (least, most)))
    return layers


def _axis(starts: Sequence[Starts]) -> list[int]:
    """Every arrival of any day, ascending."""
    return sorted({each for days in starts for day in days.values() for each in day})


def _limit(there: Sequence[Costs], back: Sequence[Costs], most: int) -> int:
    """A leading cost that `most` plans keep to, or FAR where that many are not sure.

    Each node of a session has a plan of its own at the least cost through it.
    """
    limit = FAR
    for reached, left in zip(there, back, strict=True):
        through = sorted(
            cost + left[day][arrival]
            for day, costs in reached.items()
            for arrival, cost in costs.items()
        )
        limit = min([limit, *through[most - 1 : most]])
    return limit


def _spare(there: Costs, back: Costs, limit: int) -> dict[Node, int]:
    """The nodes that a plan within `limit` can go through, and what it may cost to."""
    return {
        (day, arrival): limit - back[day][arrival]
        for day, costs in there.items()
        for arrival, cost in costs.items()
        if cost + back[day][arrival] <= limit
    }


@dataclass(frozen=True, slots=True)
class _Terrain:
    """What weekday changes and drift cost from one session's node to the next's."""

    weights: Weights
    origin: int
    axis: Sequence[int]

    def joint(self, before: int, came: int, day: int, arrival: int) -> int:
        """The leading cost between two consecutive sessions' days and arrivals."""
        return self.turn(before, day) + self.weights.drift * abs(arrival - came)

    def layer(
        self, came: Costs, spare: dict[Node, int], follows: bool, gap: Span
    ) -> Layer:
        """Each node of `spare` with the nodes of `came` from where that suffices."""
        days = list(came)
        return {
            (day, arrival): [
                ((before, at), joint)
                for before in near(days, day, follows, gap)
                for at, cost in came[before].items()
                if (joint := self.joint(before, at, day, arrival)) + cost <= left
            ]
            for (day, arrival), left in spare.items()
        }

    def turn(self, before: int, day: int) -> int:
        """The cost of a changed weekday, if it is one."""
        first, second = self.origin + before, self.origin + day
        return self.weights.weekdays if weekday(first) != weekday(second) else 0

    def sweep(
        self, layers: Sequence[Starts], bound: Sequence[bool], gap: Span, finish: int
    ) -> list[Costs]:
        """The least leading cost to each node from anywhere in the first of `layers`.

        The layers may run backwards, with `gap` negative. `bound` says between which
        neighbours it counts; starting on day n costs n times `finish`.
        """
        first = {day: dict.fromkeys(at, finish * day) for day, at in layers[0].items()}
        found: list[Costs] = [first]
        for layer, follows in zip(layers[1:], bound, strict=True):
            slopes = {day: self._slope(costs) for day, costs in found[-1].items()}
            days = sorted(slopes)
            here: Costs = {}
            for day, arrivals in layer.items():
                sources = [
                    (slopes[before], self.turn(before, day))
                    for before in near(days, day, follows, gap)
                ]
                here[day] = {
                    arrival: min(slope[arrival] + turn for slope, turn in sources)
                    for arrival in arrivals
                }
            found.append(here)
        return found

    def _slope(self, costs: Mapping[int, int]) -> dict[int, int]:
        """The least of `costs` plus the drift from there, at each arrival there is."""
        slope = {arrival: costs.get(arrival, FAR) for arrival in self.axis}
        for arrivals in (self.axis, self.axis[::-1]):
            for before, here in pairwise(arrivals):
                drifted = slope[before] + self.weights.drift * abs(here - before)
                if drifted < slope[here]:
                    slope[here] = drifted
        return slope
