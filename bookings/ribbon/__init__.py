"""The series ribbon: a series in time, as a pure function of its dates.

`draw` turns a `Ribbon` into plain numbers and words; a template renders them. x of a
day is its distance from the first Monday times the scale, so distance is time.
"""

from datetime import date

from bookings.ribbon import shapes
from bookings.ribbon.frame import Axis
from bookings.ribbon.horizontal import draw_level, draw_ruler
from bookings.ribbon.parts import Drawing
from bookings.ribbon.values import (
    AllowedGap,
    Gap,
    NotBefore,
    Ribbon,
    RibbonNote,
    RibbonSession,
    RibbonSpan,
    Rows,
    Size,
    Span,
    State,
    Treatment,
    Words,
    gaps,
    monday,
    shared_range,
    window_after,
    windows,
)
from bookings.ribbon.vertical import draw_upright

__all__ = [
    "AllowedGap",
    "Drawing",
    "Gap",
    "NotBefore",
    "Ribbon",
    "RibbonNote",
    "RibbonSession",
    "RibbonSpan",
    "Rows",
    "Size",
    "Span",
    "State",
    "Treatment",
    "Words",
    "draw",
    "gaps",
    "ruler",
    "scale_for",
    "shapes",
    "shared_range",
    "window_after",
    "windows",
]


def draw(
    ribbon: Ribbon,
    size: Size = Size.REGULAR,
    scale: float | None = None,
    first: date | None = None,
    last: date | None = None,
    *,
    words: Words,
    rows: Rows | None = None,
) -> Drawing:
    """`ribbon` between `first` and `last`, at `scale` pixels a day.

    Left out, the days are those of `shared_range` and the scale is the size's own.
    """
    if first is None or last is None:
        reach = shared_range([ribbon])
        first, last = first or reach[0], last or reach[1]
    axis = Axis(monday(first), last, scale or size.value.scale)
    if size is Size.VERTICAL:
        return draw_upright(ribbon, axis, words, rows or Rows())
    return draw_level(ribbon, axis, size, words, rows or Rows())


def ruler(
    first: date,
    last: date,
    scale: float,
    *,
    words: Words,
    ribbons: tuple[Ribbon, ...] = (),
    size: Size = Size.REGULAR,
) -> Drawing:
    """The ruler that `ribbons`, drawn at the same scale, share, with their flags."""
    return draw_ruler(ribbons, Axis(monday(first), last, scale), size, words)


def scale_for(first: date, last: date, width: float) -> float:
    """The pixels a day at which the days `first` to `last` fill `width`."""
    return width / ((last - monday(first)).days + 1)
