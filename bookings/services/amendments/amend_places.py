"""Where the sessions of an amended plan go: those that stand move as little as can be."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, TreatmentPlan
from bookings.scheduling import Blocked, Session
from bookings.scheduling.replan import replan
from bookings.scheduling.replan_answer import Replan, Standing
from bookings.services import diary, overrides, screening, shapes
from bookings.services.amendments.amend_diff import Fate, Line
from bookings.services.moves.move_proposal import Place
from bookings.services.refusals import BookingRefused

EVERY_DAY = frozenset(range(7))
ANY_TIME = (time(0), time(23, 59))
NEAR = 60
"""Minutes: added sessions start at most so much before or after the others, if any can."""


def lines(
    plan: TreatmentPlan,
    amended: TreatmentPlan,
    standing: Sequence[Appointment],
    *,
    is_medical: bool,
    now: datetime,
) -> list[Line]:
    """What becomes of every session, by number; BookingRefused where one fits nowhere.

    Of a plan without a session in the diary nothing is put there: it is booked as a
    whole later. Fewer sessions alone leave the others where they are.
    """
    surplus = [row for row in standing if (row.number or 0) > amended.session_count]
    staying = [row for row in standing if row not in surplus]
    found = [
        Line(row.number or 0, Fate.CANCELLED, place_of(row), None, row)
        for row in surplus
    ]
    if is_medical and standing and _may_move(plan, amended, staying):
        found += _solved(plan, amended, staying, surplus, now)
    else:
        found += [_kept(row) for row in staying]
    return sorted(found, key=lambda line: line.number)


def _may_move(
    plan: TreatmentPlan, amended: TreatmentPlan, staying: Sequence[Appointment]
) -> bool:
    """Whether sessions may have to stand elsewhere: depth alone moves nothing."""
    return (
        plan.session_count != amended.session_count
        or plan.protocol_id != amended.protocol_id
        or plan.gap_days != amended.gap_days
        or (_is_reshaped(plan, amended) and any(row.can_be_moved for row in staying))
    )


def _is_reshaped(plan: TreatmentPlan, amended: TreatmentPlan) -> bool:
    """Whether a session takes other minutes, people or things than before."""
    return shapes.phases_of(plan) != shapes.phases_of(amended)


def place_of(row: Appointment) -> Place:
    """When and with whom a session stands, got with_people."""
    claims = {claim.role: claim.resource_id for claim in row.claims.all()}
    names = ", ".join(one.name for one in row.resources)
    return Place(row.local_start, row.local_end, claims, names)


def _kept(row: Appointment) -> Line:
    place = place_of(row)
    return Line(row.number or 0, Fate.KEPT, place, place, row)


def _solved(
    plan: TreatmentPlan,
    amended: TreatmentPlan,
    staying: Sequence[Appointment],
    surplus: Sequence[Appointment],
    now: datetime,
) -> list[Line]:
    is_other = amended.protocol_id != plan.protocol_id
    reshaped = _is_reshaped(plan, amended)
    today = now.astimezone(plan.location.zone).date()
    allowed = set() if is_other else _allowed(amended, staying)
    moving = {
        row.number or 0: row
        for row in staying
        if row.can_be_moved and row.local_date > today and row.number not in allowed
    }
    settled = [_kept(row) for row in staying if (row.number or 0) not in moving]
    gone = {row.number or 0 for row in surplus}
    read, answer = _answer(amended, staying, moving, gone, now)
    if isinstance(answer, Blocked):
        raise BookingRefused(_blocked_words(answer))
    return settled + [
        _line(session, moving.get(session.number), read, is_other=is_other or reshaped)
        for session in answer.plans[0].sessions
    ]


def _allowed(amended: TreatmentPlan, staying: Sequence[Appointment]) -> set[int]:
    """Sessions that somebody allowed to lie where they lie, and those before a gap."""
    rows = overrides.standing(
        amended, {row.number or 0: row.anchor_date for row in staying}
    )
    return {n for row in rows for n in (row.number, row.number - row.is_gap)}


def _answer(
    amended: TreatmentPlan,
    staying: Sequence[Appointment],
    moving: Mapping[int, Appointment],
    gone: set[int],
    now: datetime,
) -> tuple[diary.Diary, Replan | Blocked]:
    """The least change; at the usual days and hours where that moves no more sessions."""
    standing = {number: _standing(row) for number, row in moving.items()}
    answers = []
    for weekdays, hours in ((EVERY_DAY, ANY_TIME), _alike(staying)):
        request = _request(amended, staying, {*moving, *gone}, weekdays, hours, now)
        read = diary.read(amended, request, now=now)
        answers.append((read, replan(read.problem, standing)))
    (_any_time, freely), (_usual, alike) = answers
    if isinstance(alike, Replan) and isinstance(freely, Replan):
        usual = _moved(alike, moving) <= _moved(freely, moving)
        return answers[1] if usual else answers[0]
    return answers[0]


def _moved(answer: Replan, moving: Mapping[int, Appointment]) -> int:
    """How many of the sessions that stand would move."""
    return len({*answer.plans[0].moved} & {*moving})


def _request(
    amended: TreatmentPlan,
    staying: Sequence[Appointment],
    moving: set[int],
    weekdays: frozenset[int],
    hours: tuple[time, time],
    now: datetime,
) -> diary.Request:
    today = now.astimezone(amended.location.zone).date()
    away = amended.patient.away_dates.all()
    last = max((row.local_date for row in staying), default=today)
    return diary.Request(
        earliest=today + timedelta(days=1),
        weekdays=weekdays,
        arrive_between=hours,
        avoid=tuple((row.first_day, row.last_day) for row in away),
        not_before=screening.first_suitable_date(amended, today=today, now=now),
        moving=frozenset(moving),
        until=last + timedelta(days=amended.gap_days[1] + 91),
    )


def _alike(
    staying: Sequence[Appointment],
) -> tuple[frozenset[int], tuple[time, time]]:
    """The weekdays of the sessions that stand, and their hours, an hour more each way."""
    starts = [row.local_start for row in staying]
    if not starts:
        return EVERY_DAY, ANY_TIME
    minutes = [start.hour * 60 + start.minute for start in starts]
    first = max(min(minutes) - NEAR, 0)
    last = min(max(minutes) + NEAR, 24 * 60 - 1)
    days = frozenset(start.weekday() for start in starts)
    return days, (time(*divmod(first, 60)), time(*divmod(last, 60)))


def _standing(row: Appointment) -> Standing:
    roles = {claim.role: str(claim.resource_id) for claim in row.claims.all()}
    return Standing(row.local_start, roles)


def _line(
    session: Session, row: Appointment | None, read: diary.Diary, *, is_other: bool
) -> Line:
    roles = {
        role: int(resource)
        for role, resource in session.roles.items()
        if role != diary.PATIENT
    }
    named = [read.names[str(pk)] for role, pk in roles.items() if role != "supervisor"]
    after = Place(session.start, session.end, roles, ", ".join(named))
    if row is None:
        return Line(session.number, Fate.ADDED, None, after)
    before = place_of(row)
    if after.starts_at != before.starts_at:
        return Line(session.number, Fate.MOVED, before, after, row)
    if is_other or any(roles.get(name) != pk for name, pk in before.roles.items()):
        return Line(session.number, Fate.EXCHANGED, before, after, row)
    return _kept(row)


def _blocked_words(answer: Blocked) -> str:
    first, last = answer.window
    return _(
        "There is no time for session %(number)s from %(first)s to %(last)s. "
        "Choose other gaps, another treatment or fewer sessions."
    ) % {
        "number": answer.session,
        "first": _day(first),
        "last": _day(last),
    }


def _day(day: date) -> str:
    return date_format(day, "D j M Y")
