"""Opening hours from rows: when each resource is there, before anything is booked."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from psycopg2.extras import DateTimeTZRange

from bookings.models import Outage
from bookings.scheduling import Span, instant
from bookings.scheduling.spans import gaps
from bookings.services.supervising import able
from clinic.models import Closure, Location, Resource, WeeklyHours

ALMOST = timedelta(minutes=1, microseconds=-1)  # a part-minute taken is taken


@dataclass(frozen=True, slots=True)
class Shift:
    """Weekly hours of one weekday, in local wall time, while they are valid."""

    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date

    def holds_on(self, day: date) -> bool:
        """Whether the shift is worked on `day` (local date)."""
        return (
            self.weekday == day.weekday() and self.valid_from <= day <= self.valid_until
        )


def resources_of(location: Location, first: date, last: date) -> QuerySet[Any]:
    """Active resources of `location` with their hours as JSON: one query for many.

    None where the location itself is out of use.
    `shifts` are weekly hours; `shut` holds the first and last day of every closure
    that touches the dates, and `out` the minutes of every outage that stands then.
    """
    during = between(location.zone, first, last)
    rows = Resource.objects.filter(location=location, is_active=True)
    found: QuerySet[Any] = (
        able.with_ticks(rows.filter(location__is_active=True))
        .order_by("pk")
        .annotate(shifts=_shifts(), shut=_closures(first, last), out=_outages(during))
    )
    return found


def between(zone: ZoneInfo, first: date, last: date) -> DateTimeTZRange:
    """From local midnight of `first` to the end of `last`."""
    end = last + timedelta(days=1)
    return DateTimeTZRange(
        datetime.combine(first, time.min, tzinfo=zone),
        datetime.combine(end, time.min, tzinfo=zone),
    )


def minutes(bound: str, rounding: str) -> Func:
    """A bound of `during` in minutes since 1970, in UTC; a busy part-minute is busy."""
    return Func(
        F("during"),
        template=f"{rounding}(extract(epoch from {bound}(%(expressions)s)) / 60)::bigint",
        output_field=BigIntegerField(),
    )


def _shifts() -> ArraySubquery:
    rows = WeeklyHours.objects.filter(resource=OuterRef("pk"))
    columns = ("weekday", "opens", "closes", "valid_from", "valid_until")
    packed = JSONObject(**{column: F(column) for column in columns})
    return ArraySubquery(rows.order_by("weekday", "opens").values(json=packed))


def _closures(first: date, last: date) -> ArraySubquery:
    rows = Closure.objects.touching(first, last).filter(
        Q(resource=OuterRef("pk"))
        | Q(resource=None, location=None)
        | Q(resource=None, location=OuterRef("location"))
    )
    packed = JSONObject(first=F("first_day"), last=F("last_day"))
    return ArraySubquery(rows.values(json=packed))


def _outages(during: DateTimeTZRange) -> ArraySubquery:
    rows = Outage.objects.standing().filter(
        resource=OuterRef("pk"), during__overlap=during
    )
    packed = JSONObject(start=minutes("lower", "floor"), end=minutes("upper", "ceil"))
    return ArraySubquery(rows.values(json=packed))


def spans(resource: Any, zone: ZoneInfo, first: date, last: date) -> tuple[Span, ...]:
    """When `resource` is open from `first` to `last`, in order.

    `resource` comes from `resources_of`; both dates are local and included; spans are
    half-open, in minutes since 1970 in UTC. A device is open only while it is in
    service and its licence is valid, and nothing is while an outage stands.
    """
    shifts = shifts_of(resource)
    shut = tuple((_day(row["first"]), _day(row["last"])) for row in resource.shut)
    out = [(row["start"], row["end"]) for row in resource.out]
    return _spans(resource, shifts, shut, out, zone, (first, last))


def shifts_of(resource: Any) -> tuple[Shift, ...]:
    """The weekly hours of a resource that comes from `resources_of`."""
    return tuple(map(_shift, resource.shifts))


def spans_of_few(
    resources: Iterable[Resource], location: Location, first: date, last: date
) -> dict[int, tuple[Span, ...]]:
    """As `spans`, by primary key, in three small queries of their own.

    `resources` are of `location`, with their device; for a handful this is quicker
    than asking for everything at once.
    """
    known = {row.pk: row for row in resources}
    zone, days = location.zone, (first, last)
    shifts, shut = _shifts_of(known), _closures_of(known, location, *days)
    out = _outages_of(known, between(zone, *days))
    return {
        pk: _spans(row, tuple(shifts[pk]), tuple(shut[pk]), out[pk], zone, days)
        for pk, row in known.items()
    }


def _shifts_of(keys: Collection[int]) -> dict[int, list[Shift]]:
    found: dict[int, list[Shift]] = defaultdict(list)
    rows = WeeklyHours.objects.filter(resource__in=keys).order_by("weekday", "opens")
    columns = ("resource", "weekday", "opens", "closes", "valid_from", "valid_until")
    for key, weekday, opens, closes, since, until in rows.values_list(*columns):
        shift = Shift(weekday, opens, closes, since, until or date.max)
        found[key].append(shift)
    return found


def _closures_of(
    keys: Collection[int], location: Location, first: date, last: date
) -> dict[int, list[tuple[date, date]]]:
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    closing = Q(resource__in=keys) | Q(resource=None, location=None)
    rows = Closure.objects.touching(first, last).order_by("first_day")
    rows = rows.filter(closing | Q(resource=None, location=location))
    for key, begins, ends in rows.values_list("resource", "first_day", "last_day"):
        for closed in keys if key is None else (key,):
            found[closed].append((begins, ends))
    return found


def _outages_of(
    keys: Collection[int], during: DateTimeTZRange
) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    rows = Outage.objects.standing().filter(resource__in=keys, during__overlap=during)
    for key, out in rows.values_list("resource", "during"):
        found[key].append((instant(out.lower), instant(out.upper + ALMOST)))
    return found


def _spans(
    resource: Any,
    shifts: tuple[Shift, ...],
    shut: tuple[tuple[date, date], ...],
    out: Collection[Span],
    zone: ZoneInfo,
    days: tuple[date, date],
) -> tuple[Span, ...]:
    """The hours of `resource` without closures, outages, or days out of service."""
    first, last = days
    device = getattr(resource, "device", None)
    if device is not None:
        begins, ends = device.may_be_used_between
        first, last = max(first, begins), min(last, ends)
    worked = _open(shifts, shut, zone, first, last)
    if not out:
        return worked
    return tuple(left for span in worked for left in gaps(out, *span))


@lru_cache(maxsize=256)
def _open(
    shifts: tuple[Shift, ...],
    shut: tuple[tuple[date, date], ...],
    zone: ZoneInfo,
    first: date,
    last: date,
) -> tuple[Span, ...]:
    """The shifts worked on the days that are not shut; resources share most of them."""
    worked = [
        at
        for year in range(first.year, last.year + 1)
        for at in _worked(shifts, zone, year)
    ]
    days = [day for day, _span in worked]
    found, after = [], bisect_left(days, first)
    for begins, ends in sorted(shut):
        found += worked[after : max(after, bisect_left(days, begins))]
        after = max(after, bisect_right(days, ends))
    found += worked[after:]
    return tuple(span for day, span in found if day <= last)


@lru_cache(maxsize=512)
def _worked(
    shifts: tuple[Shift, ...], zone: ZoneInfo, year: int
) -> tuple[tuple[date, Span], ...]:
    """What the weekly hours come to in one local year: each shift with its day."""
    return tuple(
        (day, (_at(day, shift.opens, zone), _at(day, shift.closes, zone)))
        for day in _days(date(year, 1, 1), date(year, 12, 31))
        for shift in shifts
        if shift.holds_on(day)
    )


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _shift(row: dict[str, Any]) -> Shift:
    return Shift(
        weekday=row["weekday"],
        opens=time.fromisoformat(row["opens"]),
        closes=time.fromisoformat(row["closes"]),
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]) if row["valid_until"] else date.max,
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=16_384)
def _at(day: date, at: time, zone: ZoneInfo) -> int:
    """Local wall time as minutes since 1970 in UTC."""
    return instant(datetime.combine(day, at, tzinfo=zone))
