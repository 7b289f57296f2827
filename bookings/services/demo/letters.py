"""The demo's messages: what was promised when a visit was booked, as of today."""

from datetime import datetime, timedelta

from bookings.models import Appointment, Message, MessageStatus
from bookings.services import reminders
from bookings.services.demo.world import Visit, World

REMEMBERED = timedelta(days=14)
PRE_CARE = "pre-care"
BATCH = 2000


def write(
    world: World, pairs: list[tuple[Visit, Appointment]], due_now: Appointment
) -> None:
    """Write the messages of recent and coming visits.

    Those due before today are sent. Of those due today only the pre-care e-mail of
    `due_now` is there, waiting since midnight: a demo that is loaded in the evening
    sends one message, not a day's mail.
    """
    since = world.midnight - REMEMBERED
    tomorrow = world.moment(world.today + timedelta(days=1), 0)
    rows = [
        message
        for visit, appointment in pairs
        if appointment.starts_at >= since and not visit.is_given_up
        for message in reminders.owed(appointment, visit.booked_at)
    ]
    kept = []
    for message in rows:
        if message.appointment == due_now and message.rule == PRE_CARE:
            message.due_at = world.midnight
        elif world.midnight <= message.due_at < tomorrow:
            continue
        elif message.due_at < world.midnight:
            _mark_sent(message, message.due_at)
        kept.append(message)
    Message.objects.bulk_create(kept, BATCH)


def _mark_sent(message: Message, at: datetime) -> None:
    message.status = MessageStatus.SENT
    message.sent_at = at
    message.attempts = 1
