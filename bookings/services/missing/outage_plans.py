"""Re-planning in bulk what an outage touches: proposed for each series, applied one by one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Outage, Patient, TreatmentPlan
from bookings.ribbon import Ribbon
from bookings.services.missing import outages
from bookings.services.missing.affected import Affected, affected
from bookings.services.moves import in_turn, move_effects, moving, placing
from bookings.services.moves.move_proposal import MoveProposal
from bookings.services.refusals import BookingRefused
from clinic.models import User

MOST = 60  # series proposed at a time: what one page can show within a moment


@dataclass(slots=True)
class SeriesPlan:
    """One affected series: which of its sessions, and the least change that helps.

    `signed` is left to the page that sends the proposal through a browser.
    """

    affected: tuple[Affected, ...]
    proposal: MoveProposal
    signed: str = ""

    @property
    def plan(self) -> TreatmentPlan:
        return self.proposal.plan

    @property
    def slack(self) -> int | None:
        """That of its most urgent session."""
        return self.affected[0].slack

    @property
    def is_told(self) -> bool:
        """Whether the patient gets a message: another time, or another practitioner."""
        changed = self.proposal.changed
        return any(
            one.appointment is None or placing.is_told(one.appointment, session)
            for one, session in zip(changed, move_effects.placed(changed), strict=True)
        )

    @property
    def moved(self) -> list[int]:
        """The sessions that get another date or time."""
        return [one.number for one in self.proposal.changed if one.is_moved]

    @property
    def ribbons(self) -> list[Ribbon]:
        """Now and after, where a session gets another date; else nothing to draw."""
        new_day = any(one.days for one in self.proposal.changed)
        return self.proposal.ribbons if new_day else []


@dataclass(frozen=True, slots=True)
class Bulk:
    """What to do about an outage: series to re-plan, and what is settled by hand.

    `later` counts the series that come after these.
    """

    series: tuple[SeriesPlan, ...]
    by_hand: tuple[Affected, ...]
    later: int = 0

    @property
    def patients(self) -> list[Patient]:
        """Everybody whose appointments are shown, each once."""
        rows = [one.plan.patient for one in self.series]
        rows += [one.appointment.patient for one in self.by_hand]
        return list({row.pk: row for row in rows}.values())

    @property
    def sessions(self) -> int:
        """How many appointments are affected."""
        return len(self.by_hand) + sum(len(one.affected) for one in self.series)

    @property
    def ribbons(self) -> list[Ribbon]:
        """What the series that move draw, for their key."""
        return [ribbon for one in self.possible for ribbon in one.ribbons]

    @property
    def possible(self) -> list[SeriesPlan]:
        return [one for one in self.series if one.proposal.can_be_accepted]

    @property
    def impossible(self) -> list[SeriesPlan]:
        return [one for one in self.series if not one.proposal.can_be_accepted]


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of one series: its sessions moved, or the words of the refusal."""

    plan: TreatmentPlan
    moved: int
    refusal: str = ""


def proposals(outage: Outage, *, now: datetime, skip: int = 0) -> Bulk:
    """The least change for MOST affected series, the least slack first, after `skip`.

    Each takes into account what those before it take and leave, so that none of them
    compete. What is no session of a series, or is only held, is settled by hand.
    """
    left = affected(outage, now=now) if outage.is_standing else []
    by_plan: dict[int, list[Affected]] = {}
    by_hand = []
    for one in left:
        if _may_move(one, outage, now):
            by_plan.setdefault(one.appointment.plan_id or 0, []).append(one)
        else:
            by_hand.append(one)
    shown = list(by_plan)[skip : skip + MOST]
    series = tuple(
        SeriesPlan(
            tuple(by_plan[turn.scene.plan.pk]), moving.found(turn.scene, turn.answer)
        )
        for turn in in_turn.turns(shown, now=now)
    )
    return Bulk(series, tuple(by_hand), max(0, len(by_plan) - skip - MOST))


def _may_move(one: Affected, outage: Outage, now: datetime) -> bool:
    """Whether its series can be re-planned as a whole, at the place of the outage."""
    row = one.appointment
    here = row.plan and row.plan.location_id == outage.resource.location_id
    return one.is_session and bool(here) and row.can_be_moved and row.starts_at > now


def apply(
    outage: Outage, chosen: Iterable[Mapping[str, Any]], *, actor: User, now: datetime
) -> list[Applied]:
    """Accept the proposals in `chosen` (as sealed), each series whole or not at all.

    A series that changed in the meantime or lost a race is left as it is and says so;
    the others stand. Each patient gets one message. Time that a session leaves is
    claimed as absence in the same transaction.
    """
    rows = list(chosen)
    plans = TreatmentPlan.objects.with_people().in_bulk([row["plan"] for row in rows])
    why = outages.missing(outage)
    return [
        _apply(outage, plans[row["plan"]], row, why, actor, now)
        for row in rows
        if row["plan"] in plans
    ]


def _apply(
    outage: Outage,
    plan: TreatmentPlan,
    sealed: Mapping[str, Any],
    why: str,
    actor: User,
    now: datetime,
) -> Applied:
    try:
        if not Outage.objects.standing().filter(pk=outage.pk).exists():
            raise BookingRefused(
                _("The outage has been lifted. Nothing has to move any more.")
            )
        moved = moving.accept(plan, sealed, actor=actor, now=now, why=why)
    except BookingRefused as refused:
        return Applied(plan, 0, str(refused))
    return Applied(plan, len(moved))
