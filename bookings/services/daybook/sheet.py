"""The day on paper: for each practitioner, who comes, with what is needed to treat them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookings.models import AppointmentKind, HealthAnswer
from bookings.services import screening
from bookings.services.daybook import places, shifts, words
from bookings.services.daybook.entries import Entry
from bookings.services.daybook.feed import Daybook
from bookings.services.daybook.off import OFF
from treatments.suitability import Answer, AskAgain, to_ask


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A visit, or time that is not for patients, with only `words`."""

    start: datetime
    end: datetime
    entry: Entry | None = None
    words: str = ""
    age: int | None = None
    to_ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One practitioner's day. `hours` is from first to last, or empty."""

    title: str
    hours: str
    lines: Sequence[SheetLine]

    @property
    def visits(self) -> int:
        return sum(line.entry is not None for line in self.lines)


def sheet_of(book: Daybook) -> list[SheetPage]:
    """A page for each practitioner who sees somebody, or for the one asked for."""
    found = []
    for row in places.people(book.rows.resources):
        own = [one for one in book.entries if row in one.who and one.row.is_live]
        if book.rows.asked.who == row.pk or own:
            found.append(_page(row, own, book))
    return found


def _page(row: Any, own: Sequence[Entry], book: Daybook) -> SheetPage:
    open_spans = shifts.open_on(row, book.rows.asked.day, book.rows)
    hours = words.span(open_spans[0].start, open_spans[-1].end) if open_spans else ""
    lines = [*(_line(entry, book) for entry in own), *_other(row, book)]
    return SheetPage(row.name, hours, sorted(lines, key=lambda line: line.start))


def _line(entry: Entry, book: Daybook) -> SheetLine:
    day = book.rows.asked.day
    asked = tuple(_questions(entry, book)) if entry.is_session else ()
    age = entry.row.patient.age_on(day)
    return SheetLine(entry.start, entry.end, entry=entry, age=age, to_ask=asked)


def _questions(entry: Entry, book: Daybook) -> Iterator[str]:
    """What to ask the patient before this session: never answered, or asked each time."""
    if entry.row.kind != AppointmentKind.SESSION:
        return
    zone = book.rows.asked.location.zone
    answers = [
        _answer(row, zone) for row in book.rows.answers.get(entry.row.patient_id, ())
    ]
    rules = screening.rules_of(entry.row.plan.protocol)
    day = entry.start.date()
    for question in to_ask(rules, answers, day, AskAgain.BEFORE_SESSION):
        yield question.text


def _answer(row: HealthAnswer, zone: Any) -> Answer:
    day = row.answered_at.astimezone(zone).date()
    return Answer(row.question, row.value, day, row.on_date)


def _other(row: Any, book: Daybook) -> Iterator[SheetLine]:
    """Breaks, absences and time kept for something else."""
    own = {one.id for one in book.columns if one.practitioner == row.pk}
    for off in book.off:
        if off.look != OFF and off.label and own & set(off.columns):
            yield SheetLine(off.start, off.end, words=off.label)
