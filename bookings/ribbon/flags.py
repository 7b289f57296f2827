"""The flags between the ruler and the track, each in the first row it fits."""

from collections.abc import Iterable
from dataclasses import dataclass

from bookings.ribbon import text
from bookings.ribbon.frame import Axis
from bookings.ribbon.parts import Box, Flag, Icon, Text
from bookings.ribbon.values import Measures, Ribbon, RibbonSpan, Words

ROWS = 4
APART = 4
PADDING = 5
ICON = 16


@dataclass(frozen=True, slots=True)
class Label:
    """What a flag says and the place on the axis it stands for."""

    kind: str
    at: float
    text: str
    icon: str = ""
    begins: bool = False


def labels(ribbons: Iterable[Ribbon], axis: Axis, words: Words) -> tuple[Label, ...]:
    """What the flags of `ribbons` say, each thing once, from left to right."""
    found: dict[tuple[str, str, float], Label] = {}
    for ribbon in ribbons:
        for label in _labels(ribbon, axis, words):
            found.setdefault((label.kind, label.text, label.at), label)
    return tuple(sorted(found.values(), key=lambda label: label.at))


def place(
    found: Iterable[Label], length: float, top: float, m: Measures
) -> tuple[Flag, ...]:
    """The flags from `top` down; one that fits in none of four rows is left out."""
    ends = [float("-inf")] * ROWS
    flags: list[Flag] = []
    for label in found:
        wide = flag_width(label, m.flag_font)
        left = label.at if label.begins else label.at - wide / 2
        left = round(min(max(left, 0), max(length - wide, 0)), 2)
        row = next((r for r in range(ROWS) if ends[r] + APART <= left), None)
        if row is not None:
            ends[row] = left + wide
            flags.append(
                _flag(label, Box(left, top + row * m.flag_row, wide, m.flag), row, m)
            )
    return tuple(flags)


def height(flags: Iterable[Flag], m: Measures) -> float:
    """The pixels the rows in use take."""
    return max((flag.row + 1 for flag in flags), default=0) * m.flag_row


def flag_width(label: Label, font: float) -> float:
    """The width of a flag: its text, its padding and its icon."""
    return round(
        text.width(label.text, font) + 2 * PADDING + (ICON if label.icon else 0), 2
    )


def _flag(label: Label, box: Box, row: int, m: Measures) -> Flag:
    start = box.x + (ICON if label.icon else 0)
    middle = round((start + box.right) / 2, 2)
    baseline = round(box.y + box.height / 2 + m.flag_font * 0.36, 1)
    sign = Icon(label.icon, box.x + 4, box.y + (box.height - 12) / 2, 12)
    icon = sign if label.icon else None
    words = Text(middle, baseline, label.text, "say", "middle", icon)
    return Flag(label.kind, row, label.at, box, words)


def _labels(ribbon: Ribbon, axis: Axis, words: Words) -> Iterable[Label]:
    if ribbon.not_before and axis.holds(ribbon.not_before.day):
        day = ribbon.not_before.day
        yield Label("nb", axis.at(day), words.not_before(day), "lock", begins=True)
    if ribbon.today and axis.holds(ribbon.today):
        yield Label("today", axis.middle(ribbon.today), words.today())
    for span in ribbon.away:
        yield from _over("away", span, axis, words.away(span))
    for span in ribbon.closed:
        yield from _over("closed", span, axis, words.closed(span))


def _over(kind: str, span: RibbonSpan, axis: Axis, words: str) -> Iterable[Label]:
    ends: tuple[float, float] | None = axis.clip(span.first, span.last)
    if ends and words:
        yield Label(kind, round(sum(ends) / 2, 2), words, span.icon)
