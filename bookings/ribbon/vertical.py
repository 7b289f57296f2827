"""The ribbon stood upright for narrow screens: time runs down, words to the right."""

from collections.abc import Iterable
from dataclasses import dataclass

from bookings.ribbon import text
from bookings.ribbon.frame import Axis, Frame, crisp
from bookings.ribbon.gaplines import gap_lines
from bookings.ribbon.parts import Box, Drawing, Flag, Icon, Ruler, Text
from bookings.ribbon.scene import scene
from bookings.ribbon.values import (
    Ribbon,
    RibbonNote,
    Rows,
    Size,
    Span,
    Words,
    gaps,
    windows,
)

TEXT_AT = 96
WIDTH = 310
"""The text is wrapped to end here; a phone's card is hardly narrower."""
LINE = 20
SMALL = 14
ICON = 22
DRIFT = 90
SHORT_DRIFT = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """Words that want to stand beside the place `at`; a lower rank is placed first."""

    at: float
    rank: int
    kind: str
    lines: tuple[str, ...]
    icon: str = ""
    drift: float = DRIFT

    @property
    def height(self) -> float:
        """The pixels its lines take."""
        return LINE * len(self.lines) + 2


def draw_upright(ribbon: Ribbon, axis: Axis, words: Words, rows: Rows) -> Drawing:
    """The upright drawing of `ribbon` on `axis`; it stands alone, ruler included."""
    frame = Frame(axis, Size.VERTICAL.value, Size.VERTICAL.value.ruler, upright=True)
    placed = arranged(_entries(ribbon, frame, words))
    foot = max((top + entry.height for entry, top in placed), default=0)
    return Drawing(
        width=WIDTH,
        height=max(axis.length, foot),
        treatment=ribbon.treatment.value,
        ruler=_ruler(frame, words) if rows.ruler else None,
        scene=scene(ribbon, frame, gap_lines(ribbon, frame), {}),
        flags=tuple(_flag(*one) for one in placed if one[0].kind in ("today", "nb")),
        texts=tuple(line for one in placed for line in _texts(*one)),
    )


def arranged(entries: Iterable[Entry]) -> tuple[tuple[Entry, float], ...]:
    """Each entry with the top of its words, none over another.

    The first in rank stand at their place; the others move up or down as little as
    they can, in the order of time where that can be kept. One that would stray too far
    is left out.
    """
    placed: list[tuple[Entry, float]] = []
    for entry in sorted(entries, key=lambda e: (e.rank, e.at)):
        top = _nearest(entry, placed)
        if top is not None:
            placed.append((entry, top))
    return tuple(sorted(placed, key=lambda one: one[1]))


def _nearest(entry: Entry, placed: list[tuple[Entry, float]]) -> float | None:
    wanted = max(entry.at - LINE / 2 - 1, 0)
    tops = [wanted]
    for other, top in placed:
        tops += [top - entry.height, top + other.height]
    clear = [
        top
        for top in tops
        if top >= 0
        and abs(top - wanted) <= entry.drift
        and all(
            top + entry.height <= theirs or top >= theirs + other.height
            for other, theirs in placed
        )
    ]

    def cost(top: float) -> tuple[int, float]:
        swapped = sum((top < theirs) != (entry.at < o.at) for o, theirs in placed)
        return swapped, abs(top - wanted)

    return min(clear, key=cost, default=None)


def _entries(ribbon: Ribbon, frame: Frame, words: Words) -> Iterable[Entry]:
    yield from _sessions(ribbon, frame, words)
    yield from _moments(ribbon, frame, words)
    yield from _spans(ribbon, frame, words)
    yield from _between(ribbon, frame, words)
    for window in windows(ribbon):
        if frame.axis.holds(window.first):
            at = frame.axis.at(window.first) + 2
            opens = _wrapped(words.window_opens(window.first))
            if _is_awaited(ribbon, window):
                yield Entry(at, 1, "win", opens)
            else:
                yield Entry(at, 4, "win", opens, drift=SHORT_DRIFT)


def _is_awaited(ribbon: Ribbon, window: Span) -> bool:
    """Whether it is the window of a session that has no day: nothing else tells of it."""
    last = max((one.day for one in ribbon.live), default=window.first)
    return ribbon.awaited is not None and last < window.first


