"""Days of the week in words."""

from collections.abc import Sequence

from django import template
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

register = template.Library()

WORKDAYS, EVERY_DAY = list(range(5)), list(range(7))


@register.filter
def weekday_names(days: Sequence[int]) -> str:
    """The weekdays (Monday = 0) in order: "Mon, Wed", or "Mon to Fri", or "any day"."""
    found = sorted(set(days))
    if found == EVERY_DAY:
        return _("any day")
    if found == WORKDAYS:
        return _("Mon to Fri")
    return ", ".join(str(WEEKDAYS_ABBR[day]) for day in found)
