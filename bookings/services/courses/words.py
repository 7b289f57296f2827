"""How a course stands, in words for the board and its download."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.ribbon.values import Span
from bookings.services.courses.board import Entry
from bookings.services.courses.states import CourseState


def said(entry: Entry) -> str:
    """What presses, or what is next: "Window of session 2 closes in 12 days"."""
    standing = entry.standing
    if standing.day:
        return _on_a_day(entry, standing.day)
    if standing.state is CourseState.UNBOOKED:
        return _since(entry)
    if standing.window:
        return _window(entry, standing.window)
    return _("Session %(number)s has no time") % {"number": standing.number}


def _on_a_day(entry: Entry, day: date) -> str:
    told = {"number": entry.standing.number, "day": _day(day, entry.today)}
    if entry.standing.is_unrecorded:
        return _("Session %(number)s was on %(day)s: say what became of it") % told
    return _("Session %(number)s on %(day)s") % told


def _since(entry: Entry) -> str:
    days = (entry.today - entry.signed).days
    if days <= 0:
        return _("Signed today")
    words = ngettext("Signed %(days)s day ago", "Signed %(days)s days ago", days)
    return words % {"days": days}


def _window(entry: Entry, window: Span) -> str:
    """The window of the first session without a time, as it looks from today."""
    opens, closes = ((day - entry.today).days for day in (window.first, window.last))
    if closes < 0:
        words, days = _closed(-closes), -closes
    elif closes == 0:
        words, days = _("Window of session %(number)s closes today"), 0
    elif opens > 0 and entry.standing.state is CourseState.PARTLY:
        words, days = _opens(opens), opens
    else:
        words, days = _closes(closes), closes
    return words % {"number": entry.standing.number, "days": days}


def _closed(days: int) -> str:
    return ngettext(
        "Window of session %(number)s closed %(days)s day ago",
        "Window of session %(number)s closed %(days)s days ago",
        days,
    )


def _opens(days: int) -> str:
    return ngettext(
        "Window of session %(number)s opens in %(days)s day",
        "Window of session %(number)s opens in %(days)s days",
        days,
    )


def _closes(days: int) -> str:
    return ngettext(
        "Window of session %(number)s closes in %(days)s day",
        "Window of session %(number)s closes in %(days)s days",
        days,
    )


def _day(day: date, today: date) -> str:
    return date_format(day, "D j M" if day.year == today.year else "D j M Y")
