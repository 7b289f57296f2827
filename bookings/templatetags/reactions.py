"""Reactions in templates: how bad it is, as a word and three bars."""

from django import template
from django.utils.functional import Promise

from bookings.models import Severity
from bookings.services.reacting import signs

register = template.Library()

BARS = {Severity.MILD: 1, Severity.MODERATE: 2, Severity.SEVERE: 3}


@register.inclusion_tag("review/_severity.html")
def severity(value: str) -> dict[str, object]:
    """A severity as its word beside as many bars of three."""
    known = Severity(value)
    filled = BARS[known]
    return {
        "value": known.value,
        "label": known.label,
        "bars": [place < filled for place in range(len(BARS))],
    }


@register.filter
def meaning(value: str) -> str | Promise:
    """What a severity means, in a few words; nothing for another value."""
    return signs.MEANS.get(str(value), "")


@register.filter
def is_alarming(code: str) -> bool:
    """Whether a sign calls for a clinician at once."""
    return str(code) in signs.ALARMING
