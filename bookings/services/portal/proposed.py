"""Where a patient could move a visit alone, and what that would come to, in their words.

Of what the desk is offered, patients see only days that suit their health as it is
known, that leave time to get ready, and that break no rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentKind
from bookings.services import screening
from bookings.services.appointing import talk_moves
from bookings.services.moves import moving
from bookings.services.moves.move_proposal import (
    MessageChange,
    MoveProposal,
    SessionChange,
)
from bookings.services.moves.moving import DayOption
from bookings.services.moves.wishing import ANYONE
from bookings.services.portal import policy
from bookings.services.portal.selfservice import Lost
from bookings.services.refusals import BookingRefused
from treatments.suitability import Outcome

FEW = 4  # times shown of one day, at first
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A local day with free arrivals (aware, in the location's zone).

    `few` are spread over the day; `drags` are the numbers of the sessions that would
    have to move too.
    """

    day: date
    times: tuple[datetime, ...]
    drags: tuple[int, ...]

    @property
    def few(self) -> tuple[datetime, ...]:
        if len(self.times) <= FEW:
            return self.times
        last = len(self.times) - 1
        return tuple(self.times[round(one * last / (FEW - 1))] for one in range(FEW))

    @property
    def others(self) -> int:
        """How many times are not among the few."""
        return len(self.times) - len(self.few)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A move that the patient may accept: from where to where, and what follows."""

    target: SessionChange
    follows: list[SessionChange]
    messages: list[MessageChange]
    sealed: dict[str, Any]


def is_session(visit: Appointment) -> bool:
    """Whether it is a session of a plan; else it is a talk."""
    return visit.plan is not None and visit.kind == AppointmentKind.SESSION


def choices(visit: Appointment, *, now: datetime) -> list[Choice]:
    """The days to which the patient may move `visit` alone, in order; maybe none."""
    try:
        if not is_session(visit):
            found = talk_moves.options(visit, now=now)
            return [_choice(one) for one in found]
        found = moving.options(visit, now=now)
    except BookingRefused:
        return []
    fine = [one for one in found if one.is_possible and one.times]
    return [_choice(one) for one in _suitable(visit, fine, now)]


def _choice(option: DayOption) -> Choice:
    return Choice(option.day, option.times, option.drags)


def _suitable(
    visit: Appointment, found: Iterable[DayOption], now: datetime
) -> list[DayOption]:
    """Those of `found` that suit the answers and leave time to get ready."""
    if visit.plan is None:
        return []
    today = now.astimezone(visit.location.zone).date()
    ready = [
        one for one in found if policy.is_time_to_get_ready(visit, one.day, today=today)
    ]
    days = [one.day for one in ready]
    verdicts = screening.verdicts_on(visit.plan, days, now=now)
    return [one for one in ready if verdicts[one.day].outcome is Outcome.SUITABLE]


def nearest(found: Iterable[Choice], wanted: datetime) -> list[datetime]:
    """The three times nearest to `wanted` (aware), by time."""
    times = [start for one in found for start in one.times]
    close = sorted(times, key=lambda start: abs(start - wanted))[:NEAREST]
    return sorted(close)


def propose(
    visit: Appointment,
    start: datetime,
    *,
    now: datetime,
    chosen: Mapping[int, datetime] | None = None,
) -> Proposed:
    """What moving `visit` to `start` (aware) comes to; nothing is written.

    `chosen` are other places picked for sessions that follow. Raises Lost where the
    patient cannot have that time alone.
    """
    try:
        if is_session(visit):
            return _session(visit, start, now, chosen or {})
        return _talk(visit, start, now)
    except BookingRefused as refused:
        raise Lost(
            _("That time has just been taken. Nothing was changed.")
        ) from refused


def _session(
    visit: Appointment, start: datetime, now: datetime, chosen: Mapping[int, datetime]
) -> Proposed:
    proposal = moving.propose(visit, start, now=now, chosen=chosen)
    target = next((one for one in proposal.changed if one.is_target), None)
    if target is None or not _may_accept(proposal, now):
        raise Lost(proposal.refusal)
    sealed = _sealed(visit, target) | {"moves": proposal.sealed()}
    return Proposed(target, proposal.follows, proposal.messages, sealed)


def _may_accept(proposal: MoveProposal, now: datetime) -> bool:
    """Whether nothing of it needs anybody's permission, nor comes too soon."""
    today = now.astimezone(proposal.plan.location.zone).date()
    return proposal.can_be_accepted and all(
        policy.is_time_to_get_ready(
            change.appointment, change.after.starts_at.date(), today=today
        )
        for change in proposal.changed
        if change.appointment
    )


def _talk(visit: Appointment, start: datetime, now: datetime) -> Proposed:
    talk = talk_moves.propose(visit, start, ANYONE, now=now)
    change = talk_moves.change(visit, talk)
    if not change.is_changed:
        raise Lost("")
    sealed = _sealed(visit, change)
    sealed |= {"practitioner": talk.practitioner, "room": talk.room}
    return Proposed(change, [], [], sealed)


def _sealed(visit: Appointment, change: SessionChange) -> dict[str, Any]:
    """Plain values, for the way through the browser (signed) and back."""
    return {
        "visit": visit.pk,
        "version": visit.version,
        "start": change.after.starts_at.isoformat(),
    }
