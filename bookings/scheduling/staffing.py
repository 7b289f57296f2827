"""Who fills which role of sessions whose days and arrivals are settled.

The fewest operator switches are part of what is best; beyond that any choice is as
good, and the one that leaves people, rooms and devices the least scraps of free time
is taken, ties by the problem's own order.
"""

from collections.abc import Mapping, Sequence

from bookings.scheduling.crew import Crew
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import OPERATOR, Problem
from bookings.scheduling.steps import Step

Price = tuple[int, int, int]
"""(operator switches, pieces of free time left, cells in them)."""

Choice = tuple[Price, tuple[str | None, ...]]
"""What a choice of operators costs, and the operator of each session so far."""


def operators(
    plan: Sequence[Step],
    openings: Openings,
    crew: Crew,
    visits: Sequence[tuple[int, int]],
    cells: Sequence[int],
) -> tuple[str | None, ...]:
    """Choose each session's operator with the fewest switches, then fewest scraps."""
    best: dict[str | None, Choice] = {}
    for step, (day, arrival), cell in zip(plan, visits, cells, strict=True):
        anyone = min(best.values(), default=((0, 0, 0), ()), key=_price)
        here: dict[str | None, Choice] = {}
        for operator in openings.leaders:
            if not openings.allows(day, arrival, operator):
                continue
            price, before = anyone
            if best and step.hands_over:
                price = price[0] + 1, *price[1:]
                kept = best.get(operator, (price, before))
                price, before = min((kept, (price, before)), key=_price)
            own = _own_price(step, crew, operator, cell)
            here[operator] = _sum(price, own), (*before, operator)
        best = here
    return min(best.values(), default=((0, 0, 0), ()), key=_price)[1]


def fittest(
    step: Step, crew: Crew, able: Sequence[str | None], cell: int
) -> str | None:
    """Of operators `able` to lead one session, the best for it alone."""
    return min(able, key=lambda each: _own_price(step, crew, each, cell))


def roles(
    problem: Problem, crew: Crew, operator: str | None, cell: int
) -> dict[str, str]:
    """Fill every role of the session at `cell`, led by `operator`."""
    names = sorted(
        (name for name in problem.roles if name != OPERATOR),
        key=lambda name: len(crew.candidates(name, cell)),
    )
    filled = {} if operator is None else {OPERATOR: operator}
    found = _fill(problem, crew, names, filled, cell) or {}
    return {name: found[name] for name in problem.roles}


def _fill(
    problem: Problem,
    crew: Crew,
    names: Sequence[str],
    filled: Mapping[str, str],
    cell: int,
) -> dict[str, str] | None:
    """Fill `names` besides those `filled`, the best fit first; None if it fails."""
    if not names:
        return dict(filled)
    name, *others = names
    taken = {filled[other] for other in filled if not problem.roles[other].shared}
    candidates = crew.candidates(name, cell)
    for resource in sorted(candidates, key=lambda each: crew.scraps(name, each, cell)):
        if problem.roles[name].shared or resource not in taken:
            more = {**filled, name: resource}
            if found := _fill(problem, crew, others, more, cell):
                return found
    return None


def _own_price(step: Step, crew: Crew, operator: str | None, cell: int) -> Price:
    if operator is None:
        return 0, 0, 0
    switches = sum(known != operator for known in step.operators)
    return switches, *crew.scraps(OPERATOR, operator, cell)


def _sum(one: Price, other: Price) -> Price:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _price(choice: Choice) -> Price:
    return choice[0]
