"""From rows to ribbons: a plan's series, proposed or booked."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Protocol

from bookings.models import AppointmentKind, TreatmentPlan
from bookings.ribbon import (
    NotBefore,
    Ribbon,
    RibbonSession,
    RibbonSpan,
    State,
    Treatment,
)
from clinic.models import Closure


class Proposed(Protocol):
    """A session that is not booked yet, in the location's time."""

    number: int
    local_start: datetime


def proposed(
    plan: TreatmentPlan,
    sessions: Iterable[Any],
    avoid: Iterable[tuple[date, date, str]],
    *,
    kept: Iterable[RibbonSession] = (),
    closed: Iterable[RibbonSpan] = (),
    not_before: NotBefore | None = None,
    today: date,
) -> Ribbon:
    """The ribbon of `sessions` as proposed, after those that are `kept`."""
    drawn = [
        RibbonSession(
            number=session.number,
            day=session.local_start.date(),
            state=State.PROPOSED,
            time=f"{session.local_start:%H:%M}",
            lines=(),
        )
        for session in sessions
    ]
    return Ribbon(
        sessions=(*kept, *drawn),
        treatment=Treatment.of(plan.protocol.treatment.shape),
        gap_days=(plan.protocol.gap_min_days, plan.protocol.gap_max_days),
        away=tuple(RibbonSpan(first, last, label) for first, last, label in avoid),
        closed=tuple(closed),
        not_before=not_before,
        today=today,
    )


def of_plan(plan: TreatmentPlan, *, now: datetime) -> Ribbon:
    """The ribbon of what stands in the diary for `plan`; it has at least a session."""
    kept = sessions_of(plan)
    days = [session.day for session in kept]
    away = [
        (row.first_day, row.last_day, row.label)
        for row in plan.patient.away_dates.filter(
            last_day__gte=min(days), first_day__lte=max(days)
        )
    ]
    return proposed(
        plan,
        (),
        away,
        kept=kept,
        closed=closures(plan, min(days), max(days)),
        today=now.astimezone(plan.location.zone).date(),
    )


def sessions_of(plan: TreatmentPlan) -> list[RibbonSession]:
    """The plan's sessions that stand or were kept, on their local days."""
    rows = (
        plan.appointments.live()
        .filter(kind=AppointmentKind.SESSION)
        .select_related("location")
        .order_by("number")
    )
    return [
        RibbonSession(
            number=row.number or 0,
            day=row.anchor_date,
            state=State(row.status),
            time=f"{row.local_start:%H:%M}",
        )
        for row in rows
    ]


def closures(plan: TreatmentPlan, first: date, last: date) -> list[RibbonSpan]:
    """Days from `first` to `last` on which the plan's location is closed."""
    rows = Closure.objects.at(plan.location).touching(first, last)
    return [RibbonSpan(row.first_day, row.last_day, row.name) for row in rows]
