"""Words and counts of the desk's boards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Appointment, Message
from bookings.services import inbox
from bookings.services.requests import Line

register = template.Library()


@register.simple_tag
def open_counts() -> "SimpleLazyObject[dict[str, int]]":
    """How many `tasks` are open and `requests` new, in one query, if it is asked."""
    return SimpleLazyObject(inbox.open_counts)


@register.filter
def count_of(counts: Mapping[str, int], what: str) -> int:
    """How many of `what` there are."""
    return counts.get(what, 0)


@register.filter
def beyond(counts: Mapping[str, int], places: Sequence[Any]) -> int:
    """How many open things the places count that a phone's bar has no room for."""
    return sum(counts.get(place.counts, 0) for place in places if place.counts)


@register.filter
def is_beyond(places: Sequence[Any], shown: int) -> bool:
    """Whether the place one is at comes after the first `shown`."""
    return any(place.current for place in places[shown:])


@register.filter
def visit_words(visit: Appointment) -> str:
    """What somebody comes for: "Medical microneedling, session 2 of 3"."""
    if visit.plan and visit.number:
        return _("%(treatment)s, session %(number)s of %(count)s") % {
            "treatment": visit.plan.protocol.treatment.name,
            "number": visit.number,
            "count": visit.plan.session_count,
        }
    return visit.get_kind_display()


@register.filter
def reminder_words(message: Message | None) -> str:
    """What became of the 48-hour message, read with its appointment's location."""
    if message is None or message.is_superseded:
        return _("No reminder is planned")
    if message.is_sent and message.sent_at:
        return _("Reminder sent %(at)s") % {"at": _at(message, message.sent_at)}
    if message.is_waiting:
        return _("Reminder goes out %(at)s") % {"at": _at(message, message.due_at)}
    return _("Reminder not sent. %(problem)s") % {"problem": message.problem}


@register.filter
def waiting_words(line: Line) -> str:
    """For how long a request has waited, or was made: "waits 3 days"."""
    if not line.waits:
        return _("asked %(day)s") % {"day": date_format(line.request.asked_at, "j M Y")}
    if line.days <= 0:
        return _("since today")
    if line.days == 1:
        return _("since yesterday")
    words = ngettext("waits %(days)s day", "waits %(days)s days", line.days)
    return words % {"days": line.days}


def _at(message: Message, moment: datetime) -> str:
    return date_format(moment.astimezone(message.zone), "D j M, H:i")
