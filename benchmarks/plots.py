"""Curves as SVG: both axes logarithmic, so that growth is a slope and flat is flat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 192, 56, 52
INK, FAINT, PAPER = "#1f2d2b", "#d9e0dd", "#ffffff"
COLOURS = ("#0b6e5f", "#b4552d", "#5b4a8a", "#7a7f1c")
FONT = "font-family='Inter, system-ui, sans-serif'"
SUFFIXES = ((1_000_000, "M"), (1_000, "k"))

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value lies on an axis that runs from `start` to `end` in pixels."""

    least: float
    most: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (log10(value) - log10(self.least)) / (
            log10(self.most) - log10(self.least)
        )
        return self.start + share * (self.end - self.start)


def chart(
    title: str, x_name: str, y_name: str, lines: Mapping[str, Sequence[Point]]
) -> str:
    """An SVG picture of `lines`, each named at its right end; all values above zero."""
    points = [point for line in lines.values() for point in line]
    xs, ys = sorted({x for x, _y in points}), [y for _x, y in points]
    across = Scale(xs[0], xs[-1], LEFT, WIDTH - RIGHT)
    up = Scale(*_decades(ys), HEIGHT - BOTTOM, TOP)
    parts = [
        _text(LEFT, 26, title, size=16, weight=600),
        _text(LEFT, 44, y_name, size=12),
        _text(
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_name, size=12, anchor="middle"
        ),
        *_grid(across, up, xs),
        *_curves(across, up, lines),
    ]
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'"
        f" width='{WIDTH}' height='{HEIGHT}' role='img' {FONT}>"
        f"<title>{escape(title)}</title>"
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='{PAPER}'/>"
        + "".join(parts)
        + "</svg>\n"
    )


def _decades(values: Iterable[float]) -> tuple[float, float]:
    """Powers of ten around the values, at least one apart."""
    known = list(values)
    low, high = floor(log10(min(known))), ceil(log10(max(known)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _grid(across: Scale, up: Scale, xs: Sequence[float]) -> Iterable[str]:
    power = round(log10(up.least))
    while 10**power <= up.most * 1.001:
        for step in (1, 2, 5):
            if (value := step * 10.0**power) <= up.most * 1.001:
                y = up.at(value)
                yield _line((LEFT, y), (WIDTH - RIGHT, y), FAINT)
                yield _text(LEFT - 8, y + 4, _number(value), anchor="end")
        power += 1
    for x in xs:
        at = across.at(x)
        yield _line((at, TOP), (at, HEIGHT - BOTTOM), FAINT)
        yield _text(at, HEIGHT - BOTTOM + 18, _number(x), anchor="middle")


def _curves(
    across: Scale, up: Scale, lines: Mapping[str, Sequence[Point]]
) -> Iterable[str]:
    ends = [up.at(line[-1][1]) for line in lines.values()]
    labels = _apart(ends)
    for (name, line), label, colour in zip(
        lines.items(), labels, COLOURS, strict=False
    ):
        dots = [(across.at(x), up.at(y)) for x, y in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        yield f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>"
        for x, y in dots:
            yield f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{colour}'/>"
        yield _text(WIDTH - RIGHT + 12, label + 4, name, colour=colour, weight=600)


def _apart(heights: Sequence[float], least: float = 17) -> list[float]:
    """The heights, moved down where two would be closer than `least` pixels."""
    placed: dict[int, float] = {}
    below = float("-inf")
    for at in sorted(range(len(heights)), key=lambda each: heights[each]):
        below = placed[at] = max(heights[at], below + least)
    return [placed[at] for at in range(len(heights))]


def _number(value: float) -> str:
    for size, suffix in SUFFIXES:
        if value >= size:
            return f"{value / size:g}{suffix}"
    return f"{value:g}"


def _line(start: Point, end: Point, colour: str) -> str:
    return (
        f"<line x1='{start[0]:.1f}' y1='{start[1]:.1f}' x2='{end[0]:.1f}'"
        f" y2='{end[1]:.1f}' stroke='{colour}'/>"
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 11,
    anchor: str = "start",
    colour: str = INK,
    weight: int = 400,
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}'"
        f" fill='{colour}' font-weight='{weight}'>{escape(words)}</text>"
    )
