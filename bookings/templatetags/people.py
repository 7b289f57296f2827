"""Filters for the pages of patients and plans."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template

from bookings.models import Patient
from bookings.services.daybook import words
from bookings.services.daybook.asked import INITIALS, KEPT
from treatments.models import DEPTH_LIMIT_MM

register = template.Library()


@register.filter
def gauge(depth_mm: Any, width: int) -> str:
    """How much of `width` a depth in mm fills, where 2.0 mm fill it; 0 for no depth."""
    try:
        share = min(
            max(Decimal(str(depth_mm)) / DEPTH_LIMIT_MM, Decimal(0)), Decimal(1)
        )
    except InvalidOperation:
        return "0"
    return f"{share * width:.1f}"


@register.simple_tag(takes_context=True)
def shown_name(context: dict[str, Any], patient: Patient) -> str:
    """The patient's name, or initials where this person's diary shows only those."""
    kept = context["request"].session.get(KEPT, {})
    return words.initials(patient) if kept.get("names") == INITIALS else str(patient)
