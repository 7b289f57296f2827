"""The clinicians' queue: what waits, for how long, and what to know beforehand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import ngettext

from bookings.models import TreatmentPlan
from bookings.ribbon import (
    Ribbon,
    RibbonSession,
    State,
)
from bookings.services import ribbons, screening, verdicts
from bookings.services.verdicts import Flag
from treatments.suitability import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting plan."""

    plan: TreatmentPlan
    waited: str
    flags: tuple[Flag, ...]


def rows(*, now: datetime) -> list[Row]:
    """Plans that wait, the longest first; as many queries for one as for many."""
    waiting = list(
        TreatmentPlan.objects.waiting()
        .with_people()
        .prefetch_related("decisions", "protocol__rules", "concerns")
    )
    judged = screening.verdicts(waiting, now=now)
    return [
        Row(
            plan=plan,
            waited=_waited(now - (plan.submitted_at or now)),
            flags=tuple(verdicts.flags(plan, judged[plan.pk])),
        )
        for plan in waiting
    ]


def proposed(plan: TreatmentPlan, verdict: Verdict, *, today: date) -> Ribbon:
    """The plan's series from its first possible local day on, with ideal gaps.

    It asks no diary: dates are set at booking.
    """
    opens = verdicts.opens(verdict)
    first = opens or today + timedelta(days=1)
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
