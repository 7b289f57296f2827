"""What a patient would like of a series."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Wishes:
    """Local dates and times at the plan's location; all ranges include both ends.

    `policy` is "anyone", "one-if-soon" (one practitioner where that costs under a
    week) or "one"; `avoid` holds (first day, last day, label).
    """

    earliest: date
    weekdays: frozenset[int]
    arrive_between: tuple[time, time]
    policy: str = "anyone"
    avoid: tuple[tuple[date, date, str], ...] = ()
