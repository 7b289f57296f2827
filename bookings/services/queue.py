"""The clinicians' queue: what waits, for how long, and what to know beforehand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import HoldKind, Reaction, SeriesHold, TreatmentPlan
from bookings.ribbon import (
    Ribbon,
    RibbonSession,
    State,
)
from bookings.services import ribbons, screening, verdicts
from bookings.services.verdicts import Flag
from treatments.suitability import Verdict

PROMISED = timedelta(days=1)
"""How long a plan waits at most [clinic default: the medical director confirms it]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting plan; `is_late` where it has waited longer than was promised."""

    plan: TreatmentPlan
    waited: str
    is_late: bool
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """The plans before and after one in the queue, where there are any."""

    previous: TreatmentPlan | None
    next: TreatmentPlan | None


@dataclass(frozen=True, slots=True)
class _Beside:
    """What else waits with plans: pencilled dates by plan, reactions by patient."""

    pencilled: dict[int, SeriesHold]
    reacting: frozenset[int]


def rows(*, now: datetime) -> list[Row]:
    """Plans that wait, the longest first; as many queries for one as for many."""
    waiting = list(
        TreatmentPlan.objects.waiting()
        .with_people()
        .prefetch_related("decisions", "protocol__rules", "concerns")
    )
    judged = screening.verdicts(waiting, now=now)
    beside = _beside(waiting)
    return [_row(plan, judged[plan.pk], beside, now) for plan in waiting]


def around(plan: TreatmentPlan, rows: Sequence[Row]) -> Turn:
    """The waiting plans before and after `plan`; for one that waits no more, the first."""
    keys = [row.plan.pk for row in rows]
    if plan.pk not in keys:
        return Turn(None, rows[0].plan if rows else None)
    at = keys.index(plan.pk)
    return Turn(
        rows[at - 1].plan if at else None,
        rows[at + 1].plan if at + 1 < len(rows) else None,
    )


def _row(plan: TreatmentPlan, verdict: Verdict, beside: _Beside, now: datetime) -> Row:
    span = now - (plan.submitted_at or now)
    flags = (*verdicts.flags(plan, verdict), *_flags_beside(plan, beside))
    return Row(plan, _waited(span), span > PROMISED, flags)


def _flags_beside(plan: TreatmentPlan, beside: _Beside) -> Iterator[Flag]:
    if hold := beside.pencilled.get(plan.pk):
        day = hold.until.astimezone(plan.location.zone)
        until = _("Dates kept to %(day)s") % {"day": date_format(day, "j M")}
        yield Flag("calendar4-range", until)
    if plan.patient_id in beside.reacting:
        yield Flag("bandaid", _("Open reaction"))


def _beside(waiting: Sequence[TreatmentPlan]) -> _Beside:
    """Two queries, however many plans wait."""
    holds = SeriesHold.objects.open().filter(plan__in=waiting, kind=HoldKind.PENCIL)
    patients = [plan.patient_id for plan in waiting]
    reacting = Reaction.objects.open().filter(appointment__patient__in=patients)
    return _Beside(
        {hold.plan_id: hold for hold in holds},
        frozenset(reacting.values_list("appointment__patient", flat=True)),
    )


def proposed(plan: TreatmentPlan, verdict: Verdict, *, today: date) -> Ribbon:
    """The plan's series from its first possible local day on, with ideal gaps.

    It asks no diary: dates are set at booking. Nobody is treated on a Sunday.
    """
    opens = verdicts.opens(verdict)
    first = opens or today + timedelta(days=1)
    if first.weekday() == ribbons.SUNDAY:
        first += timedelta(days=1)
    gap = timedelta(days=plan.ideal_gap_days)
    days = [first + number * gap for number in range(plan.session_count)]
    sessions = [
        RibbonSession(number, day, State.PROPOSED)
        for number, day in enumerate(days, start=1)
    ]
    around = ribbons.Around(
        today=today,
        away=ribbons.away_dates(plan, first, days[-1]),
        closed=ribbons.closures(plan, first, days[-1]),
        not_before=opens,
    )
    return ribbons.drawn(plan, sessions, around)


def _waited(span: timedelta) -> str:
    """How long, in the largest unit that fits: 25 min, 19 h, 2 days."""
    if span >= timedelta(days=1):
        return ngettext("%(count)s day", "%(count)s days", span.days) % {
            "count": span.days
        }
    minutes = int(span.total_seconds() // 60)
    if minutes >= 60:
        return ngettext("%(count)s h", "%(count)s h", minutes // 60) % {
            "count": minutes // 60
        }
    return ngettext("%(count)s min", "%(count)s min", minutes) % {"count": minutes}
