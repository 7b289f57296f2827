"""Where one visit could be: the nearest places to a lost one, or the next that are free.

A place names who and where, so that one click can take it; whoever books judges it
again. Days on which the patient comes already are left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, Patient, TreatmentPlan
from bookings.scheduling import (
    Kind,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Session,
    Span,
    instant,
)
from bookings.scheduling.nearest import Places
from bookings.scheduling.problem import EVERY_WEEKDAY, OPERATOR
from bookings.services import diary, hours
from bookings.services.appointing import rules
from bookings.services.appointing.rules import ROOM, SKILL
from bookings.services.judging import PlannedSession
from bookings.services.proposing import waits
from bookings.services.spoken import day_words
from clinic.models import Location

NEAREST = 3
BACK, AHEAD, FAR = timedelta(days=7), timedelta(days=21), timedelta(days=90)
DAYS, A_DAY = 5, 8
ANY_TIME = (time(0), time(23, 59))


@dataclass(frozen=True, slots=True)
class Sought:
    """One visit without a time: what, for whom, where, and with whom if that matters.

    With a `plan` and a `number` it is a session, else a talk of `kind` that lasts
    `minutes`. `practitioner` and `room` (keys) have to be those; None is anyone. Dates
    and times are local to `location`, both ends included; `moving` is its own row.
    """

    location: Location
    kind: str
    patient: Patient | None = None
    plan: TreatmentPlan | None = None
    number: int | None = None
    practitioner: int | None = None
    room: int | None = None
    weekdays: frozenset[int] = EVERY_WEEKDAY
    arrive_between: tuple[time, time] = ANY_TIME
    moving: Appointment | None = None
    minutes: int = 0
    second_visits: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A free time, in the location's zone, with everybody and everything it takes."""

    local_start: datetime
    local_end: datetime
    roles: dict[str, int]
    with_whom: str

    @property
    def practitioner(self) -> int | None:
        return self.roles.get(OPERATOR)

    @property
    def room(self) -> int | None:
        return self.roles.get(ROOM)

    def planned(self, number: int) -> PlannedSession:
        """The place as session `number` of a plan."""
        return PlannedSession(number, self.local_start, self.local_end, self.roles)


def nearest(
    sought: Sought, wanted: datetime, *, now: datetime, count: int = NEAREST
) -> list[Place]:
    """The `count` free places nearest to `wanted` (aware), before and after, by time.

    It looks a week back and three weeks ahead; where that is not enough, from today to
    a quarter ahead; on the grid of 15 minutes.
    """
    day = wanted.astimezone(sought.location.zone).date()
    found: list[Place] = []
    today = now.astimezone(sought.location.zone).date()
    for first, last in ((day - BACK, day + AHEAD), (today, day + FAR)):
        search = _Search(sought, first, last, now)
        found = search.told(search.places.nearest(wanted, count))
        if len(found) == count:
            break
    return found


def free(sought: Sought, first: date, *, now: datetime) -> list[Place]:
    """The next free places from the local day `first` on, five days of them, by time."""
    search = _Search(sought, first, first + FAR, now)
    return search.told(search.places.from_day_to_day(DAYS, A_DAY))


def each_day(
    sought: Sought,
    first: date,
    last: date,
    *,
    now: datetime,
    prefer: Mapping[str, str] | None = None,
) -> list[Place]:
    """The first free place of each local day from `first` to `last`, by time.

    Those of `prefer` are taken where they can.
    """
    search = _Search(sought, first, last, now, prefer)
    days = (last - first).days + 1
    return search.told(search.places.from_day_to_day(days, 1))


def at(
    sought: Sought,
    start: datetime,
    *,
    now: datetime,
    prefer: Mapping[str, str] | None = None,
) -> Place | None:
    """The visit at `start` (aware) with whoever is free, those of `prefer` first.

    None where it cannot be. It looks at no rule of dates, nor at second visits.
    """
    if start <= now:
        return None
    sought = replace(sought, second_visits=True)
    day = start.astimezone(sought.location.zone).date()
    search = _Search(sought, day, day, now, prefer)
    found = search.places.at(start)
    return search.told([found])[0] if found else None


def next_words(places: Iterable[Place], wanted: datetime) -> str:
    """Which of `places` comes next after a lost time; nothing where there is none."""
    rows = list(places)
    later = [one for one in rows if one.local_start >= wanted] or rows
    if not later:
        return _("Nothing near it is free. Look further ahead, or with someone else.")
    start = later[0].local_start
    return _("The next that fits is %(day)s, %(time)s.") % {
        "day": day_words(start),
        "time": f"{start:%H:%M}",
    }


