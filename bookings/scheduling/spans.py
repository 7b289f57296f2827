"""Spans of time as a sweep sees them: sorted once, read once."""

from collections.abc import Iterable, Iterator

from bookings.scheduling.problem import Span


def gaps(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """Yield, in order, what `spans` leave uncovered of [start, end).

    The spans may overlap, touch, be empty or lie outside; the gaps do none of that.
    """
    covered = start
    for opens, closes in sorted(spans):
        if closes <= covered or opens == closes:
            continue
        if opens >= end:
            break
        if opens > covered:
            yield covered, opens
        covered = closes
    if covered < end:
        yield covered, end


def union(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """Yield, in order and apart, what `spans` cover of [start, end)."""
    return gaps(gaps(spans, start, end), start, end)
