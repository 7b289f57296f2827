"""A patient's papers: plans and consents, to read, print and keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import get_default_timezone

from bookings.models import (
    Appointment,
    AppointmentKind,
    Consent,
    ConsentKind,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services import ribbons, shapes
from bookings.services.consenting import paper_care, standing, wording
from bookings.services.people.consents import SOURCE_NAMES
from treatments.care import CarePhase
from treatments.composition import EffectKind
from treatments.services import sealed

SIGNED_PLANS = (PlanStatus.APPROVED, PlanStatus.COMPLETED)
TURNOVER = "turnover"  # the room is made ready; the patient has left
KINDS = (ConsentKind.TREATMENT, ConsentKind.PHOTOS)


@dataclass(frozen=True, slots=True)
class Paper:
    """A consent as it was kept, at its local time; `is_last` where nothing came after."""

    consent: Consent
    at: datetime
    is_last: bool

    @property
    def blocks(self) -> list[wording.Shown]:
        return wording.blocks(self.consent.words)

    @property
    def source(self) -> str:
        """How it was said, in words."""
        return str(SOURCE_NAMES.get(self.consent.source, self.consent.source))

    @property
    def is_treatment(self) -> bool:
        return self.consent.kind == ConsentKind.TREATMENT


def plans_of(patient: Patient) -> list[TreatmentPlan]:
    """The plans a clinician has signed, the newest first."""
    rows = TreatmentPlan.objects.with_people().filter(patient=patient)
    return list(rows.filter(status__in=SIGNED_PLANS))


def page(patient: Patient) -> dict[str, Any]:
    """What the list of papers shows; as many queries for much as for little."""
    plans = plans_of(patient)
    standings = standing.of_plans(plans)
    papers = papers_of(patient)
    return {
        "plans": plans,
        "due": [one for one in standings if one.is_due],
        "papers": papers,
        "photos": next((one for one in papers if not one.is_treatment), None),
    }


def papers_of(patient: Patient) -> list[Paper]:
    """What the patient said on treatment and photos, the latest first; one query."""
    rows = patient.consents.filter(kind__in=KINDS).select_related(
        "plan__protocol__treatment", "plan__location", "recorded_by"
    )
    return _papers(rows.order_by("-at", "-pk"))


def _papers(rows: Iterable[Consent]) -> list[Paper]:
    found, told = [], set()
    for row in rows:
        about = (row.kind, row.plan_id)
        found.append(paper(row, is_last=about not in told))
        told.add(about)
    return found


def paper(row: Consent, *, is_last: bool = True) -> Paper:
    """`row` as a paper, at the time of the plan's location, else the clinic's."""
    zone = row.plan.location.zone if row.plan else get_default_timezone()
    return Paper(row, row.at.astimezone(zone), is_last)


def of_plan(plan: TreatmentPlan, *, now: datetime) -> dict[str, Any]:
    """What the paper of a plan says: its sessions, the ribbon, and the words on it."""
    sessions = (
        Appointment.objects.standing(now)
        .filter(plan=plan, kind=AppointmentKind.SESSION)
        .select_related("location")
        .order_by("number")
    )
    return {
        "plan": plan,
        "sessions": list(sessions),
        "ribbon": ribbons.of_plan(plan, now=now),
        "areas": plan.areas.select_related("area"),
        "concerns": plan.concerns.all(),
        **_what_to_know(plan),
        **_signatures(plan),
        "made": now.astimezone(plan.location.zone),
    }


def _what_to_know(plan: TreatmentPlan) -> dict[str, Any]:
    """Minutes with the patient, from the plan; care and effects, from its protocol."""
    protocol = sealed.open_up(plan.protocol)
    effects = sealed.notes(protocol).effects
    phases = shapes.phases_of(plan)
    return {
        "length": sum(one.minutes for one in phases if one.name.lower() != TURNOVER),
        "before": paper_care.of_plan(plan, CarePhase.PRE),
        "after": paper_care.of_plan(plan, CarePhase.POST),
        "settling": [one for one in effects if one.kind == EffectKind.RECOVERY],
        "urgent": [one for one in effects if one.kind == EffectKind.URGENT],
    }


def _signatures(plan: TreatmentPlan) -> dict[str, Any]:
    """Who signed when, at the plan's location."""
    zone, current = plan.location.zone, standing.of_plan(plan)
    return {
        "signed_on": plan.reviewed_at and plan.reviewed_at.astimezone(zone),
        "standing": current,
        "consented_on": current.last and current.last.at.astimezone(zone),
    }
