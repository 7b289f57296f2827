"""The track and all that lies on it, in either direction."""

from collections.abc import Iterable
from datetime import date, timedelta

from bookings.ribbon import shapes
from bookings.ribbon.frame import Frame, crisp
from bookings.ribbon.parts import Box, CareBand, GapLine, Marker, Scene, Text, Window
from bookings.ribbon.values import (
    PRE_CARE_DAYS,
    SETTLING_DAYS,
    STRONG_DAYS,
    Ribbon,
    RibbonSession,
    RibbonSpan,
    Span,
    State,
    windows,
)

OVERHANG = 2
GHOST = 0.9


def scene(
    ribbon: Ribbon,
    frame: Frame,
    gap_lines: tuple[GapLine, ...],
    window_texts: dict[Span, tuple[Text, ...]],
) -> Scene:
    """Everything on the track; gap lines and window dates are placed beforehand."""
    return Scene(
        track=frame.track,
        grid="".join(_grid(frame)),
        ground=_ground(ribbon, frame),
        windows=tuple(
            drawn
            for window in windows(ribbon)
            if (drawn := _window(window, frame, window_texts.get(window, ())))
        ),
        away=boxes(ribbon.away, frame),
        closed=boxes(ribbon.closed, frame),
        care=tuple(_care(session.day, frame) for session in ribbon.live),
        frames=tuple(_frames(ribbon, frame)),
        gaps=gap_lines,
        markers=tuple(_markers(ribbon, frame)),
        not_before=_boundary(ribbon, frame),
        today=_today(ribbon, frame),
    )


def boxes(spans: Iterable[RibbonSpan], frame: Frame) -> tuple[Box, ...]:
    """The spans that are drawn, over the full track."""
    drawn = (frame.across(span.first, span.last) for span in spans)
    return tuple(box for box in drawn if box)


def _grid(frame: Frame) -> Iterable[str]:
    for day in frame.axis.mondays()[1:]:
        yield frame.rung(crisp(frame.axis.at(day)), frame.start, frame.end)


def _ground(ribbon: Ribbon, frame: Frame) -> Box | None:
    if not ribbon.not_before:
        return None
    return frame.across(frame.axis.first, ribbon.not_before.day - timedelta(days=1))


def _boundary(ribbon: Ribbon, frame: Frame) -> str:
    if not ribbon.not_before or not frame.axis.holds(ribbon.not_before.day):
        return ""
    along = frame.axis.at(ribbon.not_before.day)
    return frame.rung(along, frame.start - OVERHANG, frame.end)


def _today(ribbon: Ribbon, frame: Frame) -> str:
    if not ribbon.today or not frame.axis.holds(ribbon.today):
        return ""
    along, before = (
        frame.axis.middle(ribbon.today),
        OVERHANG * (4 if frame.upright else 1),
    )
    after = before if frame.upright else 0
    return frame.rung(along, frame.start - before, frame.end + after)


def _window(window: Span, frame: Frame, texts: tuple[Text, ...]) -> Window | None:
    box = frame.across(window.first, window.last)
    ends = frame.axis.clip(window.first, window.last)
    if not box or not ends:
        return None
    first, last = ends
    far = frame.end - 0.75 if frame.upright else frame.start + 0.75
    return Window(
        box=box,
        ends="".join(
            frame.rung(along, frame.start, frame.end)
            for along, day in ((first + 1, window.first), (last - 1, window.last))
            if frame.axis.holds(day)
        ),
        edge=frame.rail(first, last, far),
        texts=texts,
    )


def _care(day: date, frame: Frame) -> CareBand:
    eve = day - timedelta(days=1)
    healed = day + timedelta(days=SETTLING_DAYS - 1)
    before = day - timedelta(days=PRE_CARE_DAYS)
    settling = frame.band(day, healed)
    pre = frame.band(before, eve)
    return CareBand(
        pre=pre,
        pre_line=_top(before, eve, frame),
        settling=settling,
        strong=frame.band(day, day + timedelta(days=STRONG_DAYS - 1)),
        settling_line=_top(day, healed, frame),
        stem=frame.band(day, day, _stem(frame)),
    )


def _stem(frame: Frame) -> float:
    """How far a session's day reaches above the care band, to go under its marker."""
    if frame.upright:
        return 0
    return max(0, frame.care - (frame.lane + frame.measures.radius - 2))


def _top(first: date, last: date, frame: Frame) -> str:
    ends = frame.axis.clip(first, last)
    if not ends:
        return ""
    at = frame.start + frame.measures.care - 0.5 if frame.upright else frame.care + 0.5
    return frame.rail(*ends, at)


def _frames(ribbon: Ribbon, frame: Frame) -> Iterable[Box]:
    for note in ribbon.notes:
        box = frame.band(note.day, note.day) if note.bad and note.day else None
        if box:
            yield Box(box.x, box.y - 1, box.width, box.height + 2)


def _markers(ribbon: Ribbon, frame: Frame) -> Iterable[Marker]:
    for session in sorted(ribbon.sessions, key=lambda s: s.state.is_live):
        if frame.axis.holds(session.day):
            yield _marker(session, ribbon, frame)


def _marker(session: RibbonSession, ribbon: Ribbon, frame: Frame) -> Marker:
    radius = frame.measures.radius * (1 if session.state.is_live else GHOST)
    x, y = frame.point(frame.axis.middle(session.day))
    sink = shapes.sink(ribbon.treatment, radius)
    return Marker(
        x=x,
        y=y,
        number=session.number,
        state=session.state.value.replace("_", ""),
        outline=shapes.outline(ribbon.treatment, radius),
        sink=sink,
        sign=_sign(session.state, radius),
        baseline=round(0.37 * radius + sink, 2),
        font_size=round(1.08 * radius, 1),
    )


def _sign(state: State, radius: float) -> str:
    """What stands in the marker in place of its number, if anything does."""
    signs = {
        State.DONE: shapes.tick,
        State.CANCELLED: shapes.slash,
        State.NO_SHOW: shapes.cross,
    }
    return signs[state](radius) if state in signs else ""
