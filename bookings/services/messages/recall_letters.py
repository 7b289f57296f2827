"""The letter that asks a patient back for a session of maintenance.

One to three sessions a year keep a result (source: S1). The message has no appointment,
for there is none yet: its key names the decision that promised it.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    Consent,
    ConsentKind,
    Message,
    MessageStatus,
    OutcomeReview,
    Patient,
    TreatmentPlan,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.services import links
from bookings.services.links import Purpose
from bookings.services.messages.reminders import RECALL

HOUR = time(9)
HELPS = timedelta(days=60)  # a clinic default: after that the desk calls
End = tuple[MessageStatus, str]


def promise(outcome: OutcomeReview, *, now: datetime) -> None:
    """Plan the letter for 9:00 of its day, in the transaction that decides.

    Somebody who cannot be written to, or does not want to be, gets a row that says so.
    """
    plan = outcome.plan
    if outcome.recall_on is None:
        return
    at = datetime.combine(outcome.recall_on, HOUR, plan.location.zone).astimezone(UTC)
    problem = _not_to_write(plan.patient)
    Message.objects.create(
        patient=plan.patient,
        plan=plan,
        rule=RECALL,
        language=plan.patient.language,
        due_at=max(at, now),
        status=MessageStatus.SUPPRESSED if problem else MessageStatus.PLANNED,
        problem=problem,
        recipient=plan.patient.email,
        dedupe_key=key_of(outcome),
    )


def withdraw(plan: TreatmentPlan, problem: str) -> int:
    """Take back what of the plan's recalls has not left; say how many that were."""
    waiting = Message.objects.filter(
        plan=plan, rule=RECALL, status=MessageStatus.PLANNED
    )
    return waiting.update(
        status=MessageStatus.SUPERSEDED, problem=problem, lease_until=None
    )


def key_of(outcome: OutcomeReview) -> str:
    """The key of the letter that `outcome` promised."""
    return f"recall:{outcome.pk}"


def too_late(message: Message, now: datetime) -> End | None:
    """Why the letter must not leave at `now`, and how it ends; None where all is well."""
    plan = message.plan
    if plan is None or _decided(plan) != message.dedupe_key:
        return MessageStatus.SUPERSEDED, _("Something else was decided since.")
    if coming(plan, now).exists():
        return MessageStatus.SUPERSEDED, booked_since()
    if problem := _not_to_write(message.patient):
        return MessageStatus.SUPPRESSED, problem
    if now >= message.due_at + HELPS:
        return MessageStatus.MISSED, _("It came too late to be of help.")
    return None


def coming(plan: TreatmentPlan, now: datetime) -> AppointmentQuerySet:
    """What is booked already: a session of that treatment, or a consultation."""
    ahead = Appointment.objects.standing(now).filter(
        patient=plan.patient_id, during__startswith__gt=now
    )
    sessions = ahead.filter(
        kind=AppointmentKind.SESSION,
        plan__protocol__treatment=plan.protocol.treatment_id,
    )
    return sessions | ahead.filter(kind=AppointmentKind.CONSULTATION)


def booked_since() -> str:
    """Why a recall is not needed any more, in words."""
    return _("The patient has booked already.")


def words(message: Message, now: datetime) -> dict[str, Any]:
    """What the letter says: how often, and where to ask for a time."""
    plan = message.plan
    if plan is None:
        return {}
    outcome = plan.outcomes.first()
    return {
        "per_year": outcome.per_year if outcome else None,
        "location": plan.location,
        "phone": plan.location.phone,
        "recall_url": links.address(Purpose.RECALL, plan, now=now),
    }


def _decided(plan: TreatmentPlan) -> str:
    """The key of the letter that the plan's last decision promised."""
    outcome = plan.outcomes.first()
    return key_of(outcome) if outcome else ""


def _not_to_write(patient: Patient) -> str:
    """Why no letter may go out, in words; empty where one may."""
    if not patient.email:
        return _("The patient has no e-mail address.")
    said = Consent.objects.filter(patient=patient, kind=ConsentKind.CARE_MESSAGES)
    last = said.order_by("-at", "-pk").first()
    if last is None or not last.is_given:
        return _("The patient has not agreed to messages about care.")
    return ""
