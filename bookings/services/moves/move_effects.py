"""What a re-plan comes to: every session, message and ribbon, before and after."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date

from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Message,
    MessageStatus,
)
from bookings.ribbon import Ribbon, RibbonSession, State
from bookings.scheduling import Replan, Session
from bookings.services import ribbons
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves import move_words, placing, standing
from bookings.services.moves.move_proposal import (
    Alternative,
    MessageChange,
    Place,
    SessionChange,
)
from bookings.services.moves.standing import Scene

QUIET_ROLES = ("supervisor",)


def stands(sessions: Mapping[int, Appointment]) -> dict[str, str]:
    """A word for how each session stands, by key: it changes whenever that does."""
    return {
        str(row.pk): ":".join(
            [
                str(row.version),
                row.status,
                row.starts_at.isoformat(),
                *(
                    f"{role}={who}"
                    for role, who in sorted(standing.roles_of(row).items())
                ),
            ]
        )
        for row in sessions.values()
    }


def changes(
    scene: Scene, answer: Replan, base: Replan, target: Appointment | None
) -> list[SessionChange]:
    """Every session that can still move, as the best plan of `answer` has it.

    `base` is what was proposed before anybody picked among the alternatives.
    """
    plan = answer.plans[0]
    dates = {number: row.anchor_date for number, row in scene.sessions.items()}
    dates |= {one.number: one.start.date() for one in plan.sessions}
    return [
        _change(scene, session, dates, _others(session, answer, base), target)
        for session in plan.sessions
    ]


def _change(
    scene: Scene,
    session: Session,
    dates: Mapping[int, date],
    others: Iterable[Session],
    target: Appointment | None,
) -> SessionChange:
    row = scene.sessions.get(session.number)
    is_target = target is not None and session.number == target.number
    is_moved = row is None or row.starts_at != session.start
    is_exchanged = row is not None and _is_exchanged(row, session)
    asks_why = not is_target and (is_moved or is_exchanged)
    why = move_words.why(scene, session, dates, scene.read.names) if asks_why else ""
    return SessionChange(
        number=session.number,
        appointment=row,
        before=_present(scene, row) if row else None,
        after=_place(scene, session),
        is_target=is_target,
        is_moved=is_moved,
        is_exchanged=is_exchanged,
        why=why,
        gap=_gap(session.number, session.start.date(), dates),
        alternatives=tuple(_alternative(scene, one, dates) for one in others),
    )


def _is_exchanged(row: Appointment, session: Session) -> bool:
    has = standing.roles_of(row)
    return any(session.roles.get(role, who) != who for role, who in has.items())


def _others(session: Session, answer: Replan, base: Replan) -> Iterable[Session]:
    """The other places of a session that follows, what was proposed first leading."""
    number = session.number
    first = [one for one in base.plans[0].sessions if one.number == number]
    known = answer.alternatives.get(number, base.alternatives.get(number, ()))
    if number not in answer.alternatives and number not in base.alternatives:
        return []
    found = {one.start: one for one in [*first, *known] if one.start != session.start}
    return found.values()


def _alternative(
    scene: Scene, session: Session, dates: Mapping[int, date]
) -> Alternative:
    gap = _gap(session.number, session.start.date(), dates)
    return Alternative(session.start.isoformat(), _place(scene, session), gap)


def _gap(number: int, day: date, dates: Mapping[int, date]) -> int | None:
    before = dates.get(number - 1)
    return (day - before).days if before else None


def _place(scene: Scene, session: Session) -> Place:
    names = scene.read.names
    shown = [
        names[who]
        for role, who in session.roles.items()
        if who in names and role not in QUIET_ROLES
    ]
    roles = dict(standing.planned(session).roles)
    return Place(session.start, session.end, roles, ", ".join(dict.fromkeys(shown)))


def _present(scene: Scene, row: Appointment) -> Place:
    has = {role: int(who) for role, who in standing.roles_of(row).items()}
    shown = ", ".join(one.name for one in row.resources)
    return Place(row.local_start, row.local_end, has, shown)


def placed(changed: Iterable[SessionChange]) -> list[PlannedSession]:
    """The sessions that change, as the services want them."""
    return [
        PlannedSession(
            one.number, one.after.starts_at, one.after.ends_at, one.after.roles
        )
        for one in changed
    ]


def messages(scene: Scene, sessions: Sequence[PlannedSession]) -> list[MessageChange]:
    """What becomes of the patient's messages, by session and then by time."""
    rows = _told(scene, sessions)
    old = _waiting(row for row in rows if row.pk)
    owed = reminders.confirmed_once(
        message for row in rows for message in reminders.owed(row, scene.now)
    )
    new = {
        (one.appointment.number or 0, one.rule): one
        for one in owed
        if one.appointment and one.status == MessageStatus.PLANNED
    }
    found = [
        _message_change(scene, key, old.get(key), new.get(key))
        for key in old.keys() | new.keys()
    ]
    return sorted(
        (one for one in found if one.old_due != one.new_due),
        key=lambda one: (one.number, one.new_due or one.old_due, one.rule),
    )


