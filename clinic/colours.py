"""The clinic's own accent, its tints, and whether they can be read (WCAG 2.2)."""

import re
from collections.abc import Iterator

WHITE, BLACK, PAPER = "#FFFFFF", "#000000", "#F7F5F0"
ENOUGH = 4.5  # to one, for text of any size
PRODUCT = "#0C4A41"  # the accent in tokens.css
_COLOUR = re.compile(r"#[0-9A-F]{6}")


def is_colour(text: str) -> bool:
    """Whether `text` is a colour as #RRGGBB."""
    return bool(_COLOUR.fullmatch(text.upper()))


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 (alike) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, part: float) -> str:
    """`colour` with `part` of `other` in it, from 0 to 1."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs)


def stylesheet(accent: str) -> str:
    """The custom properties of tokens.css that follow from `accent`."""
    lines = "\n".join(f"  {name}: {value};" for name, value in _properties(accent))
    return f":root {{\n{lines}\n}}\n"


def _properties(accent: str) -> Iterator[tuple[str, str]]:
    hover = mixed(accent, BLACK, 0.27)
    yield "--cd-accent", accent
    yield "--cd-accent-hover", hover
    yield "--cd-accent-line", mixed(accent, WHITE, 0.25)
    yield "--cd-accent-tint", _tint(accent, 0.89)
    yield "--cd-accent-tint-2", _tint(accent, 0.78)
    yield "--cd-on-accent-2", _on(accent)
    yield "--cd-focus", accent
    for name, colour in (("primary", accent), ("link-color", accent)):
        yield f"--bs-{name}", colour
        yield f"--bs-{name}-rgb", _rgb(colour)
    yield "--bs-link-hover-color", hover
    yield "--bs-link-hover-color-rgb", _rgb(hover)


def _tint(accent: str, part: float) -> str:
    """A tint on which the accent itself can still be read."""
    while contrast(accent, mixed(accent, WHITE, part)) < ENOUGH and part < 1:
        part = min(part + 0.02, 1)
    return mixed(accent, WHITE, part)


def _on(accent: str) -> str:
    """Quiet words on the accent; white where quieter could not be read."""
    quiet = mixed(accent, WHITE, 0.83)
    return quiet if contrast(accent, quiet) >= ENOUGH else WHITE


def _rgb(colour: str) -> str:
    return ", ".join(str(part) for part in _parts(colour))


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    """The relative luminance, from 0 to 1 (source: WCAG 2.2)."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
