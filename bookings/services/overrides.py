"""Overrides: a spacing rule broken on purpose, with permission and a reason."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Appointment, OverriddenRule, RuleOverride, TreatmentPlan
from bookings.services import spacing
from bookings.services.refusals import BookingRefused
from bookings.services.spacing import Breach, Placed
from clinic.models import User

PERMISSION = "bookings.override_rules"
TAKEN_BACK = "took_back"  # under which the history keeps what an undo took back
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Override:
    """Why session `number` may break `rule` on the day it is placed."""

    rule: OverriddenRule
    number: int
    reason: str


def may_allow(actor: User | None) -> bool:
    """Whether `actor` may set a spacing rule aside: a clinician or a manager."""
    return actor is not None and actor.has_perm(PERMISSION)


def needed(
    plan: TreatmentPlan, sessions: Iterable[Placed], *, now: datetime
) -> list[Breach]:
    """What `sessions` would break that nobody has allowed yet: three queries at most.

    What was allowed before for the same session and day still counts, for a gap as
    long as it comes no further out of its window, unless the act was undone.
    """
    found = spacing.broken(plan, sessions, now=now)
    if not found:
        return []
    recorded = list(_recorded(plan, found))
    return [
        one for one in found if not any(_covers(row, one, plan) for row in recorded)
    ]


def for_all(breaches: Iterable[Breach], reason: str) -> list[Override]:
    """One reason for every breach that permission helps with; none without a reason."""
    if not reason.strip():
        return []
    allowable = {(one.rule, one.number) for one in breaches if one.may_be_allowed}
    return [Override(rule, number, reason) for rule, number in sorted(allowable)]


def judge(
    plan: TreatmentPlan,
    sessions: Iterable[Placed],
    *,
    overrides: Iterable[Override] = (),
    actor: User | None = None,
    now: datetime,
) -> list[RuleOverride]:
    """Refuse spacing that nobody allowed; the unsaved rows of what is allowed now."""
    given = {(one.rule, one.number): one.reason.strip() for one in overrides}
    rows = {
        (breach.rule, breach.number): RuleOverride(
            plan=plan,
            number=breach.number,
            rule=breach.rule,
            day=breach.day,
            days=breach.days,
            reason=_reason(breach, given, actor),
            by=actor,
            at=now,
        )
        for breach in needed(plan, sessions, now=now)
    }
    return list(rows.values())


def record(rows: Iterable[RuleOverride]) -> None:
    """Keep what was allowed, in the transaction that books, holds or moves."""
    RuleOverride.objects.bulk_create(rows)


def standing(plan: TreatmentPlan, dates: Mapping[int, date]) -> list[RuleOverride]:
    """What was allowed and still holds where the sessions lie on `dates` (by number).

    Of several words on one session and rule, the newest.
    """
    found: dict[tuple[int, str], RuleOverride] = {}
    for row in sorted(plan.overrides.all(), key=lambda row: (row.at, row.pk)):
        if dates.get(row.number) == row.day and _still_needed(row, dates, plan):
            found[row.number, row.rule] = row
    return list(found.values())


def _still_needed(
    row: RuleOverride, dates: Mapping[int, date], plan: TreatmentPlan
) -> bool:
    if not row.is_gap:
        return True
    before = dates.get(row.number - 1)
    return before is not None and _no_worse(row, (row.day - before).days, plan)


def _reason(
    breach: Breach,
    given: Mapping[tuple[OverriddenRule, int], str],
    actor: User | None,
) -> str:
    """Why this breach is allowed, or a refusal that says who may allow it."""
    if not breach.may_be_allowed:
        raise BookingRefused(breach.refusal)
    reason = given.get((breach.rule, breach.number))
    if not may_allow(actor):
        who = _("A clinician or a manager may allow it, with a reason.")
        raise BookingRefused(f"{breach.refusal} {who}")
    if not reason:
        why = _("Say why: the reason is kept with the plan.")
        raise BookingRefused(f"{breach.refusal} {why}")
    return reason


def _recorded(plan: TreatmentPlan, found: Iterable[Breach]) -> Iterable[RuleOverride]:
    """What was allowed for this plan, and for the plans of the visits met.

    What an undo took back stays on record and allows nothing any more.
    """
    visits = {one.visit.plan_id for one in found if one.visit and one.visit.plan_id}
    rows = list(RuleOverride.objects.filter(plan__in={plan.pk, *visits}))
    taken_back = _taken_back({row.plan_id for row in rows})
    return [row for row in rows if row.pk not in taken_back]


def _taken_back(plans: Collection[int]) -> set[int]:
    """Keys of what was allowed for `plans` with an act that was then undone."""
    if not plans:
        return set()
    history: Any = Appointment._meta.get_field("events").related_model
    told = history.objects.filter(
        plan__in=plans, pgh_context__metadata__has_key=TAKEN_BACK
    )
    found = told.values_list(f"pgh_context__metadata__{TAKEN_BACK}", flat=True)
    return {key for keys in found for key in keys}


def _covers(row: RuleOverride, breach: Breach, plan: TreatmentPlan) -> bool:
    """Whether `row` allows `breach`; a second visit is allowed for both of the two."""
    if (row.rule, row.day) != (breach.rule, breach.day):
        return False
    mine = row.plan_id == plan.pk and row.number == breach.number
    if other := breach.visit:
        return mine or (row.plan_id == other.plan_id and row.number == other.number)
    return mine and _no_worse(row, breach.days or 0, plan)


def _no_worse(row: RuleOverride, days: int, plan: TreatmentPlan) -> bool:
    """Whether a gap of `days` lies between what `row` allows and the plan's window."""
    fewest, most = plan.gap_days
    allowed = row.days or 0
    return allowed <= days < fewest or most < days <= allowed
