"""Who was treated with a lot or a device, and what touched one patient: both ways.

Every signed version counts, also one that was amended: what was once written down is
followed up too. Sessions without a record are named, as nobody knows their lots.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    Patient,
    Reaction,
    SessionRecord,
    Severity,
    UsedProduct,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.services.holding_back import TOOK_PLACE
from clinic.models import Device, DeviceKind, ResourceKind

ALIKE = 8  # lots offered where none is called as it was typed
OFFERED = 60  # lots offered while typing, the latest first
AMENDED, BOOKED = "amended", "booked"


class Span(NamedTuple):
    """Local days, both included; None leaves a side open."""

    first: date | None = None
    last: date | None = None


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Sought:
    """What is traced: a lot as printed on its label, or a device."""

    lot: str = ""
    device: Device | None = None
    span: Span = ALWAYS

    def __str__(self) -> str:
        return str(self.device) if self.device else self.lot

    @property
    def is_known(self) -> bool:
        return bool(self.lot or self.device)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that touched the skin: what it was, and the lot it came from."""

    name: str
    lot: str = ""
    device: Device | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """One session: what touched the skin, how it is known, and what followed.

    `how` is empty where the record as it stands says so; AMENDED where only a version
    of before does, BOOKED where the diary does and no record.
    """

    session: Appointment
    things: tuple[Thing, ...]
    how: str
    record: SessionRecord | None
    reactions: tuple[Reaction, ...] = ()

    @property
    def patient(self) -> Patient:
        return self.session.patient

    @property
    def how_words(self) -> str:
        said = {
            AMENDED: _("In a version amended since"),
            BOOKED: _("By the diary: not recorded"),
        }
        return said.get(self.how, _("By the record"))

    @property
    def who(self) -> str:
        """Who signed the record, else who was booked to treat."""
        if self.record:
            return str(self.record.signed_by)
        claims = self.session.claims.all()
        names = {one.resource.name for one in claims if one.role == "operator"}
        return ", ".join(sorted(names))


@dataclass(frozen=True, slots=True)
class Found:
    """Where a trace leads: the sessions, and how many in the span have no record."""

    touches: list[Touch] = field(default_factory=list)
    unrecorded: int = 0
    alike: list[str] = field(default_factory=list)

    @property
    def patients(self) -> list[Patient]:
        return list({one.patient.pk: one.patient for one in self.touches}.values())

    @property
    def reactions(self) -> int:
        return sum(len(one.reactions) for one in self.touches)

    @property
    def severe(self) -> int:
        every = [row for one in self.touches for row in one.reactions]
        return sum(row.severity == Severity.SEVERE for row in every)


def trace(sought: Sought) -> Found:
    """Whom the lot or the device touched in its span, the latest first."""
    session_ids = _recorded_with(sought) | _booked_with(sought)
    rows = _within(_sessions().filter(pk__in=session_ids), sought.span)
    touches = [one for row in rows if (one := _touch(row, sought))]
    is_unknown = bool(sought.lot) and not touches
    return Found(
        touches,
        unrecorded=_unrecorded(sought.span) if sought.lot else 0,
        alike=_alike(sought.lot) if is_unknown else [],
    )


def of_patient(patient: Patient) -> list[Touch]:
    """What touched `patient` in every session, the latest first."""
    return [_whole(row) for row in _sessions().filter(patient=patient)]


def of_session(session: Appointment) -> Touch | None:
    """What touched the skin in `session`; None where it has not taken place."""
    row = _sessions().filter(pk=session.pk).first()
    return _whole(row) if row else None


def lots() -> list[str]:
    """The lots used last, to offer while one is typed."""
    kits = SessionRecord.objects.exclude(prp_lot="").order_by("-signed_at")
    used = UsedProduct.objects.exclude(lot="").order_by("-record__signed_at")
    names = [
        *kits.values_list("prp_lot", flat=True)[:OFFERED],
        *used.values_list("lot", flat=True)[:OFFERED],
    ]
    return sorted(set(names))


def _sessions() -> AppointmentQuerySet:
    """Sessions that took place with all that touched the skin, the latest first."""
    records = (
        SessionRecord.objects.select_related("device", "signed_by")
        .prefetch_related("products")
        .order_by("-version")
    )
    return (
        Appointment.objects.with_people()
        .filter(kind=AppointmentKind.SESSION, status__in=TOOK_PLACE)
        .prefetch_related(Prefetch("records", records, to_attr="versions"), "reactions")
        .annotate(took_place_at=Coalesce("completed_at", "during__startswith"))
        .order_by("-took_place_at", "-pk")
    )


