"""What in the set-up wants looking at: licences, service, hours, places without people."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Device, Location, Resource, ResourceKind

SOON = timedelta(days=60)
FORM = "D j M Y"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about a location or a resource; `is_stop` where bookings stop."""

    about: Location | Resource
    words: str
    is_stop: bool = False
    is_about_hours: bool = False

    @property
    def kind(self) -> str:
        """What it is about, as the addresses of the set-up name it."""
        about = self.about
        return "locations" if isinstance(about, Location) else f"{about.kind}s"


def notices(
    places: Iterable[Location], resources: Collection[Resource], *, today: date
) -> list[Notice]:
    """What wants attention on the local day `today`, what stops bookings first.

    `resources` come with their location, hours and device; what is out of use is
    passed over. No query.
    """
    used = [row for row in resources if row.is_active and row.location.is_active]
    found = [notice for row in used for notice in _of_resource(row, today)]
    found += [notice for place in places for notice in _of_place(place, used)]
    return sorted(found, key=lambda one: not one.is_stop)


def _of_resource(row: Resource, today: date) -> Iterator[Notice]:
    device = getattr(row, "device", None)
    if device is not None:
        yield from of_device(device, today)
    ahead = [one for one in row.hours.all() if (one.valid_until or today) >= today]
    if not ahead:
        words = _("%(name)s has no hours, so nobody can book it.")
        if row.kind == ResourceKind.PRACTITIONER:
            words = _("%(name)s has no hours, so nobody can book with them.")
        yield Notice(row, words % {"name": row.name}, True, is_about_hours=True)


def of_device(device: Device, today: date) -> list[Notice]:
    """What is to be said of its licence and its service on the local day `today`."""
    return [*_licence(device, today), *_service(device, today)]


def _licence(device: Device, today: date) -> Iterator[Notice]:
    expires = device.licence_expires_on
    facts = {
        "name": device.name,
        "number": device.licence_number,
        "day": date_format(expires, FORM),
    }
    if expires < today:
        words = _(
            "%(name)s: its licence %(number)s expired on %(day)s. "
            "Nobody can book it any more."
        )
        yield Notice(device, words % facts, is_stop=True)
    elif expires <= today + SOON:
        words = _(
            "%(name)s: its licence %(number)s expires on %(day)s. "
            "Nobody can book it for a later day."
        )
        yield Notice(device, words % facts)


def _service(device: Device, today: date) -> Iterator[Notice]:
    until, due = device.in_service_until, device.service_due_on
    if until and until < today:
        words = _("%(name)s has been out of service since %(day)s.")
        facts = {"name": device.name, "day": date_format(until, FORM)}
        yield Notice(device, words % facts, is_stop=True)
    elif due and due <= today + SOON:
        words = _("%(name)s is due for service on %(day)s.")
        if due < today:
            words = _("%(name)s was due for service on %(day)s.")
        facts = {"name": device.name, "day": date_format(due, FORM)}
        yield Notice(device, words % facts)


def _of_place(place: Location, used: Iterable[Resource]) -> Iterator[Notice]:
    people = (row for row in used if row.kind == ResourceKind.PRACTITIONER)
    if place.is_active and all(row.location_id != place.pk for row in people):
        words = _("Nobody works at %(name)s.") % {"name": place.name}
        yield Notice(place, words, is_stop=True)
