"""The one letter about a visit that no longer takes place.

It goes to a patient who knows of the visit: one whose booking was never told yet hears
nothing of it at all.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentStatus, Message, MessageStatus
from bookings.models.messages import MessageQuerySet
from bookings.services.messages import moments, reminders, visit_links
from bookings.services.messages.reminders import CANCELLED, CONFIRMATION

OFF = (AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED)
REACHED = (MessageStatus.SENT, MessageStatus.SENDING)
TAKEN_BACK = (MessageStatus.SUPPRESSED, MessageStatus.SUPERSEDED)


def is_unheard_of(appointment: Appointment) -> bool:
    """Whether the patient was told nothing of the visit yet; ask before withdrawing.

    Its own confirmation, or that of its booking or plan, has left where it has. A
    visit that was never to be confirmed, from before there were letters, is known.
    What waits is held until the transaction ends: no sender takes it up meanwhile.
    """
    about = _confirmations(appointment).order_by("pk")
    rows = list(about.select_for_update(of=["self"], no_key=True))
    found = {row.status for row in rows}
    return MessageStatus.PLANNED in found and not found.intersection(REACHED)


def _confirmations(row: Appointment) -> MessageQuerySet:
    """What confirms the visit: its own word, or that of its booking or plan."""
    together = Q(appointment=row)
    if row.booking_id:
        together |= Q(appointment__booking=row.booking_id)
    if row.plan_id and row.number:
        together |= Q(appointment__plan=row.plan_id, version=row.version)
    return Message.objects.filter(together, rule=CONFIRMATION)


def promise(appointment: Appointment, *, now: datetime, notify: bool) -> None:
    """Plan the letter, in the transaction that cancels; of a time past there is none.

    Without `notify` the row says that the desk chose so.
    """
    if appointment.starts_at <= now:
        return
    due_at = moments.after_grace(now, now, appointment.starts_at)
    row = reminders.message_of(appointment, CANCELLED, due_at)
    if not notify:
        row.status, row.problem = MessageStatus.SUPPRESSED, reminders.not_to_tell()
    reminders.write([row])


def has_left(appointment: Appointment) -> bool:
    """Whether the patient was told that the visit is off, as it stands now.

    What waits is held until the transaction ends: no sender takes it up meanwhile.
    """
    about = Message.objects.filter(
        appointment=appointment, version=appointment.version, rule=CANCELLED
    )
    return any(row.status in REACHED for row in about.select_for_update(no_key=True))


def too_late(message: Message, now: datetime) -> tuple[MessageStatus, str] | None:
    """In what state it ends where it must not leave at `now`, and why; else None."""
    row = message.appointment
    if row is None or row.status not in OFF or row.version != message.version:
        return MessageStatus.SUPERSEDED, _("The appointment has changed.")
    if row.starts_at <= now:
        return MessageStatus.MISSED, _("It came too late to be of help.")
    if _was_stopped(row):
        return MessageStatus.SUPPRESSED, _("The patient never heard of the visit.")
    return None


def _was_stopped(appointment: Appointment) -> bool:
    """Whether its confirmation was in a sender's hands when it was cancelled, and stayed.

    Only what a sender tried has tries; what the desk kept back has none, for whoever
    is told nothing by letter is told otherwise.
    """
    about = _confirmations(appointment)
    stopped = about.filter(status__in=TAKEN_BACK, attempts__gt=0)
    return stopped.exists() and not about.filter(status__in=REACHED).exists()


def words(message: Message, now: datetime) -> dict[str, Any]:
    """What the letter says: which visit is off, and how it goes on."""
    row = message.appointment
    if row is None:
        return {}
    start = _told_start(row)
    return visit_links.of_visit(row, now) | {
        "appointment": row,
        "location": row.location,
        "phone": row.location.phone,
        "starts_at": start,
        "is_session": row.number is not None,
    }


def _told_start(row: Appointment) -> datetime:
    """The start that the patient knows of: a move just before may not have been told."""
    told = Message.objects.filter(
        appointment=row, rule=CONFIRMATION, status=MessageStatus.SENT
    )
    version = told.order_by("-version").values_list("version", flat=True).first()
    if version is None or version == row.version:
        return row.starts_at
    known = row.events.filter(pgh_obj=row, version=version)  # type: ignore[attr-defined]
    newest = known.order_by("-pgh_id").first()
    start: datetime = newest.during.lower if newest else row.starts_at
    return start
