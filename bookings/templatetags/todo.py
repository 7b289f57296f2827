"""Tags of the to-do list and of outages: times in words."""

from django import template

from bookings.models import Outage
from bookings.services.missing import outages

register = template.Library()


@register.filter
def outage_when(outage: Outage) -> str:
    """The time of an outage in words, local to what is missing."""
    return outages.when(outage)


@register.filter
def outage_missing(outage: Outage) -> str:
    """Who or what is missing, as a sentence without its full stop."""
    return outages.missing(outage)
