"""The coming visits that nobody has confirmed yet, and the calls about them.

A call that nobody answers is kept as a task that was done at once: it stands on the
day's list with its hour, and is never open. Confirming itself is the business of
`moves.changes`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Message,
    Task,
    TaskKind,
)
from bookings.services import patients
from bookings.services.refusals import BookingRefused
from clinic.models import Location, User

DAYS = (1, 2, 3, 7)
USUAL_DAYS = 3
REMINDER = "practical"
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Line:
    """One visit to confirm: its 48-hour message, and the calls nobody answered."""

    visit: Appointment
    reminder: Message | None
    calls: tuple[Task, ...]
    with_whom: str

    @property
    def last_call(self) -> Task | None:
        return self.calls[-1] if self.calls else None


def lines(*, days: int, location: Location | None, now: datetime) -> list[Line]:
    """What comes until the end of the local day `days` from today, soonest first.

    Today counts, from `now` on. As many queries for one visit as for many.
    """
    visits = [row for row in _awaited(days, location, now) if _is_near(row, days, now)]
    calls = _calls(visits)
    return [
        Line(
            visit=row,
            reminder=next(iter(row.messages.all()), None),
            calls=tuple(calls.get(row.pk, ())),
            with_whom=_operator(row),
        )
        for row in visits
    ]


@transaction.atomic
def no_answer(appointment: Appointment, *, actor: User, now: datetime) -> Task:
    """Keep that somebody called about a visit to come at `now` and reached nobody."""
    if appointment.status != AppointmentStatus.BOOKED or appointment.starts_at <= now:
        raise BookingRefused(_("This visit does not wait for a confirmation any more."))
    patients.hold(appointment.patient_id)
    start = appointment.local_start
    told = {
        "patient": appointment.patient,
        "when": date_format(start, "D j M, H:i"),
    }
    patients.log_access(actor, appointment.patient, "called, no answer")
    return Task.objects.create(
        kind=TaskKind.CALL,
        key=_key(appointment.pk),
        words=_("Called %(patient)s about %(when)s: no answer.") % told,
        patient=appointment.patient,
        plan=appointment.plan,
        appointment=appointment,
        opened_at=now,
        closed_at=now,
        closed_by=actor,
    )


def _awaited(
    days: int, location: Location | None, now: datetime
) -> Iterable[Appointment]:
    """A little more than is wanted: zones differ by up to a day."""
    rows = Appointment.objects.filter(
        status=AppointmentStatus.BOOKED,
        during__startswith__gt=now,
        during__startswith__lt=now + timedelta(days=days + 2),
    )
    if location:
        rows = rows.filter(location=location)
    reminders = Message.objects.filter(rule=REMINDER).order_by("-version", "-pk")
    return (
        rows.with_people()
        .prefetch_related(Prefetch("messages", reminders))
        .order_by("during", "pk")
    )


def _is_near(row: Appointment, days: int, now: datetime) -> bool:
    today = now.astimezone(row.location.zone).date()
    return row.local_date <= today + timedelta(days=days)


def _calls(visits: Iterable[Appointment]) -> Mapping[int | None, list[Task]]:
    keys = [_key(row.pk) for row in visits]
    found: dict[int | None, list[Task]] = {}
    tasks = Task.objects.filter(key__in=keys).select_related("closed_by")
    for task in tasks.order_by("opened_at", "pk"):
        found.setdefault(task.appointment_id, []).append(task)
    return found


def _key(appointment_id: int) -> str:
    return f"confirm:{appointment_id}"


def _operator(row: Appointment) -> str:
    """Who gives the visit, or nothing where nobody is named."""
    return next(
        (
            str(claim.resource.name)
            for claim in row.claims.all()
            if claim.role == OPERATOR
        ),
        "",
    )
