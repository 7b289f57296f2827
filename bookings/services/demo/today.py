"""The demo's day as far as it has come: who is here, who is late, who is done."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import F

from bookings.models import Appointment, AppointmentKind, AppointmentStatus
from bookings.services import days
from clinic.models import Location

ARRIVES_EARLY = timedelta(minutes=15)
UNTIL_SHOWN_IN = timedelta(minutes=10)
MISSES = 8  # of so many talks that are over, one was missed


def come_as_far_as(now: datetime) -> None:
    """Give today's visits the state that `now` makes likely: no word is sent for it.

    At each place one patient who is due is late; sessions are kept, a talk now and
    then is missed.
    """
    for place in Location.objects.all():
        day = now.astimezone(place.zone).date()
        rows = days.appointments(place, day).live()
        for status, those in _by_status(rows, now).items():
            found = Appointment.objects.filter(pk__in=those)
            found.update(status=status)
            if status == AppointmentStatus.DONE:
                found.update(completed_at=F("during__endswith"))


def _by_status(
    rows: Iterable[Appointment], now: datetime
) -> dict[AppointmentStatus, list[int]]:
    found: dict[AppointmentStatus, list[int]] = {}
    for row, status in _states(rows, now):
        found.setdefault(status, []).append(row.pk)
    return found


def _states(
    rows: Iterable[Appointment], now: datetime
) -> Iterator[tuple[Appointment, AppointmentStatus]]:
    talks, is_late_known = 0, False
    for row in rows:
        if row.is_held or row.starts_at - ARRIVES_EARLY > now:
            continue
        is_talk = row.kind != AppointmentKind.SESSION
        if row.ends_at <= now:
            talks += is_talk
            missed = is_talk and talks % MISSES == 0
            yield row, AppointmentStatus.NO_SHOW if missed else AppointmentStatus.DONE
        elif not is_late_known and row.starts_at < now - timedelta(minutes=1):
            is_late_known = True  # stays as it was: the diary says by how much
        elif row.starts_at + UNTIL_SHOWN_IN > now:
            yield row, AppointmentStatus.ARRIVED
        else:
            yield row, AppointmentStatus.IN_SESSION
