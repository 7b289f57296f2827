"""Days, times and catalogue words as patients read them, in the page's language."""

from datetime import date, datetime, time

from django import template

from bookings.services import told
from clinic.words import said

register = template.Library()

register.filter("said", said)


@register.filter(expects_localtime=True)
def told_day(day: date | None, this_year: int) -> str:
    """`day` as "Mon 30 November"; with its year unless that is `this_year`."""
    return told.day(day, this_year) if day else ""


@register.filter(expects_localtime=True)
def told_long_day(day: date | None, this_year: int) -> str:
    """`day` as "Monday 30 November"; with its year unless that is `this_year`."""
    return told.long_day(day, this_year) if day else ""


@register.filter(expects_localtime=True)
def told_hour(at: datetime | time | None) -> str:
    """`at` as "9:30" or "9 h 30"; give a datetime in the location's own zone."""
    return told.hour(at) if at else ""


@register.filter(expects_localtime=True)
def told_moment(at: datetime | None, this_year: int) -> str:
    """`at` as "Mon 30 November, 9:30"; give it in the location's own zone."""
    return told.moment(at, this_year) if at else ""
