"""The desk's words for messages: why one is owed, and its picture."""

from django import template

from bookings.models import Appointment, Message
from bookings.services.messages import reminders
from bookings.services.messages.reminders import CONFIRMATION, RULES

register = template.Library()


@register.filter
def rule_name(message: Message) -> str:
    """Why `message` is owed, in words."""
    rule = RULES.get(message.rule)
    return str(rule.name) if rule else message.rule


@register.filter
def rule_icon(message: Message) -> str:
    """The Bootstrap icon beside those words."""
    rule = RULES.get(message.rule)
    return rule.icon if rule else "envelope"


@register.filter
def session_number(message: Message) -> int | None:
    """The one session `message` is about, where it surely is about one.

    The confirmation of a booking may speak of several, so it is named without.
    """
    visit = message.appointment
    if visit is None or (message.rule == CONFIRMATION and visit.booking_id):
        return None
    return visit.number


@register.filter
def told(message: Message) -> list[Appointment]:
    """The visits `message` speaks of; may cost a query, so not for a line in a list."""
    if message.appointment is None:
        return []
    return reminders.confirmed_by(message) or [message.appointment]
