"""The desk's words for messages: why one is owed, and its picture."""

from django import template

from bookings.models import Message
from bookings.services.reminders import RULES

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
