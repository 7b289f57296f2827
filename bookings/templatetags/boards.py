"""Words and counts of the desk's boards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Appointment, ConsultationRequest, Message, ProposedTime
from bookings.services import inbox
from bookings.services.inviting import Slot
from bookings.services.triage import flags
from bookings.services.triage.lines import Line
from bookings.templatetags.weekdays import weekday_names

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
    """For how long a request has waited, or when it was made: "waits 5 hours"."""
    if not line.waits:
        return _("asked %(day)s") % {"day": date_format(line.request.asked_at, "j M Y")}
    minutes = line.age.elapsed // timedelta(minutes=1)
    if minutes < 60:
        words = ngettext("waits %(n)s minute", "waits %(n)s minutes", minutes)
        return words % {"n": minutes}
    if minutes < 24 * 60:
        hours = minutes // 60
        return ngettext("waits %(n)s hour", "waits %(n)s hours", hours) % {"n": hours}
    days = line.age.working_days
    if not days:
        return _("waits over days off")
    words = ngettext("waits %(n)s working day", "waits %(n)s working days", days)
    return words % {"n": days}


@register.filter
def answer_words(line: Line) -> str:
    """By when a new request is to be answered: "answer by Tue 24 Nov, 16:00"."""
    if not line.is_new:
        return ""
    when = date_format(line.age.answer_by, "D j M, H:i")
    if line.is_overdue:
        return _("overdue since %(when)s") % {"when": when}
    return _("answer by %(when)s") % {"when": when}


@register.filter
def slot_words(time: Slot | ProposedTime) -> str:
    """A time that is or was proposed, by the clocks of its place: Mon 30 Nov, 09:30."""
    local = time.starts_at.astimezone(time.location.zone)
    return date_format(local, "D j M, H:i")


@register.filter
def slot_hour(time: Slot) -> str:
    """The hour of a time, by the clocks of its place."""
    return f"{time.local_start:%H:%M}"


@register.filter
def wished_days(row: ConsultationRequest) -> str:
    """On which days of the week somebody could come for a consultation."""
    names = weekday_names([day - 1 for day in sorted(row.weekdays)])
    return names or _("any day")


@register.filter
def wished_hours(row: ConsultationRequest) -> str:
    """Between which times of day somebody could arrive."""
    first, last = row.arrive_from, row.arrive_until
    if first and last:
        return f"{first:%H:%M}–{last:%H:%M}"
    if first:
        return _("from %(time)s") % {"time": f"{first:%H:%M}"}
    return _("until %(time)s") % {"time": f"{last:%H:%M}"} if last else _("any time")


@register.filter
def travel_words(row: ConsultationRequest) -> str:
    """Where somebody comes from and when they are in town."""
    return flags.travel_words(row)


@register.filter
def own_zone(row: ConsultationRequest) -> str:
    """The requester's own city by the clocks, where those differ; else nothing."""
    return row.patient.timezone if flags.is_elsewhere(row) else ""


def _at(message: Message, moment: datetime) -> str:
    return date_format(moment.astimezone(message.zone), "D j M, H:i")
