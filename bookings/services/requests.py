"""Requests for a consultation: from new to done, one allowed step at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

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
from bookings.services.messages import time_letters
from bookings.services.refusals import BookingRefused
from bookings.services.triage import unanswered
from bookings.services.triage.lines import OPEN
from clinic.models import Location, Practitioner, User

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
    clinician: Practitioner | None = None
    unassigned: bool = False


def listed(wanted: Wanted, *, now: datetime) -> QuerySet[ConsultationRequest]:
    """Requests in one state, or those still to answer; the longest wait first.

    What has ended comes the latest first.
    """
    rows = with_times(_filtered(wanted), now=now).select_related(
        "patient",
        "location",
        "doctor",
        "clinician",
        "treatment",
        "appointment__location",
    )
    if wanted.status is None:
        return rows.filter(status__in=OPEN).order_by("asked_at", "pk")
    order = ("-asked_at", "-pk")
    if wanted.status in (*OPEN, RequestStatus.BOOKED):
        order = ("asked_at", "pk")
    return rows.filter(status=wanted.status).order_by(*order)


def with_times(
    rows: QuerySet[ConsultationRequest], *, now: datetime
) -> QuerySet[ConsultationRequest]:
    """With how many times each was `proposed`, and how many are `still_open` at `now`."""
    standing = Q(proposed_times__is_withdrawn=False)
    ahead = standing & Q(proposed_times__starts_at__gt=now)
    return rows.annotate(
        proposed=Count("proposed_times", standing),
        still_open=Count("proposed_times", ahead),
    )


def counts(wanted: Wanted) -> dict[RequestStatus, int]:
    """How many requests there are in each state, in one query."""
    names = {status.name: status for status in RequestStatus}
    found = _filtered(wanted).aggregate(
        **{name: Count("pk", Q(status=status)) for name, status in names.items()}
    )
    return {status: found[name] for name, status in names.items()}


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
    now: datetime,
    reason: str = "",
) -> None:
    """Bring a request seen in the state `seen` to `status`, or refuse.

    Refused are a step that the state does not allow, one that somebody else has taken
    meanwhile, and a closing without a reason. Where it ends, so do the times proposed.
    """
    patients.hold(row.patient_id)
    _judge_step(status, seen, reason)
    why = reason.strip()[:200] if status in ENDED else ""
    open_again: dict[str, Any] = {"appointment": None} if status in OPEN else {}
    _step(row, seen, status=status, close_reason=why, **open_again)
    if status != RequestStatus.CONTACTED:
        take_back_times(row)
    if status != RequestStatus.NEW:
        unanswered.settle(row, actor=actor, now=now)
    patients.log_access(actor, row.patient, f"request {status}")


def _judge_step(status: RequestStatus, seen: str, reason: str) -> None:
    if status == RequestStatus.CLOSED and not reason.strip():
        raise BookingRefused(_("Say why: the reason is kept with the request."))
    if status == RequestStatus.BOOKED:
        raise BookingRefused(_("Book the consultation: that marks the request."))
    if seen not in RequestStatus.values or status not in STEPS[RequestStatus(seen)]:
        raise BookingRefused(_("A request cannot go from there to that."))


@transaction.atomic
def assign(
    row: ConsultationRequest,
    *,
    location: Location | None,
    clinician: Practitioner | None,
    actor: User,
) -> None:
    """Say where it belongs and who looks after it, or refuse; without a place, theirs.

    Call it with the row as held, so that nobody's change of the same moment is lost.
    """
    if clinician and not clinician.is_active:
        raise BookingRefused(
            _("%(who)s does not work here any more. Choose somebody else.")
            % {"who": clinician.name}
        )
    if clinician and location and clinician.location_id != location.pk:
        raise BookingRefused(
            _("%(who)s is not at %(place)s. Choose somebody there, or the other place.")
            % {"who": clinician.name, "place": location.name}
        )
    row.location = location or (clinician.location if clinician else None)
    row.clinician = clinician
    row.save(update_fields=["location", "clinician"])
    patients.log_access(actor, row.patient, "request assigned")


def take_back_times(row: ConsultationRequest) -> int:
    """Let nobody choose the times proposed any more; say how many those were.

    A letter that has not left stays here.
    """
    time_letters.withdraw(row)
    return row.proposed_times.filter(is_withdrawn=False).update(is_withdrawn=True)


def answer(
    row: ConsultationRequest, talk: Appointment, *, actor: User, now: datetime
) -> None:
    """Mark a request, held, as answered by `talk`, in the transaction that books it."""
    row.appointment, row.status = talk, RequestStatus.BOOKED
    row.save(update_fields=["appointment", "status"])
    take_back_times(row)
    unanswered.settle(row, actor=actor, now=now)


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
    if wanted.clinician:
        rows = rows.filter(clinician=wanted.clinician)
    return rows.filter(clinician=None) if wanted.unassigned else rows


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
