"""A run of local days cut into equal cells, so that free time is one long integer.

A cell is the longest stretch of which every arrival and every phase is a whole
multiple. A phase therefore needs whole cells, and free time that ends inside a cell
loses that cell and nothing else: off-grid ends are exact, without a bit per minute.
Cells follow real elapsed time, so no clock change can bend them.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from math import gcd

from bookings.scheduling.clock import Day, days, instant_at
from bookings.scheduling.masks import ones
from bookings.scheduling.problem import DAY_MINUTES, Problem, Span
from bookings.scheduling.spans import union

_BYTES = DAY_MINUTES // 8
"""Of a length that divides this, the cells of a day are whole bytes of bits."""


class Timeline:
    """The local dates from ordinal `first` to `last`; day n is date `first` + n."""

    def __init__(self, problem: Problem, first: int, last: int) -> None:
        zone, grid = problem.zone, problem.grid_minutes
        self.first = first
        self.days = days(zone, first, last, grid, problem.length)
        self.start = self.end = 0
        if self.days:
            midnights = (instant_at(zone, last + 1, fold=fold) for fold in (0, 1))
            self.start, self.end = self.days[0].start, max(midnights)
        self.unit = _unit(problem, self.days)
        self.cells = -(-(self.end - self.start) // self.unit)
        self.width = DAY_MINUTES // self.unit
        self._even = list(self._even_days())
        self._odd = list(self._odd_days())

    def cell(self, instant: int) -> int:
        """The cell that begins at `instant`; every arrival begins one."""
        return (instant - self.start) // self.unit

    def outside(self, spans: Iterable[Span]) -> int:
        """The cells that lie wholly outside of `spans`.

        They may be in any order, overlap, touch and be empty. This loop is most of
        what it costs to lay out a diary, hence its bareness.
        """
        gaps = _Cells(self.start, self.unit, self.cells)
        covered, end = self.start, self.end
        for opens, closes in sorted(spans):
            if opens > covered:
                if opens == closes:
                    continue
                if opens >= end:
                    break
                gaps.add(covered, opens)
            elif closes <= covered:
                continue
            covered = closes
        if covered < end:
            gaps.add(covered, end)
        return gaps.mask()

    def within(self, spans: Iterable[Span]) -> int:
        """The cells that lie wholly inside what `spans` cover, as for `outside`."""
        found = _Cells(self.start, self.unit, self.cells)
        for opens, closes in union(spans, self.start, self.end):
            found.add(opens, closes)
        return found.mask()

    def pack(self, mask: int) -> bytes:
        """The cells of `mask` as bytes, from which single ones are quick to read."""
        size = self.cells // 8 + 1
        return (mask & ones(8 * size)).to_bytes(size, "little")

    def local(self, mask: int) -> int:
        """The starts in `mask` by local time: day n has the `width` bits from there.

        In a day, bit m is minute m × unit. What is no arrival is left out on a day
        the clock changes.
        """
        found = 0
        for index, count, cell in self._even:
            found |= (mask >> cell & ones(count * self.width)) << index * self.width
        for index, cell, width, moves in self._odd:
            near, word = mask >> cell & ones(width), 0
            for since, bit in moves:
                word |= (near >> since & 1) << bit
            found |= word << index * self.width
        return found

    def _odd_days(self) -> Iterator[tuple[int, int, int, list[tuple[int, int]]]]:
        """Yield the other days: number, first cell, how many, and for each arrival
        the cells since the first, and its place in the local day.
        """
        for index, day in enumerate(self.days):
            if day.arrivals:
                cells = [self.cell(instant) for instant, _minute in day.arrivals]
                moves = [
                    (cell - cells[0], minute // self.unit)
                    for cell, (_instant, minute) in zip(
                        cells, day.arrivals, strict=True
                    )
                ]
                yield index, cells[0], cells[-1] - cells[0] + 1, moves

    def _even_days(self) -> Iterator[tuple[int, int, int]]:
        """Yield runs of ordinary days: the first one's number, how many, its cell."""
        numbered = enumerate(self.days)
        for plain, run in groupby(numbered, lambda pair: pair[1].arrivals is None):
            if plain:
                (index, day), *others = run
                yield index, 1 + len(others), self.cell(day.start)


class _Cells:
    """A set of cells, put together from spans that lie apart."""

    def __init__(self, start: int, unit: int, cells: int) -> None:
        self._start = start
        self._unit = unit
        self._opens = bytearray(cells // 8 + 1)
        self._closes = bytearray(cells // 8 + 1)

    def add(self, opens: int, closes: int) -> None:
        """Add the cells that lie wholly inside [opens, closes)."""
        first = -((self._start - opens) // self._unit)
        after = (closes - self._start) // self._unit
        if first < after:
            self._opens[first >> 3] |= 1 << (first & 7)
            self._closes[after >> 3] |= 1 << (after & 7)

    def mask(self) -> int:
        """The cells as bits."""
        # 2^after - 2^first is exactly the bits first … after-1, summed over all spans
        opens = int.from_bytes(self._opens, "little")
        return int.from_bytes(self._closes, "little") - opens


def _unit(problem: Problem, days: Iterable[Day]) -> int:
    """The cell's length: it measures the grid, the phases and the days' own starts."""
    unit = gcd(problem.grid_minutes, *(phase.minutes for phase in problem.phases))
    start = None
    for day in days:
        start = day.start if start is None else start
        unit = gcd(unit, day.start - start)
        for instant, _minute in day.arrivals or ():
            unit = gcd(unit, instant - start)
    return gcd(unit, _BYTES)
