"""What a draft of the catalogue would mean for plans that run and for their bookings.

A plan keeps the version it was made with, so nothing here changes by itself: this is
what a medical director wants to know before signing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    PlanArea,
    TreatmentPlan,
)
from treatments.models import Protocol

Finding = tuple[str, str]  # what it is about, and in words


@dataclass(frozen=True, slots=True)
class Outside:
    """A running plan that the draft would not allow as it is, and why not."""

    plan: TreatmentPlan
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closer:
    """A session to come that lies `days` local days after the one before it."""

    appointment: Appointment
    days: int


@dataclass(frozen=True, slots=True)
class Effect:
    """Running plans by the version they keep, their bookings, and what would not fit."""

    plans: int
    versions: tuple[tuple[int, int], ...]
    bookings: int
    outside: tuple[Outside, ...]
    unspaced: tuple[Closer, ...]
    questions: tuple[str, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether everything that runs would be within the draft's limits too."""
        return not (self.outside or self.unspaced or self.questions)


def of(draft: Protocol, *, now: datetime) -> Effect:
    """What `draft` would mean today; as many queries for many plans as for one."""
    plans = _running(draft)
    sessions = _sessions(plans)
    prefetch_related_objects([draft], "session_counts__concern")
    judged = ((plan, tuple(_reasons(plan, draft))) for plan in plans)
    versions = Counter(plan.protocol.version for plan in plans)
    return Effect(
        plans=len(plans),
        versions=tuple(sorted(versions.items())),
        bookings=sum(_is_ahead(one, now) for row in sessions.values() for one in row),
        outside=tuple(Outside(plan, why) for plan, why in judged if why),
        unspaced=tuple(_unspaced(plans, sessions, draft, now)),
        questions=tuple(_new_questions(draft)),
    )


def _running(draft: Protocol) -> list[TreatmentPlan]:
    rows = TreatmentPlan.objects.open().with_people()
    rows = rows.filter(protocol__treatment=draft.treatment_id)
    return list(
        rows.prefetch_related(
            "areas__area", "concerns", "protocol__session_counts__concern"
        ).order_by("drafted_at", "pk")
    )


def _sessions(plans: Sequence[TreatmentPlan]) -> dict[int, list[Appointment]]:
    """The live sessions of each plan in order; one query."""
    rows = Appointment.objects.firm().filter(
        plan__in=plans, kind=AppointmentKind.SESSION
    )
    found: dict[int, list[Appointment]] = defaultdict(list)
    for row in rows.select_related("patient", "location").order_by("plan_id", "during"):
        found[row.plan_id or 0].append(row)
    return found


def _is_ahead(one: Appointment, now: datetime) -> bool:
    return one.status != AppointmentStatus.DONE and one.during.lower > now


def _unspaced(
    plans: Sequence[TreatmentPlan],
    sessions: dict[int, list[Appointment]],
    draft: Protocol,
    now: datetime,
) -> Iterator[Closer]:
    """Sessions ahead whose gap suits their plan and would not suit the draft."""
    for plan in plans:
        fewest, most = plan.gap_days
        for earlier, later in pairwise(sessions.get(plan.pk, [])):
            days = (later.anchor_date - earlier.anchor_date).days
            fits = draft.gap_min_days <= days <= draft.gap_max_days
            if _is_ahead(later, now) and not fits and fewest <= days <= most:
                yield Closer(later, days)


def _new_questions(draft: Protocol) -> Iterator[str]:
    """Questions that the draft asks and the published version does not."""
    current = draft.treatment.current_protocol()
    asked = {rule.question for rule in current.rules.all()} if current else set()
    for rule in draft.rules.all():
        if rule.question not in asked:
            yield rule.question_text


# --- One plan -----------------------------------------------------------------------


def _reasons(plan: TreatmentPlan, draft: Protocol) -> Iterator[str]:
    """Why `draft` would not allow `plan`, leaving out what its own version did not."""
    already = {what for what, _words in _findings(plan, plan.protocol)}
    for what, words in _findings(plan, draft):
        if what not in already:
            yield words


def _findings(plan: TreatmentPlan, limits: Protocol) -> Iterator[Finding]:
    """What in `plan` lies outside `limits`: each by what it is about, and in words."""
    yield from _areas(plan, limits)
    yield from _spacing(plan, limits)
    yield from _number(plan, limits)
    unwatched = not plan.protocol.needs_supervision and limits.needs_supervision
    if unwatched and plan.target_layer in ("", limits.target_layer):
        words = _("Planned without a supervising doctor; the draft needs one.")
        yield "supervision", words


def _areas(plan: TreatmentPlan, limits: Protocol) -> Iterator[Finding]:
    for area in plan.areas.all():
        if area.depth_mm is not None and area.depth_mm > limits.max_depth_mm:
            words = _("%(area)s: %(depth)s mm deep, at most %(limit)s mm in the draft.")
            yield (
                f"depth {area.area_id}",
                words
                % {
                    "area": area,
                    "depth": area.depth_mm,
                    "limit": limits.max_depth_mm,
                },
            )
        if area.passes and not limits.passes_min <= area.passes <= limits.passes_max:
            yield f"passes {area.area_id}", _passes(area, limits)


def _passes(area: PlanArea, limits: Protocol) -> str:
    return ngettext(
        "%(area)s: %(count)s pass, from %(least)s to %(most)s in the draft.",
        "%(area)s: %(count)s passes, from %(least)s to %(most)s in the draft.",
        area.passes or 0,
    ) % {
        "area": area,
        "count": area.passes,
        "least": limits.passes_min,
        "most": limits.passes_max,
    }


def _spacing(plan: TreatmentPlan, limits: Protocol) -> Iterator[Finding]:
    fewest, most = plan.gap_days
    is_its_own = plan.gap_min_days is not None
    if is_its_own and (fewest < limits.gap_min_days or most > limits.gap_max_days):
        words = _(
            "Its own gaps of %(fewest)s to %(most)s days reach outside the draft’s."
        )
        yield "gap", words % {"fewest": fewest, "most": most}
    often = plan.maintenance_per_year
    if often and not limits.maintenance_min <= often <= limits.maintenance_max:
        words = ngettext(
            "%(count)s maintenance session a year, outside the draft’s number.",
            "%(count)s maintenance sessions a year, outside the draft’s number.",
            often,
        )
        yield "maintenance", words % {"count": often}


def _number(plan: TreatmentPlan, limits: Protocol) -> Iterator[Finding]:
    """Fewer or more sessions than `limits` gives the plan's concerns."""
    if all(row.concern_id for row in limits.session_counts.all()):
        return  # not publishable yet: it must say what any other concern takes
    count = limits.sessions_for([concern.code for concern in plan.concerns.all()])
    least = 1 if limits.single_session_may_do else count.minimum
    most = count.maximum or plan.session_count
    if not least <= plan.session_count <= most:
        words = ngettext(
            "%(count)s session, outside the number in the draft.",
            "%(count)s sessions, outside the number in the draft.",
            plan.session_count,
        )
        yield "number", words % {"count": plan.session_count}
