"""A plan's way from the desk to a clinician's signature, and back if need be."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Patient,
    PlanArea,
    PlanReview,
    PlanStatus,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.services import holding_back, patients, screening, shapes
from bookings.services.holding import pencils
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import deciding, signatures, versions
from bookings.services.reviewing.deciding import Decision
from clinic.models import Location, User
from treatments.models import (
    BodyArea,
    Concern,
    Protocol,
    SessionCount,
    Treatment,
)
from treatments.suitability import Outcome, Verdict

MOST_SESSIONS = 12


class Contents(TypedDict):
    """What a plan says: how, where, for what, on which skin, how often."""

    protocol: Protocol
    location: Location
    concerns: Collection[Concern]
    areas: Collection[BodyArea]
    session_count: int
    wishes: str


@dataclass(frozen=True, slots=True)
class AreaSetting:
    """Needle depth in mm and number of passes for one area of a plan.

    Without `rf_energy` the plan's own stays.
    """

    area: int
    depth_mm: Decimal
    passes: int
    rf_energy: str | None = None


def treatments_on_offer() -> QuerySet[Treatment]:
    """Treatments that can be planned."""
    return Treatment.objects.offered()


def current_protocol(treatment: Treatment) -> Protocol:
    """The newest published protocol of `treatment`, or a refusal."""
    if protocol := treatment.current_protocol():
        return protocol
    raise BookingRefused(_("This treatment has no published protocol."))


def protocol_to_ask(patient: Patient, code: str) -> Protocol | None:
    """The protocol of the treatment `code`, else of the patient's open plan, if any."""
    if named := protocol_named(code):
        return named
    plan = patient.plans.open().with_people().first()
    return plan.protocol if plan else None


def in_hand(patient: Patient, treatment: Treatment) -> TreatmentPlan | None:
    """The patient's newest open plan of `treatment`."""
    return patient.plans.open().filter(protocol__treatment=treatment).first()


def usual_count(protocol: Protocol, concerns: Iterable[Concern]) -> int:
    """The usual number of sessions: the highest that one of the concerns asks for."""
    return protocol.sessions_for([concern.code for concern in concerns]).usual


def usual_counts(protocol: Protocol) -> QuerySet[SessionCount]:
    """The usual numbers of sessions: in general, and for concerns of their own."""
    return protocol.session_counts.select_related("concern").order_by(
        F("concern__position").asc(nulls_first=True)
    )


def protocol_named(code: str) -> Protocol | None:
    """The protocol to follow for the treatment `code`; None where there is none."""
    treatment = treatments_on_offer().filter(code=code).first()
    return treatment.current_protocol() if treatment else None


@transaction.atomic
def draft(
    patient: Patient, *, actor: User, now: datetime, **contents: Unpack[Contents]
) -> TreatmentPlan:
    """Write down what is planned for `patient`, or refuse and say what is missing."""
    patients.hold(patient.pk)
    _judge_contents(contents)
    plan = TreatmentPlan.objects.create(
        patient=patient, drafted_by=actor, drafted_at=now, **_columns(contents)
    )
    _write_contents(plan, contents)
    patients.log_access(actor, patient, "plan drafted")
    return plan


@transaction.atomic
def change(
    plan: TreatmentPlan, *, version: int, actor: User, **contents: Unpack[Contents]
) -> TreatmentPlan:
    """Rewrite a draft or a returned plan. A version once reviewed is never reused."""
    plan = _lock(plan)
    _judge_editable(plan, version)
    _judge_contents(contents)
    facts = _columns(contents) | {"version": _next_version(plan)}
    for name, value in facts.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(facts))
    _write_contents(plan, contents)
    patients.log_access(actor, plan.patient, "plan changed")
    return plan


