"""How long a request has waited, and by when somebody should have answered it.

Working days are local days on which the place works and is not closed. They are counted
by the clock on its wall, so that a night on which the clocks change is a day like any
other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from bookings.models import ConsultationRequest
from clinic.models import Closure, ResourceKind, WeeklyHours

USUAL = frozenset(range(5))  # Monday to Friday, where no hours are written down
FARTHEST = 400  # local days to look through
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenDays:
    """On which local days somebody is there: weekdays (0 is Monday) without closures."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    shut: tuple[tuple[date, date], ...] = ()

    def has(self, day: date) -> bool:
        """Whether `day` is a working day."""
        if day.weekday() not in self.weekdays:
            return False
        return not any(first <= day <= last for first, last in self.shut)


@dataclass(frozen=True, slots=True)
class Age:
    """How long it has waited: elapsed time, and whole working days of it.

    `answer_by` is the moment, in the place's zone, by which it should be answered.
    """

    elapsed: timedelta
    working_days: int
    answer_by: datetime
    is_overdue: bool


def age(asked_at: datetime, days: OpenDays, *, now: datetime) -> Age:
    """The age at `now` of what was asked at `asked_at`; REQUEST_ANSWER_HOURS counts."""
    due = answer_by(asked_at, days, timedelta(hours=settings.REQUEST_ANSWER_HOURS))
    worked = _worked(asked_at, now, days)
    return Age(max(now - asked_at, timedelta()), worked // A_DAY, due, now >= due)


def answer_by(asked_at: datetime, days: OpenDays, limit: timedelta) -> datetime:
    """The moment at which `limit` of working days is over: Friday 15:00, Monday 15:00.

    Where the place is closed for longer than a year ahead, a year ahead.
    """
    at, left = _wall(asked_at, days), limit
    for _day in range(FARTHEST):
        midnight = _midnight_after(at)
        if days.has(at.date()):
            if left <= midnight - at:
                return (at + left).replace(tzinfo=days.zone)
            left -= midnight - at
        at = midnight
    return at.replace(tzinfo=days.zone)


def calendars(
    rows: Iterable[ConsultationRequest], *, now: datetime
) -> Mapping[int | None, OpenDays]:
    """The working days of the place of each of `rows`, by its key; in two queries.

    Without a place (None) it is those of any. Places come with the rows.
    """
    places = {row.location_id: row.location for row in rows}
    weekdays, shut = _weekdays(now), _closures(now)
    clinic = ZoneInfo(settings.TIME_ZONE)
    anywhere = frozenset[int]().union(*weekdays.values())
    return {
        key: OpenDays(
            place.zone if place else clinic,
            (weekdays.get(key) if key else anywhere) or USUAL,
            tuple(shut[None] + (shut[key] if key else [])),
        )
        for key, place in places.items()
    }


def _weekdays(now: datetime) -> Mapping[int | None, frozenset[int]]:
    """The weekdays on which somebody works now, by location."""
    today = now.date()
    rows = WeeklyHours.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        valid_from__lte=today,
        resource__is_active=True,
        resource__kind=ResourceKind.PRACTITIONER,
    )
    found: dict[int | None, frozenset[int]] = defaultdict(frozenset)
    for key, day in (
        rows.order_by().values_list("resource__location", "weekday").distinct()
    ):
        found[key] |= {day}
    return found


def _closures(now: datetime) -> dict[int | None, list[tuple[date, date]]]:
    """Days on which the clinic (None) or a location is closed, by location."""
    around = (
        now.date() - timedelta(days=FARTHEST),
        now.date() + timedelta(days=FARTHEST),
    )
    rows = Closure.objects.touching(*around).filter(resource=None)
    found: dict[int | None, list[tuple[date, date]]] = defaultdict(list)
    for key, first, last in rows.values_list("location", "first_day", "last_day"):
        found[key].append((first, last))
    return found


def _worked(start: datetime, end: datetime, days: OpenDays) -> timedelta:
    """How much of [start, end) fell on working days, by the clock on the wall."""
    at, last, worked = _wall(start, days), _wall(end, days), timedelta()
    for _day in range(FARTHEST):
        if at >= last:
            break
        until = min(_midnight_after(at), last)
        worked += until - at if days.has(at.date()) else timedelta()
        at = until
    return worked


def _wall(at: datetime, days: OpenDays) -> datetime:
    return at.astimezone(days.zone).replace(tzinfo=None, fold=0)


def _midnight_after(at: datetime) -> datetime:
    return datetime.combine(at.date() + A_DAY, time.min)
