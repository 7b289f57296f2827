"""Where a day lies: a straight axis of days, and the track laid along it."""

from dataclasses import dataclass
from datetime import date, timedelta

from bookings.ribbon.parts import Box
from bookings.ribbon.values import WEEK, Measures, monday


@dataclass(frozen=True, slots=True)
class Axis:
    """Days from `first`, a Monday, to `last`, both inside, at `scale` pixels a day."""

    first: date
    last: date
    scale: float

    @property
    def length(self) -> float:
        """The pixels all the days take."""
        return self.at(self.last + timedelta(days=1))

    def at(self, day: date) -> float:
        """Where `day` begins."""
        return round((day - self.first).days * self.scale, 2)

    def middle(self, day: date) -> float:
        """The middle of `day`, where its marker sits."""
        return round(((day - self.first).days + 0.5) * self.scale, 2)

    def holds(self, day: date) -> bool:
        """Whether `day` is one of the days drawn."""
        return self.first <= day <= self.last

    def clip(self, first: date, last: date) -> tuple[float, float] | None:
        """Start and end of the days `first` to `last` that are drawn, if any are."""
        first, last = max(first, self.first), min(last, self.last)
        if first > last:
            return None
        return self.at(first), self.at(last + timedelta(days=1))

    def mondays(self) -> tuple[date, ...]:
        """Every Monday drawn."""
        start = monday(self.first)
        weeks = (self.last - start).days // 7
        return tuple(start + week * WEEK for week in range(weeks + 1))

    def days(self) -> tuple[date, ...]:
        """Every day drawn that is not a Monday."""
        count = (self.last - self.first).days + 1
        every = (self.first + timedelta(days=n) for n in range(count))
        return tuple(day for day in every if day.weekday())


@dataclass(frozen=True, slots=True)
class Frame:
    """A track along an axis: level with care below, or upright with care at the left.

    `start` is where the track begins across the axis.
    """

    axis: Axis
    measures: Measures
    start: float
    upright: bool = False

    @property
    def end(self) -> float:
        """Where the track ends across the axis."""
        return self.start + self.measures.track

    @property
    def care(self) -> float:
        """Where the care band begins across the axis."""
        return self.start if self.upright else self.end - self.measures.care

    @property
    def lane(self) -> float:
        """Where the markers' centres lie across the axis."""
        if self.upright:
            return (self.start + self.measures.care + self.end) / 2
        return (self.start + self.care) / 2

    @property
    def track(self) -> Box:
        """The whole track."""
        return self._box(0, self.axis.length, self.start, self.measures.track)

    def across(self, first: date, last: date) -> Box | None:
        """The full width of the track over some days, if any are drawn."""
        return self._over(first, last, self.start, self.measures.track)

    def band(self, first: date, last: date, more: float = 0) -> Box | None:
        """The care band over some days, `more` pixels further towards the lane."""
        at = self.care if self.upright else self.care - more
        return self._over(first, last, at, self.measures.care + more)

    def point(self, along: float) -> tuple[float, float]:
        """The x and y of a place on the lane."""
        return (self.lane, along) if self.upright else (along, self.lane)

    def rung(self, along: float, start: float, end: float) -> str:
        """A line across the axis."""
        if self.upright:
            return f"M{start:g} {along:g}H{end:g}"
        return f"M{along:g} {start:g}V{end:g}"

    def rail(self, start: float, end: float, at: float) -> str:
        """A line along the axis."""
        if self.upright:
            return f"M{at:g} {start:g}V{end:g}"
        return f"M{start:g} {at:g}H{end:g}"

    def _over(self, first: date, last: date, at: float, width: float) -> Box | None:
        ends = self.axis.clip(first, last)
        return self._box(*ends, at, width) if ends else None

    def _box(self, start: float, end: float, at: float, width: float) -> Box:
        length = round(end - start, 2)
        if self.upright:
            return Box(at, start, width, length)
        return Box(start, at, length, width)


def crisp(position: float) -> float:
    """`position` moved onto the middle of a pixel, for a line one pixel wide."""
    return int(position) + 0.5
