"""Time that became free: the one place from which the waiting list hears of it.

Moving, cancelling and a lapsed hold report here, in the transaction that frees. What
is called from here must not import `moving` or `changes`; to place a session it uses
`placing`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment
from bookings.services.waitlist import matching


@dataclass(frozen=True, slots=True)
class FreedTime:
    """[starts_at, ends_at) at a location that an appointment no longer takes."""

    location_id: int
    starts_at: datetime
    ends_at: datetime
    appointment: Appointment


def of(appointment: Appointment) -> FreedTime:
    """The time that `appointment` takes now, read before it is given up."""
    return FreedTime(
        appointment.location_id,
        appointment.starts_at,
        appointment.ends_at,
        appointment,
    )


def report(times: Iterable[FreedTime], *, now: datetime) -> list[FreedTime]:
    """Tell the waiting list what of `times` is still to come at `now`, and answer it.

    Whoever waits is offered the time once the caller's transaction is committed.
    """
    to_come = [time for time in times if time.starts_at > now]
    for place in {time.appointment.location for time in to_come}:
        spans = [
            DateTimeTZRange(time.starts_at, time.ends_at)
            for time in to_come
            if time.location_id == place.pk
        ]
        matching.slot_freed(spans, location=place, now=now)
    return to_come
