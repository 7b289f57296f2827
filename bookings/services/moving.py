"""Moving sessions of a series: what could be, what would follow, and doing it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bookings.models import Appointment, TreatmentPlan
from bookings.services.move_proposal import MoveProposal
from bookings.services.overrides import Override
from clinic.models import User


@dataclass(frozen=True, slots=True)
class DayOption:
    """A local day to which a session could move, and what that would drag along.

    `times` are local arrivals; `gap` the days after the session before it. `drags`
    are the numbers of the sessions that would move too, `words` says so; where the
    rest of the series cannot follow, `is_possible` is false and `words` says why.
    """

    day: date
    times: tuple[datetime, ...]
    gap: int | None
    drags: tuple[int, ...]
    words: str
    is_possible: bool


def options(appointment: Appointment, *, now: datetime) -> list[DayOption]:
    """The days after the session before it to which a session could move, in order.

    Its own date and time are left out, and so is today: a move within today is asked
    for by its time. Raises BookingRefused for what is no session to come.
    """
    raise NotImplementedError


def propose(
    appointment: Appointment,
    start: datetime,
    *,
    now: datetime,
    chosen: Mapping[int, datetime] | None = None,
) -> MoveProposal:
    """What follows if the session moves to `start` (aware); nothing is written.

    `chosen` are alternatives picked for sessions that follow, by number (aware
    starts). Where it cannot be, the proposal carries a refusal. Raises BookingRefused
    for what is no session to come.
    """
    raise NotImplementedError


def repair(
    plan: TreatmentPlan,
    *,
    now: datetime,
    chosen: Mapping[int, datetime] | None = None,
    must_move: Iterable[int] = (),
) -> MoveProposal:
    """The least change that makes `plan`'s series whole and right again.

    It places sessions that have no time, moves those whose window broke, and gives
    another resource where one dropped out. `must_move` may not stay where they are.
    Without anything to do the proposal has no changes.
    """
    raise NotImplementedError


def accept(
    plan: TreatmentPlan,
    sealed: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
    why: str,
    overrides: Sequence[Override] = (),
) -> list[Appointment]:
    """Move all that `sealed` (a proposal's) says, or raise BookingRefused: all or none.

    Every session that changes gets the same new version, so that the patient gets one
    message; `why` stays in the history. A series that changed since it was proposed is
    refused in words.
    """
    raise NotImplementedError
