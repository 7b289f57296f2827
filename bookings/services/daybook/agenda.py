"""The same day or week as a list: for phones, print, screen readers, spreadsheets."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.services.daybook import oversight, words
from bookings.services.daybook.entries import Entry
from bookings.services.daybook.feed import Daybook
from bookings.services.daybook.off import ABSENCE, CLOSED, Off, whole_day

HEAD = (
    "Day",
    "From",
    "To",
    "Patient",
    "Phone",
    "For",
    "Session",
    "With",
    "Room",
    "Devices",
    "Status",
    "Late",
    "Note",
    "To mind",
)


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """One local day: who comes, in order of time, what is unusual, and who supervises."""

    day: date
    entries: Sequence[Entry]
    notices: Sequence[str]
    supervising: str = ""


def agenda_of(book: Daybook) -> list[AgendaDay]:
    """Every day shown that somebody comes on or something is said of; one day always."""
    asked = book.rows.asked
    found = [
        AgendaDay(
            day,
            _on(book.entries, day),
            list(_notices(book, day)),
            oversight.on(book.rows, day),
        )
        for day in asked.days
    ]
    return [one for one in found if not asked.is_week or one.entries or one.notices]


def _on(entries: Iterable[Entry], day: date) -> list[Entry]:
    """Those that begin on `day`; what began the night before stands with its day."""
    return [entry for entry in entries if entry.start.date() == day]


def _notices(book: Daybook, day: date) -> Iterator[str]:
    """Closures, absences and what is out of service, each once."""
    said = set()
    titles = {one.id: one.title for one in book.columns}
    for off in book.off:
        if off.look in (ABSENCE, CLOSED) and off.start.date() == day:
            sentence = _sentence(off, titles, book)
            if sentence not in said:
                said.add(sentence)
                yield sentence


def _sentence(off: Off, titles: dict[str, str], book: Daybook) -> str:
    """ "Dr Okafor: Away: device training, 12:00–17:30"; a closure of all by its name."""
    who = ", ".join(dict.fromkeys(titles[one] for one in off.columns))
    is_of_all = len(off.columns) == len(book.columns) > 1 or book.rows.asked.is_week
    what = off.label if is_of_all else f"{who}: {off.label}"
    if (off.start, off.end) == whole_day(off.start.date(), off.start.tzinfo):
        return what
    return f"{what}, {words.span(off.start, off.end)}"


def table(entries: Iterable[Entry]) -> tuple[list[str], list[list[Any]]]:
    """The entries as a table for a file: its head and its rows."""
    return [_(name) for name in HEAD], [_row(entry) for entry in entries]


def _row(entry: Entry) -> list[Any]:
    row = entry.row
    return [
        entry.start.date().isoformat(),
        date_format(entry.start, "H:i"),
        date_format(entry.end, "H:i"),
        row.patient,
        row.patient.phone.as_national if row.patient.phone else "",
        entry.label,
        entry.line,
        names(entry.who),
        names(entry.rooms),
        names(entry.devices),
        entry.word,
        entry.late_words,
        row.note,
        "; ".join(flag.words for flag in entry.flags if flag.name != "note"),
    ]


def names(resources: Iterable[Any]) -> str:
    """ "Dr Okafor, S. Lachance"."""
    return ", ".join(row.name for row in resources)
