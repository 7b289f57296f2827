"""A patient's visits for a calendar program: one as a file, or all as a private feed.

Times are written in UTC, so that no clock change can shift them. Words are discreet: a
calendar is often shared, so no treatment and no clinic is named.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from bookings.models import Appointment, AppointmentStatus, Patient
from bookings.services import links, shapes

OFF = (AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED)
NEVER_SHOWN = (AppointmentStatus.HELD, AppointmentStatus.RELEASED)
LOOK_AGAIN = timedelta(hours=6)


def feed_address(patient: Patient) -> str:
    """Where the patient's calendar looks for visits: the same until the key changes."""
    return links.address(links.Purpose.CALENDAR, patient, now=patient.created_at)


def subscribed(said: str, *, now: datetime) -> Patient:
    """Whose feed the token opens, or LinkRefused.

    A record that was merged away goes on as the one that was kept, as long as letters
    go to the same mailbox.
    """
    patient = links.opened(links.Purpose.CALENDAR, said, now=now)
    assert isinstance(patient, Patient)  # noqa: S101 - the purpose says so
    kept = patient.merged_into or patient
    if kept.email.lower() != patient.email.lower():
        raise links.LinkRefused
    return kept


def feed(patient: Patient) -> bytes:
    """All visits that were ever told, cancelled ones marked so, in the own language."""
    with override(patient.language):
        calendar = _calendar("PUBLISH")
        calendar.add("name", _("Clinic visits"))
        calendar.add("x-wr-calname", _("Clinic visits"))
        calendar.add("refresh-interval", vDuration(LOOK_AGAIN))
        calendar.add("x-published-ttl", vDuration(LOOK_AGAIN))
        _fill(calendar, visits(patient))
    return bytes(calendar.to_ical())


def one(visit: Appointment) -> bytes:
    """One visit as a file; a cancelled one takes itself out of the calendar again."""
    is_off = visit.status in OFF
    with override(visit.patient.language):
        calendar = _calendar("CANCEL" if is_off else "PUBLISH")
        _fill(calendar, visits(visit.patient).filter(pk=visit.pk))
    return bytes(calendar.to_ical())


def tag(content: bytes) -> str:
    """An ETag: the same as long as nothing about the visits has changed."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def visits(patient: Patient) -> QuerySet[Appointment]:
    """What stands or stood in the diary for `patient`; what is only held is no visit."""
    rows = Appointment.objects.filter(patient=patient).exclude(status__in=NEVER_SHOWN)
    return (
        rows.annotate(changed_at=Max("events__pgh_created_at"))
        .select_related("location", "plan")
        .prefetch_related("plan__protocol__phases")
        .order_by("during")
    )


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//Cadence//{(get_language() or 'en').upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _fill(calendar: Calendar, rows: Iterable[Appointment]) -> None:
    for visit in rows:
        calendar.add_component(_event(visit))


def _event(visit: Appointment) -> Event:
    event = Event()
    changed: datetime = visit.changed_at.astimezone(UTC)  # type: ignore[attr-defined]
    event.add("uid", f"{visit.code}@{urlsplit(settings.SITE_URL).hostname}".lower())
    event.add("sequence", visit.version)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", visit.starts_at.astimezone(UTC))
    event.add("dtend", _ends_at(visit).astimezone(UTC))
    event.add("status", "CANCELLED" if visit.status in OFF else "CONFIRMED")
    event.add("summary", _("Clinic visit"))
    event.add("location", f"{visit.location.address}, {visit.location.city}")
    event.add("description", _words(visit))
    event.add("url", f"{settings.SITE_URL}{reverse('portal:plan')}")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if visit.status in OFF else "OPAQUE")
    return event


def _words(visit: Appointment) -> str:
    told = {"code": visit.code, "phone": visit.location.phone or settings.CLINIC_PHONE}
    if visit.status in OFF:
        return _("This visit is cancelled. Questions? Call %(phone)s.") % told
    return _("Booking code %(code)s. Questions? Call %(phone)s.") % told


def _ends_at(visit: Appointment) -> datetime:
    """When the patient leaves: the room is then made ready for the next."""
    if visit.plan is None or visit.number is None:
        return visit.ends_at
    return shapes.leaves_at(visit.plan, visit.starts_at) or visit.ends_at
