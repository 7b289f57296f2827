"""A signed plan as it would read once it is amended, and whether it may."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    TreatmentPlan,
)
from bookings.services import screening
from bookings.services.editing import details, limits
from bookings.services.editing.details import Details
from bookings.services.holding import lapses
from bookings.services.plans import MOST_SESSIONS
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import versions
from treatments.models import Protocol

Gap = tuple[int, int]

LONGEST_GAP = 364
"""Days; a gap of a year is no series any more."""

BEGUN = (
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_SESSION,
    AppointmentStatus.DONE,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked of a signed plan.

    `gap_days`, fewest and most local days between sessions, are the plan's own; None
    leaves them to the protocol. `details` is all the rest, where a clinician asks; None
    leaves it as it is.
    """

    session_count: int
    protocol: Protocol
    gap_days: Gap | None
    reason: str
    details: Details | None = None

    def sealed(self) -> dict[str, Any]:
        """Plain values, for the way through the browser and back."""
        return {
            "session_count": self.session_count,
            "protocol": self.protocol.pk,
            "gap_days": self.gap_days,
            "reason": self.reason,
            "details": self.details.sealed() if self.details else None,
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what a plan says, before and after."""

    name: str
    before: str
    after: str


def change_from(sealed: dict[str, Any]) -> Change:
    """The change that was sealed; Protocol.DoesNotExist where its protocol is gone."""
    gap = sealed["gap_days"]
    return Change(
        session_count=sealed["session_count"],
        protocol=Protocol.objects.with_contents().get(pk=sealed["protocol"]),
        gap_days=(gap[0], gap[1]) if gap else None,
        reason=sealed["reason"],
        details=details.read(sealed["details"]) if sealed["details"] else None,
    )


def own_gap(plan: TreatmentPlan) -> Gap | None:
    """The plan's own fewest and most days between sessions; None without."""
    if plan.gap_min_days is None or plan.gap_max_days is None:
        return None
    return plan.gap_min_days, plan.gap_max_days


def as_amended(
    plan: TreatmentPlan, change: Change, *, has_begun: bool
) -> TreatmentPlan:
    """`plan` with `change`, unsaved. Where sessions were given, gaps stay strict.

    After another treatment the skin recovers from the old one too: the later of the
    two first days and the earlier of the two last ones bound each gap.
    """
    amended = copy.copy(plan)
    amended.session_count = change.session_count
    amended.protocol = change.protocol
    gap = change.gap_days
    if has_begun and change.protocol.pk != plan.protocol_id:
        gap = _stricter(plan.gap_days, gap or usual_gap(change.protocol))
        gap = None if gap == usual_gap(change.protocol) else gap
    amended.gap_min_days, amended.gap_max_days = gap or (None, None)
    return change.details.laid_over(amended) if change.details else amended


def is_medical(plan: TreatmentPlan, amended: TreatmentPlan, change: Change) -> bool:
    """Whether a clinician has to sign again: anything but fewer sessions."""
    return (
        _has_other_details(plan, change)
        or amended.session_count > plan.session_count
        or amended.protocol_id != plan.protocol_id
        or amended.gap_days != plan.gap_days
    )


def _has_other_details(plan: TreatmentPlan, change: Change) -> bool:
    return change.details is not None and change.details != details.of(plan)


def values(plan: TreatmentPlan, told: Details | None = None) -> dict[str, Any]:
    """What an amendment keeps of a plan, before and after: with `told`, else as stored."""
    told = told or details.of(plan)
    return {
        "contents": told.contents(plan.protocol),
        "treatment": plan.protocol.treatment.name,
        "protocol": plan.protocol_id,
        "session_count": plan.session_count,
        "gap_days": list(plan.gap_days),
    }


def facts(before: dict[str, Any], after: dict[str, Any]) -> list[Fact]:
    """What of a plan's `values` changes, in words."""
    shown = (
        (_("Treatment"), "treatment", str),
        (_("Sessions"), "session_count", str),
        (_("Gap between sessions"), "gap_days", _gap_words),
    )
    lines = versions.diff(before.get("contents", {}), after.get("contents", {}))
    return [
        Fact(name, words(before[key]), words(after[key]))
        for name, key, words in shown
        if before[key] != after[key]
    ] + [Fact(line.what, line.before, line.after) for line in lines]


def judge(
    plan: TreatmentPlan, change: Change, sessions: Iterable[Appointment], now: datetime
) -> None:
    """Refuse a change that may not be, and say why; `sessions` are those that stand."""
    if not plan.is_approved:
        raise BookingRefused(
            _("Only a signed plan is amended. Change this one where it is drafted.")
        )
    if not change.reason.strip():
        raise BookingRefused(_("Say why: the reason is kept with the plan."))
    if not change.protocol.is_published:
        raise BookingRefused(_("This protocol is not published. Choose another."))
    _judge_count(change, sessions)
    _judge_free(plan, now)
    if change.details is None:
        _judge_gap(plan, change)
    else:
        limits.judge_gap(plan, change.gap_days)
        limits.judge(plan, change.details)
    _judge_difference(plan, change)
    _judge_answers(plan, change, now)


def _judge_count(change: Change, sessions: Iterable[Appointment]) -> None:
    if not 1 <= change.session_count <= MOST_SESSIONS:
        raise BookingRefused(_("A plan has from 1 to 12 sessions."))
    begun = max((s.number or 0 for s in sessions if s.status in BEGUN), default=0)
    if change.session_count < begun:
        raise BookingRefused(
            ngettext(
                "%(count)s session has begun or is done. The plan cannot have fewer.",
                "%(count)s sessions have begun or are done. "
                "The plan cannot have fewer.",
                begun,
            )
            % {"count": begun}
        )


def _judge_free(plan: TreatmentPlan, now: datetime) -> None:
    hold = plan.holds.open().first()
    if hold and hold.lasts_at(now):
        raise BookingRefused(lapses.still_held(hold))


def _judge_gap(plan: TreatmentPlan, change: Change) -> None:
    fewest, most = usual_gap(change.protocol)
    is_same = change.protocol.pk == plan.protocol_id
    if change.gap_days is None or (is_same and change.gap_days == own_gap(plan)):
        return
    if not change.gap_days[0] <= change.gap_days[1] <= LONGEST_GAP:
        raise BookingRefused(
            _("Give the fewest and the most days, in that order, up to %(days)s.")
            % {"days": LONGEST_GAP}
        )
    if change.gap_days[0] < fewest or change.gap_days[1] < most:
        raise BookingRefused(
            _(
                "Gaps can only be longer than the protocol’s %(fewest)s to %(most)s "
                "days: skin needs that time to heal."
            )
            % {"fewest": fewest, "most": most}
        )


def _judge_difference(plan: TreatmentPlan, change: Change) -> None:
    same = (
        change.session_count == plan.session_count
        and change.protocol.pk == plan.protocol_id
        and (change.gap_days or usual_gap(change.protocol)) == plan.gap_days
        and not _has_other_details(plan, change)
    )
    if same:
        raise BookingRefused(_("Nothing would change. Choose what to amend."))


def _judge_answers(plan: TreatmentPlan, change: Change, now: datetime) -> None:
    """Another treatment may ask what nobody has asked yet."""
    asked = copy.copy(plan)
    asked.protocol = change.protocol
    if missing := len(screening.unanswered(asked, now=now)):
        raise BookingRefused(
            ngettext(
                "%(count)s health question has no answer yet. Ask it first.",
                "%(count)s health questions have no answer yet. Ask them first.",
                missing,
            )
            % {"count": missing}
        )


def standing(plan: TreatmentPlan, now: datetime) -> list[Appointment]:
    """The plan's sessions that stand or were kept, by number, with who and what."""
    rows = plan.appointments.standing(now).filter(kind=AppointmentKind.SESSION)
    return list(rows.with_people().order_by("number"))


def _stricter(one: Gap, other: Gap) -> Gap:
    fewest = max(one[0], other[0])
    return fewest, max(fewest, min(one[1], other[1]))


def usual_gap(protocol: Protocol) -> Gap:
    """The gap that the protocol gives, in local days (42 to 56, source: S1 S2)."""
    return protocol.gap_min_days, protocol.gap_max_days


def _gap_words(gap: list[int]) -> str:
    return _("%(fewest)s to %(most)s days") % {"fewest": gap[0], "most": gap[1]}
