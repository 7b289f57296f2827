"""What each session could do, and what that costs: the tuple of least change.

The costs are integers in which every component outweighs all that the ones after it
can add up to, so that comparing costs is comparing tuples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import NamedTuple

from bookings.scheduling.openings import Openings
from bookings.scheduling.problem import DAY_MINUTES
from bookings.scheduling.replan_staff import Staff
from bookings.scheduling.steps import Step

Visit = tuple[int, int]
"""A day number and an arrival in minutes of the day."""

Priced = tuple[int, int]
"""What an arrival costs, and the arrival."""

ANY_DISTANCE = 1 << 256
"""More than any list of visits can cost."""


class Wide(NamedTuple):
    """On this day number the gap to the session before may be from `least` to `most`."""

    day: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What one session may do: stay on the day in `stays`, or move to one of `moves`.

    Both are masks over day numbers. `present` is its visit now and `start` its
    instant; None for a session that does not stand yet.
    """

    step: Step
    present: Visit | None
    start: int
    roles: Mapping[str, str]
    stays: int
    moves: int
    wide: Wide | None = None


class Prices:
    """What visits cost, for sessions planned side by side."""

    def __init__(
        self, choices: Sequence[Choice], openings: Openings, staff: Staff
    ) -> None:
        planned = len(choices)
        self._openings = openings
        self._staff = staff
        self._date = planned * DAY_MINUTES + 1
        self._exchange = self._date * (planned * openings.size + 1)
        roles = sum(len(choice.roles) for choice in choices)
        self._minute = self._exchange * (roles + 1)
        self._day = self._minute * (planned * DAY_MINUTES + 1)

    def distance(self, choice: Choice, visit: Visit) -> int:
        """The cost of the days and minutes between a visit and the present one."""
        if choice.present is None:
            return 0
        (day, minute), (old_day, old_minute) = visit, choice.present
        return self._day * abs(day - old_day) + self._minute * abs(minute - old_minute)

    def nearest(self, choice: Choice, day: int, most: int) -> list[Priced]:
        """The `most` arrivals of a day at the least distance, if a session moves."""
        return nsmallest(most, self._arrivals(choice, day))

    def within(self, choice: Choice, day: int, most: int, limit: int) -> list[Priced]:
        """The `most` cheapest arrivals of a day no farther away than `limit`."""
        priced = (
            (self.whole(choice, (day, minute)), minute)
            for distance, minute in self._arrivals(choice, day)
            if distance <= limit
        )
        return nsmallest(most, priced)

    def whole(self, choice: Choice, visit: Visit) -> int:
        """The cost of a visit that can take place: distance, exchanges, date, time."""
        stays = visit == choice.present
        start = choice.start if stays else self._staff.instant(*visit)
        staffed = self._staff.at(start, choice.roles)
        if staffed is None:
            raise ValueError("A visit that nobody can staff has no price.")
        day, minute = visit
        return (
            self.distance(choice, visit)
            + self._exchange * staffed.exchanged
            + self._date * day
            + minute
        )

    def _arrivals(self, choice: Choice, day: int) -> list[Priced]:
        return [
            (self.distance(choice, (day, minute)), minute)
            for minute in self._openings.minutes(day)
            if (day, minute) != choice.present
        ]
