"""The day on paper: for each practitioner, who comes, with what is needed to treat them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, product
from string import ascii_uppercase
from typing import Any

from bookings.models import HealthAnswer
from bookings.services import screening
from bookings.services.daybook import places, shifts, words
from bookings.services.daybook.entries import Entry
from bookings.services.daybook.feed import Daybook
from bookings.services.daybook.off import OFF
from treatments.suitability import Answer, AskAgain, to_ask


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A visit, or time that is not for patients, with only `words`.

    `to_ask` are the letters of questions of the page.
    """

    start: datetime
    end: datetime
    entry: Entry | None = None
    words: str = ""
    age: int | None = None
    to_ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One practitioner's day. `hours` is from first to last, or empty.

    `questions` are what to ask before sessions, each once, in the order of letters.
    """

    title: str
    hours: str
    lines: Sequence[SheetLine]
    questions: Sequence[str] = ()

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
    asked = {entry.row.pk: _questions(entry, book) for entry in own}
    questions = list(dict.fromkeys(q for each in asked.values() for q in each))
    letters = dict(zip(questions, _letters(), strict=False))
    lines = [
        _line(entry, [letters.get(q, "") for q in asked[entry.row.pk]], book)
        for entry in own
    ]
    lines = sorted([*lines, *_other(row, book)], key=lambda line: line.start)
    return SheetPage(row.name, hours, lines, questions)


def _letters() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    for length in count(1):
        yield from map("".join, product(ascii_uppercase, repeat=length))


def _line(entry: Entry, letters: Sequence[str], book: Daybook) -> SheetLine:
    age = entry.row.patient.age_on(book.rows.asked.day)
    return SheetLine(
        entry.start, entry.end, entry=entry, age=age, to_ask=tuple(letters)
    )


def _questions(entry: Entry, book: Daybook) -> list[str]:
    """What to ask the patient before this session: never answered, or asked each time."""
    if not entry.is_session:
        return []
    zone = book.rows.asked.location.zone
    known = book.rows.answers.get(entry.row.patient_id, ())
    rules = screening.rules_of(entry.row.plan.protocol)
    day = entry.start.date()
    answers = [_answer(row, zone) for row in known]
    asked = to_ask(rules, answers, day, AskAgain.BEFORE_SESSION)
    return [question.text for question in asked]


def _answer(row: HealthAnswer, zone: Any) -> Answer:
    day = row.answered_at.astimezone(zone).date()
    return Answer(row.question, row.value, day, row.on_date)


def _other(row: Any, book: Daybook) -> Iterator[SheetLine]:
    """Breaks, absences and time kept for something else."""
    own = {one.id for one in book.columns if one.practitioner == row.pk}
    for off in book.off:
        if off.look != OFF and off.label and own & set(off.columns):
            yield SheetLine(off.start, off.end, words=off.label)
