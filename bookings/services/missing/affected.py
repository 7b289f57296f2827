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
from bookings.scheduling import Span, instant
from bookings.scheduling.spans import gaps
from bookings.services import claims, hours
from clinic.models import Resource
from treatments.models import ProtocolRole

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

    A shared role claims nothing: what counts is whether anybody else is there.
    """
    resource = outage.resource
    by_protocol = _looked_over_by(resource)
    if not by_protocol:
        return
    sessions = to_come.filter(
        location=resource.location_id,
        kind=AppointmentKind.SESSION,
        plan__protocol__in=by_protocol,
    )
    rows = list(sessions.prefetch_related("plan__protocol__phases"))
    present = list(_present(outage, rows))
    for row in rows:
        plan = row.plan
        if plan and not _is_supervised(
            row, plan, by_protocol[plan.protocol_id], outage, present
        ):
            yield row


def _looked_over_by(resource: Resource) -> dict[int, ProtocolRole]:
    """The shared role that `resource` can fill, for each protocol that has one."""
    roles = ProtocolRole.objects.filter(
        shared=True, kind=resource.kind, skills__contained_by=resource.skills
    )
    return {role.protocol_id: role for role in roles}


def _present(
    outage: Outage, rows: list[Appointment]
) -> Iterator[tuple[Resource, tuple[Span, ...]]]:
    """Yield who is there on the days of `rows`, and when."""
    if rows:
        days: list[date] = [row.local_date for row in rows]
        place, first, last = outage.resource.location, min(days), max(days)
        for resource in hours.resources_of(place, first, last):
            yield resource, hours.spans(resource, place.zone, first, last)


def _is_supervised(
    row: Appointment,
    plan: TreatmentPlan,
    role: ProtocolRole,
    outage: Outage,
    present: Iterable[tuple[Resource, tuple[Span, ...]]],
) -> bool:
    """Whether someone fills the shared role, or the outage leaves its phases alone."""
    parts = claims.blocks(role.name, plan, row.starts_at)
    needed = [
        (instant(start), instant(end))
        for start, end in parts
        if start < outage.ends_at and outage.starts_at < end
    ]
    able = [
        spans
        for resource, spans in present
        if resource.kind == role.kind and set(role.skills) <= set(resource.skills)
    ]
    return all(any(not any(gaps(spans, *part)) for spans in able) for part in needed)


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
