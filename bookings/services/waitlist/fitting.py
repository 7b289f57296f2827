"""The first time that fits an entry: its own days, the windows, the answers, the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bookings.models import (
    Appointment,
    AppointmentKind,
    OfferStatus,
    TreatmentPlan,
    WaitingEntry,
)
from bookings.scheduling import Problem
from bookings.scheduling.answer import Session
from bookings.scheduling.problem import ANY_TIME, EVERY_WEEKDAY
from bookings.scheduling.soonest import Soonest
from bookings.services import diary, screening
from bookings.services.judging import PlannedSession
from treatments.suitability import Outcome

TURNED_DOWN = [OfferStatus.DECLINED, OfferStatus.LAPSED]


@dataclass(frozen=True, slots=True)
class Case:
    """An entry with its plan's sessions that stand, as they are at `now`."""

    entry: WaitingEntry
    plan: TreatmentPlan
    standing: dict[int, Appointment]
    now: datetime

    @property
    def today(self) -> date:
        """The local day at the plan's location."""
        return self.now.astimezone(self.plan.location.zone).date()

    @property
    def number(self) -> int | None:
        """The session whose time is sought: of a whole series the first that lacks one."""
        if self.entry.number:
            return self.entry.number
        every = range(1, self.plan.session_count + 1)
        return next((n for n in every if n not in self.standing), None)

    @property
    def present(self) -> Appointment | None:
        """Where the session stands in the diary now, if it does."""
        return self.standing.get(self.number or 0)

    @property
    def breaks_up(self) -> bool:
        """Whether one session is sought of a series of which none has a time."""
        is_single = self.entry.number is not None and self.plan.session_count > 1
        return is_single and not self.standing

    @property
    def first_day(self) -> date:
        return max(self.entry.first_day, self.today)

    @property
    def last_day(self) -> date:
        """The last local day that would do: an offer has to come sooner than what is."""
        if self.present is None:
            return self.entry.last_day
        return min(self.entry.last_day, self.present.local_date - timedelta(days=1))


def case_of(entry: WaitingEntry, plan: TreatmentPlan, *, now: datetime) -> Case:
    """Read the plan's sessions that stand; `plan` as `diary.read` wants it."""
    sessions = (
        plan.appointments.live()
        .filter(kind=AppointmentKind.SESSION)
        .select_related("location")
    )
    return Case(entry, plan, {row.number or 0: row for row in sessions}, now)


def can_wait(case: Case) -> bool:
    """Whether there is anything to wait for: a session not begun, and days ahead."""
    present, number = case.present, case.number
    if number is None or number > case.plan.session_count or case.breaks_up:
        return False
    if present and not (present.can_be_moved and present.starts_at > case.now):
        return False
    after = any(row.completed_at for n, row in case.standing.items() if n > number)
    return not after and case.first_day <= case.last_day


def first_fit(case: Case, *, after: datetime) -> list[PlannedSession]:
    """The soonest time for the entry that starts at `after` or later; else nothing.

    For a single session that is one session, for a series every one that lacks a time.
    The answers known now must be clear on each of the days.
    """
    if not can_wait(case):
        return []
    suits = _Suits(case)
    if suits.first_day is None:
        return []
    search = _search(case, suits.first_day)
    turned_down = _turned_down(case.entry)
    for visit in search.visits():
        if visit.start < after or _meets(visit, turned_down):
            continue
        whole = suits.on(visit.start.date()) and search.with_the_rest(visit)
        if whole and all(suits.on(one.start.date()) for one in whole):
            return list(_planned(whole if case.entry.number is None else (visit,)))
    return []


class _Suits:
    """What the answers mean on each day, asked once a day."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[date, bool] = {}
        self.first_day = screening.first_suitable_date(
            case.plan, today=case.today, now=case.now
        )

    def on(self, day: date) -> bool:
        """Whether the answers known now are clear for a session on the local `day`."""
        if day not in self._known:
            verdict = screening.verdict(self._case.plan, day, now=self._case.now)
            self._known[day] = verdict.outcome is Outcome.SUITABLE
        return self._known[day]


def _search(case: Case, not_before: date) -> Soonest:
    entry, number = case.entry, case.number or 0
    away = case.plan.patient.away_dates.all()
    asked = diary.Request(
        earliest=case.first_day,
        weekdays=frozenset(entry.weekdays),
        arrive_between=(entry.arrive_from, entry.arrive_until),
        avoid=tuple((row.first_day, row.last_day) for row in away),
        not_before=not_before,
    )
    whole = _without(diary.read(case.plan, asked, now=case.now).problem, number)
    latest = min(case.last_day, whole.series.latest)
    wanted = replace(whole, series=replace(whole.series, latest=latest))
    return Soonest(wanted, number, _rest(whole) if entry.number else whole)


def _without(problem: Problem, number: int) -> Problem:
    """The problem in which session `number` is still to be planned."""
    series = problem.series
    fixed = {n: one for n, one in series.fixed.items() if n != number}
    return replace(problem, series=replace(series, fixed=fixed))


def _rest(problem: Problem) -> Problem:
    """The problem with no wishes: an entry for one session says nothing of others."""
    series = problem.series
    return replace(
        problem,
        series=replace(series, weekdays=EVERY_WEEKDAY, arrive_between=ANY_TIME),
    )


def _turned_down(entry: WaitingEntry) -> list[tuple[datetime, datetime]]:
    offers = entry.offers.filter(status__in=TURNED_DOWN)
    return [(offer.starts_at, offer.ends_at) for offer in offers]


def _meets(visit: Session, times: Iterable[tuple[datetime, datetime]]) -> bool:
    """Whether `visit` shares a moment with one of `times`, each [start, end)."""
    return any(start < visit.end and visit.start < end for start, end in times)


def _planned(sessions: Iterable[Session]) -> Iterator[PlannedSession]:
    for one in sessions:
        roles = {
            role: int(resource)
            for role, resource in one.roles.items()
            if role != diary.PATIENT
        }
        yield PlannedSession(one.number, one.start, one.end, roles)
