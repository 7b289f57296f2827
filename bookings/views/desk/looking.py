"""How this person looks at the diary: read from the address, kept in the session."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from bookings.forms.looking import FULL, address_of, asked_from, to_remember
from bookings.services.daybook.asked import INITIALS, KEPT, Asked
from clinic.models import Location
from clinic.views import current_user

__all__ = [
    "FULL",
    "INITIALS",
    "address",
    "asked_by",
    "keep",
    "places",
]


def places() -> list[Location]:
    """Every active location, in order of name."""
    return list(Location.objects.filter(is_active=True))


def asked_by(
    request: HttpRequest, locations: list[Location], *, now: datetime
) -> Asked:
    """The view this request means; of `locations` there is at least one."""
    return asked_from(
        request.GET.dict(),
        request.session.get(KEPT, {}),
        locations,
        now=now,
        may_move=current_user(request).has_perm("bookings.change_appointment"),
    )


def keep(request: HttpRequest, asked: Asked) -> None:
    """Remember the view for the next address that is silent; written where it changed."""
    kept = to_remember(asked)
    if request.session.get(KEPT) != kept:
        request.session[KEPT] = kept


def address(name: str, asked: Asked, **changes: str) -> str:
    """The address of the view called `name` for `asked`, with `changes`."""
    return f"{reverse(name)}?{urlencode(address_of(asked, **changes))}"
