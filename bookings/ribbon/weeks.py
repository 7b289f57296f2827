"""A series as an example: counted in weeks, with notes below it, or very small."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from bookings.ribbon import shapes, text
from bookings.ribbon.frame import Axis, crisp
from bookings.ribbon.parts import Ruler, Text
from bookings.ribbon.values import Ribbon, Size, Words, monday, window_after

LEAD = timedelta(days=14)  # drawn before the first session
HEAD, BODY, LINE = 14, 14, 19
INDENT, APART = 12, 4
FIRST_LINE = 23
ABOVE = 20  # how far the lines reach up, to the track


class Note(NamedTuple):
    """A note that begins on `day`: a heading, and a sentence."""

    day: date
    head: str
    body: str


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes below a level ribbon of `width` pixels."""

    width: float
    height: float
    lines: str
    texts: tuple[Text, ...]


def notes_below(notes: Sequence[Note], axis: Axis) -> Notes:
    """The notes side by side, each wrapped before the next begins."""
    starts = [axis.at(note.day) for note in notes]
    ends = [*(start - APART for start in starts[1:]), axis.length]
    texts: list[Text] = []
    for note, start, end in zip(notes, starts, ends, strict=True):
        texts += _note(note, start + INDENT, end - start - INDENT)
    deepest = max((line.y for line in texts), default=0) + 6
    stems = (f"M{crisp(start)} -{ABOVE}V{deepest:g}" for start in starts)
    return Notes(axis.length, deepest, "".join(stems), tuple(texts))


def weeks_upright(axis: Axis, ribbon: Ribbon, words: Words, name: str) -> Ruler:
    """The ruler of an upright ribbon in weeks: `name` on top, then plain numbers."""
    left, start = Size.VERTICAL.value.ruler, monday(ribbon.live[0].day)
    texts = [Text(left - 11, 11, name, "wk", "end")]
    for day in axis.mondays():
        week = (day - start).days // 7
        if week >= 0:
            at = axis.at(day) + 4
            texts.append(Text(left - 11, at, str(week), "wk", "end"))
    ticks = (f"M{left - 7:g} {crisp(axis.at(day))}h7" for day in axis.mondays())
    return Ruler(base="", weeks="".join(ticks), days="", texts=tuple(texts))


class Mini(NamedTuple):
    """A series in the space of a word: marks and windows to scale, no text."""

    treatment: str
    width: float
    height: float
    outline: str
    sink: float
    marks: tuple[float, ...]
    windows: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        """Where the last mark is."""
        return self.marks[-1]


def mini(ribbon: Ribbon, width: float = 148, height: float = 30) -> Mini:
    """`ribbon` to scale within `width` pixels, a margin for half a mark at each end."""
    first, margin, radius = ribbon.live[0].day, 14.0, 6.0
    spans = [window_after(s.day, ribbon.gap_days) for s in ribbon.live[:-1]]
    reach = max([*(s.last for s in spans), ribbon.live[-1].day])
    scale = (width - 2 * margin) / max((reach - first).days, 1)

    def at(day: date) -> float:
        return round(margin + (day - first).days * scale, 2)

    return Mini(
        ribbon.treatment.value,
        width,
        height,
        shapes.outline(ribbon.treatment, radius),
        shapes.sink(ribbon.treatment, radius),
        tuple(at(s.day) for s in ribbon.live),
        tuple((at(s.first), round(at(s.last) - at(s.first), 2)) for s in spans),
    )


def _note(note: Note, left: float, room: float) -> list[Text]:
    heads = text.wrap(note.head, HEAD * 1.04, room)  # bold is wider
    lines = [(line, "call-head") for line in heads]
    lines += [(line, "call") for line in text.wrap(note.body, BODY, room)]
    return [
        Text(round(left, 2), FIRST_LINE + LINE * at, line, kind)
        for at, (line, kind) in enumerate(lines)
    ]
