"""One day at one location, as a list."""

from datetime import UTC, date, datetime, time, timedelta

from bookings.models import Appointment
from bookings.models.appointments import AppointmentQuerySet
from clinic.models import Location


def bounds(location: Location, day: date) -> tuple[datetime, datetime]:
    """The UTC instants at which the local `day` starts and the next one starts."""
    start = datetime.combine(day, time.min, tzinfo=location.zone)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=location.zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def appointments(location: Location, day: date) -> AppointmentQuerySet:
    """Everything that stands or stood at `location` on the local `day`, by time."""
    return (
        Appointment.objects.filter(location=location)
        .between(*bounds(location, day))
        .with_people()
        .order_by("during", "pk")
    )
