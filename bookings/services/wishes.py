"""What a patient would like of a series."""

from dataclasses import dataclass
from datetime import date, time

Avoided = tuple[date, date, str]
"""First and last local day to keep free, both included, and what for."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Local dates and times at the plan's location; all ranges include both ends.

    `policy` is "anyone", "one-if-soon" (one practitioner where that costs under a
    week) or "one".
    """

    earliest: date
    weekdays: frozenset[int]
    arrive_between: tuple[time, time]
    policy: str = "anyone"
    avoid: tuple[Avoided, ...] = ()
