"""Whom an outage touches: sessions that use what is missing, the most urgent first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    Outage,
    TreatmentPlan,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.scheduling import instant
from bookings.services import hours
from bookings.services.supervising import presence
from bookings.services.supervising.presence import There
from clinic.models import Practitioner, Resource
from treatments.services import sealed

UNDER_WAY = [AppointmentStatus.IN_SESSION, AppointmentStatus.DONE]


@dataclass(frozen=True, slots=True)
class Affected:
    """An appointment that cannot take place as it stands.

    `slack` is by how many days it can move later before its window, counted from the
    session before, closes; None for a first session and for one outside a series.
    `is_supervised` says that what is missing was to be on the premises, no more.
    """

    appointment: Appointment
    slack: int | None
    is_supervised: bool = False

    @property
    def what(self) -> str:
        """Which session it is, or what else."""
        return what(self.appointment)

    @property
    def is_session(self) -> bool:
        """Whether it is a session of a series, which can be re-planned as a whole."""
        return self.appointment.kind == AppointmentKind.SESSION

    @property
    def urgency(self) -> tuple[bool, int, datetime, int]:
        """Sorts the least slack first; what has no window comes last, by time."""
        at = self.appointment.starts_at
        return self.slack is None, self.slack or 0, at, self.appointment.pk


def what(row: Appointment) -> str:
    """Which session of how many, or what else the appointment is for."""
    if row.plan is None or row.number is None:
        return str(row.get_kind_display())
    facts = {"number": row.number, "count": row.plan.session_count}
    return _("Session %(number)s of %(count)s") % facts


def affected(
    outage: Outage, *, now: datetime, plan: TreatmentPlan | None = None
) -> list[Affected]:
    """Appointments, held ones too, that `outage` makes impossible: least slack first.

    What is under way or over at `now` is left alone. With `plan`, only its own. A fixed
    number of queries.
    """
    to_come = _to_come(outage, now)
    if plan:
        to_come = to_come.filter(plan=plan)
    claiming = list(_claiming(outage, to_come, now))
    known = {row.pk for row in claiming}
    supervised = [row for row in _unsupervised(outage, to_come) if row.pk not in known]
    slacks = _slacks([*claiming, *supervised])
    found = [Affected(row, slacks.get(row.pk)) for row in claiming]
    found += [Affected(row, slacks.get(row.pk), True) for row in supervised]
    return sorted(found, key=lambda one: one.urgency)


def _to_come(outage: Outage, now: datetime) -> AppointmentQuerySet:
    return (
        Appointment.objects.standing(now)
        .between(max(outage.starts_at, now), max(outage.ends_at, now))
        .exclude(status__in=UNDER_WAY)
        .with_people()
        .order_by("during", "pk")
    )


def _claiming(
    outage: Outage, to_come: AppointmentQuerySet, now: datetime
) -> AppointmentQuerySet:
    """Those that claim the resource while it is missing."""
    taken = Claim.objects.standing(now).filter(
        resource=outage.resource_id, during__overlap=outage.during
    )
    return to_come.filter(pk__in=taken.values("appointment"))


def _unsupervised(
    outage: Outage, to_come: AppointmentQuerySet
) -> Iterator[Appointment]:
    """Yield sessions that lack somebody on the premises while the outage stands.

    Supervising claims nothing: what counts is whether anybody else is there for it.
    """
    if not _supervises(outage.resource):
        return
    sessions = to_come.filter(
        presence.MAY_NEED_IT,
        location=outage.resource.location_id,
        kind=AppointmentKind.SESSION,
    )
    rows = list(sessions)
    there = list(_present(outage, rows))
    for row in rows:
        if row.plan and not _is_supervised(row, row.plan, outage, there):
            yield row


def _supervises(resource: Resource) -> bool:
    people = Practitioner.objects.filter(pk=resource.pk, may_supervise=True)
    return people.exists()


def _present(outage: Outage, rows: list[Appointment]) -> Iterator[There]:
    """Yield who is there on the days of `rows`, and when."""
    if rows:
        days: list[date] = [row.local_date for row in rows]
        place, first, last = outage.resource.location, min(days), max(days)
        for resource in hours.resources_of(place, first, last):
            yield resource, hours.spans(resource, place.zone, first, last)


def _is_supervised(
    row: Appointment, plan: TreatmentPlan, outage: Outage, there: Iterable[There]
) -> bool:
    """Whether someone is there to supervise, or the outage leaves that time alone."""
    sealed.open_up(plan.protocol)
    start, end = instant(outage.starts_at), instant(outage.ends_at)
    spans = presence.stretches(plan, row.starts_at)
    needed = [one for one in spans if one[0] < end and start < one[1]]
    return presence.missing(needed, presence.supervisors(plan, there)) is None


def _slacks(rows: Iterable[Appointment]) -> dict[int, int]:
    """Days left for each session that has one before it in the diary: one query."""
    sessions = {row.pk: row for row in rows if row.plan and row.number}
    plans = {row.plan_id for row in sessions.values()}
    standing = (
        Appointment.objects.live()
        .filter(plan__in=plans, kind=AppointmentKind.SESSION)
        .select_related("location")
    )
    days = {(row.plan_id, row.number): row.anchor_date for row in standing}
    return {
        pk: row.plan.gap_days[1] - (row.anchor_date - before).days
        for pk, row in sessions.items()
        if row.plan
        and (before := days.get((row.plan_id, (row.number or 0) - 1))) is not None
    }
