"""From when until when a diary is drawn: all hours worked, and whatever is booked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from bookings.services.daybook import shifts
from bookings.services.daybook.blocks import Block
from bookings.services.daybook.columns import Column
from bookings.services.daybook.reading import Rows

HOUR = 60
WHOLE_DAY = 24 * 60
WITHOUT_HOURS = (9 * 60, 17 * 60)


def frame_of(
    rows: Rows, columns: Sequence[Column], blocks: Iterable[Block]
) -> tuple[time, time]:
    """Wall clock times, on the hour; midnight as the end is that of the day."""
    ends = [(one.start, one.end) for one in _worked(rows, columns)]
    ends += [(block.start, block.end) for block in blocks]
    spans = [
        (_minute(start, start.date()), _minute(end, start.date()))
        for start, end in ends
    ] or [WITHOUT_HOURS]
    first = min(start for start, _end in spans) // HOUR * HOUR
    last = -(-max(end for _start, end in spans) // HOUR) * HOUR
    return _time(first), _time(last)


def _worked(rows: Rows, columns: Sequence[Column]) -> list[shifts.Stretch]:
    """The hours of whoever and whatever is at the location on the days shown."""
    days = sorted({column.day for column in columns} or {rows.asked.day})
    return [
        span
        for day in days
        for row in rows.resources
        for span in shifts.worked(row, day, rows)
    ]


def _minute(at: datetime, day: date) -> int:
    """The minute of `day` on the wall, or its end where `at` is after it."""
    return at.hour * 60 + at.minute if at.date() == day else WHOLE_DAY


def _time(minute: int) -> time:
    return time(*divmod(minute % WHOLE_DAY, 60))
