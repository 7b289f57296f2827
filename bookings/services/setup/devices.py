"""One device: how it stands, the sessions that are to use it and those that did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    Patient,
    SessionRecord,
    TreatmentPlan,
)
from bookings.services import shapes, unavailable
from bookings.services.missing.affected import what
from bookings.services.setup import attention
from bookings.services.setup.attention import Notice
from bookings.services.supervising import able
from clinic.models import Device, Resource, ResourceKind

SHOWN = 40
FORM = "j M Y"


@dataclass(frozen=True, slots=True)
class Use:
    """An appointment with the device; `why` it may not be used that day, if it may not."""

    appointment: Appointment
    why: str = ""

    @property
    def what(self) -> str:
        """Which session of how many, or what else."""
        return what(self.appointment)

    @property
    def people(self) -> list[Resource]:
        """Who gives it."""
        people = ResourceKind.PRACTITIONER
        return [one for one in self.appointment.resources if one.kind == people]


@dataclass(frozen=True, slots=True)
class Uses:
    """What a device is booked for, and what it was used in: so many, and some of them.

    Those on a day on which it may not be used are all among them.
    """

    to_come: Sequence[Use]
    coming_count: int
    past: Sequence[Use]
    past_count: int

    @property
    def stopped(self) -> int:
        """How many of those to come lie on a day on which it may not be used."""
        return sum(bool(one.why) for one in self.to_come)

    @property
    def patients(self) -> list[Patient]:
        """Everybody who is shown, each once."""
        rows = [one.appointment.patient for one in (*self.to_come, *self.past)]
        return list({row.pk: row for row in rows}.values())


@dataclass(frozen=True, slots=True)
class Fit:
    """A device that a plan's sessions may use; `notes` say what to mind about it."""

    device: Device
    notes: tuple[Notice, ...]


def uses(device: Device, *, now: datetime, most: int | None = SHOWN) -> Uses:
    """The sessions that use `device`, the next first, and that used it, newest first.

    Of each, `most` are listed; None lists all. What a session record says counts
    before what was booked. A fixed number of queries.
    """
    claimed = Claim.objects.filter(resource=device.pk).values("appointment")
    rows = Appointment.objects.with_people()
    coming = rows.standing(now).filter(pk__in=claimed, during__endswith__gt=now)
    coming = coming.exclude(status=AppointmentStatus.DONE).order_by("during", "pk")
    recorded = SessionRecord.objects.current()
    own = recorded.filter(device=device.pk).values("appointment")
    as_booked = Q(pk__in=claimed) & ~Q(pk__in=recorded.values("appointment"))
    past = rows.filter(Q(pk__in=own) | as_booked, status=AppointmentStatus.DONE)
    booked = [
        Use(row, unavailable.why_not_used(device, row.local_date)) for row in coming
    ]
    return Uses(
        [one for n, one in enumerate(booked) if most is None or n < most or one.why],
        len(booked),
        [Use(row) for row in past.order_by("-during", "-pk")[:most]],
        past.count(),
    )


def of_plan(plan: TreatmentPlan, *, now: datetime) -> list[Fit]:
    """The devices at its place that the sessions of `plan` may use, in two queries.

    One that lacks a skill, or is of a lower class than a needling device must have
    (source: S1), is not among them.
    """
    asked = [
        able.skills_asked(role)
        for role in shapes.roles_of(plan)
        if role.kind == ResourceKind.DEVICE
    ]
    rows = Resource.objects.filter(location=plan.location_id, is_active=True)
    devices = able.with_ticks(rows).filter(kind=ResourceKind.DEVICE).order_by("name")
    today = now.astimezone(plan.location.zone).date()
    last = _last_day(plan, today)
    return [
        Fit(row.device, tuple(_notes(row.device, today, last)))
        for row in devices
        if any(skills <= able.skills_of(row) for skills in asked)
    ]


def warnings(appointment: Appointment) -> list[str]:
    """What to mind about the devices of an appointment, got with_people: one query.

    Service that is due by its day is a warning; whether it may be used is judged.
    """
    keys = [one.pk for one in appointment.resources if one.kind == ResourceKind.DEVICE]
    day = appointment.local_date
    devices = Device.objects.filter(pk__in=keys, service_due_on__lt=day)
    words = _("%(name)s is due for service by %(day)s, before this session.")
    return [
        words % {"name": one.name, "day": date_format(one.service_due_on or day, FORM)}
        for one in devices.order_by("name")
    ]


def _last_day(plan: TreatmentPlan, today: date) -> date:
    """The day of the last session booked, or the first that it could be on."""
    live = plan.appointments.live().filter(kind=AppointmentKind.SESSION)
    booked = list(live.select_related("location"))
    after = max([today, *(row.anchor_date for row in booked)])
    missing = max(0, plan.session_count - len(booked))
    gaps = missing if booked else max(0, missing - 1)
    return after + timedelta(days=plan.gap_days[0] * gaps)


def _notes(device: Device, today: date, last: date) -> Iterable[Notice]:
    """What is to be said of a device in a series that ends on `last` at the earliest."""
    told = attention.of_device(device, today)
    if told or device.may_be_used_on(last):
        return told
    words = _("%(name)s: %(why)s, and the series goes on until %(day)s or later.")
    why, day = unavailable.why_not_used(device, last), date_format(last, FORM)
    return [Notice(device, words % {"name": device.name, "why": why, "day": day})]
