"""A clinician's word on a rule: what may be decided, by whom, and what was.

Two kinds of rules take one: a suitability rule that stands in the way, and a piece of
care for which a milder end is on offer (make-up after 12 hours instead of 24, source:
S2). Each decision says why, and is kept with the plan for good.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import DecisionKind, PlanDecision, TreatmentPlan
from bookings.services import screening
from bookings.services.refusals import BookingRefused
from clinic.models import User
from treatments.care import Instruction
from treatments.services import sealed

OVERRIDE = "bookings.override_rules"


@dataclass(frozen=True, slots=True)
class Decision:
    """A clinician's word on one rule: cleared, or overridden, and why."""

    rule_code: str
    kind: DecisionKind
    reason: str


@dataclass(frozen=True, slots=True)
class MilderCare:
    """A piece of care with a milder end, and the decision that allows it, if any."""

    instruction: Instruction
    allowed_by: PlanDecision | None


def may_override(user: User) -> bool:
    """Whether `user` may lift a rule that blocks a treatment."""
    return user.has_perm(OVERRIDE)


def milder_care(plan: TreatmentPlan) -> list[MilderCare]:
    """The care of `plan` for which a milder end is on offer, and whether it is allowed.

    Of several decisions on one instruction the last counts.
    """
    last = {row.rule_code: row for row in plan.decisions.all()}
    return [
        MilderCare(one, allowed(last.get(one.code))) for one in _offered(plan).values()
    ]


def allowed(last: PlanDecision | None) -> PlanDecision | None:
    """The last decision on a piece of care, where it allows the milder end."""
    return last if last and last.kind == DecisionKind.OVERRIDE else None


def judge(plan: TreatmentPlan, decisions: Sequence[Decision], actor: User) -> None:
    """Refuse a decision without a reason, on no rule of the plan, or beyond a right."""
    rules = {rule.code for rule in screening.rules_of(plan.protocol)}
    for decision in decisions:
        if not decision.reason.strip():
            raise BookingRefused(_("Say why: the reason is kept with the plan."))
        if decision.rule_code not in rules | _offered(plan).keys():
            raise BookingRefused(
                _("This plan has no such rule any more. Open it again.")
            )
        overrides = decision.kind == DecisionKind.OVERRIDE
        if overrides and decision.rule_code in rules and not may_override(actor):
            raise BookingRefused(
                _(
                    "A rule against this treatment is lifted only by somebody who may "
                    "override rules. Ask the medical director, or decline the plan."
                )
            )


def write(
    plan: TreatmentPlan, decisions: Sequence[Decision], actor: User, now: datetime
) -> None:
    """Keep `decisions` with the plan, or refuse them; hold the plan's lock."""
    judge(plan, decisions, actor)
    PlanDecision.objects.bulk_create(
        PlanDecision(plan=plan, by=actor, at=now, **asdict(decision))
        for decision in decisions
    )


def _offered(plan: TreatmentPlan) -> dict[str, Instruction]:
    """The plan's care with a milder end, by code."""
    instructions = sealed.care(plan.protocol)
    return {one.code: one for one in instructions if one.milder_hours is not None}
