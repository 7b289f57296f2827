"""The ribbon laid level: ruler, flags, window dates, track, labels, top down."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bookings.ribbon import flags, text
from bookings.ribbon.frame import Axis, Frame
from bookings.ribbon.gaplines import Stretch, labelled
from bookings.ribbon.parts import Drawing, Flag, Icon, Text
from bookings.ribbon.ruler import ruler_for
from bookings.ribbon.scene import OVERHANG, scene
from bookings.ribbon.values import (
    Measures,
    Ribbon,
    RibbonNote,
    RibbonSession,
    Rows,
    Size,
    Span,
    Words,
    gaps,
    windows,
)

DATES = 15
SECOND_LINE = 11
NOTE_APART = 14
NOTE_ICON = 17
NOTE_ROOM = 420


def draw_level(
    ribbon: Ribbon, axis: Axis, size: Size, words: Words, rows: Rows
) -> Drawing:
    """The level drawing of `ribbon` on `axis`."""
    top, placed = _head((ribbon,), axis, size, words, rows)
    dated = _dates(ribbon, axis, size, words) if rows.dates else {}
    frame = Frame(axis, size.value, top + (DATES if dated else 0))
    dates = {span: _raised(texts, frame) for span, texts in dated.items()}
    labels = tuple(_labels(ribbon, frame, words))
    notes = tuple(_notes(ribbon, frame, labels, words))
    under = (t.y + 5 for t in (*labels, *notes))
    return Drawing(
        width=axis.length,
        height=max((frame.end + 1, *under)),
        treatment=ribbon.treatment.value,
        ruler=ruler_for(axis, size, words, _week_one(ribbon, size))
        if rows.ruler
        else None,
        scene=scene(ribbon, frame, labelled(ribbon, frame, words), dates),
        flags=tuple(_stemmed(flag, frame.start) for flag in placed),
        texts=(*labels, *notes),
    )


def draw_ruler(
    ribbons: tuple[Ribbon, ...], axis: Axis, size: Size, words: Words
) -> Drawing:
    """One ruler with the flags of all `ribbons`, to stand above them."""
    top, placed = _head(ribbons, axis, size, words, Rows())
    return Drawing(
        width=axis.length,
        height=top,
        ruler=ruler_for(axis, size, words),
        flags=tuple(_stemmed(flag, top) for flag in placed),
    )


def _head(
    ribbons: Iterable[Ribbon], axis: Axis, size: Size, words: Words, rows: Rows
) -> tuple[float, tuple[Flag, ...]]:
    """Where the rows below begin, and the flags above them."""
    m = size.value
    top = (m.ruler if rows.ruler else 0) + 4
    found = flags.labels(ribbons, axis, words) if rows.flags else ()
    placed = flags.place(found, axis.length, top, m)
    high = flags.height(placed, m)
    if high:
        return top + high + OVERHANG, placed
    return (top if rows.ruler else 0), placed


def _stemmed(flag: Flag, end: float) -> Flag:
    """The flag with a stem from its foot down to `end`."""
    foot = flag.box.y + flag.box.height
    return replace(flag, stem=f"M{flag.at:g} {foot:g}V{end:g}")


def _week_one(ribbon: Ribbon, size: Size) -> date | None:
    return ribbon.live[0].day if size is Size.HERO and ribbon.live else None


def _dates(
    ribbon: Ribbon, axis: Axis, size: Size, words: Words
) -> dict[Span, tuple[Text, ...]]:
    """The first and last day above each window, or both in one where it is narrow."""
    if size is not Size.REGULAR:
        return {}
    return {
        window: _ends(window, axis, words)
        for window in windows(ribbon)
        if axis.clip(window.first, window.last)
    }


def _ends(window: Span, axis: Axis, words: Words) -> tuple[Text, ...]:
    first, last = axis.clip(window.first, window.last) or (0, 0)
    opens, closes = words.day(window.first), words.day(window.last)
    if text.width(opens, 11) + text.width(closes, 11) + 4 <= last - first:
        return Text(first, 0, opens, "bound"), Text(last, 0, closes, "bound", "end")
    return (Text((first + last) / 2, 0, words.days(window), "bound", "middle"),)


def _raised(texts: tuple[Text, ...], frame: Frame) -> tuple[Text, ...]:
    return tuple(replace(t, y=frame.start - 4) for t in texts)


def _labels(ribbon: Ribbon, frame: Frame, words: Words) -> Iterable[Text]:
    for session in ribbon.live:
        if frame.axis.holds(session.day):
            yield from _label(session, frame, words)


def _label(session: RibbonSession, frame: Frame, words: Words) -> Iterable[Text]:
    lines = words.lines(session) if session.lines is None else session.lines
    m, length = frame.measures, frame.axis.length
    for number, line in enumerate(lines):
        font = SECOND_LINE if number else m.label_font
        half = min(text.width(line, font), length) / 2
        at = min(max(frame.axis.middle(session.day), half), length - half)
        yield Text(
            round(at, 2),
            frame.end + 15 * (number + 1),
            line,
            "l2" if number else "l1",
            "middle",
        )


def _notes(
    ribbon: Ribbon, frame: Frame, labels: tuple[Text, ...], words: Words
) -> Iterable[Text]:
    days = {session.number: session.day for session in ribbon.live}
    rows = len({label.y for label in labels})
    taken = [_extent(label, frame.measures) for label in labels if label.kind == "l1"]
    for note in (*ribbon.notes, *_reasons(ribbon, words)):
        if note.number in days and frame.axis.holds(days[note.number]):
            middle = frame.axis.middle(days[note.number])
            placed = _note(note, middle, taken, frame, rows)
            rows += placed.y > frame.end + 15 * rows
            yield placed


def _reasons(ribbon: Ribbon, words: Words) -> Iterable[RibbonNote]:
    """Why each gap outside its window is allowed, beside the session after it."""
    for gap in gaps(ribbon):
        if gap.is_allowed:
            yield RibbonNote(
                gap.after.number, words.reason(gap.reason), bad=False, allowed=True
            )


def _note(
    note: RibbonNote, middle: float, taken: list[Stretch], frame: Frame, rows: int
) -> Text:
    """The note right of its session's label, else left of it, else on its own row."""
    shown = text.clipped(note.text, 12, min(NOTE_ROOM, frame.axis.length - NOTE_ICON))
    note = replace(note, text=shown)
    wide = text.width(note.text, 12) + NOTE_ICON
    own = next((t for t in taken if t[0] <= middle <= t[1]), (middle, middle))
    for left in (own[1] + NOTE_APART, own[0] - NOTE_APART - wide):
        clear = all(left + wide < a or left > b for a, b in taken)
        if clear and left >= 0 and left + wide <= frame.axis.length:
            taken.append((left, left + wide))
            return _note_text(note, left, frame.end + 15)
    left = min(max(middle - wide / 2, 0), max(frame.axis.length - wide, 0))
    return _note_text(note, left, frame.end + 15 * (1 + rows))


def _note_text(note: RibbonNote, left: float, baseline: float) -> Text:
    kind, icon = ("note-bad", "warning") if note.bad else ("note-ok", "tick")
    if note.allowed:
        kind, icon = "note-allowed", "allowed"
    sign = Icon(icon, round(left, 2), baseline - 11, 13)
    return Text(round(left + NOTE_ICON, 2), baseline, note.text, kind, icon=sign)


def _extent(label: Text, m: Measures) -> Stretch:
    half = text.width(label.text, m.label_font) / 2
    return label.x - half, label.x + half
