"""How consent to treatment stands: signed for what is planned now, or asked for (anew).

A signature holds for one plan and for what was shown: the text, the version of the
protocol, and the areas of skin. Where one of them is another now, it is asked for anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Subquery, Value, When
from django.urls import reverse

from bookings.models import Consent, ConsentKind, Patient, PlanArea, TreatmentPlan
from bookings.services.consenting.texts import TEXTS


class State(StrEnum):
    """Where the consent to one plan stands."""

    MISSING = "missing"
    ANEW = "anew"  # signed, for what was planned before
    SIGNED = "signed"
    TAKEN_BACK = "taken-back"


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan, how consent to it stands, and the patient's last word on it, if any."""

    plan: TreatmentPlan
    state: State
    last: Consent | None

    @property
    def is_signed(self) -> bool:
        return self.state == State.SIGNED

    @property
    def is_due(self) -> bool:
        """Whether the patient is asked now: a clinician has signed the plan first."""
        return self.plan.is_approved and not self.is_signed

    @property
    def path(self) -> str:
        """Where the patient reads and signs, in the language now spoken."""
        page = reverse("portal:consent", args=[ConsentKind.TREATMENT.value])
        return f"{page}?{urlencode({'plan': self.plan.pk})}"


Due = Standing


def due(patient: Patient, plans: Iterable[TreatmentPlan]) -> list[Standing]:
    """Which of `plans`, all of them the patient's, wait for a signature now; two queries.

    `plans` come with their protocols. Each row has `plan`, `state` (missing, anew or
    taken-back), `last` and `path`, the page to read and sign.
    """
    wanted = [plan for plan in plans if plan.patient_id == patient.pk]
    return [one for one in of_plans(wanted) if one.is_due]


def of_plans(plans: Sequence[TreatmentPlan]) -> list[Standing]:
    """How consent to each of `plans` stands, in their order; two queries."""
    if not plans:
        return []
    keys = [plan.pk for plan in plans]
    rows = (
        _rows()
        .filter(plan__in=keys)
        .order_by("plan_id", "-at", "-pk")
        .distinct("plan_id")
    )
    last = {row.plan_id: row for row in rows.select_related("recorded_by")}
    areas: dict[int, list[int]] = {}
    for plan_id, area in PlanArea.objects.filter(plan__in=keys).values_list(
        "plan", "area"
    ):
        areas.setdefault(plan_id, []).append(area)
    return [
        Standing(plan, _state(plan, areas.get(plan.pk, ()), row), row)
        for plan in plans
        for row in [last.get(plan.pk)]
    ]


def of_plan(plan: TreatmentPlan) -> Standing:
    """How consent to `plan` stands."""
    [standing] = of_plans([plan])
    return standing


def version(protocol_id: int, areas: Iterable[int]) -> str:
    """What a signature holds for, in 20 signs at most: text, protocol, areas."""
    skin = crc32(",".join(map(str, sorted(areas))).encode())
    return f"{TEXTS['treatment'].version}.{protocol_id}.{skin:08x}"


def _state(plan: TreatmentPlan, areas: Iterable[int], last: Consent | None) -> State:
    if last is None:
        return State.MISSING
    if not last.is_given:
        return State.TAKEN_BACK
    is_current = last.text_version == version(plan.protocol_id, areas)
    return State.SIGNED if is_current else State.ANEW


def for_visits() -> dict[str, Any]:
    """What a queryset of appointments reads along, for `is_agreed`; no query more."""
    last = _rows().filter(plan=OuterRef("plan")).order_by("-at", "-pk")
    signed = Case(When(is_given=True, then="text_version"), default=Value(""))
    areas = PlanArea.objects.filter(plan=OuterRef("plan")).values("area")
    return {
        "agreed_version": Subquery(last.values(text=signed)[:1]),
        "plan_areas": ArraySubquery(areas),
    }


def is_agreed(visit: Any) -> bool:
    """Whether the plan of a visit read with `for_visits` is agreed to as it is now."""
    now = version(visit.plan.protocol_id, visit.plan_areas)
    return bool(visit.agreed_version == now)


def _rows() -> Any:
    return Consent.objects.filter(kind=ConsentKind.TREATMENT)
