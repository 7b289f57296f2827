"""Requests for a consultation: from new to done, one allowed step at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    ConsultationRequest,
    Patient,
    RequestStatus,
)
from bookings.models.appointments import GIVEN_UP
from bookings.services import patients
from bookings.services.refusals import BookingRefused
from clinic.models import Location, Practitioner, User

OPEN = (RequestStatus.NEW, RequestStatus.CONTACTED)
ENDED = (RequestStatus.WITHDRAWN, RequestStatus.CLOSED)
STEPS = {
    RequestStatus.NEW: (
        RequestStatus.CONTACTED,
        RequestStatus.BOOKED,
        RequestStatus.WITHDRAWN,
        RequestStatus.CLOSED,
    ),
    RequestStatus.CONTACTED: (
        RequestStatus.NEW,
        RequestStatus.BOOKED,
        RequestStatus.WITHDRAWN,
        RequestStatus.CLOSED,
    ),
    RequestStatus.BOOKED: (
        RequestStatus.CONTACTED,
        RequestStatus.DONE,
        RequestStatus.WITHDRAWN,
        RequestStatus.CLOSED,
    ),
    RequestStatus.DONE: (),
    RequestStatus.WITHDRAWN: (RequestStatus.NEW,),
    RequestStatus.CLOSED: (RequestStatus.NEW,),
}
"""From each state, the states that may follow: a slip can be taken back."""

FELL_THROUGH = {
    AppointmentStatus.CANCELLED: _l("The consultation on %(when)s was cancelled."),
    AppointmentStatus.LATE_CANCELLED: _l("The consultation on %(when)s was cancelled."),
    AppointmentStatus.NO_SHOW: _l("The consultation on %(when)s was missed."),
    AppointmentStatus.RELEASED: _l("The booking for %(when)s was taken back."),
}
FOLLOWS = {
    RequestStatus.CONTACTED: (RequestStatus.BOOKED,),
    RequestStatus.DONE: (RequestStatus.BOOKED, RequestStatus.CONTACTED),
    RequestStatus.BOOKED: (RequestStatus.DONE, RequestStatus.CONTACTED),
}
"""States that a change of the consultation brings about, each from which others."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests to look at; None does not matter."""

    status: RequestStatus | None = None
    location: Location | None = None
    doctor: Practitioner | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One request, and for how many local days it has been asked."""

    request: ConsultationRequest
    days: int

    @property
    def waits(self) -> bool:
        return self.request.status in OPEN

    @property
    def fell_through(self) -> str:
        """What became of the consultation that would have answered it; empty if none."""
        talk = self.request.appointment
        if talk is None or not self.waits or talk.status not in FELL_THROUGH:
            return ""
        when = date_format(talk.local_start, "D j M, H:i")
        return FELL_THROUGH[AppointmentStatus(talk.status)] % {"when": when}


def listed(wanted: Wanted) -> QuerySet[ConsultationRequest]:
    """Requests in one state, or those still to answer; the longest wait first.

    What has ended comes the latest first.
    """
    rows = _filtered(wanted).select_related(
        "patient", "location", "doctor", "appointment__location"
    )
    if wanted.status is None:
        return rows.filter(status__in=OPEN).order_by("asked_at", "pk")
    order = ("-asked_at", "-pk")
    if wanted.status in (*OPEN, RequestStatus.BOOKED):
        order = ("asked_at", "pk")
    return rows.filter(status=wanted.status).order_by(*order)


def counts(wanted: Wanted) -> dict[RequestStatus, int]:
    """How many requests there are in each state, in one query."""
    names = {status.name: status for status in RequestStatus}
    found = _filtered(wanted).aggregate(
        **{name: Count("pk", Q(status=status)) for name, status in names.items()}
    )
    return {status: found[name] for name, status in names.items()}


def line(row: ConsultationRequest, *, now: datetime) -> Line:
    """The request with its age in days on the clock of its location, else the clinic's."""
    zone = row.location.zone if row.location else get_current_timezone()
    today, asked = now.astimezone(zone).date(), row.asked_at.astimezone(zone).date()
    return Line(row, (today - asked).days)


def steps(row: ConsultationRequest) -> tuple[RequestStatus, ...]:
    """The states that may follow the one it is in."""
    return STEPS[RequestStatus(row.status)]


@transaction.atomic
def add(
    patient: Patient, *, actor: User, now: datetime, **wishes: Any
) -> ConsultationRequest:
    """Note what somebody asked for: `words`, `location` and `doctor`, as far as known.

    Raises BookingRefused where the record was merged into another.
    """
    patients.hold(patient.pk)
    patients.log_access(actor, patient, "request added")
    return ConsultationRequest.objects.create(patient=patient, asked_at=now, **wishes)


@transaction.atomic
def move(
    row: ConsultationRequest,
    status: RequestStatus,
    *,
    seen: str,
    actor: User,
    reason: str = "",
) -> None:
    """Bring a request seen in the state `seen` to `status`, or refuse.

    Refused are a step that the state does not allow, one that somebody else has taken
    meanwhile, and a closing without a reason.
    """
    if status == RequestStatus.CLOSED and not reason.strip():
        raise BookingRefused(_("Say why: the reason is kept with the request."))
    if status == RequestStatus.BOOKED:
        raise BookingRefused(_("Book the consultation: that marks the request."))
    if seen not in RequestStatus.values or status not in STEPS[RequestStatus(seen)]:
        raise BookingRefused(_("A request cannot go from there to that."))
    facts: dict[str, Any] = {"status": status}
    facts["close_reason"] = reason.strip()[:200] if status in ENDED else ""
    if status in OPEN:
        facts["appointment"] = None
    _step(row, seen, **facts)
    patients.log_access(actor, row.patient, f"request {status}")


def follow(talk: Appointment, *, was: str) -> None:
    """After `talk` came from the status `was` to the one it has: requests for it follow.

    Cancelled or missed, it has to be asked for again; done, it answers for good; taken
    up again, it stands. What a person closed or withdrew meanwhile stays so. Call it
    in the transaction of the change, under the patient's lock.
    """
    now, then = _answer(talk.status), _answer(was)
    if now != then and talk.kind != AppointmentKind.SESSION:
        rows = ConsultationRequest.objects.filter(appointment=talk.pk)
        rows.filter(status__in=FOLLOWS[now]).update(status=now)


def _answer(status: str) -> RequestStatus:
    """The state of a request whose consultation has that status."""
    if status in GIVEN_UP:
        return RequestStatus.CONTACTED
    is_done = status == AppointmentStatus.DONE
    return RequestStatus.DONE if is_done else RequestStatus.BOOKED


def _filtered(wanted: Wanted) -> QuerySet[ConsultationRequest]:
    rows = ConsultationRequest.objects.all()
    if wanted.location:
        rows = rows.filter(location=wanted.location)
    if wanted.doctor:
        rows = rows.filter(doctor=wanted.doctor)
    return rows


def _step(row: ConsultationRequest, seen: str, **facts: Any) -> None:
    """Write `facts`, if the request is still in the state in which it was seen."""
    unmoved = ConsultationRequest.objects.filter(pk=row.pk, status=seen)
    if not unmoved.update(**facts):
        row.refresh_from_db()
        raise BookingRefused(
            _("Somebody else has dealt with this meanwhile: it is “%(status)s” now.")
            % {"status": row.get_status_display()}
        )
    row.refresh_from_db()
