"""Dates as the desk reads them: a year only when it is not this one."""

from datetime import date, datetime

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def day_in(day: date | None, this_year: int | str) -> str:
    """`day` as "Tue 23 Mar"; with its year unless that is `this_year`."""
    if not day:
        return ""
    return date_format(day, "D j M" if day.year == this_year else "D j M Y")


@register.filter(expects_localtime=True, is_safe=False)
def moment_in(moment: datetime | None, this_year: int | str) -> str:
    """`moment`, in its own zone, as "Tue 23 Mar, 16:00"; the year as in `day_in`."""
    if not moment:
        return ""
    return f"{day_in(moment, this_year)}, {date_format(moment, 'H:i')}"
