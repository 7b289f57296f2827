"""The n best lists of (day, arrival): a dynamic programme over layers of sessions.

Each node keeps, for each operator who could lead there, the n cheapest lists that end
there with that operator. A list counts once, at its least cost over all choices of
operators, so that n lists are n different proposals.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import chain

from bookings.scheduling.layers import ANY_ARRIVAL, Node
from bookings.scheduling.objective import Weights, weights
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import Problem
from bookings.scheduling.rounds import Graph, rounds
from bookings.scheduling.steps import Step

Visits = tuple[tuple[int, int], ...]
"""For each step its day number and its arrival in minutes of the day."""

Entry = tuple[int, int]
"""What a list costs, and the list itself as a number in the book."""

Ends = dict[str | None, list[Entry]]
"""The best lists that end at a node, by the operator they end with."""


def proposals(
    problem: Problem, plan: Sequence[Step], openings: Openings
) -> list[Visits]:
    """The best lists of visits, best first: as many as asked for, if there are."""
    if not plan:
        return [()]
    weighted = weights(problem, len(plan), openings.size)
    found: dict[Visits, int] = {}
    for graphs in rounds(problem, plan, openings, weighted):
        for graph in graphs:
            search = _Search(problem, plan, openings, weighted, graph)
            for cost, visits in search.run():
                found[visits] = min(cost, found.get(visits, cost))
        if len(found) >= problem.proposals:
            break
    ranked = sorted((cost, visits) for visits, cost in found.items())
    return [visits for _cost, visits in ranked[: problem.proposals]]


class _Book:
    """Lists of visits as numbers: each is one visit more than another; 0 is empty."""

    def __init__(self) -> None:
        self._entries = [(0, 0, 0)]
        self._numbers: dict[tuple[int, int, int], int] = {}

    def number(self, before: int, day: int, arrival: int) -> int:
        """The number of the list `before` with one visit more."""
        entry = before, day, arrival
        if entry not in self._numbers:
            self._numbers[entry] = len(self._entries)
            self._entries.append(entry)
        return self._numbers[entry]

    def read(self, number: int) -> Visits:
        """The list of that number."""
        visits = []
        while number:
            number, day, arrival = self._entries[number]
            visits.append((day, arrival))
        return tuple(reversed(visits))


class _Search:
    """One pass over the layers of one graph."""

    def __init__(
        self,
        problem: Problem,
        plan: Sequence[Step],
        openings: Openings,
        weights: Weights,
        graph: Graph,
    ) -> None:
        self._problem = problem
        self._plan = plan
        self._openings = openings
        self._weights = weights
        self._graph = graph
        self._book = _Book()

    def run(self) -> Iterator[tuple[int, Visits]]:
        """Yield the best lists with their costs, best first."""
        table: dict[Node, Ends] = {}
        for at, layer in enumerate(self._graph.layers):
            anyone = {node: self._best(_all(ends)) for node, ends in table.items()}
            table = {
                node: self._ends(at, node, joints, table, anyone)
                for node, joints in layer.items()
            }
        for cost, number in self._best(chain.from_iterable(map(_all, table.values()))):
            yield cost, self._book.read(number)

    def _ends(
        self,
        at: int,
        node: Node,
        joints: Sequence[tuple[Node, int]],
        table: dict[Node, Ends],
        anyone: dict[Node, list[Entry]],
    ) -> Ends:
        """The best lists that end at `node`, given those of the layer before."""
        step, switch = self._plan[at], self._weights.switches
        came = [(0, 0)] if at == 0 else self._best(_joined(joints, anyone))
        switched = [(cost + switch, number) for cost, number in came]
        ends: Ends = {}
        for operator, arrivals in self._leaders(at, node):
            lists = came
            if at and step.hands_over:
                kept = {
                    before: table[before].get(operator, ()) for before, _joint in joints
                }
                lists = self._best(chain(_joined(joints, kept), switched))
            own = self._cost(step, node[0], operator)
            ends[operator] = self._extend(lists, own, node[0], arrivals)
        return ends

    def _leaders(
        self, at: int, node: Node
    ) -> Iterator[tuple[str | None, Sequence[int]]]:
        """Yield who can lead there, with the arrivals worth trying with them.

        Where neighbours do not feel the arrival, only the n earliest are: a list
        with a later one is beaten by n lists with those.
        """
        day, arrival = node
        only = self._graph.lane[at]
        for operator in self._openings.leaders if only is None else (only,):
            if arrival == ANY_ARRIVAL:
                most = self._problem.proposals
                if arrivals := self._openings.minutes(day, operator, most):
                    yield operator, arrivals
            elif self._openings.allows(day, arrival, operator):
                yield operator, (arrival,)

    def _cost(self, step: Step, day: int, operator: str | None) -> int:
        """What a visit costs by itself, its arrival aside."""
        series, weights = self._problem.series, self._weights
        date = self._openings.origin + day
        cost = weights.dates * day
        if step.number == series.count:
            cost += weights.finish * day
        for beside in step.beside:
            cost += weights.rhythm * abs(abs(date - beside) - series.ideal_gap_days)
        return cost + weights.switches * sum(
            known != operator for known in step.operators
        )

    def _extend(
        self, lists: Sequence[Entry], own: int, day: int, arrivals: Sequence[int]
    ) -> list[Entry]:
        """The best of `lists`, each with a visit more that costs `own`."""
        longer = nsmallest(
            self._problem.proposals,
            (
                (cost + own + self._weights.arrivals * arrival, number, arrival)
                for cost, number in lists
                for arrival in arrivals
            ),
        )
        return [
            (cost, self._book.number(number, day, arrival))
            for cost, number, arrival in longer
        ]

    def _best(self, entries: Iterable[Entry]) -> list[Entry]:
        """The cheapest entries of as many different lists as are asked for."""
        best: dict[int, int] = {}
        for cost, number in sorted(entries):
            best.setdefault(number, cost)
            if len(best) == self._problem.proposals:
                break
        return [(cost, number) for number, cost in best.items()]


def _all(ends: Ends) -> Iterable[Entry]:
    return chain.from_iterable(ends.values())


def _joined(
    joints: Iterable[tuple[Node, int]], lists: Mapping[Node, Sequence[Entry]]
) -> Iterator[Entry]:
    """Yield the lists that end before each joint, at their cost beyond it."""
    for before, joint in joints:
        for cost, number in lists[before]:
            yield cost + joint, number
