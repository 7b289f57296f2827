"""Booking and moving a consultation or a look at the results: all of it or nothing.

A submit is known by its key, which the history of what it booked keeps: the same
submit twice books once, for good.
"""

from datetime import datetime
from uuid import UUID

import pghistory
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentStatus,
    ConsultationRequest,
    Message,
    MessageStatus,
    Outage,
    Patient,
    RequestStatus,
    Task,
    TaskKind,
)
from bookings.scheduling.problem import OPERATOR
from bookings.services import claims, requests, series, todo
from bookings.services.appointing import rules
from bookings.services.appointing.rules import Talk
from bookings.services.holding import lapses
from bookings.services.messages import reminders
from bookings.services.missing import outages
from bookings.services.moves import freed, placing, standing
from bookings.services.refusals import BookingRefused
from clinic.models import User

KEY = "booking"  # under which the history keeps a submit's key


@transaction.atomic
def book(
    talk: Talk,
    *,
    key: UUID,
    actor: User,
    now: datetime,
    note: str = "",
    reason: str = "",
    request: ConsultationRequest | None = None,
) -> Appointment:
    """Book `talk`, or raise BookingRefused; a `key` counts only once for a patient.

    A second visit on one day needs a `reason`. A `request` is answered by it.
    """
    _hold(talk)
    if booked := booked_before(talk.patient, key):
        return booked
    request = request and _open_request(request, talk, now)
    _judge(talk, reason, now)
    with pghistory.context(**{KEY: str(key), "user": actor.pk}):
        row = _write(talk, note.strip(), reason.strip())
    if request:
        requests.answer(request, row, actor=actor, now=now)
    reminders.promise_new([row], now=now)
    return row


@transaction.atomic
def move(
    appointment: Appointment,
    start: datetime,
    *,
    practitioner: int | None = None,
    room: int | None = None,
    actor: User,
    now: datetime,
    version: int | None,
    notify: bool = True,
    why: str = "",
) -> Appointment:
    """Put a talk at `start` (aware), or raise BookingRefused; the same is no news.

    Who and where stay unless named. News goes out with `notify`, if there is any.
    """
    row = standing.lock(appointment, standing.AWAITED, version)
    talk = rules.moved(row, start, practitioner, room)
    if _stands(row, talk):
        return row
    is_news = notify and _is_news(row, talk)
    left = _place(row, talk, why.strip(), now)
    _tell(row, is_news=is_news, now=now)
    _settle(row, left, actor, now)
    return row


def _place(row: Appointment, talk: Talk, why: str, now: datetime) -> freed.FreedTime:
    """Judge the talk, then swap row and claims; what it leaves."""
    lapses.make_way(_beside(row, talk), now=now, patient=row.patient)
    rules.judge(talk, now=now, besides=row)
    claims.judge_free(_beside(row, talk))
    left = freed.of(row)
    _rewrite(row, talk, _is_news(row, talk), why)
    placing.take_instead([row], talk.claims(row))
    return left


def judge(
    appointment: Appointment,
    start: datetime,
    *,
    practitioner: int | None = None,
    room: int | None = None,
    now: datetime,
) -> Talk:
    """The talk as it would be at `start`; raises BookingRefused where it cannot be.

    Nothing is written, and `move` judges it again.
    """
    row = Appointment.objects.with_people().get(pk=appointment.pk)
    judge_movable(row)
    talk = rules.moved(row, start, practitioner, room)
    rules.judge(talk, now=now, besides=row)
    rules.judge_free(talk, now=now, besides=row)
    return talk


def judge_movable(appointment: Appointment) -> None:
    """Refuse a talk that has begun or is over."""
    if appointment.status not in standing.AWAITED:
        raise BookingRefused(_("This visit has begun or is over. It stays as it is."))


def booked_before(patient: Patient, key: UUID) -> Appointment | None:
    """What the submit with `key` booked for `patient`, whatever has become of it."""
    same = {f"events__pgh_context__metadata__{KEY}": str(key)}
    rows = Appointment.objects.with_people().filter(patient=patient, **same)
    return rows.distinct().first()