def _sessions(ribbon: Ribbon, frame: Frame, words: Words) -> Iterable[Entry]:
    for session in ribbon.live:
        if not frame.axis.holds(session.day):
            continue
        at, lines = frame.axis.middle(session.day), [words.title(session)]
        lines += _wrapped(words.when(session))
        yield Entry(at, 0, "session", tuple(lines))
        for note in ribbon.notes:
            if note.number == session.number:
                yield _note(at + 1, note)


def _note(at: float, note: RibbonNote) -> Entry:
    if note.allowed:
        return _entry(at, 1, "allowed", _short(note.text), "allowed")
    kind, icon = ("bad", "warning") if note.bad else ("win", "tick")
    return _entry(at, 1, kind, note.text, icon)


def _moments(ribbon: Ribbon, frame: Frame, words: Words) -> Iterable[Entry]:
    if ribbon.today and frame.axis.holds(ribbon.today):
        yield _entry(frame.axis.middle(ribbon.today), 1, "today", words.today())
    if ribbon.not_before and frame.axis.holds(ribbon.not_before.day):
        day = ribbon.not_before.day
        yield _entry(frame.axis.at(day), 1, "nb", words.not_before(day), "lock")


def _spans(ribbon: Ribbon, frame: Frame, words: Words) -> Iterable[Entry]:
    named = [(span, words.away(span)) for span in ribbon.away]
    named += [(span, words.closed(span)) for span in ribbon.closed]
    for span, name in named:
        ends = frame.axis.clip(span.first, span.last)
        if ends and name:
            yield _entry(sum(ends) / 2, 2, "min", name, span.icon)


def _between(ribbon: Ribbon, frame: Frame, words: Words) -> Iterable[Entry]:
    for gap in gaps(ribbon):
        ends = (frame.axis.middle(day) for day in (gap.before.day, gap.after.day))
        at, apart = sum(ends) / 2, words.apart(gap.days)
        if gap.is_allowed:
            said = _short(f"{apart}. {words.reason(gap.reason)}")
            yield _entry(at, 1, "allowed", said, "allowed")
        else:
            rank, kind, icon = (1, "bad", "warning") if gap.is_bad else (3, "min", "")
            yield _entry(at, rank, kind, apart, icon)


def _entry(at: float, rank: int, kind: str, words: str, icon: str = "") -> Entry:
    return Entry(at, rank, kind, _wrapped(words, ICON if icon else 0), icon)


def _short(words: str) -> str:
    """`words` in three lines at most; the list says them in full."""
    return text.clipped(words, SMALL, 3 * (WIDTH - TEXT_AT - ICON) * 0.85)


def _wrapped(words: str, indent: float = 0) -> tuple[str, ...]:
    return text.wrap(words, SMALL, WIDTH - TEXT_AT - indent)


def _texts(entry: Entry, top: float) -> Iterable[Text]:
    if entry.kind in ("today", "nb"):
        return
    indent = ICON if entry.icon else 0
    for number, line in enumerate(entry.lines):
        heading = entry.kind == "session" and not number
        kind = "v-title" if heading else f"v-{entry.kind}"
        baseline = round(top + LINE * number + 15.5, 2)
        icon = (
            Icon(entry.icon, TEXT_AT, baseline - 13, 16)
            if number < bool(entry.icon)
            else None
        )
        yield Text(TEXT_AT + indent, baseline, line, kind, icon=icon)


def _flag(entry: Entry, top: float) -> Flag:
    m = Size.VERTICAL.value
    icon = 16 if entry.icon else 0
    label = " ".join(entry.lines)
    wide = round(text.width(label, m.flag_font) + 16 + icon, 2)
    box = Box(TEXT_AT, round(top, 2), wide, m.flag)
    middle = round((TEXT_AT + icon + box.right) / 2, 2)
    sign = Icon(entry.icon, TEXT_AT + 6, box.y + 4.5, 12) if entry.icon else None
    words = Text(middle, box.y + 15.5, label, "say", "middle", sign)
    return Flag(entry.kind, 0, entry.at, box, words)


def _ruler(frame: Frame, words: Words) -> Ruler:
    mondays = frame.axis.mondays()
    left = frame.start
    weeks = (f"M{left - 7:g} {crisp(frame.axis.at(day))}h7" for day in mondays)
    texts = []
    for day in mondays:
        baseline = max(frame.axis.at(day) + 4, 11)
        if day.day <= 7 or day == mondays[0]:
            texts.append(Text(0, baseline, words.month(day, False), "month"))
        else:
            texts.append(Text(left - 11, baseline, str(day.day), "wk", "end"))
    return Ruler(base="", weeks="".join(weeks), days="", texts=tuple(texts))
