"""The links in letters that lead to health questions, and to how the skin heals."""

from datetime import datetime

from bookings.models import Appointment, AppointmentKind, Message
from bookings.services import links
from bookings.services.holding_back import KEPT_BACK
from bookings.services.links import Purpose
from bookings.services.messages.reminders import HEALING


def words(message: Message, now: datetime) -> dict[str, str]:
    """The addresses that the letter `message`, written at `now`, needs, if any.

    Pre-care and practical letters of a session lead to its health questions; the
    letters after it to how it heals, with the moment they ask about.
    """
    session = message.appointment
    if session is None or session.kind != AppointmentKind.SESSION:
        return {}
    if moment := HEALING.get(message.rule):
        return {"healing_url": _healing(session, now), "healing_moment": moment}
    if message.rule in KEPT_BACK and session.plan_id:
        return {"answers_url": links.address(Purpose.ANSWERS, session, now=now)}
    return {}


def _healing(session: Appointment, now: datetime) -> str:
    return links.address(Purpose.HEALING, session, now=now)
