"""From when until when a diary is drawn: all hours worked, and whatever is booked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from bookings.services.daybook import shifts
from bookings.services.daybook.blocks import Block
from bookings.services.daybook.columns import Column
from bookings.services.daybook.reading import Rows

HALF_HOUR = 30
WHOLE_DAY = 24 * 60
WITHOUT_HOURS = (9 * 60, 17 * 60)


def frame_of(
    rows: Rows, columns: Sequence[Column], blocks: Iterable[Block]
) -> tuple[time, time]:
    """Wall clock times, on the half hour; midnight as the end is that of the day."""
    spans = [
        (_minute(one.start, one.start.date()), _minute(one.end, one.start.date()))
        for one in [*_worked(rows, columns), *blocks]
    ] or [WITHOUT_HOURS]
    first = min(start for start, _end in spans) // HALF_HOUR * HALF_HOUR
    last = -(-max(end for _start, end in spans) // HALF_HOUR) * HALF_HOUR
    return _time(first), _time(last)


def _worked(rows: Rows, columns: Sequence[Column]) -> list[shifts.Stretch]:
    """The hours of everybody shown; where nobody works, those of the whole place."""
    days = sorted({column.day for column in columns} or {rows.asked.day})
    owners = {key for column in columns for key in column.owners if not column.lane}
    owners |= {c.practitioner for c in columns if c.lane and c.practitioner}
    shown = [row for row in rows.resources if row.pk in owners]
    return _of(shown, days, rows) or _of(rows.resources, days, rows)


def _of(
    resources: Iterable[object], days: Iterable[date], rows: Rows
) -> list[shifts.Stretch]:
    return [
        span
        for day in days
        for row in resources
        for span in shifts.worked(row, day, rows)
    ]


def _minute(at: datetime, day: date) -> int:
    """The minute of `day` on the wall, or its end where `at` is after it."""
    return at.hour * 60 + at.minute if at.date() == day else WHOLE_DAY


def _time(minute: int) -> time:
    return time(*divmod(minute % WHOLE_DAY, 60))