@transaction.atomic
def submit(plan: TreatmentPlan, actor: User, now: datetime) -> TreatmentPlan:
    """Send a plan to the clinicians, or refuse: every health question needs an answer.

    A signed plan goes back to them where an answer has since come in its way.
    """
    plan = _lock(plan)
    if not (plan.can_be_edited or is_reopened(plan, now)):
        raise BookingRefused(_("This plan has been sent for review already."))
    if missing := len(screening.unanswered(plan, now=now)):
        raise BookingRefused(
            ngettext(
                "%(count)s health question has no answer yet. Ask it first.",
                "%(count)s health questions have no answer yet. Ask them first.",
                missing,
            )
            % {"count": missing}
        )
    plan.version = _next_version(plan)
    plan.status = PlanStatus.SUBMITTED
    plan.submitted_at = now
    plan.save(update_fields=["version", "status", "submitted_at"])
    patients.log_access(actor, plan.patient, "plan sent for review")
    return plan


def is_reopened(plan: TreatmentPlan, now: datetime) -> bool:
    """Whether the plan was signed, and an answer needs a clinician again since."""
    return plan.is_approved and not _allows(_verdict(plan, now))


@transaction.atomic
def approve(
    plan: TreatmentPlan,
    *,
    version: int,
    actor: User,
    now: datetime,
    decisions: Sequence[Decision] = (),
    areas: Sequence[AreaSetting] = (),
    note: str = "",
) -> PlanReview:
    """Sign this version of the plan with the clinician's decisions, or refuse.

    A plan that is not suitable is signed only with an override and its reason; one
    that becomes suitable on a later day is signed now and starts then. What is
    pencilled is booked with it, where it still fits; what an answer held back goes on.
    """
    plan = _lock(plan)
    _judge_waiting(plan, version, now)
    _write_areas(plan, areas)
    deciding.write(plan, decisions, actor, now)
    _judge_verdict(plan, now)
    review = _sign(plan, ReviewOutcome.APPROVED, actor=actor, now=now, note=note)
    holding_back.settle(plan.patient, now=now)
    pencils.signed(plan, actor=actor, now=now)
    return review


@transaction.atomic
def send_back(
    plan: TreatmentPlan, *, version: int, actor: User, now: datetime, note: str
) -> PlanReview:
    """Return this version to the desk with what has to change."""
    plan = _lock(plan)
    _judge_waiting(plan, version, now)
    review = _sign(plan, ReviewOutcome.RETURNED, actor=actor, now=now, note=note)
    pencils.returned(plan, actor=actor, now=now)
    return review


@transaction.atomic
def decline(
    plan: TreatmentPlan, *, version: int, actor: User, now: datetime, note: str
) -> PlanReview:
    """Decline this version for good, with the reason."""
    plan = _lock(plan)
    _judge_waiting(plan, version, now)
    review = _sign(plan, ReviewOutcome.DECLINED, actor=actor, now=now, note=note)
    pencils.declined(plan, now=now)
    return review


def _lock(plan: TreatmentPlan) -> TreatmentPlan:
    """Hold patient and plan, always in this order, until the transaction ends."""
    patients.hold(plan.patient_id)
    TreatmentPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    return TreatmentPlan.objects.with_people().get(pk=plan.pk)


def _judge_contents(contents: Contents) -> None:
    if not contents["protocol"].is_published:
        raise BookingRefused(_("This protocol is not published. Choose another."))
    if not contents["location"].is_active:
        raise BookingRefused(_("This location takes no bookings. Choose another."))
    if not contents["concerns"]:
        raise BookingRefused(_("Say what brings the patient: choose a concern."))
    if not contents["areas"]:
        raise BookingRefused(_("Choose at least one area of skin."))
    if not 1 <= contents["session_count"] <= MOST_SESSIONS:
        raise BookingRefused(_("A plan has from 1 to 12 sessions."))


def _judge_editable(plan: TreatmentPlan, version: int) -> None:
    if not plan.can_be_edited:
        raise BookingRefused(
            _("This plan is with the clinicians now and cannot be changed here.")
        )
    if plan.version != version:
        raise BookingRefused(
            _("Somebody has changed this plan meanwhile. Open it again.")
        )


def _judge_waiting(plan: TreatmentPlan, version: int, now: datetime) -> None:
    if plan.is_waiting and plan.version == version:
        return
    if review := signatures.since(plan, version):
        raise BookingRefused(signatures.told(review, now=now))
    raise BookingRefused(_("This plan has changed since you opened it. Look again."))


