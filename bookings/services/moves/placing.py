"""Putting sessions of a series where they belong now: one act, all of it or nothing.

Whoever moves waits for others only while what it gives up is still its own: the new
time is claimed first, as far as it does not overlap the old; then the old claims go;
and what is then claimed whole is covered by own rows already. So a move and a booking
that cross never wait for each other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    TreatmentPlan,
)
from bookings.scheduling import Span
from bookings.scheduling.problem import OPERATOR
from bookings.scheduling.spans import gaps
from bookings.services import claims, judging, series
from bookings.services.holding import lapses
from bookings.services.judging import PlannedSession
from bookings.services.messages import cancelled, reminders
from bookings.services.moves import windows
from bookings.services.moves.standing import roles_of, sessions_of
from bookings.services.overrides import Override
from bookings.services.refusals import BookingRefused
from clinic.models import User


@dataclass(frozen=True, slots=True)
class Act:
    """When and why it is done, its one version, and whether the patient is to hear."""

    version: int
    now: datetime
    why: str
    notify: bool = True


@transaction.atomic
def place(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    actor: User,
    now: datetime,
    why: str,
    overrides: Iterable[Override] = (),
    notify: bool = True,
) -> list[Appointment]:
    """Put each of `sessions` of `plan` in its place, or raise BookingRefused.

    What stands is moved, what does not is booked. All that the patient has to hear of
    gets one new version and one message; a room alone is not told. Without `notify` only
    a reminder of the new time leaves; a booking of which nothing was told yet still is.
    """
    plan = series.lock(plan)
    standing = sessions_of(plan)
    _judge(plan, sessions, standing)
    lapses.make_way(claims.wanted(plan, sessions), now=now)
    judging.judge_sessions(plan, sessions, now=now, overrides=overrides, actor=actor)
    act = Act(next_version(plan), now, why, notify)
    rows = _place(plan, sessions, standing, act)
    windows.settle(plan, actor=actor, now=now)
    return rows


def _place(
    plan: TreatmentPlan,
    sessions: Iterable[PlannedSession],
    standing: Mapping[int, Appointment],
    act: Act,
) -> list[Appointment]:
    """Write rows and claims, and tell the patient what is news of them."""
    placed = {session.number: session for session in sessions}
    told_too = _told_too(placed, standing)
    unheard = set() if act.notify else _unheard_of(placed, standing)
    rows = _write(plan, placed, standing, act)
    moved = [row for row in rows if row.version == act.version]
    _tell(moved, told_too, act, unheard)
    return rows


def _unheard_of(
    placed: Mapping[int, PlannedSession], standing: Mapping[int, Appointment]
) -> set[int]:
    """Keys of what moves before its booking was told: silence is about the move alone."""
    moving = [standing[number] for number in placed if number in standing]
    return {row.pk for row in moving if cancelled.is_unheard_of(row)}


def _judge(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    standing: Mapping[int, Appointment],
) -> None:
    """Refuse what cannot move any more, and new sessions of a plan nobody signed."""
    for session in sessions:
        if session.number not in standing:
            judging.judge_signature(plan)
        elif not standing[session.number].can_be_moved:
            raise BookingRefused(
                _("Session %(number)s has begun or is over. It stays where it is.")
                % {"number": session.number}
            )


def next_version(plan: TreatmentPlan) -> int:
    """A version that no session of the plan ever had."""
    newest = plan.appointments.aggregate(version=Max("events__version"))["version"]
    return (newest or 0) + 1


def _told_too(
    placed: Mapping[int, PlannedSession], standing: Mapping[int, Appointment]
) -> list[Appointment]:
    known = [(row, placed[n]) for n, row in standing.items() if n in placed]
    told = [row for row, session in known if is_told(row, session)]
    return told_together(told, standing.values())


def told_together(
    moved: Iterable[Appointment], standing: Iterable[Appointment]
) -> list[Appointment]:
    """Sessions that stay, but whose one confirmation lies with a moved one, unsent."""
    pks = {row.pk for row in moved}
    owed = Message.objects.waiting().filter(
        rule=reminders.CONFIRMATION, appointment__in=pks
    )
    told = set(owed.values_list("appointment__booking", "appointment__version"))
    return [
        row
        for row in standing
        if row.pk not in pks
        and row.can_be_moved
        and row.booking_id
        and (row.booking_id, row.version) in told
    ]


def _write(
    plan: TreatmentPlan,
    placed: Mapping[int, PlannedSession],
    standing: Mapping[int, Appointment],
    act: Act,
) -> list[Appointment]:
    """Rows first, under the patient's lock; then the claims, as the module says."""
    moving = [standing[number] for number in placed if number in standing]
    _move(moving, placed, act)
    fresh = [one for number, one in placed.items() if number not in standing]
    rows = [*moving, *series.write(plan, fresh, version=act.version, reason=act.why)]
    take_instead(
        rows,
        [
            claim
            for row in rows
            for claim in claims.for_appointment(
                row, plan, placed[row.number or 0].roles
            )
        ],
    )
    return rows


