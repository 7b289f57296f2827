"""The demo's outage: a device that goes to be repaired while sessions stand on it."""

from datetime import timedelta

from bookings.models import OutageKind
from bookings.services.demo.world import World
from bookings.services.missing import outages
from clinic.models import Resource

BROKEN = "rf-2"
DAYS = 3


def declare(world: World) -> None:
    """From next Monday on RF device 2 is away; those booked on it are not re-planned."""
    device = Resource.objects.select_related("location").get(code=BROKEN)
    monday = world.today + timedelta(days=7 - world.today.weekday())
    start, end = outages.moments(
        device.location.zone, monday, monday + timedelta(days=DAYS - 1)
    )
    outages.declare(
        device,
        start,
        end,
        kind=OutageKind.OUT_OF_SERVICE,
        reason="Hand piece goes back to be repaired",
        actor=world.staff["Boyer"],
        now=world.midnight,
    )
