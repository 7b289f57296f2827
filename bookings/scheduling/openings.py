"""The arrivals that the diary and the series' rules leave open, day by day."""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import or_

from bookings.scheduling.crew import Crew
from bookings.scheduling.masks import bits, ones
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
        self._anyone = timeline.pack(anyone)
        self._by_operator = {
            name: timeline.pack(cells) for name, cells in (by_operator or {}).items()
        }

    @classmethod
    def of(
        cls, timeline: Timeline, crew: Crew, roles: Sequence[str], *, leads: bool
    ) -> "Diary":
        """The starts at which `crew` can fill `roles`; by operator, if one leads."""
        if not leads:
            return cls(timeline, crew.together(roles))
        by_operator = crew.by_operator(roles)
        return cls(timeline, reduce(or_, by_operator.values(), 0), by_operator)

    @property
    def operators(self) -> tuple[str, ...]:
        """Every operator who could lead a session, in the problem's order."""
        return tuple(self._by_operator)

    def starts(self, index: int, operator: str | None = None) -> int:
        """Day `index`'s starts with `operator`, or with anyone."""
        packed = self._by_operator.get(operator) if operator else self._anyone
        return self.timeline.starts(packed, index) if packed else 0


class Openings:
    """A diary seen through a series' weekdays, times, blackouts and range of dates."""

    def __init__(self, problem: Problem, diary: Diary) -> None:
        timeline = diary.timeline
        self._diary = diary
        self._dates: dict[str | None, int] = {}
        self.unit = timeline.unit
        self.origin = timeline.first
        self.size = len(timeline.days)
        self.operators = diary.operators
        self._allowed = _allowed_days(problem.series, timeline)
        self._times = _arrival_times(problem, timeline.unit)
        self._fits = ones(max(0, (DAY_MINUTES - problem.length) // timeline.unit + 1))

    def arrivals(self, index: int, operator: str | None = None) -> int:
        """Arrivals of day `index` with `operator` or anyone: bit n is minute n × unit.

        Only where the day itself is allowed: ask of the days in `dates`.
        """
        times = self._times
        if self._diary.timeline.days[index].arrivals is None:
            times &= self._fits
        return times and times & self._diary.starts(index, operator)

    def dates(self, operator: str | None = None) -> int:
        """The days with an arrival, as a mask over day numbers."""
        if operator not in self._dates:
            among = self._allowed if operator is None else self.dates()
            found = 0
            for index in bits(among):
                if self.arrivals(index, operator):
                    found |= 1 << index
            self._dates[operator] = found
        return self._dates[operator]

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


def _allowed_days(series: Series, timeline: Timeline) -> int:
    blackouts = [
        (first.toordinal(), last.toordinal()) for first, last in series.blackouts
    ]
    allowed = 0
    for index, day in enumerate(timeline.days):
        if day.weekday in series.weekdays and not any(
            first <= day.ordinal <= last for first, last in blackouts
        ):
            allowed |= 1 << index
    return allowed


def _arrival_times(problem: Problem, unit: int) -> int:
    first, last = problem.series.arrive_between
    grid = problem.grid_minutes
    times = 0
    for minute in range(-(-first // grid) * grid, last + 1, grid):
        times |= 1 << minute // unit
    return times
