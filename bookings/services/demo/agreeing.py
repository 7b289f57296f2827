"""What the demo's patients have signed: most of their plans, on paper or online."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min

from bookings.models import (
    Consent,
    ConsentKind,
    Patient,
    PlanArea,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services.consenting import wording

UNSIGNED = 12  # one patient of so many has yet to sign
ON_PAPER = 5  # one of so many signed on paper, at the consultation
ASKED_ABOUT_PHOTOS = 3  # one of so many has answered
NO_PHOTOS = 4  # and one of so many of these said no
READING = timedelta(hours=2)  # from the clinician's signature to the patient's


def sign(*, now: datetime) -> None:
    """Have most patients sign for their plans, as far as clinicians had by `now`."""
    plans = TreatmentPlan.objects.with_people().filter(
        status__in=(PlanStatus.APPROVED, PlanStatus.COMPLETED),
        reviewed_at__lt=now - READING,
    )
    words = _words()
    people = Patient.objects.annotate(agreed_at=Min("consents__at")).order_by("pk")
    turn = {patient.pk: turn for turn, patient in enumerate(people, start=1)}
    Consent.objects.bulk_create(
        _signed(plan, words(plan), turn[plan.patient_id])
        for plan in plans.order_by("pk")
        if turn[plan.patient_id] % UNSIGNED
    )
    Consent.objects.bulk_create(
        _photos(patient, turn[patient.pk])
        for patient in people
        if not turn[patient.pk] % ASKED_ABOUT_PHOTOS
    )


def _words() -> Callable[[TreatmentPlan], wording.Words]:
    """The words of a plan, composed once for all plans that say the same."""
    areas: dict[int, list[int]] = defaultdict(list)
    for plan_id, area in PlanArea.objects.order_by("pk").values_list("plan", "area"):
        areas[plan_id].append(area)
    known: dict[object, wording.Words] = {}

    def words(plan: TreatmentPlan) -> wording.Words:
        language, skin = plan.patient.language, tuple(areas[plan.pk])
        key = plan.protocol_id, skin, plan.session_count, language
        if key not in known:
            known[key] = wording.for_plan(plan, language)
        return known[key]

    return words


def _signed(plan: TreatmentPlan, words: wording.Words, turn: int) -> Consent:
    is_paper = not turn % ON_PAPER
    return Consent(
        patient=plan.patient,
        plan=plan,
        kind=ConsentKind.TREATMENT,
        is_given=True,
        words=words.text,
        text_version=words.version,
        language=words.language,
        signed_name="" if is_paper else str(plan.patient),
        source="paper" if is_paper else "portal",
        at=(plan.reviewed_at or plan.drafted_at) + READING,
    )


def _photos(patient: Any, turn: int) -> Consent:
    words = wording.for_photos(patient.language)
    is_given = bool(turn % NO_PHOTOS)
    return Consent(
        patient=patient,
        kind=ConsentKind.PHOTOS,
        is_given=is_given,
        words=words.text,
        text_version=words.version,
        language=words.language,
        signed_name=str(patient) if is_given else "",
        source="portal",
        at=patient.agreed_at + READING,
    )
