"""The path of a visit through its day: where it stands, and what is one click away.

Booked, confirmed, arrived, in session, done: one step forward and one back, and the
ways out at the side in an order that never changes. Drawer, boards and pages all ask
here, so that they offer the same; whether it may be is judged when it is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment, AppointmentStatus

BY_PATIENT = "by_patient"  # under which the history keeps that the patient did it
PATH = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_SESSION,
    AppointmentStatus.DONE,
)
AWAITED = PATH[:2]
OPEN = PATH[:4]
LOST = (
    AppointmentStatus.CANCELLED,
    AppointmentStatus.LATE_CANCELLED,
    AppointmentStatus.NO_SHOW,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that may be said of a visit: its verb in the address, label and key.

    One that `has_form` asks something first; the others are a button. `key` is empty
    where no single key does it: what frees the time never has one.
    """

    verb: str
    label: Promise
    key: str = ""
    has_form: bool = False
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """What is one click away from where a visit stands."""

    forward: Step | None
    back: Step | None
    aside: tuple[Step, ...]

    @property
    def all(self) -> tuple[Step, ...]:
        """Each step on offer, in the order in which they are drawn."""
        return tuple(step for step in (self.forward, self.back, *self.aside) if step)


CONFIRM = Step("confirm", _("Confirm"))
ARRIVE = Step("arrive", _("Arrived"), key="a")
BEGIN = Step("begin", _("Begin"))
DONE = Step("done", _("Done"), has_form=True)
LATE = Step("late", _("Arrives late"), has_form=True)
NO_SHOW = Step("no-show", _("No-show"), has_form=True)
CANCEL = Step("cancel", _("Cancel"), has_form=True, is_grave=True)
NOTE = Step("note", _("Note"), has_form=True)
REOPEN = Step("reopen", _("Reopen"))

BACK = {
    AppointmentStatus.CONFIRMED: Step("back", _("Not confirmed")),
    AppointmentStatus.ARRIVED: Step("back", _("Not here yet")),
    AppointmentStatus.IN_SESSION: Step("back", _("Not begun yet")),
    AppointmentStatus.DONE: Step("back", _("Not done yet")),
}


def of(appointment: Appointment, *, now: datetime) -> Steps:
    """What may be said of `appointment` at `now`; costs no query.

    On the visit's own local day the way forward leads through the door, before it to
    a confirmation.
    """
    status = AppointmentStatus(appointment.status)
    return Steps(
        _forward(appointment, status, now),
        REOPEN if status in LOST else BACK.get(status),
        tuple(_aside(appointment, status, now)),
    )


def _forward(
    appointment: Appointment, status: AppointmentStatus, now: datetime
) -> Step | None:
    if status in AWAITED and _has_come(appointment, now):
        return ARRIVE
    return {
        AppointmentStatus.BOOKED: CONFIRM,
        AppointmentStatus.ARRIVED: BEGIN,
        AppointmentStatus.IN_SESSION: DONE,
    }.get(status)


def _aside(
    appointment: Appointment, status: AppointmentStatus, now: datetime
) -> Iterable[Step]:
    today = _has_come(appointment, now)
    if status == AppointmentStatus.BOOKED and today:
        yield CONFIRM
    if status in (*AWAITED, AppointmentStatus.ARRIVED) and today:
        yield DONE
    if status in AWAITED and today:
        yield LATE
    if status in AWAITED and now >= appointment.starts_at:
        yield NO_SHOW
    if status in (*AWAITED, AppointmentStatus.ARRIVED):
        yield CANCEL
    if status != AppointmentStatus.HELD and status != AppointmentStatus.RELEASED:
        yield NOTE


def _has_come(appointment: Appointment, now: datetime) -> bool:
    """Whether the visit's local day has come."""
    return appointment.local_date <= now.astimezone(appointment.location.zone).date()


def history(appointment: Appointment) -> list[Any]:
    """What the database wrote down of `appointment`, the oldest first."""
    rows = appointment.events.select_related("pgh_context")  # type: ignore[attr-defined]
    return list(rows.order_by("pgh_id"))


def user_of(row: Any) -> int | None:
    """The key of the account that did what `row` of the history tells."""
    context = row.pgh_context.metadata if row.pgh_context else {}
    user: int | None = context.get("user")
    return user


def is_own(row: Any) -> bool:
    """Whether the patient did it, on their own pages or by a link."""
    context = row.pgh_context.metadata if row.pgh_context else {}
    return bool(context.get(BY_PATIENT))
