"""Layers for `steady`: only the days and arrivals that one of the best plans can use.

Whatever the operators do, weekday changes, drift and finish come first in the tuple.
So two cheap sweeps, one from each end, find the least leading cost of any plan through
each node; what can only lead to worse than the n best is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from bookings.scheduling.clock import weekday
from bookings.scheduling.layers import Layer, Node, near
from bookings.scheduling.masks import bits, later
from bookings.scheduling.objective import Weights
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import Problem, Span
from bookings.scheduling.reach import backward
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
    bound = [step.follows for step in plan]
    gap, most = problem.series.gap_days, problem.proposals
    finish = weights.finish if plan[-1].number == problem.series.count else 0
    groups = [
        [_starts(openings, days) for days in group]
        for group in _groups(problem, plan, live)
    ]
    terrain = _Terrain(weights, openings.origin, _axis(chain.from_iterable(groups)))
    there = _joined(terrain.there(each, bound, gap) for each in groups)
    back = _joined(terrain.back(each, bound, gap, finish) for each in groups)
    limit = _limit(there, back, most)
    layers: list[Layer] = [dict.fromkeys(_spare(there[0], back[0], limit), ())]
    for at in range(1, len(plan)):
        spare = _spare(there[at], back[at], limit)
        layers.append(terrain.layer(there[at - 1], spare, bound[at], gap))
    return layers


def _groups(
    problem: Problem, plan: Sequence[Step], live: Sequence[int]
) -> Sequence[Sequence[int]]:
    """The days of all sessions, each weekday by itself if those are plans enough.

    Every plan that changes weekday is worse than every one that does not.
    """
    groups, plans = [], 0
    for first in range(7):
        same = sum(1 << day for day in range(first, max(live).bit_length(), 7))
        if days := _kept(problem, plan, [each & same for each in live]):
            groups.append(days)
            plans += max(each.bit_count() for each in days)
    return groups if plans >= problem.proposals else [live]


def _kept(problem: Problem, plan: Sequence[Step], live: Sequence[int]) -> Sequence[int]:
    """Those of the days `live` that a whole plan among them can use; none if none."""
    gap, size = problem.series.gap_days, max(live).bit_length()
    reached = [live[0]]
    for step, days in zip(plan[1:], live[1:], strict=True):
        near = later(reached[-1], *gap, size) if step.follows else ~0
        reached.append(days & near if reached[-1] else 0)
    return backward(problem, plan, reached, reached[-1]) if reached[-1] else []


def _starts(openings: Openings, days: int) -> Starts:
    return {day: openings.minutes(day) for day in bits(days)}


def _joined(parts: Iterable[Sequence[Costs]]) -> list[Costs]:
    """The costs of all groups together, layer by layer, days ascending."""
    return [
        dict(sorted(chain.from_iterable(costs.items() for costs in layer)))
        for layer in zip(*parts, strict=True)
    ]


def _axis(starts: Iterable[Starts]) -> list[int]:
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

    def there(
        self, layers: Sequence[Starts], bound: Sequence[bool], gap: Span
    ) -> list[Costs]:
        """The least leading cost to each node from anywhere in the first layer."""
        return self._sweep(layers, bound[1:], gap, 0)

    def back(
        self, layers: Sequence[Starts], bound: Sequence[bool], gap: Span, finish: int
    ) -> list[Costs]:
        """The least leading cost from each node to an end; day n costs n × `finish`."""
        least, most = gap
        found = self._sweep(layers[::-1], bound[:0:-1], (-most, -least), finish)
        return found[::-1]

    def _sweep(
        self, layers: Sequence[Starts], bound: Sequence[bool], gap: Span, finish: int
    ) -> list[Costs]:
        """Either way: the layers may run backwards, with `gap` negative.

        `bound` says between which neighbours the gap counts.
        """
        first = {day: dict.fromkeys(at, finish * day) for day, at in layers[0].items()}
        found: list[Costs] = [first]
        for layer, follows in zip(layers[1:], bound, strict=True):
            days = sorted(found[-1])
            here: Costs = {}
            for day, arrivals in layer.items():
                sources = self._sources(found[-1], near(days, day, follows, gap), day)
                here[day] = self._drifted(sources, arrivals)
            found.append(here)
        return found

    def _sources(
        self, costs: Costs, days: Sequence[int], day: int
    ) -> Mapping[int, int]:
        """The least cost at each arrival of `days`, the weekday's change included."""
        sources: dict[int, int] = {}
        for before in days:
            turn = self.turn(before, day)
            for arrival, cost in costs[before].items():
                if cost + turn < sources.get(arrival, FAR):
                    sources[arrival] = cost + turn
        return sources

    def _drifted(
        self, sources: Mapping[int, int], arrivals: Sequence[int]
    ) -> dict[int, int]:
        """The least of `sources` plus the drift from there, at each of `arrivals`."""
        drift = self.weights.drift
        if len(sources) * len(arrivals) > 3 * len(self.axis):
            slope = self._slope(sources)
            return {arrival: slope[arrival] for arrival in arrivals}
        return {
            arrival: min(
                [cost + drift * abs(arrival - at) for at, cost in sources.items()]
            )
            for arrival in arrivals
        }

    def _slope(self, costs: Mapping[int, int]) -> dict[int, int]:
        """The least of `costs` plus the drift from there, at each arrival there is."""
        slope = {arrival: costs.get(arrival, FAR) for arrival in self.axis}
        for arrivals in (self.axis, self.axis[::-1]):
            for before, here in pairwise(arrivals):
                drifted = slope[before] + self.weights.drift * abs(here - before)
                if drifted < slope[here]:
                    slope[here] = drifted
        return slope
