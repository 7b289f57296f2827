"""Consent to treatment as the desk keeps it: signed on paper, or taken back by word."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import Consent, ConsentKind, Patient, TreatmentPlan
from bookings.services import patients, series
from bookings.services.consenting import papers, signing, standing, wording
from bookings.services.people.consents import SOURCES
from bookings.services.refusals import BookingRefused
from clinic.models import User

PAPER = "paper"


@transaction.atomic
def note_signed(plan: TreatmentPlan, *, actor: User, now: datetime) -> Consent:
    """Keep that the patient has signed the words of `plan` on paper, or refuse."""
    plan = series.lock(plan)
    current = standing.of_plan(plan)
    if current.is_signed:
        raise BookingRefused(_("This consent is signed already."))
    if not current.is_due:
        raise BookingRefused(_("A clinician signs the plan before the patient does."))
    words = wording.for_plan(plan, plan.patient.language)
    row = _keep(plan, words, source=PAPER, is_given=True, actor=actor, now=now)
    signing.settle(plan, actor=actor, now=now)
    return row


@transaction.atomic
def note_taken_back(
    plan: TreatmentPlan, *, source: str, actor: User, now: datetime
) -> Consent:
    """Keep that the patient took the consent back, and how that was said, or refuse."""
    if source not in SOURCES:
        raise BookingRefused(_("Say how it was said."))
    plan = series.lock(plan)
    last = standing.of_plan(plan).last
    if last is None or not last.is_given:
        raise BookingRefused(_("This consent is not signed, or was taken back before."))
    words = wording.Words(last.words, last.text_version, last.language)
    row = _keep(plan, words, source=source, is_given=False, actor=actor, now=now)
    signing.tell_desk(plan, now=now)
    return row


def _keep(
    plan: TreatmentPlan,
    words: wording.Words,
    *,
    source: str,
    is_given: bool,
    actor: User,
    now: datetime,
) -> Consent:
    patients.log_access(actor, plan.patient, "consent recorded")
    return Consent.objects.create(
        patient=plan.patient,
        plan=plan,
        kind=ConsentKind.TREATMENT,
        is_given=is_given,
        words=words.text,
        text_version=words.version,
        language=words.language,
        source=source,
        at=now,
        recorded_by=actor,
    )


def of_patient(patient: Patient) -> dict[str, Any]:
    """What the record shows: how each plan that goes on stands, and every paper."""
    plans = TreatmentPlan.objects.with_people().filter(patient=patient).open()
    return {
        "standings": standing.of_plans(list(plans)),
        "papers": papers.papers_of(patient),
    }
