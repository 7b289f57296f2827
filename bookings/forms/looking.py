"""Which view of the diary an address means; what it leaves open is as it was last."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bookings.services.daybook.asked import INITIALS, Asked, By, Extent
from clinic.models import Location

FILTERS = ("by", "span", "who", "treatment")
REMEMBERED = ("location", *FILTERS, "names")
FIRST_YEAR, LAST_YEAR = 1900, 2200
FULL = "full"


def settled(query: Mapping[str, str], remembered: Mapping[str, str]) -> dict[str, str]:
    """The words of the address, with what was last used where it names none.

    The filters go together: an address that names one of them means the others to be
    as they are by default, so that it shows everybody the same.
    """
    found = {name: query[name] for name in REMEMBERED if name in query}
    names = ["location", "names"]
    if not any(name in query for name in FILTERS):
        names += FILTERS
    for name in names:
        if name in remembered:
            found.setdefault(name, remembered[name])
    return found


def asked_from(
    query: Mapping[str, str],
    remembered: Mapping[str, str],
    places: Sequence[Location],
    *,
    now: datetime,
    may_move: bool = True,
) -> Asked:
    """The view that the address `query` means, among `places`, of which there is one.

    Whatever makes no sense is as if it had not been said.
    """
    words = settled(query, remembered)
    location = _location(words.get("location", ""), places)
    return Asked(
        location=location,
        day=date_from(query.get("date", ""), now.astimezone(location.zone).date()),
        by=_one_of(By, words.get("by", ""), By.PRACTITIONERS),
        extent=_one_of(Extent, words.get("span", ""), Extent.DAY),
        who=_number(words.get("who", "")),
        treatment=words.get("treatment", "")[:50].replace("\0", ""),
        initials=words.get("names") == INITIALS,
        may_move=may_move,
    )


def address_of(asked: Asked, **changes: Any) -> dict[str, str]:
    """The address's words for `asked`, with `changes`: those that say something.

    By and span are always said, so that the address means the same to everybody.
    """
    words = {
        "date": asked.day.isoformat(),
        "location": asked.location.slug,
        "by": str(asked.by),
        "span": str(asked.extent),
        "who": asked.who or "",
        "treatment": asked.treatment,
    }
    return {name: str(word) for name, word in (words | changes).items() if word}


def to_remember(asked: Asked) -> dict[str, str]:
    """What to go on with where the next address is silent."""
    words = address_of(asked)
    del words["date"]
    return words | {"names": INITIALS if asked.initials else FULL}


def date_from(text: str, today: date) -> date:
    """The date meant, from 1900 to 2200; today where it is missing or makes no sense."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else today


def _location(slug: str, places: Sequence[Location]) -> Location:
    return next((place for place in places if place.slug == slug), places[0])


def _one_of(kind: Any, word: str, otherwise: Any) -> Any:
    return kind(word) if word in list(kind) else otherwise


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
