"""A problem laid out on a timeline, ready to be asked for its best plans."""

from collections.abc import Sequence
from datetime import date

from bookings.scheduling import staffing
from bookings.scheduling.answer import Plan, Session
from bookings.scheduling.best import Visits, proposals
from bookings.scheduling.clock import instant_at
from bookings.scheduling.crew import Crew
from bookings.scheduling.objective import Visit, objective
from bookings.scheduling.openings import Diary, Openings
from bookings.scheduling.problem import DAY_MINUTES, Problem, moment
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.timeline import Timeline

_EPOCH = date(1970, 1, 1).toordinal()
_FORTNIGHT = 14
_YEAR = 366


class Workspace:
    """The diary of a problem, for the dates from `earliest` to its `latest`.

    Laying it out is the costly part. It serves any series of the same problem with
    the same first date and no later last one.
    """

    def __init__(self, problem: Problem) -> None:
        first = problem.series.earliest.toordinal()
        self.timeline = Timeline(problem, first, _last_day(problem))
        self.crew = Crew(problem, self.timeline)
        self.diary = Diary(
            self.timeline,
            self.crew,
            tuple(problem.roles),
            leads=problem.tracks_operators,
        )

    def openings(self, problem: Problem) -> Openings:
        """The arrivals that the series of `problem` leaves."""
        return Openings(problem, self.diary)

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
            Visit(step.number, first + day, minute, operator)
            for step, (day, minute), operator in zip(
                plan, visits, operators, strict=True
            )
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


def _last_day(problem: Problem) -> int:
    """The last date worth looking at: `latest`, or earlier where nothing changes more.

    Past the last opening hour, blackout and fixed date a problem with roles has no
    session; one without has every day alike, and room for a whole series is enough.
    """
    series = problem.series
    known = [series.earliest, *series.not_before.values()]
    known += [last for _first, last in series.blackouts]
    known += [fixed.date for fixed in series.fixed.values()]
    ends = [end for resource in problem.resources for _start, end in resource.open]
    quiet = max(*(day.toordinal() for day in known), *_dates(ends), 1)
    room = _FORTNIGHT
    if not problem.roles:
        room = (series.count + 2) * series.gap_days[1] + _YEAR
    return min(series.latest.toordinal(), quiet + room)


def _dates(ends: Sequence[int]) -> list[int]:
    return [max(ends) // DAY_MINUTES + _EPOCH + 1] if ends else []
