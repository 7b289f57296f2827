"""Booking what a plan lacks at days and times of one's own choice, against the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import TreatmentPlan
from bookings.ribbon import Ribbon, RibbonSession, State
from bookings.scheduling import Replanner
from bookings.services import diary, judging, overrides, ribbons
from bookings.services.judging import PlannedSession
from bookings.services.moves import standing
from bookings.services.refusals import BookingRefused
from bookings.services.spacing import Breach
from bookings.services.spoken import listed

QUARTER = timedelta(minutes=15)


@dataclass(slots=True)
class Chosen:
    """The sessions as chosen, with who and what is free; what of the rules they break.

    With a `refusal` they cannot be booked, whoever allows it.
    """

    sessions: list[PlannedSession] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    refusal: str = ""
    ribbon: Ribbon | None = None

    @property
    def may_be_allowed(self) -> bool:
        """Whether permission helps with all that is broken."""
        return all(one.may_be_allowed for one in self.breaches)


def missing(plan: TreatmentPlan, *, now: datetime) -> list[int]:
    """The numbers of the sessions that have no time."""
    kept = {one.number for one in ribbons.sessions_of(plan, now=now)}
    return [n for n in range(1, plan.session_count + 1) if n not in kept]


def choose(
    plan: TreatmentPlan, starts: Mapping[int, datetime], *, now: datetime
) -> Chosen:
    """Find who and what is free at `starts` (aware, by session number).

    `plan` comes with its protocol's phases and roles prefetched. Nothing is written;
    booking judges it again.
    """
    chosen = Chosen()
    try:
        chosen.sessions = _staffed(plan, starts, now)
        chosen.breaches = overrides.needed(plan, chosen.sessions, now=now)
        judging.judge_suitability(plan, chosen.sessions, now)
    except BookingRefused as refused:
        chosen.refusal = str(refused)
    chosen.ribbon = _ribbon(plan, starts, now)
    return chosen


def _staffed(
    plan: TreatmentPlan, starts: Mapping[int, datetime], now: datetime
) -> list[PlannedSession]:
    if early := [number for number in starts if starts[number] <= now]:
        raise BookingRefused(
            _("Session %(number)s would start in the past. Choose a later day.")
            % {"number": early[0]}
        )
    replanner = Replanner(_read(plan, starts, now).problem, {})
    found = []
    for number, start in sorted(starts.items()):
        session = replanner.place(number, start)
        if session is None:
            raise _nobody_free(number, start, _free_times(replanner, number, start))
        found.append(standing.planned(session))
    return found


def _read(
    plan: TreatmentPlan, starts: Mapping[int, datetime], now: datetime
) -> diary.Diary:
    days = [_day(plan, start) for start in starts.values()]
    request = diary.Request(
        earliest=min(days),
        weekdays=frozenset(range(7)),
        arrive_between=(time(0), time(23, 59)),
        second_visits=True,
        until=max(days),
    )
    return diary.read(plan, request, now=now)


def _day(plan: TreatmentPlan, start: datetime) -> date:
    return start.astimezone(plan.location.zone).date()


def _free_times(replanner: Replanner, number: int, start: datetime) -> list[datetime]:
    """The arrivals of that local day nearest to `start`, three at most, in order."""
    midnight = start.replace(hour=0, minute=0)
    quarters = (midnight + n * QUARTER for n in range(24 * 4))
    free = [at for at in quarters if replanner.place(number, at)]
    return sorted(sorted(free, key=lambda at: abs(at - start))[:3])


def _nobody_free(
    number: int, start: datetime, others: Sequence[datetime]
) -> BookingRefused:
    refusal = _(
        "Not everybody and everything that session %(number)s needs is free on "
        "%(day)s at %(time)s."
    ) % {
        "number": number,
        "day": date_format(start, "D j M Y"),
        "time": date_format(start, "H:i"),
    }
    if not others:
        return BookingRefused(f"{refusal} {_('Nothing is free on that day.')}")
    times = listed([date_format(at, "H:i") for at in others])
    free = _("Free on that day: %(times)s.") % {"times": times}
    return BookingRefused(f"{refusal} {free}")


def _ribbon(
    plan: TreatmentPlan, starts: Mapping[int, datetime], now: datetime
) -> Ribbon:
    new = [
        RibbonSession(number, _day(plan, start), State.PROPOSED, f"{start:%H:%M}")
        for number, start in starts.items()
    ]
    series = [*ribbons.sessions_of(plan, now=now), *new]
    first, last = (bound(one.day for one in series) for bound in (min, max))
    around = ribbons.Around(
        today=_day(plan, now),
        away=ribbons.away_dates(plan, first, last),
        closed=ribbons.closures(plan, first, last),
    )
    return ribbons.drawn(plan, series, around)