class _Search:
    """The diary of some local days, as far as it is about one visit."""

    def __init__(
        self,
        sought: Sought,
        first: date,
        last: date,
        now: datetime,
        prefer: Mapping[str, str] | None = None,
    ) -> None:
        today = now.astimezone(sought.location.zone).date()
        first = max(first, today)
        days = first, max(first, last)
        if plan := sought.plan if sought.number else None:
            found = _session(sought, plan, days, now)
        else:
            found = _talk(sought, days, now)
        self._names = found.names
        resources = tuple(_wanted(sought.room, found.problem))
        self.places = Places(
            replace(found.problem, resources=resources),
            after=now,
            operator=str(sought.practitioner) if sought.practitioner else None,
            prefer=_usual_room(found.problem) | dict(prefer or {}),
        )

    def told(self, sessions: Iterable[Session]) -> list[Place]:
        """The places with their names."""
        return [self._told(session) for session in sessions]

    def _told(self, session: Session) -> Place:
        roles = {
            role: int(who)
            for role, who in session.roles.items()
            if role != diary.PATIENT
        }
        shown = [
            self._names[str(pk)] for role, pk in roles.items() if role != "supervisor"
        ]
        return Place(session.start, session.end, roles, ", ".join(shown))


def _wanted(room: int | None, problem: Problem) -> Iterator[Resource]:
    """The resources, with no other room than the one that is wanted."""
    for one in problem.resources:
        if (
            room is None
            or one.kind != Kind.ROOM
            or one.id in (str(room), diary.PATIENT)
        ):
            yield one


def _usual_room(problem: Problem) -> dict[str, str]:
    """A room that is for talks alone, for a talk: others are kept for sessions."""
    role = problem.roles.get(ROOM)
    if role is None or SKILL not in role.skills:
        return {}
    for one in problem.resources:
        if one.kind == Kind.ROOM and one.skills == {SKILL}:
            return {ROOM: one.id}
    return {}


def _session(
    sought: Sought, plan: TreatmentPlan, days: tuple[date, date], now: datetime
) -> diary.Diary:
    """The diary for the plan's next session, between its neighbours' windows."""
    first, last = days
    request = diary.Request(
        earliest=first,
        weekdays=sought.weekdays,
        arrive_between=sought.arrive_between,
        avoid=tuple((r.first_day, r.last_day) for r in plan.patient.away_dates.all()),
        not_before=waits.of(plan, now=now).until,
        second_visits=sought.second_visits,
        until=last,
    )
    return diary.read(plan, request, now=now)


def _talk(sought: Sought, days: tuple[date, date], now: datetime) -> diary.Diary:
    """The diary for a talk: somebody to talk to, a room, and the patient's own time."""
    first, last = days
    own = Appointment.objects.filter(pk=sought.moving.pk) if sought.moving else None
    read = diary.resources_of(sought.location, first, last, now=now, without=own)
    resources, names = read
    roles = {
        OPERATOR: Role(Kind.PRACTITIONER, frozenset({SKILL})),
        ROOM: Role(Kind.ROOM, frozenset({SKILL})),
    }
    if sought.patient:
        resources = [*resources, _own_time(sought, first, last, now)]
        roles[diary.PATIENT] = Role(Kind.ROOM, frozenset({diary.PATIENT}))
    minutes = sought.minutes or rules.minutes_of(sought.kind)
    series = _once(sought, first, last)
    phases = (Phase("talk", minutes, tuple(roles)),)
    zone, grid = sought.location.zone, diary.GRID_MINUTES
    return diary.Diary(
        Problem(zone, grid, tuple(resources), roles, phases, series), names
    )


def _once(sought: Sought, first: date, last: date) -> Series:
    earliest, latest = (at.hour * 60 + at.minute for at in sought.arrive_between)
    return Series(
        count=1,
        gap_days=(1, 1),
        ideal_gap_days=1,
        earliest=first,
        latest=last,
        weekdays=sought.weekdays,
        arrive_between=(earliest, latest),
    )


def _own_time(sought: Sought, first: date, last: date, now: datetime) -> Resource:
    """The patient's own time: without the visits, or the whole days of them."""
    zone = sought.location.zone
    window = hours.between(zone, first, last)
    rows = Appointment.objects.standing(now).filter(patient=sought.patient)
    if sought.moving:
        rows = rows.exclude(pk=sought.moving.pk)
    taken = [row.during for row in rows.between(window.lower, window.upper)]
    if not sought.second_visits:
        days = {during.lower.astimezone(zone).date() for during in taken}
        taken += [hours.between(zone, day, day) for day in days]
    return Resource(
        id=diary.PATIENT,
        kind=Kind.ROOM,
        skills=frozenset({diary.PATIENT}),
        open=(_span(window),),
        busy=tuple(map(_span, taken)),
    )


def _span(window: DateTimeTZRange) -> Span:
    return instant(window.lower), instant(window.upper)