def _told(scene: Scene, sessions: Iterable[PlannedSession]) -> list[Appointment]:
    """The sessions of which the patient hears, as they would stand afterwards."""
    version = placing.next_version(scene.plan)
    moved = []
    for session in sessions:
        row = scene.sessions.get(session.number)
        if row is None or placing.is_told(row, session):
            moved.append(_afterwards(scene, session, row, version))
    known = [row for row in moved if row.pk]
    for row in placing.told_together(known, scene.sessions.values()):
        other = copy(row)
        other.plan, other.version = scene.plan, version
        moved.append(other)
    return moved


def _afterwards(
    scene: Scene, session: PlannedSession, row: Appointment | None, version: int
) -> Appointment:
    plan = scene.plan
    then = (
        copy(row)
        if row
        else Appointment(
            kind=AppointmentKind.SESSION, number=session.number, location=plan.location
        )
    )
    then.plan, then.patient, then.version = plan, plan.patient, version
    then.status = AppointmentStatus.BOOKED
    then.during = DateTimeTZRange(session.starts_at, session.ends_at)
    return then


def _waiting(rows: Iterable[Appointment]) -> dict[tuple[int, str], Message]:
    numbers = {row.pk: row.number or 0 for row in rows}
    waiting = Message.objects.waiting().filter(appointment__in=numbers)
    return {(numbers[one.appointment_id or 0], one.rule): one for one in waiting}


def _message_change(
    scene: Scene, key: tuple[int, str], old: Message | None, new: Message | None
) -> MessageChange:
    number, code = key
    rule = reminders.RULES[code]
    zone = scene.plan.location.zone
    return MessageChange(
        number=number,
        rule=code,
        name=str(rule.name),
        icon=rule.icon,
        old_due=old.due_at.astimezone(zone) if old else None,
        new_due=new.due_at.astimezone(zone) if new else None,
        is_now=new is not None and new.due_at <= scene.now + GRACE,
    )


def ribbons_of(
    scene: Scene, sessions: Sequence[PlannedSession]
) -> tuple[Ribbon | None, Ribbon]:
    """The series now and afterwards, with the same closures and days away."""
    now = [_marker(row) for row in scene.sessions.values()]
    then = [*_afterwards_markers(scene, sessions)]
    days = [one.day for one in [*now, *then]]
    around = ribbons.Around(
        today=scene.today,
        away=ribbons.away_dates(scene.plan, min(days), max(days)),
        closed=ribbons.closures(scene.plan, min(days), max(days)),
    )
    before = ribbons.drawn(scene.plan, now, around) if now else None
    return before, ribbons.drawn(scene.plan, then, around)


def _afterwards_markers(
    scene: Scene, sessions: Sequence[PlannedSession]
) -> Iterable[RibbonSession]:
    moved = {one.number: one for one in sessions}
    for number, row in scene.sessions.items():
        new = moved.pop(number, None)
        if new is None or new.starts_at == row.starts_at:
            yield _marker(row)
            continue
        yield _marker(row, State.WAS)
        yield _new_marker(scene, new)
    for new in moved.values():
        yield _new_marker(scene, new)


def _marker(row: Appointment, state: State | None = None) -> RibbonSession:
    return RibbonSession(
        number=row.number or 0,
        day=row.anchor_date,
        state=state or State(row.status),
        time=f"{row.local_start:%H:%M}",
    )


def _new_marker(scene: Scene, session: PlannedSession) -> RibbonSession:
    local = session.starts_at.astimezone(scene.plan.location.zone)
    return RibbonSession(session.number, local.date(), State.BOOKED, f"{local:%H:%M}")
