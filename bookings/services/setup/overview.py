"""The clinic as it is set up, on one page: places, who and what is there, what is ahead."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from bookings.models import Outage
from bookings.services.setup import attention, closures, weeks
from bookings.services.setup.attention import Notice
from clinic.models import Closure, Location, Resource, ResourceKind

AHEAD = 6  # closures and absences shown; the rest has pages of its own


@dataclass(frozen=True, slots=True)
class Line:
    """A resource with the hours it has today in words; `changes` say from when others."""

    resource: Resource
    hours: list[str]
    changes: date | None

    @property
    def device(self) -> Any:
        """The device, where it is one."""
        return getattr(self.resource, "device", None)

    @property
    def practitioner(self) -> Any:
        """The practitioner, where it is one."""
        return getattr(self.resource, "practitioner", None)


@dataclass(frozen=True, slots=True)
class Place:
    """A location, and its lines by kind: label, name in addresses, lines."""

    location: Location
    kinds: list[tuple[str, str, list[Line]]]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, on one day."""

    places: list[Place]
    notices: list[Notice]
    closures: list[Closure]
    absences: list[Outage]


def of(*, now: datetime, today: date) -> Overview:
    """The set-up on the local day `today`, in a fixed number of queries."""
    locations = list(Location.objects.order_by("-is_active", "name"))
    rows = list(listed())
    lines = [_line(row, today) for row in rows]
    ahead = Outage.objects.standing().filter(during__endswith__gt=now)
    return Overview(
        [_place(location, lines) for location in locations],
        attention.notices(locations, rows, today=today),
        list(closures.ahead(today)[:AHEAD]),
        list(ahead.select_related("resource__location").order_by("during")[:AHEAD]),
    )


def listed() -> QuerySet[Resource]:
    """Every resource with what a line about it shows, in use first."""
    rows = Resource.objects.select_related("location", "device", "practitioner")
    return rows.prefetch_related("hours").order_by("-is_active", "name", "pk")


def _place(location: Location, lines: list[Line]) -> Place:
    here = [line for line in lines if line.resource.location_id == location.pk]
    names = {
        kind: [line for line in here if line.resource.kind == kind]
        for kind in ResourceKind
    }
    return Place(
        location,
        [(str(kind.label), f"{kind}s", found) for kind, found in names.items()],
    )


def _line(row: Resource, today: date) -> Line:
    found = weeks.periods(list(row.hours.all()), today)
    later = found[1].first if len(found) > 1 else None
    return Line(row, weeks.lines(found[0].week), later)
