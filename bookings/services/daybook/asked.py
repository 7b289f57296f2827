"""What one looks at: which days of which location, by whom, of which treatment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.models import Location

WEEK = 7
KEPT = "diary"  # where a session keeps how its person looks at the diary
INITIALS = "initials"  # what it says of names where others can see the screen


class By(StrEnum):
    """What the columns of a day stand for."""

    PRACTITIONERS = "practitioners"
    ROOMS = "rooms"


class Extent(StrEnum):
    """How many days are shown at once."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Asked:
    """A view of the diary; `day` is a local date at `location`.

    `who` is a practitioner's key and `treatment` a treatment's code; without them
    everybody and everything is shown. `may_move` says whether whoever looks may move
    what stands; `initials` that patients' names are not to be read on the screen.
    """

    location: Location
    day: date
    by: By = By.PRACTITIONERS
    extent: Extent = Extent.DAY
    who: int | None = None
    treatment: str = ""
    initials: bool = False
    may_move: bool = True

    @property
    def is_week(self) -> bool:
        return self.extent == Extent.WEEK

    @property
    def is_by_rooms(self) -> bool:
        """Whether rooms and devices are the columns: a day of them, never a week."""
        return self.by == By.ROOMS and not self.is_week

    @property
    def first(self) -> date:
        """The day itself, or the Monday of its week."""
        if not self.is_week:
            return self.day
        return self.day - timedelta(days=self.day.weekday())

    @property
    def last(self) -> date:
        """The day itself, or the Sunday of its week."""
        return self.first + timedelta(days=WEEK - 1) if self.is_week else self.day

    @property
    def days(self) -> Iterator[date]:
        """Every day shown, in order."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)
