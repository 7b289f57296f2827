"""Locations, people, rooms and devices: holding one while it changes, naming a new one."""

from itertools import count
from typing import TypeVar

from django.utils.text import slugify

from clinic.models import Location, Resource

Record = TypeVar("Record", Location, Resource)


def hold(row: Record) -> Record:
    """Hold the row until the transaction ends, so that one change follows another."""
    kind = Location if isinstance(row, Location) else Resource
    kind._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    return row


def free_code(name: str) -> str:
    """A code for a new resource called `name` that no other has."""
    stem = slugify(name)[:40] or "thing"
    taken = set(
        Resource.objects.filter(code__startswith=stem).values_list("code", flat=True)
    )
    numbered = (f"{stem}-{number}" for number in count(2))
    return stem if stem not in taken else next(c for c in numbered if c not in taken)
