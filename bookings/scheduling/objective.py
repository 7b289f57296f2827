"""What "best" means: the tuple of a plan, and the weights that make it one number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bookings.scheduling.clock import weekday
from bookings.scheduling.problem import DAY_MINUTES, Problem, Strategy

COMPONENTS = {
    Strategy.EARLIEST_FINISH: ("finish", "switches", "rhythm", "dates", "arrivals"),
    Strategy.STEADY: ("weekdays", "drift", "finish", "switches", "dates", "arrivals"),
    Strategy.ONE_PRACTITIONER: ("finish", "rhythm", "dates", "arrivals"),
}
"""The integers of each strategy's tuple, in order; smaller is better."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One session's place in a plan: its number, date ordinal, arrival and operator."""

    number: int
    date: int
    arrival: int
    operator: str | None


def objective(problem: Problem, visits: Sequence[Visit]) -> tuple[int, ...]:
    """The tuple of the plan whose planned sessions are `visits`, by number."""
    fixed = problem.series.fixed
    dates = {number: each.date.toordinal() for number, each in fixed.items()}
    dates |= {visit.number: visit.date for visit in visits}
    drifts = [abs(one.arrival - next_.arrival) for one, next_ in pairwise(visits)]
    values = {
        "finish": dates[problem.series.count],
        "switches": switches(problem, {each.number: each.operator for each in visits}),
        "rhythm": _rhythm(problem, dates),
        "dates": sum(visit.date for visit in visits),
        "arrivals": sum(visit.arrival for visit in visits),
        "weekdays": sum(
            weekday(one.date) != weekday(next_.date) for one, next_ in pairwise(visits)
        ),
        "drift": sum(drifts),
    }
    return tuple(values[name] for name in COMPONENTS[problem.strategy])


def switches(problem: Problem, operators: Mapping[int, str | None]) -> int:
    """How often the operator changes; a change between fixed sessions never counts.

    `operators` are those of the planned sessions, by number.
    """
    if not problem.tracks_operators:
        return 0
    fixed = problem.series.fixed
    known = {number: each.operator for number, each in fixed.items()} | dict(operators)
    numbers = [number for number in sorted(known) if known[number] is not None]
    return sum(
        known[one] != known[other] and not (one in fixed and other in fixed)
        for one, other in pairwise(numbers)
    )


def _rhythm(problem: Problem, dates: Mapping[int, int]) -> int:
    fixed = problem.series.fixed
    return sum(
        abs(dates[number] - dates[number - 1] - problem.series.ideal_gap_days)
        for number in range(2, problem.series.count + 1)
        if not (number in fixed and number - 1 in fixed)
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of each component costs, so that a plan's cost is one integer.

    Each weight outweighs all that the components after it can add up to: comparing
    costs is comparing tuples. What a strategy does not count weighs nothing.
    """

    weekdays: int = 0
    drift: int = 0
    finish: int = 0
    switches: int = 0
    rhythm: int = 0
    dates: int = 0
    arrivals: int = 0


def weights(problem: Problem, planned: int, days: int) -> Weights:
    """Weights for plans of `planned` sessions on days numbered from 0 to `days` - 1."""
    series = problem.series
    off = max(abs(gap - series.ideal_gap_days) for gap in series.gap_days)
    most = {
        "weekdays": planned,
        "drift": planned * DAY_MINUTES,
        "finish": days,
        "switches": 2 * planned,
        "rhythm": 2 * planned * off,
        "dates": planned * days,
        "arrivals": planned * DAY_MINUTES,
    }
    found, weight = {}, 1
    for name in reversed(COMPONENTS[problem.strategy]):
        found[name] = weight
        weight *= most[name] + 1
    return Weights(**found)
