"""A problem laid out on a timeline, ready to be asked for its best plans."""

from collections.abc import Sequence
from datetime import date

from bookings.scheduling import staffing
from bookings.scheduling.answer import Plan, Session
from bookings.scheduling.best import Visits, proposals
from bookings.scheduling.clock import instant_at
from bookings.scheduling.crew import Crew
from bookings.scheduling.freed import Freed
from bookings.scheduling.objective import Visit, objective
from bookings.scheduling.openings import Diary, Openings
from bookings.scheduling.problem import DAY_MINUTES, Problem, Series, moment
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.timeline import Timeline

_EPOCH = date(1970, 1, 1).toordinal()
_YEAR = 366


class Workspace:
    """The diary of a problem, for the dates on which anything could take place.

    Laying it out is the costly part. It serves any series of the same problem with
    the same first date and no later last one.
    """

    def __init__(self, problem: Problem) -> None:
        self.timeline = Timeline(problem, *_dates(problem))
        self.crew = Crew(problem, self.timeline)
        self.diary = Diary.of(
            self.timeline,
            self.crew,
            tuple(problem.roles),
            leads=problem.tracks_operators,
        )
        self.freed = Freed(problem, self.timeline, self.crew)
        self._openings: tuple[Series, Openings] | None = None

    def openings(self, problem: Problem) -> Openings:
        """The arrivals that the series of `problem` leaves."""
        if self._openings is None or self._openings[0] is not problem.series:
            self._openings = problem.series, Openings(problem, self.diary)
        return self._openings[1]

    def plans(self, problem: Problem, openings: Openings) -> list[Plan]:
        """The best plans, best first: as many as asked for, or all there are."""
        series = problem.series
        if series.count - len(series.fixed) > openings.size:
            return []
        plan = list(steps(problem))
        return [
            self._staffed(problem, plan, openings, visits)
            for visits in proposals(problem, plan, openings)
        ]

    def _staffed(
        self,
        problem: Problem,
        plan: Sequence[Step],
        openings: Openings,
        visits: Visits,
    ) -> Plan:
        first, zone = openings.origin, problem.zone
        arrivals = [instant_at(zone, first + day, minute) for day, minute in visits]
        cells = [self.timeline.cell(arrival) for arrival in arrivals]
        operators = staffing.operators(plan, openings, self.crew, visits, cells)
        planned = [
            Visit(step.number, first + day, minute, who)
            for step, (day, minute), who in zip(plan, visits, operators, strict=True)
        ]
        sessions = tuple(
            Session(
                number=visit.number,
                start=moment(arrival, zone),
                end=moment(arrival + problem.length, zone),
                roles=staffing.roles(problem, self.crew, visit.operator, cell),
            )
            for visit, arrival, cell in zip(planned, arrivals, cells, strict=True)
        )
        return Plan(objective(problem, planned), sessions)


def _dates(problem: Problem) -> tuple[int, int]:
    """The first and last date worth looking at, as ordinals.

    Where roles are to be filled, somebody must be open. Where none are, every day
    past the last one with a rule of its own is alike, and a series needs only so much
    room. The calendar's own first and last day have no neighbour, and are left out.
    """
    series = problem.series
    first = max(series.earliest.toordinal(), date.min.toordinal() + 1)
    last = min(series.latest.toordinal(), date.max.toordinal() - 1)
    if not problem.roles:
        ruled = max(first, *(day.toordinal() for day in _ruled_dates(series)))
        room = (series.count + 2) * series.gap_days[1] + _YEAR
        return first, min(last, ruled + room)
    spans = [span for resource in problem.resources for span in resource.open]
    opens = min((start for start, _end in spans), default=0) // DAY_MINUTES
    closes = max((end for _start, end in spans), default=0) // DAY_MINUTES
    return max(first, opens + _EPOCH - 1), min(last, closes + _EPOCH + 1)


def _ruled_dates(series: Series) -> list[date]:
    return [
        series.earliest,
        *series.not_before.values(),
        *(last for _first, last in series.blackouts),
        *(fixed.date for fixed in series.fixed.values()),
    ]
