"""When a column is not for booking, and why: each distinct, also without colour."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Claim, OutageKind
from bookings.services.daybook import shifts
from bookings.services.daybook.columns import Column
from bookings.services.daybook.entries import Entry
from bookings.services.daybook.reading import Rows
from bookings.services.daybook.shifts import Stretch
from clinic.models import Closure, ClosureKind, ResourceKind

OFF, BREAK, ABSENCE, CLOSED, BUSY = "off", "break", "absence", "closed", "busy"
NOON = (time(11), time(14))  # a break that begins in here is lunch
LAST = time(23, 59)
LONGEST_LUNCH = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Off:
    """A stretch of some columns. `look` is off, break, absence, closed or busy."""

    columns: tuple[str, ...]
    start: datetime
    end: datetime
    look: str
    label: str = ""


def off_of(rows: Rows, columns: Sequence[Column], hidden: Iterable[Entry]) -> list[Off]:
    """Whatever is not free for booking and is no block, over each whole day.

    `hidden` are appointments that a filter keeps from being drawn: their time is taken
    all the same, so nobody shall think it free.
    """
    known = {row.pk: row for row in rows.resources}
    alike: dict[Piece, list[str]] = {}
    for column in columns:
        for owner in column.owners:
            for one in _of(known[owner], column, rows):
                alike.setdefault(one, []).append(column.id)
        for one in _hidden(column, hidden):
            alike.setdefault(one, []).append(column.id)
    return [
        Off(tuple(dict.fromkeys(ids)), start, end, look, label)
        for (start, end, look, label), ids in alike.items()
    ]


Piece = tuple[datetime, datetime, str, str]


def _of(row: Any, column: Column, rows: Rows) -> Iterator[Piece]:
    """What keeps `row` from being booked; a lane's room tells only what is unusual."""
    zone, day = rows.asked.location.zone, column.day
    is_lane = bool(column.lane) and row.pk == column.room
    whole = whole_day(day, zone)
    if closed := next(_closed(row, rows, day), None):
        if not (is_lane and closed[1] == CLOSED):
            yield (*whole, closed[1], _named(closed[0], row, is_lane))
    elif not is_lane:
        yield from _outside(row, whole, rows, day)
    yield from _missing(row, whole, rows, is_lane)
    yield from _taken(row, whole, rows)


def whole_day(day: date, zone: Any) -> Stretch:
    """From the first to the last minute of `day`, so that both bear its date."""
    return Stretch(*(datetime.combine(day, at, tzinfo=zone) for at in (time(0), LAST)))


def _closed(row: Any, rows: Rows, day: date) -> Iterator[tuple[str, str]]:
    """Why `row` is shut all `day`: its name and its look; closures of all come first."""
    for closure in sorted(rows.closures, key=lambda one: one.resource_id or 0):
        if closure.resource_id in (None, row.pk) and _covers(closure, day):
            yield _closure_words(closure)
    device = getattr(row, "device", None)
    if device is not None and not device.may_be_used_on(day):
        yield _out_of_use(device, day), CLOSED
    if not row.is_active:
        yield _("Set aside"), CLOSED


def _covers(closure: Closure, day: date) -> bool:
    return closure.first_day <= day <= closure.last_day


def _closure_words(closure: Closure) -> tuple[str, str]:
    if closure.kind == ClosureKind.LEAVE:
        return _("Away: %(reason)s") % {"reason": closure.name}, ABSENCE
    if closure.resource_id is not None:
        return closure.name, ABSENCE
    return closure.name, CLOSED


def _out_of_use(device: Any, day: date) -> str:
    if day > device.licence_expires_on:
        return _("Licence expired %(day)s") % {
            "day": date_format(device.licence_expires_on, "j M Y")
        }
    return _("Not in service")


def _named(words: str, row: Any, is_lane: bool) -> str:
    """In a lane the room's trouble says that it is the room's."""
    return f"{row.name}: {words}" if is_lane else words


def _outside(row: Any, whole: Stretch, rows: Rows, day: date) -> Iterator[Piece]:
    """Before and after the shifts, and between them."""
    worked = shifts.worked(row, day, rows)
    zone = rows.asked.location.zone
    for free in shifts.between(worked, whole, zone):
        inside = worked and worked[0].start < free.start and free.end < worked[-1].end
        if inside:
            yield (*free, BREAK, _break(row, free))
        else:
            yield (*free, OFF, "")


def _break(row: Any, free: Stretch) -> str:
    first, last = NOON
    at_noon = first <= free.start.time() < last
    is_person = row.kind == ResourceKind.PRACTITIONER
    if is_person and at_noon and free.end - free.start <= LONGEST_LUNCH:
        return _("Lunch")
    return _("Break")


def _missing(row: Any, whole: Stretch, rows: Rows, is_lane: bool) -> Iterator[Piece]:
    """Outages, over all of their time whoever is still booked in it."""
    for outage in rows.outages:
        if outage.resource_id == row.pk:
            words = _named(_outage(outage, rows), row, is_lane)
            yield from _inside(outage.during, whole, ABSENCE, words)


def _outage(outage: Any, rows: Rows) -> str:
    """ "Away: device training"; why somebody is away is not for every eye."""
    is_person = outage.kind == OutageKind.ABSENCE
    kind = _("Away") if is_person else _("Out of service")
    if not outage.reason or rows.asked.initials:
        return kind
    return _("%(kind)s: %(reason)s") % {"kind": kind, "reason": outage.reason}


def _taken(row: Any, whole: Stretch, rows: Rows) -> Iterator[Piece]:
    """Time that is kept for something else than patients."""
    for claim in rows.others:
        if claim.resource_id == row.pk and claim.offer_id is None:
            yield from _inside(claim.during, whole, BUSY, _label(claim))


def _label(claim: Claim) -> str:
    return claim.label or _("Not for booking")


def _inside(during: Any, whole: Stretch, look: str, label: str) -> Iterator[Piece]:
    zone = whole.start.tzinfo
    start = max(during.lower.astimezone(zone), whole.start)
    end = min(during.upper.astimezone(zone), whole.end)
    if start < end:
        yield start, end, look, label


def _hidden(column: Column, hidden: Iterable[Entry]) -> Iterator[Piece]:
    """The time in `column` of appointments that a filter leaves out."""
    for entry in hidden:
        for taken in entry.taken:
            is_lane = bool(column.lane) and taken.resource.pk == column.room
            mine = taken.resource.pk in column.owners and not is_lane
            if mine and taken.start.date() == column.day:
                yield taken.start, taken.end, BUSY, _("Other booking")
