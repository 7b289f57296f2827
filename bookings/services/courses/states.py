"""How a course stands on one local day: decided from dates alone, nothing is read.

A window counts local days from the day the session before really took place, or, until
then, from the day it is planned for (source: S1, S2): 42 to 56 of them unless the plan
or its protocol says otherwise. Both ends of it are inside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from bookings.ribbon import window_after
from bookings.ribbon.values import Span

SOON = timedelta(days=14)


class CourseState(TextChoices):
    """From the most urgent to the least."""

    OVERDUE = "overdue", _("Overdue")
    CLOSING = "closing", _("Window closing")
    UNBOOKED = "unbooked", _("Series unbooked")
    PARTLY = "partly", _("Partly booked")
    ON_TRACK = "on-track", _("On track")


ORDER = list(CourseState)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session that has a time: its number, and the local day that counts for it."""

    number: int
    day: date
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a course stands, and the session `number` that this is about.

    `missing` are the sessions without a time. `window` is that of the first of them,
    where the session before has a day; `day` is the day of a session that stands.
    """

    state: CourseState
    number: int
    missing: tuple[int, ...] = ()
    window: Span | None = None
    day: date | None = None

    @property
    def is_unrecorded(self) -> bool:
        """Whether a session's day has passed and nobody said what became of it."""
        return self.state is CourseState.OVERDUE and self.day is not None

    @property
    def urgency(self) -> tuple[int, date]:
        """What comes first on the board is the smallest."""
        pressing = self.day or (self.window.last if self.window else date.max)
        return ORDER.index(self.state), pressing


def judge(
    session_count: int,
    gap_days: tuple[int, int],
    sittings: Iterable[Sitting],
    *,
    today: date,
) -> Standing | None:
    """How a course of so many sessions stands on `today`; None once it is all done.

    `gap_days` are the fewest and the most local days between two sessions.
    """
    known = {one.number: one for one in sittings if one.number <= session_count}
    missing = tuple(n for n in range(1, session_count + 1) if n not in known)
    if not known:
        return Standing(CourseState.UNBOOKED, 1, missing)
    if late := _forgotten(known, today):
        return Standing(CourseState.OVERDUE, late.number, missing, day=late.day)
    if missing:
        return _without_a_time(known, missing, gap_days, today)
    coming = [one for one in known.values() if not one.is_done and one.day >= today]
    if not coming:
        return None
    following = min(coming, key=lambda one: (one.day, one.number))
    return Standing(CourseState.ON_TRACK, following.number, day=following.day)


def _forgotten(known: dict[int, Sitting], today: date) -> Sitting | None:
    """The session whose day has passed, where nothing is booked from today on."""
    open_ones = [one for one in known.values() if not one.is_done]
    if any(one.day >= today for one in open_ones):
        return None
    return min(open_ones, key=lambda one: one.day, default=None)


def _without_a_time(
    known: dict[int, Sitting],
    missing: tuple[int, ...],
    gap_days: tuple[int, int],
    today: date,
) -> Standing:
    before = known.get(missing[0] - 1)
    window = window_after(before.day, gap_days) if before else None
    return Standing(_by_window(window, today), missing[0], missing, window)


def _by_window(window: Span | None, today: date) -> CourseState:
    if window is None:
        return CourseState.PARTLY
    if window.last < today:
        return CourseState.OVERDUE
    return CourseState.CLOSING if window.last - today <= SOON else CourseState.PARTLY