def _hold(talk: Talk) -> None:
    """Hold patient and plan, always in this order, until the transaction ends."""
    rows = Patient.objects.select_for_update(no_key=True).select_related(None)
    patient = rows.get(pk=talk.patient.pk)
    if patient.merged_into_id:
        raise BookingRefused(
            _("This record is now part of another one of the same person. Open that.")
        )
    if talk.plan:
        standing.hold(talk.plan)


def _open_request(
    request: ConsultationRequest, talk: Talk, now: datetime
) -> ConsultationRequest:
    """The request under its lock, or a refusal where it is somebody's or over."""
    rows = ConsultationRequest.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("appointment__location").get(pk=request.pk)
    if row.patient_id != talk.patient.pk:
        raise BookingRefused(_("That request came from somebody else."))
    if row.appointment and row.appointment.is_live:
        visit = rules.visit_words(row.appointment)
        raise BookingRefused(
            _("That request is answered already: %(visit)s.") % {"visit": visit}
        )
    if row.status in (RequestStatus.WITHDRAWN, RequestStatus.CLOSED):
        raise BookingRefused(
            _("That request is closed. Book the consultation without it.")
        )
    return row


def _judge(talk: Talk, reason: str, now: datetime) -> None:
    """Make way for the talk, then judge it."""
    lapses.make_way(talk.needs, now=now, patient=talk.patient)
    rules.judge(talk, now=now)
    claims.judge_free(talk.needs)
    _judge_day(talk, reason, now)


def _judge_day(talk: Talk, reason: str, now: datetime) -> None:
    other = rules.second_visit(talk, now=now)
    if other and not reason.strip():
        raise BookingRefused(
            _("%(patient)s comes on that day already: %(visit)s. Say why twice.")
            % {"patient": talk.patient, "visit": rules.visit_words(other)}
        )


def _write(talk: Talk, note: str, reason: str) -> Appointment:
    row = Appointment(
        kind=talk.kind,
        patient=talk.patient,
        plan=talk.plan,
        location=talk.location,
        during=talk.during,
        note=note,
        reason=reason,
    )
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        raise series.refusal(error) from error
    claims.take(talk.claims(row))
    return row


def _stands(row: Appointment, talk: Talk) -> bool:
    has = {claim.role: claim.resource_id for claim in row.claims.all()}
    return row.starts_at == talk.starts_at and has == talk.roles


def _is_news(row: Appointment, talk: Talk) -> bool:
    """Whether the patient has to hear of it: another time, or somebody else."""
    has = {claim.role: claim.resource_id for claim in row.claims.all()}
    same = has.get(OPERATOR) == talk.practitioner
    return row.starts_at != talk.starts_at or not same


def _beside(row: Appointment, talk: Talk) -> list[lapses.Need]:
    """What the talk needs beyond what it has."""
    parts = placing.beside(talk.claims(row), list(row.claims.all()))
    return [(part.resource_id, part.during) for part in parts]


def _rewrite(row: Appointment, talk: Talk, told: bool, why: str) -> None:
    row.during, row.version, row.reason = talk.during, row.version + 1, why
    row.status = AppointmentStatus.BOOKED if told else row.status
    try:
        row.save(update_fields=["during", "version", "reason", "status"])
    except IntegrityError as error:
        raise series.refusal(error) from error


def _tell(row: Appointment, *, is_news: bool, now: datetime) -> None:
    """Promise afresh what the new time asks for; a booking never told of still is."""
    owed = Message.objects.waiting().filter(
        appointment=row, rule=reminders.CONFIRMATION
    )
    is_owed = owed.exists()
    reminders.withdraw([row], now=now)
    reminders.promise([row], now=now)
    if not (is_news or is_owed):
        told = owed.filter(version=row.version)
        problem = _("The desk moved it without a message.")
        told.update(status=MessageStatus.SUPPRESSED, problem=problem)


def _settle(
    row: Appointment, left: freed.FreedTime, actor: User, now: datetime
) -> None:
    """Close what asked for another time, and say what is free for others."""
    asking = Task.objects.open().filter(
        appointment=row, kind__in=[TaskKind.OUTAGE, TaskKind.LATE]
    )
    missing = Outage.objects.standing().filter(pk__in=asking.values("outage"))
    for outage in missing.select_related("resource__location"):
        outages.claim_free_time(outage)
    todo.close(asking, actor=actor, now=now)
    freed.report([left], now=now)
