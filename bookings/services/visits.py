"""One appointment as its page shows it: the series around it, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentKind, AppointmentStatus
from bookings.models.appointments import AppointmentQuerySet
from bookings.services import ribbons, steps
from bookings.services.reacting import board, reporting
from clinic.models import User

OPEN = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_SESSION,
)
MOVABLE = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an appointment's history, in words; `at` is an instant."""

    at: datetime
    words: str
    who: str
    why: str


def rows() -> AppointmentQuerySet:
    """Appointments with all that their pages show."""
    return Appointment.objects.with_people().select_related("booking", "hold")


def page(appointment: Appointment, *, now: datetime) -> dict[str, Any]:
    """What the page of `appointment` shows, read with_people."""
    is_session = appointment.kind == AppointmentKind.SESSION
    plan = appointment.plan if is_session and appointment.is_live else None
    return {
        "appointment": appointment,
        "tasks": appointment.tasks.open(),
        "series": ribbons.of_plan(plan, now=now) if plan else None,
        "is_open": appointment.status in OPEN,
        "has_come": appointment.local_date
        <= now.astimezone(appointment.location.zone).date(),
        "can_move": is_session and appointment.status in MOVABLE,
        "messages_of": appointment.messages.with_people(),
        "reactions": board.of_session(appointment, now=now),
        "may_report": reporting.may_report(appointment),
        "history": history(appointment),
    }


def history(appointment: Appointment) -> list[Change]:
    """What happened to `appointment`, the latest first, in two queries."""
    rows = list(
        appointment.events.select_related("pgh_context").order_by("pgh_id")  # type: ignore[attr-defined]
    )
    names = _names(rows)
    zone = appointment.location.zone
    found, before = [], None
    for row in rows:
        if words := _words(before, row, zone):
            why = row.reason if before is None or row.reason != before.reason else ""
            who = _("the patient") if steps.is_own(row) else names.get(_user(row), "")
            found.append(Change(row.pgh_created_at, words, who, why))
        before = row
    return found[::-1]


def _names(rows: Iterable[Any]) -> dict[int | None, str]:
    known = {user for row in rows if (user := _user(row)) is not None}
    users = User.objects.filter(pk__in=known)
    return {user.pk: str(user) for user in users}


def _user(row: Any) -> int | None:
    user: int | None = (row.pgh_context.metadata if row.pgh_context else {}).get("user")
    return user


def _words(before: Any, row: Any, zone: ZoneInfo) -> str:
    when = date_format(row.during.lower.astimezone(zone), "D j M Y, H:i")
    if before is None:
        held = row.status == AppointmentStatus.HELD
        words = _("Held for %(when)s") if held else _("Booked for %(when)s")
        return words % {"when": when}
    if row.during != before.during:
        return _("Moved to %(when)s") % {"when": when}
    if row.status != before.status:
        return str(AppointmentStatus(row.status).label)
    if row.note != before.note:
        return (
            _("Note: %(note)s") % {"note": row.note} if row.note else _("Note removed")
        )
    return ""