def take_instead(rows: Sequence[Appointment], wanted: Sequence[Claim]) -> None:
    """Claim what `rows` want now in the place of all that they have, or refuse."""
    own = list(Claim.objects.filter(appointment__in=rows))
    claims.take(beside(wanted, own))
    Claim.objects.filter(appointment__in=rows).delete()
    claims.take(wanted)


def beside(wanted: Iterable[Claim], own: Iterable[Claim]) -> list[Claim]:
    """Of the time `wanted`, the parts that `own` does not cover."""
    old: dict[int, list[Span]] = {}
    for claim in own:
        old.setdefault(claim.resource_id, []).append(_seconds(claim.during))
    return [
        _part(claim, start, end)
        for claim in wanted
        for start, end in gaps(old.get(claim.resource_id, ()), *_seconds(claim.during))
    ]


def _part(claim: Claim, start: int, end: int) -> Claim:
    return Claim(
        resource_id=claim.resource_id,
        during=DateTimeTZRange(
            datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
        ),
        why=claim.why,
        appointment=claim.appointment,
        role=claim.role,
    )


def _seconds(during: DateTimeTZRange) -> Span:
    return int(during.lower.timestamp()), int(during.upper.timestamp())


def _move(
    moving: Iterable[Appointment], placed: Mapping[int, PlannedSession], act: Act
) -> None:
    """Write the new times: where one takes another's old day, that one moves first."""
    ordered = sorted(moving, key=lambda row: _turn(row, placed[row.number or 0]))
    for row in ordered:
        session = placed[row.number or 0]
        told = is_told(row, session)
        row.during = DateTimeTZRange(session.starts_at, session.ends_at)
        row.version = act.version if told else row.version
        row.status = AppointmentStatus.BOOKED if told else row.status
        row.reason = act.why
        try:
            row.save(update_fields=["during", "version", "status", "reason"])
        except IntegrityError as error:
            raise series.refusal(error) from error


def _turn(row: Appointment, session: PlannedSession) -> tuple[bool, int]:
    """What moves later goes last session first, what moves earlier first session first."""
    later = session.starts_at > row.starts_at
    number = row.number or 0
    return later, -number if later else number


def is_told(row: Appointment, session: PlannedSession) -> bool:
    """Whether the patient has to hear of it: another time, or another practitioner."""
    if (row.starts_at, row.ends_at) != (session.starts_at, session.ends_at):
        return True
    before = roles_of(row).get(OPERATOR)
    return before is not None and int(before) != session.roles.get(OPERATOR)


def _tell(
    moved: Sequence[Appointment],
    told_too: Sequence[Appointment],
    act: Act,
    unheard: Collection[int],
) -> None:
    """Take back what has not left, and promise afresh what the new times ask for."""
    for row in told_too:
        row.version, row.reason = act.version, act.why
        row.save(update_fields=["version", "reason"])
    told = [*moved, *told_too]
    reminders.withdraw(told, now=act.now)
    if act.notify:
        reminders.promise(told, now=act.now)
        return
    known = [row for row in moved if row.pk not in unheard]
    owed = [row for row in moved if row.pk in unheard]
    reminders.promise(known, now=act.now, silently=True)
    reminders.promise([*owed, *told_too], now=act.now)
