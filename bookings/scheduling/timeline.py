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

    def cell(self, instant: int) -> int:
        """The cell that begins at `instant`; every arrival begins one."""
        return (instant - self.start) // self.unit

    def mask(self, spans: Iterable[Span]) -> int:
        """The cells that lie wholly inside one of `spans`, which must lie apart."""
        start, unit = self.start, self.unit
        opens = bytearray(self.cells // 8 + 1)
        closes = bytearray(self.cells // 8 + 1)
        for span_start, span_end in spans:
            first = -((start - span_start) // unit)
            after = (span_end - start) // unit
            if first < after:
                opens[first >> 3] |= 1 << (first & 7)
                closes[after >> 3] |= 1 << (after & 7)
        # 2^after - 2^first is exactly the bits first … after-1, summed over all spans
        return int.from_bytes(closes, "little") - int.from_bytes(opens, "little")

    def local(self, mask: int) -> int:
        """The starts in `mask` by local time: day n has the `width` bits from there.

        In a day, bit m is minute m × unit. What is no arrival is left out on a day
        the clock changes.
        """
        found = 0
        for index, count, cell in self._even:
            found |= (mask >> cell & ones(count * self.width)) << index * self.width
        for index, day in enumerate(self.days):
            if day.arrivals:
                found |= self._word(mask, day.arrivals) << index * self.width
        return found

    def _word(self, mask: int, arrivals: Iterable[Span]) -> int:
        """The starts in `mask` among a day's `arrivals`."""
        cells = [(self.cell(instant), minute) for instant, minute in arrivals]
        first, last = cells[0][0], cells[-1][0]
        near = mask >> first & ones(last - first + 1)
        word = 0
        for cell, minute in cells:
            word |= (near >> cell - first & 1) << minute // self.unit
        return word

    def _even_days(self) -> Iterator[tuple[int, int, int]]:
        """Yield runs of ordinary days: the first one's number, how many, its cell."""
        numbered = enumerate(self.days)
        for plain, run in groupby(numbered, lambda pair: pair[1].arrivals is None):
            if plain:
                (index, day), *others = run
                yield index, 1 + len(others), self.cell(day.start)


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
