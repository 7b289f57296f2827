"""Moving sessions of a series: what could be, what would follow, and doing it.

Nothing is written until `accept`; it judges everything again under the locks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentKind, TreatmentPlan
from bookings.scheduling import Blocked, Replan, Session
from bookings.scheduling import DayOption as SolverOption
from bookings.scheduling import Standing as StandingSession
from bookings.services import judging, overrides, unavailable
from bookings.services.judging import PlannedSession
from bookings.services.moves import (
    freed,
    move_effects,
    move_words,
    placing,
    standing,
    wishing,
)
from bookings.services.moves.move_proposal import MoveProposal
from bookings.services.moves.standing import Scene
from bookings.services.moves.wishing import ANYONE, Wish
from bookings.services.overrides import Override
from bookings.services.refusals import BookingRefused
from clinic.models import User

ALTERNATIVES = 4
Places = dict[int, Session]


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
    for by its time. Days past the last to which the series can follow are left out.
    Raises BookingRefused for what is no session to come.
    """
    scene = _scene(appointment, now, most=1)
    number = appointment.number or 0
    found = [_option(scene, number, one) for one in scene.replanner.options(number)]
    while found and not found[-1].is_possible:
        found.pop()
    return found


def _option(scene: Scene, number: int, found: SolverOption) -> DayOption:
    plan, before = scene.plan, scene.sessions.get(number - 1)
    zone = plan.location.zone
    moved = found.follows.moved if found.follows else ()
    return DayOption(
        day=found.day,
        times=tuple(
            datetime.combine(found.day, time(minute // 60, minute % 60), zone)
            for minute in found.minutes
        ),
        gap=(found.day - before.anchor_date).days if before else None,
        drags=tuple(n for n in moved if n != number),
        words=move_words.drags(found, number),
        is_possible=found.follows is not None,
    )


def propose(
    appointment: Appointment,
    start: datetime,
    *,
    now: datetime,
    chosen: Mapping[int, datetime] | None = None,
    wish: Wish = ANYONE,
) -> MoveProposal:
    """What follows if the session moves to `start` (aware); nothing is written.

    `chosen` are alternatives picked for sessions that follow, by number (aware
    starts); `wish` says with whom and where, if that matters. Where it cannot be, the
    proposal carries a refusal. Raises BookingRefused for what is no session to come.
    """
    scene = _scene(appointment, now, most=ALTERNATIVES)
    number = appointment.number or 0
    proposal = MoveProposal(scene.plan, scene.sessions[number])
    with _refusing(proposal):
        target = {number: _target(scene, number, start.astimezone(UTC), wish)}
        return _filled(proposal, scene, *_answers(scene, target, chosen or {}))
    return proposal


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
    scene = standing.of(plan, now=now, most=ALTERNATIVES)
    proposal = MoveProposal(scene.plan, None)
    with _refusing(proposal):
        unavailable.judge_place(scene.plan.location)
        answers = _answers(scene, {}, chosen or {}, frozenset(must_move))
        return _filled(proposal, scene, *answers)
    return proposal


def found(scene: Scene, answer: Replan | Blocked) -> MoveProposal:
    """What `answer`, found for `scene` elsewhere, comes to; or why it cannot be."""
    proposal = MoveProposal(scene.plan, None)
    if isinstance(answer, Blocked):
        proposal.refusal = move_words.blocked(scene, answer)
        return proposal
    return _filled(proposal, scene, answer, answer)


def _scene(appointment: Appointment, now: datetime, *, most: int) -> Scene:
    """What stands around a session that can be moved, or a refusal."""
    if appointment.plan is None or appointment.kind != AppointmentKind.SESSION:
        raise BookingRefused(_("Only a session of a plan can be moved here."))
    unavailable.judge_place(appointment.location)
    scene = standing.of(appointment.plan, now=now, target=appointment.number, most=most)
    row = scene.movable.get(appointment.number or 0)
    if row is None or row.pk != appointment.pk:
        raise BookingRefused(
            _("Session %(number)s has begun or is over. It stays where it is.")
            % {"number": appointment.number}
        )
    return scene


def _target(scene: Scene, number: int, start: datetime, wish: Wish) -> Session:
    """The session from `start` on, with the fewest resources exchanged, or a refusal.

    A second visit on one day is refused by its own rule, and may be allowed.
    """
    wanted = wishing.roles(scene, wish)
    if start <= scene.now:
        raise BookingRefused(
            _("Session %(number)s would start in the past. Choose a later day.")
            % {"number": number}
        )
    found = scene.replanner.place(number, start, wanted)
    found = found or scene.twice_a_day.place(number, start, wanted)
    if found is None:
        raise BookingRefused(wishing.refusal(scene, number, start, wanted))
    judging.judge_suitability(scene.plan, [standing.planned(found)], scene.now)
    return found


def _picked(scene: Scene, number: int, start: datetime) -> Session:
    found = scene.replanner.place(number, start.astimezone(UTC))
    if found is None or start <= scene.now:
        raise BookingRefused(
            _("The time picked for session %(number)s is taken. Pick another.")
            % {"number": number}
        )
    return found


@contextmanager
def _refusing(proposal: MoveProposal) -> Iterator[None]:
    """Let the proposal say why it cannot be."""
    try:
        yield
    except BookingRefused as refused:
        proposal.refusal = str(refused)


def _answers(
    scene: Scene,
    pins: Places,
    chosen: Mapping[int, datetime],
    must_move: Iterable[int] = (),
) -> tuple[Replan, Replan]:
    """The plans with what was picked, and those before anybody picked."""
    base = _replanned(scene, pins, must_move)
    picked = {
        number: _picked(scene, number, start)
        for number, start in chosen.items()
        if number not in pins
        and (number in scene.movable or number in base.alternatives)
    }
    if not picked:
        return base, base
    return _replanned(scene, {**pins, **picked}, must_move), base


def _replanned(scene: Scene, pins: Places, must_move: Iterable[int] = ()) -> Replan:
    """The plans of least change with the pins kept, or a refusal."""
    pinned = {
        number: StandingSession(session.start, session.roles)
        for number, session in pins.items()
    }
    answer = scene.replanner.replan(pinned=pinned, must_move=frozenset(must_move))
    if isinstance(answer, Blocked):
        raise BookingRefused(move_words.blocked(scene, answer))
    return answer


def _filled(
    proposal: MoveProposal, scene: Scene, answer: Replan, base: Replan
) -> MoveProposal:
    """The proposal with everything that accepting it would come to."""
    proposal.changes = move_effects.changes(scene, answer, base, proposal.target)
    placed = move_effects.placed(proposal.changed)
    proposal.stands = move_effects.stands(scene.sessions)
    if not placed:
        return proposal
    try:
        if any(session.number not in scene.sessions for session in placed):
            judging.judge_signature(scene.plan)
        judging.judge_suitability(scene.plan, placed, scene.now)
    except BookingRefused as refused:
        proposal.refusal = str(refused)
    proposal.breaches = overrides.needed(scene.plan, placed, now=scene.now)
    proposal.messages = move_effects.messages(scene, placed)
    proposal.care = move_words.care(scene, placed)
    proposal.before, proposal.after = move_effects.ribbons_of(scene, placed)
    return proposal


@transaction.atomic
def accept(
    plan: TreatmentPlan,
    sealed: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
    why: str,
    overrides: Sequence[Override] = (),
    notify: bool = True,
) -> list[Appointment]:
    """Move all that `sealed` (a proposal's) says, or raise BookingRefused: all or none.

    The patient gets one message if `notify`; `why` stays in the history. Again is none.
    """
    standing.hold(plan)
    sessions = standing.sessions_of(plan)
    wanted = [_read_back(row) for row in sealed["sessions"]]
    if all(_stands(sessions.get(one.number), one) for one in wanted):
        return [sessions[one.number] for one in wanted]
    _judge_fresh(plan, sealed, sessions)
    left = [freed.of(sessions[o.number]) for o in wanted if o.number in sessions]
    how: dict[str, Any] = {"why": why, "overrides": overrides, "notify": notify}
    moved = placing.place(plan, wanted, actor=actor, now=now, **how)
    freed.report(left, now=now)
    return moved


def _judge_fresh(
    plan: TreatmentPlan, sealed: Mapping[str, Any], sessions: Mapping[int, Appointment]
) -> None:
    """Refuse a proposal of another plan, or of a series that stood differently."""
    if sealed["plan"] != plan.pk:
        raise BookingRefused(_("That proposal is for another series. Look again."))
    if sealed["stands"] != move_effects.stands(sessions):
        raise BookingRefused(
            _("The series has changed since this was proposed. Look again.")
        )


def _read_back(row: Mapping[str, Any]) -> PlannedSession:
    return PlannedSession(
        number=row["number"],
        starts_at=datetime.fromisoformat(row["start"]),
        ends_at=datetime.fromisoformat(row["end"]),
        roles=row["roles"],
    )


def _stands(row: Appointment | None, wanted: PlannedSession) -> bool:
    """Whether the session is where it was to go, with whom it was to go."""
    if row is None or (row.starts_at, row.ends_at) != (
        wanted.starts_at,
        wanted.ends_at,
    ):
        return False
    has = standing.roles_of(row)
    return all(wanted.roles.get(role) == int(who) for role, who in has.items())
