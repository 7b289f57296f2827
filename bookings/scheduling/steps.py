"""What each planned session owes to the fixed sessions around it.

Fixed sessions are not planned, so the solver never meets them: all that they demand
is folded into their planned neighbours here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bookings.scheduling.problem import Problem, Series


@dataclass(frozen=True, slots=True)
class Step:
    """One session to plan. Days are ordinals, both ends included.

    `beside` are the dates of fixed sessions next to it. `operators` are the known
    operators it is compared with before and after, across fixed sessions only.
    `follows` says that the session before is planned too, so that the gap between
    them counts; `hands_over` that its operator is compared with the planned session
    before, no fixed session with a known operator lying between them.
    """

    number: int
    first: int
    last: int
    beside: tuple[int, ...]
    operators: tuple[str, ...]
    follows: bool
    hands_over: bool


def steps(problem: Problem) -> Iterator[Step]:
    """Yield the planned sessions by number, as long as the caller cares to ask."""
    series = problem.series
    for number in range(1, series.count + 1):
        if number not in series.fixed:
            yield _step(problem, number)


def _step(problem: Problem, number: int) -> Step:
    series = problem.series
    before, after = series.fixed.get(number - 1), series.fixed.get(number + 1)
    known_before = _known_operator(problem, number, -1)
    known_after = _known_operator(problem, number, +1)
    first, last = _bounds(series, number)
    return Step(
        number=number,
        first=first,
        last=last,
        beside=tuple(fixed.date.toordinal() for fixed in (before, after) if fixed),
        operators=tuple(name for name in (known_before, known_after) if name),
        follows=number > 1 and before is None,
        hands_over=known_before is None,
    )


def _bounds(series: Series, number: int) -> tuple[int, int]:
    """First and last day left by the range asked for and by fixed neighbours."""
    least, most = series.gap_days
    first, last = [series.earliest.toordinal()], [series.latest.toordinal()]
    if number in series.not_before:
        first.append(series.not_before[number].toordinal())
    if before := series.fixed.get(number - 1):
        first.append(before.date.toordinal() + least)
        last.append(before.date.toordinal() + most)
    if after := series.fixed.get(number + 1):
        first.append(after.date.toordinal() - most)
        last.append(after.date.toordinal() - least)
    return max(first), min(last)


def _known_operator(problem: Problem, number: int, towards: int) -> str | None:
    """The nearest known operator that way, with nothing planned between."""
    if not problem.tracks_operators:
        return None
    fixed = problem.series.fixed
    number += towards
    while number in fixed:
        if fixed[number].operator is not None:
            return fixed[number].operator
        number += towards
    return None
