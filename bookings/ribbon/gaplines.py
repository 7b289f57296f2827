"""The lines between markers, and a place for "48 days" that covers nothing."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from bookings.ribbon import shapes, text
from bookings.ribbon.frame import Frame
from bookings.ribbon.parts import Box, GapLine, Icon, Text
from bookings.ribbon.scene import boxes
from bookings.ribbon.values import Gap, Ribbon, Words, gaps, windows

CLEAR = 3
PILL = 18
PADDINGS = (14, 8)
WARNING = 13

Stretch = tuple[float, float]


def gap_lines(ribbon: Ribbon, frame: Frame) -> tuple[GapLine, ...]:
    """One line for each gap, without its label."""
    return tuple(_line(gap, ribbon, frame) for gap in gaps(ribbon))


def labelled(ribbon: Ribbon, frame: Frame, words: Words) -> tuple[GapLine, ...]:
    """The lines, each with its label moved aside from what it would cover.

    A gap that fits goes without a label where there is no room for one.
    """
    lines = zip(gaps(ribbon), gap_lines(ribbon, frame), strict=True)
    return tuple(
        _with_label(gap, line, ribbon, frame, _words(gap, words)) for gap, line in lines
    )


def _words(gap: Gap, words: Words) -> str:
    return words.allowed(gap.days) if gap.is_allowed else words.gap(gap.days)


def free(
    wanted: float, half: float, room: Stretch, blocked: Iterable[Stretch]
) -> float | None:
    """The centre nearest to `wanted` whose label, `half` wide each way, is clear.

    It stays inside `room` and off every stretch of `blocked`; `None` if it cannot.
    """
    low, high = room[0] + half, room[1] - half
    bars = [(start - half - CLEAR, end + half + CLEAR) for start, end in blocked]
    edges = [edge for bar in bars for edge in bar]
    places = [wanted, low, high, *edges]
    clear = [
        place
        for place in places
        if low <= place <= high and not any(a < place < b for a, b in bars)
    ]
    return min(clear, key=lambda place: abs(place - wanted), default=None)


def _line(gap: Gap, ribbon: Ribbon, frame: Frame) -> GapLine:
    start, end = _room(gap, ribbon, frame)
    line = frame.rail(start, end, frame.lane) if start < end else ""
    return GapLine(days=gap.days, bad=gap.is_bad, line=line, allowed=gap.is_allowed)


def _room(gap: Gap, ribbon: Ribbon, frame: Frame) -> Stretch:
    reach = shapes.reach(ribbon.treatment, frame.measures.radius)
    if frame.upright:
        reach = frame.measures.radius + 3
    start = frame.axis.middle(gap.before.day) + reach
    return round(start, 2), round(frame.axis.middle(gap.after.day) - reach, 2)


def _with_label(
    gap: Gap, line: GapLine, ribbon: Ribbon, frame: Frame, label: str
) -> GapLine:
    room = _room(gap, ribbon, frame)
    wanted = _wanted(gap, room, frame)
    blocked = tuple(_blocked(ribbon, frame))
    bare = text.width(label, 11) + (WARNING if _sign(line) else 0)
    tries = product((_windows(ribbon, frame), _brackets(ribbon, frame)), PADDINGS)
    for also, padding in tries:
        half = (bare + padding) / 2
        at = free(wanted, half, room, (*blocked, *also))
        if at is not None:
            return _labelled(line, label, at, half, frame.lane)
    if not _sign(line):
        return line
    return _labelled(line, label, wanted, bare / 2, frame.lane)


def _sign(line: GapLine) -> str:
    """The sign beside the days of a gap outside its window; none where it fits."""
    if line.allowed:
        return "allowed"
    return "warning" if line.bad else ""


def _windows(ribbon: Ribbon, frame: Frame) -> tuple[Stretch, ...]:
    """Where the windows lie; a label keeps off them if it can."""
    clipped = (frame.axis.clip(w.first, w.last) for w in windows(ribbon))
    return tuple(ends for ends in clipped if ends)


def _brackets(ribbon: Ribbon, frame: Frame) -> tuple[Stretch, ...]:
    """The upright lines at both ends of each window, which it never covers."""
    return tuple((at, at) for ends in _windows(ribbon, frame) for at in ends)


def _wanted(gap: Gap, room: Stretch, frame: Frame) -> float:
    """Midway from the marker to the window, or to the next marker if that is nearer."""
    end = min(room[1], frame.axis.at(gap.window.first))
    return (room[0] + max(end, room[0])) / 2


def _labelled(
    line: GapLine, label: str, at: float, half: float, lane: float
) -> GapLine:
    left = round(at - half, 2)
    name = _sign(line)
    sign = Icon(name, left + 6, lane - 6, 12) if name else None
    middle = round(at + (WARNING / 2 if sign else 0), 2)
    return replace(
        line,
        pill=Box(left, lane - PILL / 2, round(2 * half, 2), PILL),
        text=Text(middle, lane + 4, label, "gap", "middle", sign),
    )


def _blocked(ribbon: Ribbon, frame: Frame) -> Iterable[Stretch]:
    for box in (*boxes(ribbon.away, frame), *boxes(ribbon.closed, frame)):
        yield box.x, box.right
    for day in (ribbon.today, ribbon.not_before and ribbon.not_before.day):
        if day:
            yield frame.axis.at(day), frame.axis.middle(day)
    for session in ribbon.sessions:
        if not session.state.is_live:
            middle, radius = frame.axis.middle(session.day), frame.measures.radius
            yield middle - radius, middle + radius
