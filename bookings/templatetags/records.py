"""Session records where a patient or a visit is shown, to those who may see them."""

from django import template

from bookings.models import Appointment, AppointmentKind, Patient, SessionRecord
from bookings.services.recording import reading

register = template.Library()


@register.simple_tag
def records_of(patient: Patient) -> list[SessionRecord]:
    """The newest version of each of the patient's records, the latest session first."""
    return reading.of_patient(patient)


@register.simple_tag
def record_of(appointment: Appointment) -> SessionRecord | None:
    """The newest version of a visit's record, if it is signed."""
    if appointment.kind != AppointmentKind.SESSION:
        return None
    return reading.current(appointment)


@register.filter
def may_be_recorded(appointment: Appointment) -> bool:
    """Whether the visit is a session that is under way or over."""
    return appointment.kind == AppointmentKind.SESSION and reading.is_begun(appointment)


@register.filter
def awaits_cosignature(record: SessionRecord) -> bool:
    """Whether a supervising doctor has still to sign this version."""
    return reading.awaits_cosignature(record)
