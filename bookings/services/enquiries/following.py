"""What a requester sees of their request later, and what they may still do with it.

The requester acts for themselves: nothing of it is anybody's entry but their own, and
the desk finds on its list what has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import override

from bookings.models import (
    Appointment,
    ConsultationRequest,
    Message,
    MessageStatus,
    Patient,
    RequestStatus,
    TaskKind,
)
from bookings.services import links, patients, todo
from bookings.services.enquiries import questions, sending
from bookings.services.enquiries.questions import Matters
from bookings.services.links import Purpose
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.services.triage.lines import OPEN

WAY = (
    RequestStatus.NEW,
    RequestStatus.CONTACTED,
    RequestStatus.BOOKED,
    RequestStatus.DONE,
)
WAY_WORDS: Mapping[RequestStatus, Promise] = {
    RequestStatus.NEW: _l("Your request is with us"),
    RequestStatus.CONTACTED: _l("We have called you or written to you"),
    RequestStatus.BOOKED: _l("Your consultation is booked"),
    RequestStatus.DONE: _l("Your consultation has taken place"),
}
SAID: Mapping[RequestStatus, Promise] = {
    RequestStatus.NEW: _l(
        "We answer within one working day: we call you, or we write to you with times."
    ),
    RequestStatus.CONTACTED: _l(
        "We are looking for a time together. If you missed our call, call us back."
    ),
    RequestStatus.BOOKED: _l("We look forward to seeing you."),
    RequestStatus.DONE: _l("Thank you for coming. There is nothing left to do here."),
    RequestStatus.WITHDRAWN: _l(
        "You have taken your request back. You can make a new one at any time."
    ),
    RequestStatus.CLOSED: _l("The clinic has closed this request."),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One state on the way; `mark` is "is-done", "is-now" or empty."""

    words: str
    mark: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A request as its requester sees it. `visit` is the consultation, if one stands."""

    row: ConsultationRequest
    code: str
    said: str
    way: Sequence[Stop]
    visit: Appointment | None
    told: Sequence[Message]
    may_change: bool
    may_withdraw: bool

    @property
    def is_over(self) -> bool:
        """Whether only the state is left to see."""
        return self.row.status not in (*OPEN, RequestStatus.BOOKED)


def followed(row: ConsultationRequest) -> Followed:
    """How the request stands, in three queries at most."""
    status = RequestStatus(row.status)
    visit = row.appointment if status == RequestStatus.BOOKED else None
    is_open = status in OPEN
    return Followed(
        row=row,
        code=sending.code_of(row),
        said=str(SAID[status]),
        way=_way(status),
        visit=visit,
        told=_told(row) if is_open or visit else (),
        may_change=is_open,
        may_withdraw=is_open or status == RequestStatus.BOOKED,
    )


def _way(status: RequestStatus) -> list[Stop]:
    if status not in WAY:
        return []
    at = WAY.index(status)
    marks = ["is-done"] * at + ["is-now"] + [""] * (len(WAY) - at - 1)
    return [
        Stop(str(WAY_WORDS[one]), mark) for one, mark in zip(WAY, marks, strict=True)
    ]


def _told(row: ConsultationRequest) -> list[Message]:
    """The letters about the request that have left, the latest first."""
    sent = Message.objects.filter(request=row, status=MessageStatus.SENT)
    return list(sent.order_by("-sent_at", "-pk"))


def visit_link(row: ConsultationRequest, *, now: datetime) -> str:
    """The token with which the booked consultation is moved or cancelled, if it may be.

    Both pages are the same person's, and the letter that confirms it holds this too.
    """
    talk = row.appointment
    if row.status != RequestStatus.BOOKED or talk is None or talk.starts_at <= now:
        return ""
    return links.token(Purpose.VISIT, talk, now=now)


@transaction.atomic
def withdraw(row: ConsultationRequest, *, now: datetime) -> None:
    """Take the request back for its requester, or refuse; twice is once.

    One that is booked stays: its consultation is cancelled as a visit, not by the way.
    """
    patient = patients.hold(row.patient_id)
    row.refresh_from_db()
    if row.status == RequestStatus.WITHDRAWN:
        return
    if row.status == RequestStatus.BOOKED:
        raise BookingRefused(
            _("Your consultation is booked. Cancel the visit itself, or call us.")
        )
    moved = ConsultationRequest.objects.filter(pk=row.pk, status__in=OPEN).update(
        status=RequestStatus.WITHDRAWN, close_reason=""
    )
    if not moved:
        raise BookingRefused(_("This request is over already."))
    row.refresh_from_db()
    with override("en"):  # the desk reads it
        words = _("%(who)s has taken the request for a consultation back.")
        _tell_desk(row, patient, "withdrawn", words, now)


@transaction.atomic
def change(row: ConsultationRequest, wishes: Mapping[str, Any], now: datetime) -> None:
    """Write what is wished now, or refuse where it is too late for that."""
    patient = patients.hold(row.patient_id)
    row.refresh_from_db()
    if row.status not in OPEN:
        raise BookingRefused(
            _("This request can no longer be changed here. Call us: we will help.")
        )
    facts = {n: v for n, v in wishes.items() if n not in sending.MANY}
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
    for name in sending.MANY:
        getattr(row, name).set(wishes[name])
    with override("en"):
        words = _("%(who)s has changed the request for a consultation.")
        _tell_desk(row, patient, "changed", words, now)


@transaction.atomic
def answer(row: ConsultationRequest, answers: Sequence[Given], now: datetime) -> None:
    """Add health answers to those given before, or refuse where it is too late."""
    patient = patients.hold(row.patient_id)
    row.refresh_from_db()
    if row.status not in OPEN:
        raise BookingRefused(
            _("This request can no longer be changed here. Call us: we will help.")
        )
    if not answers:
        return
    sending.append_answers(patient, answers, now=now)
    with override("en"):
        words = _("%(who)s has answered health questions for the request.")
        _tell_desk(row, patient, "answered", words, now)


def matters(row: ConsultationRequest) -> Matters:
    """The questions that matter for what the request asks for now."""
    concerns, areas = row.concerns.all(), row.areas.all()
    return questions.matters(questions.fitting(row.treatment, concerns, areas))


def unanswered(row: ConsultationRequest, about: Matters) -> frozenset[str]:
    """Which of the questions that matter the requester never answered."""
    known = set(row.patient.answers.values_list("question", flat=True))
    return frozenset(one.code for one in about.questions) - known


def _tell_desk(
    row: ConsultationRequest, patient: Patient, what: str, words: str, now: datetime
) -> None:
    todo.open_task(
        TaskKind.ASKS,
        f"request-{what}:{row.pk}",
        words % {"who": patient},
        now=now,
        patient=patient,
        request=row,
    )
