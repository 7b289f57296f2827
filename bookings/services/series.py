"""Booking a whole series: lock, judge, write, promise. All of it or nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import ExclusionViolation, UniqueViolation
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AwayDates,
    Claim,
    ClaimReason,
    Patient,
    SeriesBooking,
    TreatmentPlan,
)
from bookings.services import claims, judging, patients
from bookings.services.holding import lapses
from bookings.services.inserting import insert
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.overrides import Override
from bookings.services.proposing.wishes import Avoided
from bookings.services.refusals import BookingRefused
from clinic.models import User
from treatments.services import sealed


@transaction.atomic
def book(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    key: UUID,
    strategy: str,
    actor: User,
    now: datetime,
    avoid: Iterable[Avoided] = (),
    overrides: Iterable[Override] = (),
) -> SeriesBooking:
    """Book all that `plan` lacks or raise BookingRefused; a `key` counts only once."""
    plan = lock(plan)
    if booked := _booked_before(plan, key):
        return booked
    lapses.make_way(claims.wanted(plan, sessions), now=now, plan=plan)
    judging.judge_series(plan, sessions, now=now, overrides=overrides, actor=actor)
    booking = SeriesBooking.objects.create(
        key=key, plan=plan, strategy=strategy, booked_by=actor, booked_at=now
    )
    appointments = take(plan, sessions, booking=booking)
    keep(plan.patient, avoid)
    reminders.promise_new(appointments, now=now)
    lapses.settle_tasks(plan, actor=actor, now=now, booked=[s.number for s in sessions])
    return booking


def lock(plan: TreatmentPlan) -> TreatmentPlan:
    """Hold patient and plan, always in this order, until the transaction ends."""
    patients.hold(plan.patient_id)
    plans = TreatmentPlan.objects.select_for_update(no_key=True, of=("self",))
    found = plans.select_related("patient", "location", "protocol").get(pk=plan.pk)
    sealed.open_up(found.protocol)
    return found


def _booked_before(plan: TreatmentPlan, key: UUID) -> SeriesBooking | None:
    booked = SeriesBooking.objects.filter(key=key).first()
    if booked and booked.plan_id != plan.pk:
        raise BookingRefused(
            _("This page belongs to another booking. Open the plan again.")
        )
    return booked


def write(
    plan: TreatmentPlan, sessions: Sequence[PlannedSession], **about: Any
) -> list[Appointment]:
    """Insert the sessions, or refuse; `about` names the booking or hold they are of."""
    rows = [
        Appointment(
            kind=AppointmentKind.SESSION,
            patient=plan.patient,
            plan=plan,
            number=session.number,
            location=plan.location,
            during=DateTimeTZRange(session.starts_at, session.ends_at),
            **about,
        )
        for session in sessions
    ]
    try:
        keys = insert(rows, "id")
    except IntegrityError as error:
        raise refusal(error) from error
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
    return rows


def take(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    until: datetime | None = None,
    **about: Any,
) -> list[Appointment]:
    """Write the sessions and take what they need: for good, or held `until` then."""
    appointments = write(plan, sessions, **about)
    rows = _claims_of(plan, appointments, sessions)
    if until:
        for row in rows:
            row.why, row.expires_at = ClaimReason.HOLD, until
    claims.take(rows)
    return appointments


def _claims_of(
    plan: TreatmentPlan,
    appointments: Sequence[Appointment],
    sessions: Sequence[PlannedSession],
) -> list[Claim]:
    return [
        claim
        for appointment, session in zip(appointments, sessions, strict=True)
        for claim in claims.for_appointment(appointment, plan, session.roles)
    ]


def keep(patient: Patient, avoid: Iterable[Avoided]) -> None:
    """Remember the dates that the patient wants to avoid."""
    rows = [
        AwayDates(patient=patient, first_day=first, last_day=last, label=label)
        for first, last, label in avoid
    ]
    AwayDates.objects.bulk_create(rows, ignore_conflicts=True)


def refusal(error: IntegrityError) -> Exception:
    """The words beside the constraint that said no."""
    cause = error.__cause__
    if not isinstance(cause, ExclusionViolation | UniqueViolation):
        return error  # a broken CHECK is our bug, not the clinic saying no
    broken = cause.diag.constraint_name
    rule = next(c for c in Appointment._meta.constraints if c.name == broken)
    return BookingRefused(str(rule.violation_error_message))
