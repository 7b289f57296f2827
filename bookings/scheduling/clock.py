"""The clinic's local days, exactly: days of 23 and 25 hours, skipped and repeated times.

Clocks are read in whole minutes. (Local mean times of the nineteenth century had
seconds; they are rounded down, and nobody books there.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bookings.scheduling.problem import DAY_MINUTES, Span, moment

_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal()
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A local date: its ordinal and the instant at which it begins.

    `arrivals` is None on an ordinary day of 24 hours. On a day the clock changes it
    lists every time of day at which a session may start and still end that day, as
    (instant, minute of the day).
    """

    ordinal: int
    start: int
    arrivals: tuple[tuple[int, int], ...] | None = None


def weekday(ordinal: int) -> int:
    """Weekday of a day ordinal, Monday = 0 (0001-01-01 was a Monday)."""
    return (ordinal - 1) % 7


def instant_at(zone: ZoneInfo, ordinal: int, minute: int = 0, *, fold: int = 0) -> int:
    """Instant of a local time: the first of two, a skipped one by the clock before.

    With `fold=1` it is the second of two, a skipped one by the clock after the gap.
    """
    return utc_minutes(ordinal) + minute - _offset(zone, ordinal, minute, fold)


def days(zone: ZoneInfo, first: int, last: int, grid: int, length: int) -> list[Day]:
    """Every local date from ordinal `first` to `last`, for sessions of `length`."""
    found = []
    ahead = _offsets_at_midnight(zone, first)
    for ordinal in range(first, last + 1):
        here, ahead = ahead, _offsets_at_midnight(zone, ordinal + 1)
        start = utc_minutes(ordinal) - max(here)
        if here == ahead and here[0] == here[1]:
            found.append(Day(ordinal, start))
        else:
            arrivals = tuple(_arrivals(zone, ordinal, grid, length))
            found.append(Day(ordinal, start, arrivals))
    return found


def utc_minutes(ordinal: int) -> int:
    """Instant at which a day ordinal begins in UTC."""
    return (ordinal - _EPOCH) * DAY_MINUTES


def _offset(zone: ZoneInfo, ordinal: int, minute: int, fold: int) -> int:
    """Minutes by which local time is ahead of UTC at that local time."""
    day = date.fromordinal(min(ordinal, _LAST))
    hour, minute = divmod(minute, 60)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
    return (zone.utcoffset(local) or timedelta()) // _MINUTE


@lru_cache(maxsize=8192)
def _offsets_at_midnight(zone: ZoneInfo, ordinal: int) -> tuple[int, int]:
    return _offset(zone, ordinal, 0, 0), _offset(zone, ordinal, 0, 1)


def _arrivals(
    zone: ZoneInfo, ordinal: int, grid: int, length: int
) -> Iterator[tuple[int, int]]:
    """Yield (instant, minute) of each time of day from which `length` fits the date."""
    stretches = _stretches(zone, ordinal)
    for minute in range(0, DAY_MINUTES, grid):
        for (start, end), reads in stretches:
            if reads <= minute < reads + end - start:
                arrival = start + minute - reads
                if arrival + length <= _leaves(stretches, end):
                    yield arrival, minute
                break


def _leaves(stretches: list[tuple[Span, int]], end: int) -> int:
    """Instant at which the date, left at `end` of a stretch or straight on, is left."""
    for (start, later_end), _reads in stretches:
        if start == end:
            end = later_end
    return end


def _stretches(zone: ZoneInfo, ordinal: int) -> list[tuple[Span, int]]:
    """The instants at which the clock shows this date, and its minute at each start.

    One span for each stretch in which the clock runs evenly.
    """
    midnights = [
        instant_at(zone, day, fold=fold)
        for day in (ordinal, ordinal + 1)
        for fold in (0, 1)
    ]
    edges = [min(midnights), *_changes(zone, min(midnights), max(midnights))]
    stretches = []
    for start, end in zip(edges, [*edges[1:], max(midnights)], strict=True):
        reads = start + _offset_at(zone, start) - utc_minutes(ordinal)
        late = max(0, -reads)
        end = min(end, start + DAY_MINUTES - reads)
        if start + late < end:
            stretches.append(((start + late, end), reads + late))
    return stretches


def _changes(zone: ZoneInfo, start: int, end: int) -> Iterator[int]:
    """Yield the instant in (start, end] at which the offset changes, if it does.

    No zone has ever changed its clock twice within the hours of one date.
    """
    before = _offset_at(zone, start)
    if _offset_at(zone, end) == before:
        return
    while end - start > 1:
        middle = (start + end) // 2
        if _offset_at(zone, middle) == before:
            start = middle
        else:
            end = middle
    yield end


def _offset_at(zone: ZoneInfo, instant: int) -> int:
    return (moment(instant, zone).utcoffset() or timedelta()) // _MINUTE
