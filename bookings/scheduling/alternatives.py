"""For each session of a plan its next-best other dates, and the end each leads to."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nsmallest

from bookings.scheduling.answer import Plan, Session
from bookings.scheduling.clock import instant_at
from bookings.scheduling.masks import bits
from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import Problem, moment
from bookings.scheduling.reach import backward, forward, lane_of
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Alternative:
    """Session `number` at `start`, and the earliest date the series can then end on.

    Both are in the clinic's zone. Under `one-practitioner` the plan's own
    practitioners keep their sessions; otherwise anyone may lead any.
    """

    number: int
    start: datetime
    finish: date


def alternatives(
    problem: Problem,
    plan: Plan,
    *,
    most: int = 2,
    workspace: Workspace | None = None,
) -> Mapping[int, tuple[Alternative, ...]]:
    """List up to `most` alternatives for each planned session of a plan of `problem`.

    Soonest finish first, then the date nearest to the planned one, each at the arrival
    nearest to the planned one. Where other dates run out, the planned date follows.
    """
    openings = (workspace or Workspace(problem)).openings(problem)
    planned, lane = list(steps(problem)), lane_of(problem, plan.sessions)
    reached = forward(problem, planned, openings, lane)
    if not reached:
        return {}
    live = backward(problem, planned, reached, reached[-1])
    finishes = _finishes(problem, planned, live, openings.origin)
    return {
        session.number: tuple(
            _Choice(problem, openings, session, operator, ends).best(most)
        )
        for session, operator, ends in zip(plan.sessions, lane, finishes, strict=True)
    }


def _finishes(
    problem: Problem, plan: Sequence[Step], live: Sequence[int], origin: int
) -> list[dict[int, int]]:
    """For each step the best last day of the series, by the day that the step has.

    A later day never leads to an earlier end: from any day it is best to go on as
    soon as the gap allows.
    """
    series = problem.series
    kept, least = series.fixed.get(series.count), series.gap_days[0]
    ends = {
        day: kept.date.toordinal() - origin if kept else day for day in bits(live[-1])
    }
    found = [ends]
    for step, days in zip(plan[:0:-1], live[-2::-1], strict=True):
        ahead = list(ends)
        ends = {
            day: ends[ahead[bisect_left(ahead, day + least) if step.follows else 0]]
            for day in bits(days)
        }
        found.append(ends)
    return found[::-1]


class _Choice:
    """The dates to choose from for one session."""

    def __init__(
        self,
        problem: Problem,
        openings: Openings,
        session: Session,
        operator: str | None,
        ends: Mapping[int, int],
    ) -> None:
        self._zone = problem.zone
        self._openings = openings
        self._session = session
        self._operator = operator
        self._ends = ends
        self._day = session.start.date().toordinal() - openings.origin
        self._minute = session.start.hour * 60 + session.start.minute

    def best(self, most: int) -> Iterator[Alternative]:
        """Yield the best few, best first."""
        others = (
            (end, abs(day - self._day), day)
            for day, end in self._ends.items()
            if day != self._day
        )
        # two dates at most are equally good and near: one more settles every tie
        dates = [day for _end, _away, day in nsmallest(most + 1, others)]
        visits = [(day, self._nearest(day)[0]) for day in dates]
        visits = sorted(visits, key=self._rank)[:most]
        here = [(self._day, minute) for minute in self._nearest(self._day)]
        for day, minute in (*visits, *here[1 : most - len(visits) + 1]):
            yield self._alternative(day, minute)

    def _rank(self, visit: tuple[int, int]) -> tuple[int, ...]:
        day, minute = visit
        away, drift = abs(day - self._day), abs(minute - self._minute)
        return self._ends[day], away, drift, day, minute

    def _nearest(self, day: int) -> list[int]:
        """The arrivals of a day, the nearest to the planned one first."""
        minutes = self._openings.minutes(day, self._operator)
        return sorted(minutes, key=lambda each: (abs(each - self._minute), each))

    def _alternative(self, day: int, minute: int) -> Alternative:
        origin = self._openings.origin
        arrival = instant_at(self._zone, origin + day, minute)
        return Alternative(
            number=self._session.number,
            start=moment(arrival, self._zone),
            finish=date.fromordinal(origin + self._ends[day]),
        )
