"""Tags of the to-do list and of outages: counts, and times in words."""

from django import template

from bookings.models import Outage, Task
from bookings.services.missing import outages

register = template.Library()


@register.simple_tag
def open_task_count() -> int:
    """How many tasks are open: one cheap query."""
    return Task.objects.open().count()


@register.filter
def outage_when(outage: Outage) -> str:
    """The time of an outage in words, local to what is missing."""
    return outages.when(outage)


@register.filter
def outage_missing(outage: Outage) -> str:
    """Who or what is missing, as a sentence without its full stop."""
    return outages.missing(outage)
