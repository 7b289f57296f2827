"""What the address that leads to a request already says: a doctor, a treatment."""

from collections.abc import Callable, Mapping
from typing import Any

from bookings.services.enquiries.draft import Draft
from clinic.models import Location, Practitioner
from treatments.models import Concern, Treatment


def _doctor(said: str) -> bool:
    is_key = said.isascii() and said.isdigit() and len(said) < 10
    people = Practitioner.objects.filter(is_active=True, is_on_site=True)
    return is_key and people.filter(pk=int(said)).exists()


def _treatment(said: str) -> bool:
    return Treatment.objects.offered().filter(code=said).exists()


def _concern(said: str) -> bool:
    return Concern.objects.filter(code=said).exists()


def _location(said: str) -> bool:
    return Location.objects.filter(slug=said, is_active=True).exists()


NAMES: Mapping[str, tuple[str, str, Callable[[str], bool]]] = {
    "doctor": ("when", "doctor", _doctor),
    "treatment": ("why", "treatment", _treatment),
    "concern": ("why", "concerns", _concern),
    "location": ("when", "location", _location),
}
"""What an address may say: the step and the field it fills, and whether it is known."""


def take_in(draft: Draft, asked: Mapping[str, Any]) -> bool:
    """Fill in what is known of `asked`; say whether there was any of it."""
    took = False
    for name, (step, field, is_known) in NAMES.items():
        said = str(asked.get(name, "")).replace("\0", "")[:64]
        if said and is_known(said):
            draft.want(step, field, said)
            took = True
    return took