def _recorded_with(sought: Sought) -> set[int]:
    """Sessions any version of whose record names what is sought."""
    if sought.device:
        records = SessionRecord.objects.filter(device=sought.device)
    else:
        named = Q(prp_lot__iexact=sought.lot) | Q(products__lot__iexact=sought.lot)
        records = SessionRecord.objects.filter(named)
    return set(records.values_list("appointment_id", flat=True))


def _booked_with(sought: Sought) -> set[int]:
    """Sessions that the diary gives the device: without a record, or as a centrifuge."""
    if not sought.device:
        return set()
    rows = Appointment.objects.filter(claims__resource=sought.device)
    if sought.device.device_kind != DeviceKind.CENTRIFUGE:
        rows = rows.filter(records=None)
    return set(rows.values_list("pk", flat=True))


def _within(rows: AppointmentQuerySet, span: Span) -> list[Appointment]:
    """Those of `rows` on a local day of `span`; the database narrows it down first."""
    day = timedelta(days=1)
    bounds: dict[str, Any] = {}
    if span.first:
        bounds["took_place_at__gte"] = _midnight(span.first - day)
    if span.last:
        bounds["took_place_at__lt"] = _midnight(span.last + 2 * day)
    return [row for row in rows.filter(**bounds) if _is_within(row.anchor_date, span)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=get_current_timezone())


def _is_within(day: date, span: Span) -> bool:
    return (span.first is None or span.first <= day) and (
        span.last is None or day <= span.last
    )


def _touch(row: Appointment, sought: Sought) -> Touch | None:
    """How `row` is touched by what is sought; None where nothing says so after all."""
    versions: list[SessionRecord] = row.versions  # type: ignore[attr-defined]
    for place, record in enumerate(versions):
        if things := [one for one in things_of(record) if _is_it(one, sought)]:
            how = AMENDED if place else ""
            return _told(row, things, how, record)
    if sought.device is None:
        return None
    return _told(row, [Thing(str(sought.device), device=sought.device)], BOOKED, None)


def _whole(row: Appointment) -> Touch:
    """All that touched the skin in one session: by its record, else by the diary."""
    versions: list[SessionRecord] = row.versions  # type: ignore[attr-defined]
    if versions:
        return _told(row, list(things_of(versions[0])), "", versions[0])
    booked = [one for one in row.resources if one.kind == ResourceKind.DEVICE]
    things = [Thing(one.name) for one in booked]
    return _told(row, things, BOOKED, None)


def _told(
    row: Appointment, things: Iterable[Thing], how: str, record: SessionRecord | None
) -> Touch:
    return Touch(row, tuple(things), how, record, tuple(row.reactions.all()))


def things_of(record: SessionRecord) -> Iterator[Thing]:
    """The device, the PRP kit and the products of one version of a record."""
    yield Thing(record.device.name, device=record.device)
    if record.prp_lot:
        yield Thing(_("PRP kit"), lot=record.prp_lot)
    for product in record.products.all():
        yield Thing(product.name, lot=product.lot)


def _is_it(thing: Thing, sought: Sought) -> bool:
    if sought.device:
        return thing.device == sought.device
    return thing.lot.casefold() == sought.lot.casefold()


def _unrecorded(span: Span) -> int:
    """Sessions of the span that took place and have no record."""
    rows = Appointment.objects.filter(
        kind=AppointmentKind.SESSION, status__in=TOOK_PLACE, records=None
    )
    rows = rows.select_related("location").annotate(
        took_place_at=Coalesce("completed_at", "during__startswith")
    )
    return len(_within(rows, span))


def _alike(lot: str) -> list[str]:
    """Lots whose names hold what was typed, or that differ in blanks and dashes only."""
    letters = [one for one in lot if one.isalnum()]
    if not letters:
        return []
    pattern = r"[^[:alnum:]]*".join(letters)
    kits = SessionRecord.objects.filter(prp_lot__iregex=pattern)
    used = UsedProduct.objects.filter(lot__iregex=pattern)
    names = {
        *kits.values_list("prp_lot", flat=True),
        *used.values_list("lot", flat=True),
    }
    return sorted(names)[:ALIKE]
