"""Session records as they are read: one with its trail, or a patient's in a list."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Patient,
    SessionRecord,
    codes,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.services.moves.standing import UNDER_WAY

RECORDABLE = (*UNDER_WAY, AppointmentStatus.DONE)


def sessions() -> AppointmentQuerySet:
    """Sessions with all that records and their lists show."""
    rows = Appointment.objects.filter(kind=AppointmentKind.SESSION, plan__isnull=False)
    return (
        rows.with_people()
        .select_related("plan__location")
        .prefetch_related(
            "plan__areas__area", "plan__protocol__phases", "plan__protocol__roles"
        )
    )


def session_of(code: str) -> Appointment | None:
    """The session behind a booking code; None where there is none."""
    number = codes.number_of(code)
    return sessions().filter(pk=number).first() if number else None


def records() -> QuerySet[SessionRecord]:
    """Records with all that a line about one shows."""
    return SessionRecord.objects.select_related(
        "device",
        "supervisor",
        "signed_by",
        "cosignature__by",
        "replaces",
        "appointment__patient",
        "appointment__location",
        "appointment__plan__protocol__treatment",
        "appointment__plan__location",
    ).prefetch_related("areas__area", "products")


def current(session: Appointment) -> SessionRecord | None:
    """The newest version of a session's record, if it is signed."""
    return records().filter(appointment=session, replaced_by=None).first()


def versions(session: Appointment) -> list[SessionRecord]:
    """Every version of a session's record, the newest first."""
    return list(records().filter(appointment=session).order_by("-version"))


def of_patient(patient: Patient) -> list[SessionRecord]:
    """The newest version of each of the patient's records, the latest session first."""
    rows = records().filter(appointment__patient=patient, replaced_by=None)
    return list(rows.order_by("-ended_at", "-pk"))


def recorded(rows: Iterable[Appointment]) -> dict[int, SessionRecord]:
    """The newest record of each of these sessions, by the session's key: three queries."""
    keys = [row.pk for row in rows]
    found = records().filter(appointment__in=keys, replaced_by=None)
    return {record.appointment_id: record for record in found}


def is_begun(session: Appointment) -> bool:
    """Whether the session is under way or over, so that it can be recorded now."""
    begun = (AppointmentStatus.IN_SESSION, AppointmentStatus.DONE)
    return session.status in begun


def awaits_cosignature(record: Any) -> bool:
    """Whether a supervising doctor has still to sign this version."""
    is_signed = hasattr(record, "cosignature")
    return bool(record.needs_cosignature) and not is_signed
