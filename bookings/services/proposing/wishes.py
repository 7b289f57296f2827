"""What a patient would like of a series, and how an address carries it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # that a diary can have
FIRST_ARRIVAL, LAST_ARRIVAL = time(7), time(20)  # what a page lets one choose
SETTLED_DAYS = 7  # skin may be red for a week (source: S2)

Avoided = tuple[date, date, str]
"""First and last local day to keep free, both included, and what for."""


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """Session `number` is to start at `at`: a local time without a zone."""

    number: int
    at: datetime

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The pin that an address carries as 2:2027-03-24T16:15; None if it is none."""
        number, _colon, at = text.partition(":")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        if not (number.isascii() and number.isdigit()) or len(number) > 2:
            return None
        if moment.tzinfo or not FIRST_DAY <= moment.date() <= LAST_DAY:
            return None
        return cls(int(number), moment)

    def __str__(self) -> str:
        """The pin as an address carries it."""
        return f"{self.number}:{self.at:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Local dates and times at the plan's location; all ranges include both ends.

    `policy` is "anyone", "one-if-soon" (one practitioner where that costs under a
    week) or "one". `pins` holds at most one start for each session. With `settled` a
    session comes at least SETTLED_DAYS before the first of the dates to avoid.
    """

    earliest: date
    weekdays: frozenset[int]
    arrive_between: tuple[time, time]
    policy: str = "anyone"
    avoid: tuple[Avoided, ...] = ()
    pins: tuple[Pin, ...] = ()
    settled: bool = False

    @property
    def kept_free(self) -> tuple[Avoided, ...]:
        """The dates to avoid, with the days before them on which skin settles."""
        before = timedelta(days=SETTLED_DAYS - 1 if self.settled else 0)
        return tuple((first - before, last, what) for first, last, what in self.avoid)

    def pinned(self, pin: Pin) -> "Wishes":
        """The same with `pin` instead of what was pinned for its session."""
        others = self.unpinned(pin.number).pins
        return replace(self, pins=tuple(sorted((*others, pin))))

    def unpinned(self, number: int) -> "Wishes":
        """The same with session `number` left to the solver."""
        return replace(self, pins=tuple(p for p in self.pins if p.number != number))

    def query(self, way: str = "") -> str:
        """The wishes as the series page's address has them; `way` is lit there."""
        return urlencode([*self.pairs(way)])

    def pairs(self, way: str = "") -> Iterator[tuple[str, Any]]:
        """The same, name by name, for a form that asks again."""
        first, until = self.arrive_between
        yield "earliest", self.earliest.isoformat()
        yield "arrive_from", f"{first:%H:%M}"
        yield "arrive_until", f"{until:%H:%M}"
        yield "policy", self.policy
        for day in sorted(self.weekdays):
            yield "days", day
        for row, (start, end, label) in enumerate(self.avoid, start=1):
            yield f"avoid_{row}_first", start.isoformat()
            yield f"avoid_{row}_last", end.isoformat()
            yield f"avoid_{row}_label", label
        if self.settled:
            yield "settled", "on"
        for pin in self.pins:
            yield "pin", str(pin)
        if way:
            yield "way", way


def read_pins(texts: Iterable[str]) -> tuple[Pin, ...]:
    """The pins of an address by session; the last counts, what is no pin does not."""
    found = {pin.number: pin for text in texts if (pin := Pin.read(text))}
    return tuple(sorted(found.values()))
