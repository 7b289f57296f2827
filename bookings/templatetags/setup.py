"""Closures and skills in words."""

from collections.abc import Iterable

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.services.setup import skills
from clinic.models import Closure

register = template.Library()


@register.filter
def closed_when(closure: Closure) -> str:
    """The days of a closure: Fri 25 Dec 2026, or from the first to the last."""
    first = date_format(closure.first_day, "D j M Y")
    if closure.first_day == closure.last_day:
        return first
    last = date_format(closure.last_day, "D j M Y")
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


@register.filter
def closed_what(closure: Closure) -> str:
    """What a closure closes, by name."""
    if closure.resource:
        return closure.resource.name
    return closure.location.name if closure.location else _("The whole clinic")


@register.filter
def skill_words(codes: Iterable[str]) -> str:
    """Skills as the desk calls them, in a row."""
    return ", ".join(sorted(skills.called(code) for code in codes)) or _("None")
