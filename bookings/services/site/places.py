"""Doctors and locations as the public site shows them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bookings.services import told
from bookings.services.site.wording import listed
from clinic.models import (
    Closure,
    Location,
    Practitioner,
    Resource,
    ResourceKind,
    WeeklyHours,
)

AHEAD = timedelta(days=42)
SHORT = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OWN_NAMES = {"en": "English", "fr": "français"}

Stretch = tuple[time, time]


class Opening(NamedTuple):
    """Weekdays that follow each other, with the same hours.

    `days` and `hours` are words for people, `code` is for machines: Mo-Sa 08:30-17:30.
    """

    days: str
    hours: str
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """A location with its opening hours and the days it is closed soon."""

    location: Location
    opening: list[Opening]
    closed: list[str]

    @property
    def directions(self) -> str:
        """How to find it, in the language spoken if it has been written."""
        return _own(self.location.directions, self.location.directions_fr)


@dataclass(frozen=True, slots=True)
class Doctor:
    """A practitioner whom the site shows."""

    practitioner: Practitioner

    @property
    def about(self) -> str:
        """What they do, in the language spoken if it has been written."""
        return _own(self.practitioner.about, self.practitioner.about_fr)

    @property
    def languages(self) -> str:
        """ "English, français": each language by its own name."""
        spoken = [OWN_NAMES[code] for code in self.practitioner.languages]
        return ", ".join(spoken)

    @property
    def initials(self) -> str:
        """The letters on their disc."""
        names = [n for n in self.practitioner.name.split() if not _is_title(n)]
        return "".join(name[0] for name in names[:1] + names[1:][-1:]).upper()

    @property
    def short_name(self) -> str:
        """ "Dr Okafor"; the whole name of whoever has no title."""
        names = self.practitioner.name.split()
        if len(names) > 1 and _is_title(names[0]):
            return f"{names[0]} {names[-1]}"
        return self.practitioner.name


def places(today: date) -> list[Place]:
    """Every location in use, with its hours on the local day `today`."""
    rooms = Resource.objects.filter(kind=ResourceKind.ROOM, is_active=True)
    rooms = rooms.prefetch_related(Prefetch("hours", _hours_on(today)))
    found = Location.objects.filter(is_active=True).prefetch_related(
        Prefetch("resources", rooms, to_attr="rooms")
    )
    shut = list(Closure.objects.touching(today, today + AHEAD).filter(resource=None))
    return [_place(location, shut, today) for location in found]


def doctors() -> list[Doctor]:
    """Those whom managers show on the site, supervising doctors first."""
    rows = Practitioner.objects.filter(is_on_site=True, is_active=True)
    rows = rows.filter(location__is_active=True).select_related("location")
    return [Doctor(row) for row in rows.order_by("-may_supervise", "location", "name")]


def _hours_on(today: date) -> QuerySet[WeeklyHours]:
    rows = WeeklyHours.objects.filter(valid_from__lte=today)
    return rows.exclude(valid_until__lt=today)


def _place(location: Location, shut: Iterable[Closure], today: date) -> Place:
    rooms: list[Resource] = location.rooms  # type: ignore[attr-defined]
    rows = [row for room in rooms for row in room.hours.all()]
    here = [one for one in shut if one.location_id in (None, location.pk)]
    closed = [
        told.days(max(one.first_day, today), one.last_day, today.year) for one in here
    ]
    return Place(location, openings(rows), list(dict.fromkeys(closed)))


def openings(rows: Iterable[WeeklyHours]) -> list[Opening]:
    """When any of the rooms is open, days with the same hours together."""
    week: dict[int, list[Stretch]] = defaultdict(list)
    for row in rows:
        week[row.weekday].append((row.opens, row.closes))
    joined = [(day, _joined(stretches)) for day, stretches in sorted(week.items())]
    runs = groupby(enumerate(joined), key=lambda one: (one[1][0] - one[0], one[1][1]))
    return [
        _opening([day for _at, (day, _s) in run], stretches)
        for (_start, stretches), run in runs
    ]


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for opens, closes in sorted(stretches):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return tuple(found)


def _opening(days: Sequence[int], stretches: Iterable[Stretch]) -> Opening:
    first, last = days[0], days[-1]
    hours = listed([f"{told.hour(a)}–{told.hour(b)}" for a, b in stretches])
    code = SHORT[first] if first == last else f"{SHORT[first]}-{SHORT[last]}"
    spans = ",".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in stretches)
    return Opening(_days(first, last), hours, f"{code} {spans}")


def _days(first: int, last: int) -> str:
    """ "Mon to Sat"; French says the days in full."""
    names = WEEKDAYS if (get_language() or "").startswith("fr") else WEEKDAYS_ABBR
    if first == last:
        return str(names[first])
    ends = {"first": names[first], "last": names[last]}
    return _("%(first)s to %(last)s") % ends


def _own(english: str, french: str) -> str:
    spoken = french if (get_language() or "").startswith("fr") else english
    return spoken or english


def _is_title(word: str) -> bool:
    return word.rstrip(".").lower() in ("dr", "dre")
