"""From rows to a planning problem: one query for the diary, one for the patient."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from bookings.models import Appointment, AppointmentKind, Claim, TreatmentPlan
from bookings.models.appointments import AppointmentQuerySet
from bookings.scheduling import (
    Fixed,
    Kind,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Span,
    instant,
)
from bookings.services import hours, shapes, stretches
from bookings.services.supervising import able
from clinic.models import Location

GRID_MINUTES = 15
PATIENT = "patient"  # the patient's own time, as a role that only one "room" fills


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the diary: local dates and times at the plan's location.

    `arrive_between` and the date ranges include both ends; `not_before` is medical.
    `second_visits` opens days on which the patient comes already: by override only;
    `shared_days` are days for which that was settled before.
    `moving` are the plan's standing sessions that may move: the diary is read as if
    they were not there. It is read at least to `until`.
    """

    earliest: date
    weekdays: frozenset[int]
    arrive_between: tuple[time, time]
    avoid: tuple[tuple[date, date], ...] = ()
    not_before: date | None = None
    second_visits: bool = False
    shared_days: frozenset[date] = frozenset()
    moving: frozenset[int] = frozenset()
    until: date = date.min


@dataclass(frozen=True, slots=True)
class Diary:
    """The problem, and the names behind its resource ids."""

    problem: Problem
    names: dict[str, str]


def open_spans(
    location: Location, first: date, last: date
) -> dict[int, tuple[Span, ...]]:
    """When each active resource of `location` is open, by primary key: one query."""
    rows = hours.resources_of(location, first, last)
    return {row.pk: hours.spans(row, location.zone, first, last) for row in rows}


def read(plan: TreatmentPlan, request: Request, *, now: datetime) -> Diary:
    """Build the problem of booking what `plan` still lacks: two queries.

    Holds that have run out at `now` count no more.

    `plan` comes with its location, and its protocol's phases and roles prefetched.
    """
    moving = _sessions(plan).filter(number__in=request.moving)
    resources, names = resources_of(
        plan.location,
        request.earliest,
        horizon(plan, request),
        now=now,
        without=moving if request.moving else None,
    )
    visits = visits_of([plan.patient_id], now=now)
    return compose(plan, request, resources, names, visits)


def compose(
    plan: TreatmentPlan,
    request: Request,
    resources: Sequence[Resource],
    names: dict[str, str],
    visits: Iterable[Any],
) -> Diary:
    """The problem of `plan` on `resources` that were read without what may move.

    `visits` are the patient's, from `visits_of`; no query.
    """
    last = horizon(plan, request)
    roles, phases = _needs(plan)
    fixed, own_time = _patient(plan, request, last, visits)
    if own_time:
        resources = [*resources, _own_time(plan, request.earliest, last, own_time)]
        roles[PATIENT] = Role(Kind.ROOM, frozenset({PATIENT}))
        phases = [Phase(p.name, p.minutes, (*p.uses, PATIENT)) for p in phases]
    zone, series = plan.location.zone, _series(plan, request, last, fixed)
    facts = (tuple(resources), roles, tuple(phases), series)
    return Diary(Problem(zone, GRID_MINUTES, *facts), names)


def horizon(plan: TreatmentPlan, request: Request) -> date:
    """The last local date worth looking at: every gap at its longest, and a quarter."""
    days = plan.gap_days[1] * (plan.session_count - 1) + 91
    return max(request.earliest + timedelta(days=days), request.until)


def _series(
    plan: TreatmentPlan, request: Request, last: date, fixed: dict[int, Fixed]
) -> Series:
    not_before = request.not_before
    first, until = request.arrive_between
    return Series(
        count=plan.session_count,
        gap_days=plan.gap_days,
        ideal_gap_days=plan.ideal_gap_days,
        earliest=request.earliest,
        latest=last,
        weekdays=request.weekdays,
        arrive_between=(_minute(first), _minute(until)),
        blackouts=request.avoid,
        not_before={
            number: not_before
            for number in range(1, plan.session_count + 1)
            if not_before and number not in fixed
        },
        fixed=fixed,
    )


def _needs(plan: TreatmentPlan) -> tuple[dict[str, Role], list[Phase]]:
    roles = {
        role.name: Role(Kind(role.kind), able.skills_asked(role), role.shared)
        for role in shapes.roles_of(plan)
    }
    phases = [
        Phase(phase.name, phase.minutes, phase.roles)
        for phase in shapes.phases_of(plan)
    ]
    return roles, phases


def resources_of(
    location: Location,
    first: date,
    last: date,
    *,
    now: datetime,
    without: AppointmentQuerySet | None = None,
) -> tuple[list[Resource], dict[str, str]]:
    """What can be booked at `location` from `first` to `last`, and names: one query.

    The claims of the appointments in `without` do not count.
    """
    within = hours.between(location.zone, first, last)
    rows = hours.resources_of(location, first, last).annotate(
        busy=stretches.busy(within, now=now, without=without)
    )
    names = {str(row.pk): row.name for row in rows}
    return [_resource(row, location.zone, first, last) for row in rows], names


def _resource(row: Any, zone: ZoneInfo, first: date, last: date) -> Resource:
    return Resource(
        id=str(row.pk),
        kind=Kind(row.kind),
        skills=able.skills_of(row),
        open=hours.spans(row, zone, first, last),
        busy=tuple(map(tuple, row.busy or ())),
    )


def _sessions(plan: TreatmentPlan) -> AppointmentQuerySet:
    return Appointment.objects.filter(plan=plan, kind=AppointmentKind.SESSION)


def visits_of(patients: Iterable[int], *, now: datetime) -> AppointmentQuerySet:
    """What stands or was kept of these patients, each with its `operator`: one query."""
    operator = Claim.objects.filter(appointment=OuterRef("pk"), role="operator")
    return (
        Appointment.objects.standing(now)
        .filter(patient__in=patients)
        .select_related("location")
        .annotate(operator=Subquery(operator.values("resource")[:1]))
        .order_by("during", "pk")
    )


def _patient(
    plan: TreatmentPlan, request: Request, last: date, visits: Iterable[Any]
) -> tuple[dict[int, Fixed], list[Span]]:
    """The plan's sessions that stand or were kept, and when the patient is taken."""
    fixed: dict[int, Fixed] = {}
    own_time: list[Span] = []
    window = hours.between(plan.location.zone, request.earliest, last)
    for row in visits:
        if row.plan_id == plan.pk and row.kind == AppointmentKind.SESSION:
            if row.number in request.moving:
                continue
            fixed[row.number or 0] = _fixed(row)
        if row.ends_at > window.lower and row.starts_at < window.upper:
            own_time += _taken(row, plan.location, request)
    return fixed, own_time


def _taken(row: Appointment, location: Location, request: Request) -> list[Span]:
    """The visit's own time and, as patients come once a day, its whole local day."""
    visit = (instant(row.starts_at), instant(row.ends_at))
    day = row.starts_at.astimezone(location.zone).date()
    if request.second_visits or day in request.shared_days:
        return [visit]
    whole = hours.between(location.zone, day, day)
    return [visit, (instant(whole.lower), instant(whole.upper))]


def _fixed(row: Any) -> Fixed:
    return Fixed(row.anchor_date, str(row.operator) if row.operator else None)


def _own_time(
    plan: TreatmentPlan, first: date, last: date, busy: Iterable[Span]
) -> Resource:
    window = hours.between(plan.location.zone, first, last)
    return Resource(
        id=PATIENT,
        kind=Kind.ROOM,
        skills=frozenset({PATIENT}),
        open=((instant(window.lower), instant(window.upper)),),
        busy=tuple(busy),
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
