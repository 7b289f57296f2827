"""The columns of the diary: practitioners with their rooms, rooms and devices, days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.services.daybook import places, shifts, words
from bookings.services.daybook.entries import Entry
from bookings.services.daybook.reading import Rows
from clinic.models import ResourceKind

NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `owners` are the keys of the resources whose hours it shows.

    `day` is the local date it stands for. A lane is the room in which a practitioner
    sees somebody; columns of one `group` share a head.
    """

    id: str
    title: str
    group: str
    day: date
    lane: str = ""
    practitioner: int | None = None
    room: int | None = None
    device: int | None = None
    hours: str = ""
    is_supervising: bool = False
    is_narrow: bool = False

    @property
    def owners(self) -> tuple[int, ...]:
        return tuple(key for key in (self.practitioner, self.room, self.device) if key)


def columns_of(rows: Rows, entries: Sequence[Entry]) -> list[Column]:
    """The columns of what is asked for, with those that `entries` need."""
    drawn = [entry for entry in entries if entry.is_drawn]
    if rows.asked.is_week:
        found = list(_days(rows, drawn))
    elif rows.asked.is_by_rooms:
        kinds = (ResourceKind.ROOM, ResourceKind.DEVICE)
        own = [row for kind in kinds for row in places.in_order(rows.resources, kind)]
        found = [_place(row, rows) for row in own]
    else:
        found = list(_people(rows, drawn))
    alone = not (rows.asked.is_week or rows.asked.who)
    if alone and any(not entry.taken for entry in drawn):
        found.append(_nowhere(rows))
    return found


def _people(rows: Rows, drawn: Sequence[Entry]) -> Iterator[Column]:
    """A column for each practitioner and room, of those who work or see somebody."""
    everybody = places.people(rows.resources)
    people = [row for row in everybody if rows.asked.who in (None, row.pk)]
    busy = [row for row in people if _is_there(row, rows, drawn)]
    for row in busy or people:
        for lane in _lanes(row, drawn):
            yield _person(row, lane, rows)


def _is_there(row: Any, rows: Rows, drawn: Sequence[Entry]) -> bool:
    works = bool(shifts.worked(row, rows.asked.day, rows))
    blocked = any(claim.resource_id == row.pk for claim in rows.others)
    return works or blocked or any(row in entry.who for entry in drawn)


def _lanes(row: Any, drawn: Sequence[Entry]) -> list[Any]:
    """The rooms used with `row`, in order of name; None where there is none."""
    rooms: dict[int, Any] = {}
    roomless = False
    for entry in drawn:
        if row in entry.who:
            rooms.update({room.pk: room for room in entry.rooms})
            roomless = roomless or not entry.rooms
    lanes: list[Any] = sorted(
        rooms.values(), key=lambda room: places.natural(room.name)
    )
    return [*lanes, None] if roomless or not lanes else lanes


def _person(row: Any, room: Any, rows: Rows) -> Column:
    day = rows.asked.day
    open_spans = shifts.open_on(row, day, rows)
    return Column(
        id=f"p{row.pk}-r{room.pk}" if room else f"p{row.pk}",
        title=row.name,
        lane=room.name if room else "",
        group=f"p{row.pk}",
        day=day,
        practitioner=row.pk,
        room=room.pk if room else None,
        hours=_hours(open_spans),
        is_supervising=places.is_doctor(row) and bool(open_spans),
    )


def _place(row: Any, rows: Rows) -> Column:
    is_room = row.kind == ResourceKind.ROOM
    day = rows.asked.day
    return Column(
        id=f"r{row.pk}" if is_room else f"e{row.pk}",
        title=row.name,
        group="rooms" if is_room else "devices",
        day=day,
        room=row.pk if is_room else None,
        device=None if is_room else row.pk,
        hours=_hours(shifts.open_on(row, day, rows)) if is_room else "",
        is_narrow=not is_room,
    )


def _days(rows: Rows, drawn: Sequence[Entry]) -> Iterator[Column]:
    """A column for each day of one practitioner's week; an empty weekend is left out."""
    row = next((r for r in rows.resources if r.pk == rows.asked.who), None)
    for day in rows.asked.days:
        seen = any(e.start.date() == day and (not row or row in e.who) for e in drawn)
        spans = shifts.open_on(row, day, rows) if row else []
        if day.weekday() < 5 or seen or spans:
            yield Column(
                id=f"d{day.isoformat()}",
                title=date_format(day, "D j"),
                group=f"p{row.pk}" if row else "week",
                day=day,
                practitioner=row.pk if row else None,
                hours=_hours(spans),
            )


def _nowhere(rows: Rows) -> Column:
    """Where those stand whose time was given back: nobody is taken by them."""
    return Column(
        id=NOWHERE,
        title=_("Given back"),
        group=NOWHERE,
        day=rows.asked.day,
        is_narrow=True,
    )


def _hours(spans: Iterable[shifts.Stretch]) -> str:
    """From the first opening to the last closing of a day."""
    found = list(spans)
    return words.span(found[0].start, found[-1].end) if found else ""
