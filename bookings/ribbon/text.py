"""How wide a text will be, near enough to lay labels out without a browser."""

from itertools import pairwise

THIN = frozenset("iljtfrI.,:;'’‘|()[]·/ -")
WIDE = frozenset("mwMW%—@")
SLACK = 1.02


def width(text: str, font_size: float) -> float:
    """The pixels `text` takes at `font_size` in the interface face, rather too many."""
    return round(sum(_em(letter) for letter in text) * font_size * SLACK, 2)


def wrap(text: str, font_size: float, room: float) -> tuple[str, ...]:
    """`text` in lines of at most `room` pixels; a longer word keeps its own line."""
    words = text.split()
    breaks = [0]
    for index in range(1, len(words)):
        if width(" ".join(words[breaks[-1] : index + 1]), font_size) > room:
            breaks.append(index)
    return tuple(" ".join(words[a:b]) for a, b in pairwise([*breaks, len(words)]))


def clipped(text: str, font_size: float, room: float) -> str:
    """`text`, or as many of its words as leave room for the sign that more follow."""
    if width(text, font_size) <= room:
        return text
    words = text.split()
    while len(words) > 1 and width(" ".join(words) + "…", font_size) > room:
        words.pop()
    return " ".join(words).rstrip(",;:.") + "…"


def _em(letter: str) -> float:
    if letter in THIN:
        return 0.31
    if letter in WIDE:
        return 0.86
    if letter.isdigit():
        return 0.63
    return 0.67 if letter.isupper() else 0.56
