"""The week of a resource: split shifts, and changes from a day on. The past stays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.services.refusals import BookingRefused
from clinic.models import Resource, WeeklyHours

Shift = tuple[time, time]
Week = tuple[tuple[Shift, ...], ...]
"""Seven days from Monday, each with its shifts in order, in local wall time."""

NO_HOURS: Week = ((),) * 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A week that is worked from `first` to `last`, local days, both included.

    `first` is today at the earliest; without `last` it goes on.
    """

    first: date
    last: date | None
    week: Week
    is_now: bool

    @property
    def lines(self) -> list[tuple[str, tuple[Shift, ...]]]:
        """The days by name, each with its shifts."""
        return [(str(WEEKDAYS_ABBR[n]), day) for n, day in enumerate(self.week)]

    @property
    def hours(self) -> str:
        """Hours in a week, such as 32:30."""
        minutes = sum(_minutes(shift) for day in self.week for shift in day)
        return f"{minutes // 60}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True, order=True)
class _Row:
    weekday: int
    opens: time
    closes: time
    first: date
    last: date

    @property
    def identity(self) -> tuple[int, time, time, date]:
        return self.weekday, self.opens, self.closes, self.first


def week_on(rows: Iterable[WeeklyHours], day: date) -> Week:
    """The week that holds on `day`, whatever weekday that is."""
    valid = [row for row in map(_row, rows) if row.first <= day <= row.last]
    return tuple(
        tuple(sorted((row.opens, row.closes) for row in valid if row.weekday == number))
        for number in range(7)
    )


def periods(rows: Sequence[WeeklyHours], today: date) -> list[Period]:
    """The weeks from `today` on, in order; equal ones that meet are one."""
    cuts = {row.first for row in map(_row, rows)}
    cuts |= {row.last + DAY for row in map(_row, rows) if row.last < date.max}
    starts = [today, *sorted(cut for cut in cuts if cut > today)]
    found: list[tuple[date, Week]] = []
    for start in starts:
        week = week_on(rows, start)
        if not found or found[-1][1] != week:
            found.append((start, week))
    ends = [start - DAY for start, _week in found[1:]]
    return [
        Period(start, last, week, start == today)
        for (start, week), last in zip(found, [*ends, None], strict=True)
    ]


def lines(week: Week) -> list[str]:
    """A week in few lines: Mon–Wed, Fri 08:30–12:15, 13:00–16:30."""
    worked: dict[tuple[Shift, ...], list[int]] = {}
    for number, day in enumerate(week):
        if day:
            worked.setdefault(day, []).append(number)
    return [f"{_days(days)} {_shifts(day)}" for day, days in worked.items()]


def set_week(
    resource: Resource,
    week: Week,
    *,
    first: date,
    last: date | None = None,
    today: date,
) -> None:
    """Let `week` hold from `first` (to `last`), in place of what was planned for then.

    What held before ends the day before `first`, and goes on after `last`. Days are
    local to the resource. Raises BookingRefused for what is past; the caller holds
    the resource's row.
    """
    _judge_dates(first, last, today)
    before = list(WeeklyHours.objects.filter(resource=resource.pk))
    wanted = {row.identity: row for row in _replaced(before, week, first, last)}
    for row in before:
        kept = wanted.pop(_row(row).identity, None)
        if kept is None:
            row.delete()
        elif kept != _row(row):
            row.valid_until = _until(kept)
            row.save(update_fields=["valid_until"])
    WeeklyHours.objects.bulk_create(_stored(resource, row) for row in wanted.values())


def _judge_dates(first: date, last: date | None, today: date) -> None:
    if first < today:
        raise BookingRefused(
            _("What is past stays as it was. Choose today, %(today)s, or a later day.")
            % {"today": date_format(today, "D j M Y")}
        )
    if last and last < first:
        raise BookingRefused(_("The last day is before the first."))


def _replaced(
    rows: Iterable[WeeklyHours], week: Week, first: date, last: date | None
) -> Iterator[_Row]:
    """What the rows come to, each stretch as long as it can be."""
    end = last or date.max
    pieces = [
        _Row(number, *shift, first, end)
        for number, day in enumerate(week)
        for shift in day
    ]
    for row in map(_row, rows):
        at = row.weekday, row.opens, row.closes
        if row.first < first:
            pieces.append(_Row(*at, row.first, min(row.last, first - DAY)))
        if row.last > end:
            pieces.append(_Row(*at, max(row.first, end + DAY), row.last))
    return _joined(sorted(pieces))


def _joined(pieces: Iterable[_Row]) -> Iterator[_Row]:
    """Yield `pieces`, in order, with those that meet made one."""
    kept: _Row | None = None
    for row in pieces:
        if kept and _meet(kept, row):
            last = max(kept.last, row.last)
            kept = _Row(row.weekday, row.opens, row.closes, kept.first, last)
            continue
        if kept:
            yield kept
        kept = row
    if kept:
        yield kept


def _meet(one: _Row, other: _Row) -> bool:
    same = one.identity[:3] == other.identity[:3]
    return same and (one.last == date.max or one.last + DAY >= other.first)


def _row(row: WeeklyHours) -> _Row:
    last = row.valid_until or date.max
    return _Row(row.weekday, row.opens, row.closes, row.valid_from, last)


def _stored(resource: Resource, row: _Row) -> WeeklyHours:
    return WeeklyHours(
        resource_id=resource.pk,
        weekday=row.weekday,
        opens=row.opens,
        closes=row.closes,
        valid_from=row.first,
        valid_until=_until(row),
    )


def _until(row: _Row) -> date | None:
    return None if row.last == date.max else row.last


def _minutes(shift: Shift) -> int:
    opens, closes = (datetime.combine(date.min, at) for at in shift)
    return int((closes - opens).total_seconds()) // 60


def _days(numbers: Iterable[int]) -> str:
    """Weekdays in a row; three and more that follow each other are a run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_run([str(WEEKDAYS_ABBR[n]) for n in run]) for run in runs)


def _run(names: list[str]) -> str:
    return f"{names[0]}–{names[-1]}" if len(names) > 2 else ", ".join(names)


def _shifts(day: tuple[Shift, ...]) -> str:
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in day)
