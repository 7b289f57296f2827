"""The demo's messages: what was promised when a visit was booked, as of today."""

from datetime import datetime, timedelta

from bookings.models import Appointment, Message, MessageStatus
from bookings.services.demo.world import Visit, World
from bookings.services.messages import letters, reminders

REMEMBERED = timedelta(days=7)
PRE_CARE = "pre-care"
BATCH = 1000


def write(
    world: World, pairs: list[tuple[Visit, Appointment]], due_now: Appointment
) -> None:
    """Write the messages of coming visits, and the words of those sent last week.

    Of what is due today only the pre-care e-mail of `due_now` is there, waiting since
    midnight: a demo that is loaded in the evening sends one message, not a day's mail.
    """
    since = world.midnight - REMEMBERED
    tomorrow = world.moment(world.today + timedelta(days=1), 0)
    kept = []
    for message in _owed(pairs, since):
        if message.appointment == due_now and message.rule == PRE_CARE:
            message.due_at = world.midnight
        elif since <= message.due_at < world.midnight:
            send(message)
        elif message.due_at < tomorrow:
            continue
        kept.append(message)
    Message.objects.bulk_create(kept, BATCH)


def _owed(pairs: list[tuple[Visit, Appointment]], since: datetime) -> list[Message]:
    """Every message of visits that stand and end after `since`."""
    return reminders.confirmed_once(
        message
        for visit, appointment in pairs
        if appointment.ends_at >= since and not visit.is_given_up
        for message in reminders.owed(appointment, visit.booked_at)
    )


def send(message: Message) -> None:
    """Give the message the words and the time with which it left."""
    letter = letters.masked(letters.write(message, now=message.due_at))
    message.subject, message.text, message.html = (
        letter.subject,
        letter.text,
        letter.html,
    )
    message.status = MessageStatus.SENT
    message.sent_at = message.due_at
    message.attempts = 1
