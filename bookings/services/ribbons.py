"""From rows to ribbons: a plan's series, proposed or booked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentKind, RuleOverride, TreatmentPlan
from bookings.ribbon import (
    AllowedGap,
    NotBefore,
    Ribbon,
    RibbonNote,
    RibbonSession,
    RibbonSpan,
    State,
    Treatment,
)
from bookings.services import overrides
from clinic.models import Closure

SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Around:
    """What lies around a plan's sessions: dates that are closed or unwelcome."""

    today: date
    away: tuple[RibbonSpan, ...] = ()
    closed: tuple[RibbonSpan, ...] = ()
    not_before: date | None = None


def drawn(
    plan: TreatmentPlan, sessions: Iterable[RibbonSession], around: Around
) -> Ribbon:
    """The ribbon of `sessions` under the plan's treatment, gaps and overrides."""
    series = tuple(sessions)
    dates = {one.number: one.day for one in series if one.state.is_live}
    allowed = overrides.standing(plan, dates)
    return Ribbon(
        sessions=series,
        treatment=Treatment.of(plan.protocol.treatment.shape),
        gap_days=plan.gap_days,
        away=around.away,
        closed=_joined(around.closed),
        not_before=NotBefore(around.not_before) if around.not_before else None,
        today=around.today,
        notes=tuple(_second_visit(row) for row in allowed if not row.is_gap),
        allowed=tuple(AllowedGap(r.number, r.reason) for r in allowed if r.is_gap),
    )


def _joined(closed: Iterable[RibbonSpan]) -> tuple[RibbonSpan, ...]:
    """Closures with nothing but Sundays between them as one: Closed 25–28 Dec."""
    found: list[RibbonSpan] = []
    for span in sorted(closed, key=lambda one: (one.first, one.last)):
        if found and _touch(found[-1], span):
            last = max(found[-1].last, span.last)
            found[-1] = RibbonSpan(found[-1].first, last)
        else:
            found.append(span)
    return tuple(found)


def _touch(one: RibbonSpan, other: RibbonSpan) -> bool:
    """Whether no day but Sundays, on which nobody is treated, lies between the two."""
    between = (other.first - one.last).days
    days = (one.last + timedelta(days=n) for n in range(1, between))
    return all(day.weekday() == SUNDAY for day in days)


def _second_visit(row: RuleOverride) -> RibbonNote:
    said = _("Second visit that day, allowed: %(reason)s") % {"reason": row.reason}
    return RibbonNote(row.number, said, bad=False, allowed=True)


def of_plan(plan: TreatmentPlan, *, now: datetime) -> Ribbon:
    """The ribbon of what stands in the diary for `plan`; empty where nothing does."""
    kept = sessions_of(plan, now=now)
    today = now.astimezone(plan.location.zone).date()
    if not kept:
        return drawn(plan, (), Around(today))
    first, last = (bound(session.day for session in kept) for bound in (min, max))
    around = Around(
        today=today,
        away=away_dates(plan, first, last),
        closed=closures(plan, first, last),
    )
    return drawn(plan, kept, around)


def sessions_of(
    plan: TreatmentPlan, *, now: datetime | None = None
) -> list[RibbonSession]:
    """The plan's sessions that stand or were kept, on their local days.

    Those of a hold that has run out at `now` are left out.
    """
    live = plan.appointments.standing(now) if now else plan.appointments.live()
    rows = (
        live.filter(kind=AppointmentKind.SESSION)
        .select_related("location")
        .order_by("number")
    )
    return markers(rows)


def markers(rows: Iterable[Appointment]) -> list[RibbonSession]:
    """Sessions of a plan as a ribbon shows them, read with their location."""
    return [
        RibbonSession(
            number=row.number or 0,
            day=row.anchor_date,
            state=State(row.status),
            time=f"{row.local_start:%H:%M}",
        )
        for row in rows
    ]


def away_dates(plan: TreatmentPlan, first: date, last: date) -> tuple[RibbonSpan, ...]:
    """The patient's own dates that touch the days from `first` to `last`."""
    rows = plan.patient.away_dates.filter(last_day__gte=first, first_day__lte=last)
    return tuple(RibbonSpan(row.first_day, row.last_day, row.label) for row in rows)


def closures(plan: TreatmentPlan, first: date, last: date) -> tuple[RibbonSpan, ...]:
    """Days from `first` to `last` on which the plan's location is closed."""
    rows = Closure.objects.at(plan.location).touching(first, last)
    return tuple(RibbonSpan(row.first_day, row.last_day, row.name) for row in rows)
