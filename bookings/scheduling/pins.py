"""Sessions that somebody chose: staffed where they are, and kept for the solver."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bookings.scheduling import staffing
from bookings.scheduling.answer import Session
from bookings.scheduling.clock import instant_at
from bookings.scheduling.problem import (
    DAY_MINUTES,
    OPERATOR,
    Fixed,
    Problem,
    Resource,
    Span,
    moment,
)
from bookings.scheduling.reach import keeps_operator
from bookings.scheduling.steps import Step, steps
from bookings.scheduling.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Pinned:
    """The pinned sessions by number, and the problem with all of them fixed."""

    problem: Problem
    sessions: tuple[Session, ...]


def pin_each(
    problem: Problem,
    starts: Mapping[int, datetime],
    operators: Mapping[int, str] | None = None,
    *,
    workspace: Workspace | None = None,
) -> Pinned | None:
    """Pin the sessions `starts`, by number, and keep the gaps between neighbours.

    None where one of them cannot take place there. `operators` are preferred. A
    `workspace` of the problem serves the one with pins as well.
    """
    sessions = []
    for number in sorted(starts):
        operator = (operators or {}).get(number)
        session = pinned(
            problem, number, starts[number], operator=operator, workspace=workspace
        )
        if session is None:
            return None
        sessions.append(session)
        problem = with_pins(problem, [session])
    return Pinned(problem, tuple(sessions))


def with_pins(problem: Problem, pins: Iterable[Session]) -> Problem:
    """`problem` with the sessions `pins` fixed, on their dates, by their operators."""
    fixed = dict(problem.series.fixed)
    for session in pins:
        operator = session.roles.get(OPERATOR)
        fixed[session.number] = Fixed(session.start.date(), operator)
    ordered = {number: fixed[number] for number in sorted(fixed)}
    return replace(problem, series=replace(problem.series, fixed=ordered))


def pinned(
    problem: Problem,
    number: int,
    start: datetime,
    *,
    operator: str | None = None,
    workspace: Workspace | None = None,
) -> Session | None:
    """Staff session `number` at exactly `start`, an aware moment; None if it cannot.

    All that the problem asks holds: days, times, `not_before`, the gaps to fixed
    neighbours, the strategy's hard rule. `operator` leads if they can; otherwise
    whoever switches least and leaves the least scraps of free time.
    """
    step = next((each for each in steps(problem) if each.number == number), None)
    local = start.astimezone(problem.zone)
    visit = local.date().toordinal(), local.hour * 60 + local.minute
    arrival = moment(instant_at(problem.zone, *visit), problem.zone)
    if step is None or arrival.astimezone(UTC) != start.astimezone(UTC):
        return None
    if not step.first <= visit[0] <= step.last:
        return None
    workspace = workspace or Workspace(_around(problem, local))
    return _staffed(problem, workspace, step, visit, operator)


def _staffed(
    problem: Problem,
    workspace: Workspace,
    step: Step,
    visit: tuple[int, int],
    wanted: str | None,
) -> Session | None:
    """The session at ordinal and minute `visit`."""
    able = _able(problem, workspace, step, visit)
    if not able:
        return None
    arrival, crew = instant_at(problem.zone, *visit), workspace.crew
    cell = workspace.timeline.cell(arrival)
    leader = wanted if wanted in able else staffing.fittest(step, crew, able, cell)
    return Session(
        number=step.number,
        start=moment(arrival, problem.zone),
        end=moment(arrival + problem.length, problem.zone),
        roles=staffing.roles(problem, crew, leader, cell),
    )


def _able(
    problem: Problem, workspace: Workspace, step: Step, visit: tuple[int, int]
) -> list[str | None]:
    """Who can lead the session; None stands for nobody, where no role asks."""
    openings, (ordinal, minute) = workspace.openings(problem), visit
    index = ordinal - openings.origin
    if not 0 <= index < openings.size:
        return []
    return [
        leader
        for leader in openings.leaders
        if openings.allows(index, minute, leader) and _may_lead(problem, step, leader)
    ]


def _may_lead(problem: Problem, step: Step, leader: str | None) -> bool:
    """Whether the strategy's hard rule allows `leader` beside the known operators."""
    return not keeps_operator(problem) or all(each == leader for each in step.operators)


def _around(problem: Problem, local: datetime) -> Problem:
    """The problem cut down to one date, and to what is on around it."""
    day = local.date()
    at = instant_at(problem.zone, day.toordinal())
    near = at - DAY_MINUTES, at + 2 * DAY_MINUTES
    resources = tuple(_cut(resource, near) for resource in problem.resources)
    series = replace(problem.series, earliest=day, latest=day)
    return replace(problem, resources=resources, series=series)


def _cut(resource: Resource, near: Span) -> Resource:
    first, last = near
    return replace(
        resource,
        open=tuple(
            span for span in resource.open if span[1] > first and span[0] < last
        ),
        busy=tuple(
            span for span in resource.busy if span[1] > first and span[0] < last
        ),
    )
