"""The outlines of the marks: circle, drop and diamond, and the tick inside them."""

from bookings.ribbon.values import Treatment

DIAMOND_TIP = 1.23
"""How far the rounded corner of a diamond reaches, in radii."""


def outline(treatment: Treatment, radius: float) -> str:
    """The SVG path of the mark around 0, 0."""
    draw = {Treatment.MN: _circle, Treatment.PRP: _drop, Treatment.RF: _diamond}
    return draw[treatment](radius)


def sink(treatment: Treatment, radius: float) -> float:
    """How far a mark sits below its centre, so that it looks centred."""
    return round(0.09 * radius, 2) if treatment is Treatment.PRP else 0.0


def reach(treatment: Treatment, radius: float) -> float:
    """How far from the centre a connecting line may begin."""
    return radius * DIAMOND_TIP + 3 if treatment is Treatment.RF else radius + 4


def tick(radius: float) -> str:
    """The tick of a finished session, around 0, 0."""
    left, low, down, right, up = _points(radius, 0.42, 0.04, 0.3, 0.56, 0.62)
    return f"M-{left} {low}l{down} {down} {right} -{up}"


def slash(radius: float) -> str:
    """The line through a session that was called off, around 0, 0."""
    (end,) = _points(radius, 0.7)
    return f"M-{end} {end}L{end} -{end}"


def cross(radius: float) -> str:
    """The cross of a session nobody came to, around 0, 0."""
    (end,) = _points(radius, 0.38)
    return f"M-{end} -{end}L{end} {end}M{end} -{end}L-{end} {end}"


def _circle(radius: float) -> str:
    (r,) = _points(radius, 1)
    return f"M-{r} 0a{r} {r} 0 1 1 {2 * r:g} 0a{r} {r} 0 1 1 -{2 * r:g} 0z"


def _drop(radius: float) -> str:
    r, low, tip, mid, near, far = _points(radius, 1, 0.1, 1.42, 0.98, 0.36, 0.52)
    return (
        f"M0 -{tip}C{near} -{mid} {r} -{far} {r} {low}"
        f"A{r} {r} 0 1 1 -{r} {low}C-{r} -{far} -{near} -{mid} 0 -{tip}z"
    )


def _diamond(radius: float) -> str:
    side, near, tip = _points(radius, 1.07, 0.27, 1.37)
    return (
        f"M-{near} -{side}Q0 -{tip} {near} -{side}L{side} -{near}"
        f"Q{tip} 0 {side} {near}L{near} {side}Q0 {tip} -{near} {side}"
        f"L-{side} {near}Q-{tip} 0 -{side} -{near}z"
    )


def _points(radius: float, *parts: float) -> tuple[float, ...]:
    return tuple(round(radius * part, 2) for part in parts)