def _verdict(plan: TreatmentPlan, now: datetime) -> Verdict:
    today = now.astimezone(plan.location.zone).date()
    return screening.verdict(plan, today, now=now)


def _allows(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.SUITABLE, Outcome.SUITABLE_FROM)


def _judge_verdict(plan: TreatmentPlan, now: datetime) -> None:
    verdict = _verdict(plan, now)
    if _allows(verdict):
        return
    raise BookingRefused(
        _("This needs your decision first. %(reasons)s")
        % {"reasons": " ".join(verdict.reasons)}
    )


def _next_version(plan: TreatmentPlan) -> int:
    reviewed = plan.reviews.filter(plan_version=plan.version).exists()
    return plan.version + 1 if reviewed else plan.version


def _columns(contents: Contents) -> dict[str, Any]:
    """What of the contents stands in the plan's own row."""
    return {
        "protocol": contents["protocol"],
        "location": contents["location"],
        "session_count": contents["session_count"],
        "wishes": contents["wishes"],
    }


def _write_contents(plan: TreatmentPlan, contents: Contents) -> None:
    areas = contents["areas"]
    plan.concerns.set(contents["concerns"])
    plan.areas.exclude(area__in=areas).delete()
    kept = set(plan.areas.values_list("area", flat=True))
    PlanArea.objects.bulk_create(
        PlanArea(plan=plan, area=area) for area in areas if area.pk not in kept
    )


def _write_areas(plan: TreatmentPlan, settings: Sequence[AreaSetting]) -> None:
    protocol, limit = plan.protocol, shapes.depth_limit(plan)
    for setting in settings:
        if not 0 < setting.depth_mm <= limit:
            raise BookingRefused(
                _("Needles go no deeper than %(limit)s mm here.") % {"limit": limit}
            )
        if not protocol.passes_min <= setting.passes <= protocol.passes_max:
            raise BookingRefused(
                _("Choose from %(least)s to %(most)s passes.")
                % {"least": protocol.passes_min, "most": protocol.passes_max}
            )
        facts: dict[str, Any] = {"depth_mm": setting.depth_mm, "passes": setting.passes}
        if setting.rf_energy is not None:
            facts["rf_energy"] = setting.rf_energy
        plan.areas.filter(area=setting.area).update(**facts)
    if plan.areas.filter(depth_mm=None).exists():
        raise BookingRefused(_("Set the depth for each area before you sign."))
    _number_anew(plan)


def _number_anew(plan: TreatmentPlan) -> None:
    """Give what is signed a number of its own, where it differs from what was kept."""
    if versions.is_kept_otherwise(plan):
        plan.version += 1
        plan.save(update_fields=["version"])


def _sign(
    plan: TreatmentPlan,
    outcome: ReviewOutcome,
    *,
    actor: User,
    now: datetime,
    note: str,
) -> PlanReview:
    """Move the plan, if it still waits in this version, and keep the signature."""
    if outcome != ReviewOutcome.APPROVED and not note.strip():
        raise BookingRefused(_("Say what has to change, or why not."))
    _move(plan, _STATUS_AFTER[outcome], actor, now)
    versions.keep(plan, actor, now)
    patients.log_access(actor, plan.patient, "plan reviewed")
    return PlanReview.objects.create(
        plan=plan,
        plan_version=plan.version,
        outcome=outcome,
        note=note,
        verdict=screening.as_kept(_verdict(plan, now)),
        by=actor,
        at=now,
    )


def _move(plan: TreatmentPlan, status: PlanStatus, actor: User, now: datetime) -> None:
    waiting = TreatmentPlan.objects.filter(
        pk=plan.pk, status=PlanStatus.SUBMITTED, version=plan.version
    )
    if not waiting.update(status=status, reviewed_by=actor, reviewed_at=now):
        raise BookingRefused(_("Someone has already reviewed this plan."))


_STATUS_AFTER = {
    ReviewOutcome.APPROVED: PlanStatus.APPROVED,
    ReviewOutcome.RETURNED: PlanStatus.RETURNED,
    ReviewOutcome.DECLINED: PlanStatus.DECLINED,
}
