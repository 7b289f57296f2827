"""The diary as data for the grid in the browser."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import AppointmentStatus
from bookings.services.daybook import oversight
from bookings.services.daybook.blocks import Block, blocks_of
from bookings.services.daybook.columns import Column, columns_of
from bookings.services.daybook.entries import Entry, entries_of, matching
from bookings.services.daybook.frame import frame_of
from bookings.services.daybook.off import Off, off_of
from bookings.services.daybook.reading import Rows

COUNTED = (AppointmentStatus.IN_SESSION, AppointmentStatus.ARRIVED)
Link = Callable[[Block], str]


@dataclass(frozen=True, slots=True)
class Daybook:
    """All that a view of the diary shows; `entries` are what its filters leave."""

    rows: Rows
    entries: Sequence[Entry]
    columns: Sequence[Column]
    blocks: Sequence[Block]
    off: Sequence[Off]
    frame: tuple[time, time]

    @property
    def counts(self) -> list[dict[str, Any]]:
        """How many are in session, how many wait, and how many are late."""
        found = []
        for status in COUNTED:
            count = sum(entry.status == status for entry in self.entries)
            word = str(status.label).lower()
            found.append({"word": word, "count": count, "status": str(status)})
        return [*found, {"word": _("late"), "count": self.late, "status": "late"}]

    @property
    def supervising(self) -> str:
        """Who supervises on the day asked for, in words."""
        return oversight.on(self.rows, self.rows.asked.day)

    @property
    def late(self) -> int:
        """How many are late."""
        return sum(bool(entry.late) for entry in self.entries)


def daybook_of(rows: Rows) -> Daybook:
    """Everything that `rows` come to; no query."""
    every = entries_of(rows)
    entries = matching(every, rows)
    columns = columns_of(rows, every)
    blocks = blocks_of(rows, entries, columns)
    frame = frame_of(rows, columns, blocks)
    hidden = [one for one in every if one not in entries and one.row.is_live]
    off = off_of(rows, columns, hidden)
    return Daybook(rows, entries, columns, blocks, off, frame)


def feed_of(book: Daybook, link: Link) -> dict[str, Any]:
    """The contents of the feed; `link` gives a block its address.

    The same version means the same contents, whatever the clock says since.
    """
    asked = book.rows.asked
    shown = {
        "date": asked.day.isoformat(),
        "zone": asked.location.timezone,
        "hours": {"from": _clock(book.frame[0]), "until": _until(book.frame[1])},
        "columns": [_column(one) for one in book.columns],
        "blocks": [_block(one, link) for one in book.blocks],
        "off": [_off(one) for one in book.off],
        "counts": book.counts,
        "late": book.late,
    }
    now = book.rows.local_now.replace(microsecond=0)
    return shown | {
        "now": now.isoformat(),
        "updated": _clock(now.time()),
        "version": _version(shown),
    }


def _version(shown: dict[str, Any]) -> str:
    packed = json.dumps(shown, sort_keys=True).encode()
    return hashlib.sha256(packed).hexdigest()[:16]


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _until(at: time) -> str:
    return "24:00" if at == time.min else _clock(at)


def _column(one: Column) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "lane": one.lane,
        "group": one.group,
        "date": one.day.isoformat(),
        "practitioner": one.practitioner,
        "room": one.room,
        "device": one.device,
        "hours": one.hours,
        "supervising": one.is_supervising,
        "narrow": one.is_narrow,
    }


def _block(one: Block, link: Link) -> dict[str, Any]:
    return {
        "id": one.id,
        "appointment": one.appointment,
        "version": one.version,
        "columns": one.columns,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "kind": one.kind,
        "status": one.status,
        "word": one.word,
        "name": one.name,
        "initials": one.initials,
        "label": one.label,
        "modality": one.modality,
        "line": one.line,
        "late": one.late,
        "held": one.held,
        "phases": [_part(part) for part in one.parts],
        "flags": [flag.name for flag in one.flags],
        "movable": one.is_movable,
        "url": link(one),
    }


def _part(part: Any) -> dict[str, str]:
    return {
        "name": part.name,
        "start": part.start.isoformat(),
        "end": part.end.isoformat(),
        "look": part.look,
    }


def _off(one: Off) -> dict[str, Any]:
    return {
        "columns": one.columns,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "look": one.look,
        "label": one.label,
    }
