"""Which rules of spacing a series would break: gaps, and one visit a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    OverriddenRule,
    TreatmentPlan,
)


class Placed(Protocol):
    """A session with a number and a start."""

    @property
    def number(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that session `number` would break on its local `day`.

    `days` is its distance to the session before; `visit` the other one of that day.
    `said` names the breach in a few words, `refusal` says no in full.
    """

    rule: OverriddenRule
    number: int
    day: date
    said: str
    refusal: str
    days: int | None = None
    visit: Appointment | None = None

    @property
    def may_be_allowed(self) -> bool:
        """Whether permission helps: sessions always come in their order."""
        return self.days is None or self.days >= 1


def broken(
    plan: TreatmentPlan, sessions: Iterable[Placed], *, now: datetime
) -> list[Breach]:
    """Every breach of `sessions` as they would stand among the patient's other visits.

    Days are local to the plan's location; a session of the plan with the same number
    counts as moved, one beyond the plan's number of sessions and a hold that has run
    out at `now` not at all. Overrides are not looked at.
    """
    planned = {one.number: _day(plan, one.starts_at) for one in sessions}
    visits = _visits(plan, planned, now)
    kept = {
        row.number or 0: row.anchor_date
        for row in visits
        if row.plan_id == plan.pk and row.kind == AppointmentKind.SESSION
    }
    return [*_gaps(plan, planned, kept), *_second_visits(plan, planned, visits)]


def _day(plan: TreatmentPlan, moment: datetime) -> date:
    return moment.astimezone(plan.location.zone).date()


def _visits(
    plan: TreatmentPlan, planned: Mapping[int, date], now: datetime
) -> list[Appointment]:
    """The patient's visits that stand, without the sessions that are being placed."""
    mine = Q(plan=plan, kind=AppointmentKind.SESSION)
    placed = Q(number__in=list(planned)) | Q(number__gt=plan.session_count)
    rows = (
        Appointment.objects.standing(now)
        .filter(patient=plan.patient_id)
        .exclude(mine & placed)
    )
    return list(rows.select_related("location"))


def _gaps(
    plan: TreatmentPlan, planned: Mapping[int, date], kept: Mapping[int, date]
) -> Iterable[Breach]:
    fewest, most = plan.gap_days
    dates = {**kept, **planned}
    for number in sorted(dates):
        if number - 1 not in dates or not {number, number - 1} & set(planned):
            continue
        before, day = dates[number - 1], dates[number]
        if not fewest <= (day - before).days <= most:
            yield _gap(plan, number, before, day)


def _gap(plan: TreatmentPlan, number: int, before: date, day: date) -> Breach:
    fewest, most = plan.gap_days
    days = (day - before).days
    told = {
        "number": number,
        "days": days,
        "before": number - 1,
        "opens": date_format(before + timedelta(days=fewest), "D j M Y"),
        "closes": date_format(before + timedelta(days=most), "D j M Y"),
    }
    said = ngettext(
        "Session %(number)s: %(days)s day after session %(before)s",
        "Session %(number)s: %(days)s days after session %(before)s",
        days,
    )
    refusal = _(
        "Session %(number)s would come %(days)s days after session %(before)s. "
        "It has to lie between %(opens)s and %(closes)s."
    )
    return Breach(OverriddenRule.GAP, number, day, said % told, refusal % told, days)


def _second_visits(
    plan: TreatmentPlan, planned: Mapping[int, date], visits: Iterable[Appointment]
) -> Iterable[Breach]:
    for visit in visits:
        for number, day in planned.items():
            if _day(plan, visit.starts_at) == day:
                yield _second_visit(plan, number, day, visit)


def _second_visit(
    plan: TreatmentPlan, number: int, day: date, visit: Appointment
) -> Breach:
    told = {
        "number": number,
        "day": date_format(day, "D j M Y"),
        "visit": _told(plan, visit),
    }
    said = _("Session %(number)s: a second visit on %(day)s, %(visit)s")
    refusal = _(
        "Session %(number)s would be the patient’s second visit on %(day)s: "
        "%(visit)s. Choose another day."
    )
    return Breach(
        OverriddenRule.SAME_DAY,
        number,
        day,
        said % told,
        refusal % told,
        visit=visit,
    )


def _told(plan: TreatmentPlan, visit: Appointment) -> str:
    """ "the consultation starts at 15:00", and where, if that is somewhere else."""
    told = {
        "visit": _named(visit),
        "time": date_format(visit.local_start, "H:i"),
        "place": visit.location.name,
    }
    if visit.location_id == plan.location_id:
        return _("%(visit)s starts at %(time)s") % told
    return _("%(visit)s starts at %(time)s at %(place)s") % told


def _named(visit: Appointment) -> str:
    """ "session 2 of Medical microneedling", or "the consultation"."""
    if visit.plan and visit.kind == AppointmentKind.SESSION:
        return _("session %(number)s of %(treatment)s") % {
            "number": visit.number,
            "treatment": visit.plan.protocol.treatment.name,
        }
    if visit.kind == AppointmentKind.RESULT_REVIEW:
        return _("the review of the results")
    return _("the consultation")
