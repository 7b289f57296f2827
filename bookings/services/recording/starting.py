"""What a record starts from: the plan's values, what is booked, and the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentStatus, TreatmentPlan
from bookings.services import shapes, steps
from bookings.services.recording import limits, lots, needs
from bookings.services.recording.values import Used
from clinic.models import Device, Practitioner, User
from treatments.models import BodyArea

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AreaStart:
    """An area with the plan's values; `is_planned` says that it is in the plan."""

    area: BodyArea
    depth_mm: Decimal | None
    passes: int | None
    rf_energy: str
    is_planned: bool


@dataclass(frozen=True, slots=True)
class DeviceOffer:
    """A device that may be chosen, or why not; `is_booked` for this session."""

    device: Device
    is_booked: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class DoctorOffer:
    """A doctor who may supervise; `is_here` on the rota at the session's hour."""

    doctor: Practitioner
    is_here: bool


@dataclass(frozen=True, slots=True)
class Start:
    """All that the form of one session's record needs to know."""

    session: Appointment
    plan: TreatmentPlan
    began: datetime
    ended: datetime
    areas: tuple[AreaStart, ...]
    others: tuple[BodyArea, ...]
    devices: tuple[DeviceOffer, ...]
    doctors: tuple[DoctorOffer, ...]
    kits: tuple[str, ...]
    products: tuple[Used, ...]
    numbing: str
    asks_plasma: bool
    asks_energy: bool
    asks_doctor: bool
    signs_alone: bool

    @property
    def fit(self) -> list[DeviceOffer]:
        """The devices that may be chosen, the booked one first."""
        able = [one for one in self.devices if not one.why_not]
        return sorted(able, key=lambda one: not one.is_booked)

    @property
    def unfit(self) -> list[DeviceOffer]:
        """Devices that would do, if only they were licensed and in service, or booked."""
        return [one for one in self.devices if one.why_not]

    @property
    def deepest(self) -> Decimal:
        """How deep needles may go for this plan, in mm: at most 2.0 (source: S2)."""
        return shapes.depth_limit(self.plan)


def of(
    session: Appointment, *, actor: User, now: datetime, extra: Sequence[int] = ()
) -> Start:
    """Where the record of `session` starts; `extra` are areas that were added to it."""
    plan: TreatmentPlan = session.plan  # type: ignore[assignment]
    began, ended = span_of(session, now=now)
    areas = _areas(plan, extra)
    shown = {one.area.pk for one in areas}
    return Start(
        session=session,
        plan=plan,
        began=began,
        ended=ended,
        areas=tuple(areas),
        others=tuple(BodyArea.objects.exclude(pk__in=shown)),
        devices=tuple(_devices(session, plan, ended)),
        doctors=tuple(_doctors(session, plan, began, ended)),
        kits=tuple(lots.kits(session.location, now=now)),
        products=tuple(lots.products(session.location, now=now)),
        numbing=_numbing(plan),
        asks_plasma=needs.uses_prp(plan),
        asks_energy=needs.uses_rf(plan),
        asks_doctor=shapes.is_supervised(plan),
        signs_alone=needs.may_supervise(actor),
    )


def span_of(session: Appointment, *, now: datetime) -> tuple[datetime, datetime]:
    """When it began and ended, as far as the diary knows: to the minute, in UTC.

    What is still under way ends now; it began when somebody said so, else as planned.
    """
    if session.completed_at:
        return session.took_place
    ended = now.replace(second=0, microsecond=0)
    began = _begun(session) or session.starts_at
    return min(began.replace(second=0, microsecond=0), ended - MINUTE), ended


def _begun(session: Appointment) -> datetime | None:
    """When it was last marked as in session."""
    if session.status != AppointmentStatus.IN_SESSION:
        return None
    lines = steps.history(session)
    said = [one.pgh_created_at for one in lines if one.status == session.status]
    moment: datetime | None = said[-1] if said else None
    return moment


def _areas(plan: TreatmentPlan, extra: Sequence[int]) -> list[AreaStart]:
    planned = [
        AreaStart(row.area, row.depth_mm, row.passes, row.rf_energy, True)
        for row in plan.areas.select_related("area")
    ]
    known = {one.area.pk for one in planned}
    added = BodyArea.objects.filter(pk__in=set(extra) - known)
    return planned + [AreaStart(area, None, None, "", False) for area in added]


def _devices(
    session: Appointment, plan: TreatmentPlan, ended: datetime
) -> list[DeviceOffer]:
    """The devices made for the treatment: the location's, and what was booked or used."""
    booked = {claim.resource_id for claim in session.claims.all()}
    used = set(session.records.values_list("device", flat=True))
    day = ended.astimezone(session.location.zone).date()
    at_hand = Q(location=session.location_id, is_active=True)
    rows = Device.objects.filter(at_hand | Q(pk__in=booked | used)).order_by("name")
    offers = [
        DeviceOffer(row, row.pk in booked, needs.why_unfit(row, plan, day))
        for row in rows
    ]
    return [
        one for one in offers if not one.why_not or needs.is_made_for(one.device, plan)
    ]


def _doctors(
    session: Appointment, plan: TreatmentPlan, began: datetime, ended: datetime
) -> list[DoctorOffer]:
    """Who may supervise at the location, those who are there first, and who did."""
    able = Q(location=plan.location_id, is_active=True, may_supervise=True)
    named = session.records.values("supervisor")
    rows = Practitioner.objects.filter(able | Q(pk__in=named))
    here = limits.on_premises(rows, plan, began, ended)
    offers = [DoctorOffer(row, row.pk in here) for row in rows]
    return sorted(offers, key=lambda one: (not one.is_here, one.doctor.name))


def _numbing(plan: TreatmentPlan) -> str:
    """The cream and how long it works before the needles (sources: S1, S2)."""
    minutes = 0
    for phase in shapes.phases_of(plan):
        if needs.DEVICE in phase.roles:
            break
        minutes += phase.minutes
    if not minutes:
        return _("Topical cream")
    return _("Topical cream, %(minutes)s minutes") % {"minutes": minutes}
