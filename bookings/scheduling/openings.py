"""The arrivals that the diary and the series' rules leave open, day by day."""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import or_

from bookings.scheduling.clock import weekday
from bookings.scheduling.crew import Crew
from bookings.scheduling.masks import between, bits, ones
from bookings.scheduling.problem import DAY_MINUTES, Problem, Series
from bookings.scheduling.timeline import Timeline


class Diary:
    """When a session could start, whatever the series asks of days and times."""

    def __init__(
        self,
        timeline: Timeline,
        anyone: int,
        by_operator: Mapping[str, int] | None = None,
    ) -> None:
        """Keep the starts with `anyone`, and with each operator where it matters."""
        self.timeline = timeline
        self._cells: dict[str | None, int] = {None: anyone}
        self._cells.update(by_operator or {})
        self._local: dict[str | None, int] = {}
        self.operators = tuple(by_operator or ())

    @classmethod
    def of(
        cls, timeline: Timeline, crew: Crew, roles: Sequence[str], *, leads: bool
    ) -> "Diary":
        """The starts at which `crew` can fill `roles`; by operator, if one leads."""
        if not leads:
            return cls(timeline, crew.together(roles))
        by_operator = crew.by_operator(roles)
        return cls(timeline, reduce(or_, by_operator.values(), 0), by_operator)

    def starts(self, operator: str | None = None) -> int:
        """The starts with `operator`, or with anyone, by local time."""
        if operator not in self._local:
            cells = self._cells.get(operator, 0)
            self._local[operator] = self.timeline.local(cells)
        return self._local[operator]


class Openings:
    """A diary seen through a series' weekdays, times, blackouts and range of dates."""

    def __init__(self, problem: Problem, diary: Diary) -> None:
        timeline = diary.timeline
        self._diary = diary
        self._asked = asked(problem, timeline)
        self._packed: dict[str | None, bytes] = {}
        self._dates: dict[str | None, int] = {}
        self.unit = timeline.unit
        self.origin = timeline.first
        self.size = len(timeline.days)
        self.operators = diary.operators
        self._step = timeline.width // 8

    def arrivals(self, index: int, operator: str | None = None) -> int:
        """Arrivals of day `index` with `operator` or anyone: bit n is minute n × unit."""
        at = index * self._step
        return int.from_bytes(self.packed(operator)[at : at + self._step], "little")

    def dates(self, operator: str | None = None) -> int:
        """The days with an arrival, as a mask over day numbers."""
        if operator not in self._dates:
            self._dates[operator] = days_of(self.packed(operator), self._step)
        return self._dates[operator]

    def packed(self, operator: str | None = None) -> bytes:
        """Every day's arrivals, one after the other, in equally many bytes."""
        if operator not in self._packed:
            starts = self._diary.starts(operator) & self._asked
            self._packed[operator] = starts.to_bytes(self.size * self._step, "little")
        return self._packed[operator]

    @property
    def leaders(self) -> tuple[str | None, ...]:
        """The operators to choose from; None stands for nobody, where no role asks."""
        return self.operators or (None,)

    def minutes(
        self, index: int, operator: str | None = None, most: int | None = None
    ) -> list[int]:
        """The first `most` arrivals of an allowed day as minutes of the day."""
        arrivals = islice(bits(self.arrivals(index, operator)), most)
        return [self.unit * at for at in arrivals]

    def allows(self, index: int, minute: int, operator: str | None = None) -> bool:
        """Whether an allowed day has that arrival."""
        return bool(self.arrivals(index, operator) >> minute // self.unit & 1)


def days_of(packed: bytes, step: int) -> int:
    """The days of which one of the `step` bytes is not zero, as a mask."""
    nothing, found = bytes(step), 0
    for index in range(len(packed) // step):
        if packed[index * step : index * step + step] != nothing:
            found |= 1 << index
    return found


def asked(problem: Problem, timeline: Timeline) -> int:
    """The arrivals that the series' weekdays, blackouts and times leave, local."""
    step = timeline.width // 8
    times = _arrival_times(problem, timeline.unit)
    fits = ones(max(0, (DAY_MINUTES - problem.length) // timeline.unit + 1))
    plain, odd = ((word).to_bytes(step, "little") for word in (times & fits, times))
    allowed = allowed_days(problem.series, timeline.first, len(timeline.days))
    nothing = bytes(step)
    words = [
        (plain if day.arrivals is None else odd) if allowed >> index & 1 else nothing
        for index, day in enumerate(timeline.days)
    ]
    return int.from_bytes(b"".join(words), "little")


def allowed_days(series: Series, first: int, size: int) -> int:
    """The days on a weekday asked for and outside every blackout, as a mask.

    Day 0 is the date with ordinal `first`; there are `size` days.
    """
    allowed = 0
    for index in range(min(7, size)):
        if weekday(first + index) in series.weekdays:
            allowed |= sum(1 << day for day in range(index, size, 7))
    for start, end in series.blackouts:
        until = min(end.toordinal() - first, size - 1)
        allowed &= ~between(start.toordinal() - first, until)
    return allowed


def _arrival_times(problem: Problem, unit: int) -> int:
    """The times of day asked for, on the grid: bit n is minute n × unit."""
    first, last = problem.series.arrive_between
    grid = problem.grid_minutes
    times = 0
    for minute in range(-(-first // grid) * grid, last + 1, grid):
        times |= 1 << minute // unit
    return times
