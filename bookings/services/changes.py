"""What becomes of an appointment on the day: done, cancelled, missed, late.

Each is one transaction: the row, its claims, its messages, and tasks where the
windows of what follows break.
"""

from datetime import datetime

from bookings.models import Appointment
from clinic.models import User


def arrive(
    appointment: Appointment, *, actor: User, now: datetime, version: int | None = None
) -> Appointment:
    """Note that the patient is here."""
    raise NotImplementedError


def arrive_late(
    appointment: Appointment,
    *,
    minutes: int,
    actor: User,
    now: datetime,
    version: int | None = None,
) -> Appointment:
    """Note that the patient came `minutes` after the planned start, and shift it.

    Where that no longer fits before the next claim or closing time nothing shifts,
    and a task asks the desk to find another time.
    """
    raise NotImplementedError


def begin(
    appointment: Appointment, *, actor: User, now: datetime, version: int | None = None
) -> Appointment:
    """Note that the session has begun."""
    raise NotImplementedError


def complete(
    appointment: Appointment,
    *,
    performed_at: datetime,
    actor: User,
    now: datetime,
    version: int | None = None,
) -> Appointment:
    """Note that it ended at `performed_at`; the next window counts from that local day.

    Where a following session lies outside its window now, a task asks to re-plan.
    """
    raise NotImplementedError


def cancel(
    appointment: Appointment,
    *,
    reason: str,
    actor: User,
    now: datetime,
    version: int | None = None,
) -> Appointment:
    """Give the time back. Less than LATE_CANCEL_HOURS before the start it is late.

    A session of a plan then needs another place: a task says so. `version` is the one
    that was on the page; another one is refused in words. A reason is required.
    """
    raise NotImplementedError


def is_late(appointment: Appointment, *, now: datetime) -> bool:
    """Whether a cancellation at `now` counts as late."""
    raise NotImplementedError


def no_show(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> Appointment:
    """Note that the patient did not come; refused before the planned start.

    What is left of the time is free again, and a session needs another place.
    """
    raise NotImplementedError
