"""Every way on from a view of the diary, as addresses."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest

from bookings.services.daybook import places
from bookings.services.daybook.asked import WEEK, Asked, By, Extent
from bookings.services.daybook.feed import Daybook
from bookings.views.desk import looking
from clinic.models import Location
from treatments.models import Treatment

GOES_ALONG = ("moving", "view")  # what is being moved, and the list instead of the grid
To = Callable[..., str]


def links_of(
    request: HttpRequest, book: Daybook, locations: list[Location]
) -> dict[str, Any]:
    """Addresses by what they lead to; where there is a choice, pairs of row and address."""
    asked = book.rows.asked
    kept = {name: request.GET.get(name, "")[:20] for name in GOES_ALONG}

    def to(**changes: str) -> str:
        return looking.address("desk:day", asked, **kept | changes)

    return {
        **_days(asked, to, book.rows.local_now.date()),
        **_views(asked, to),
        **_choices(book, locations, to),
        "names": to(names=looking.FULL if asked.initials else looking.INITIALS),
        "file": to(format="csv"),
        "sheet": looking.address("desk:day-sheet", asked, span=Extent.DAY),
    }


def _days(asked: Asked, to: To, today: date) -> dict[str, str]:
    step = timedelta(days=WEEK if asked.is_week else 1)
    return {
        "previous": to(date=(asked.day - step).isoformat()),
        "next": to(date=(asked.day + step).isoformat()),
        "today": to(date=today.isoformat()),
    }


def _views(asked: Asked, to: To) -> dict[str, str]:
    """A week is of one practitioner, so leaving it lets everybody back in."""
    who = "" if asked.is_week else str(asked.who or "")
    return {
        "practitioners": to(by=By.PRACTITIONERS),
        "rooms": to(by=By.ROOMS, span=Extent.DAY, who=who),
        "day": to(span=Extent.DAY, who=who),
        "week": to(span=Extent.WEEK, by=By.PRACTITIONERS),
        "grid": to(view=""),
        "list": to(view="list") + "#agenda",
    }


def _choices(book: Daybook, locations: list[Location], to: To) -> dict[str, Any]:
    return {
        "places": [(row, to(location=row.slug, who="")) for row in locations],
        "people": [
            (row, to(who=str(row.pk))) for row in places.people(book.rows.resources)
        ],
        "everybody": to(who=""),
        "treatments": [
            (row, to(treatment=row.code)) for row in Treatment.objects.offered()
        ],
        "everything": to(treatment=""),
    }
