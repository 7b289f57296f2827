"""The resources of a location in the order in which a diary shows them."""

import re
from collections.abc import Iterable
from typing import Any

from clinic.models import ResourceKind


def in_order(resources: Iterable[Any], kind: str) -> list[Any]:
    """Those of `kind`: doctors first, then by name."""
    found = [row for row in resources if row.kind == kind]
    return sorted(found, key=lambda row: (not is_doctor(row), natural(row.name)))


def people(resources: Iterable[Any]) -> list[Any]:
    """The practitioners in order."""
    return in_order(resources, ResourceKind.PRACTITIONER)


def is_doctor(row: Any) -> bool:
    """Whether this is somebody who may supervise dermal work."""
    person = getattr(row, "practitioner", None)
    return bool(person and person.may_supervise)


def natural(name: str) -> list[tuple[int, str]]:
    """A key by which Room 2 comes before Room 10."""
    return [
        (int(part), "") if part.isdigit() else (-1, part.casefold())
        for part in re.split(r"(\d+)", name)
        if part
    ]
