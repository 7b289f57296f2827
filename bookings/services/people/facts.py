"""A patient's facts in words, for pages that compare them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst

from bookings.models import Patient

FACTS = (
    "first_name",
    "last_name",
    "pronouns",
    "birth_date",
    "phone",
    "email",
    "language",
    "timezone",
    "location",
)


def label(name: str) -> str:
    """What the fact is called."""
    field: Any = Patient._meta.get_field(name)
    return str(capfirst(field.verbose_name))


def value(row: Any, name: str) -> Any:
    """The fact as the row has it; of the location its key."""
    return getattr(row, "location_id" if name == "location" else name)


def shown(row: Any, name: str, places: Mapping[int, str]) -> str:
    """The fact of a patient, or of an event of one; `places` names locations."""
    held = value(row, name)
    if not held:
        return ""
    if name == "location":
        return places.get(held, "")
    if name == "phone":
        return str(held.as_national)
    if name == "language":
        return str(row.get_language_display())
    return date_format(held, "j M Y") if isinstance(held, date) else str(held)
