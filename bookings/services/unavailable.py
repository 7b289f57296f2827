"""Why somebody or something is not there: out of use, a licence, service, a closure."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Outage, OutageKind
from bookings.services.refusals import BookingRefused
from clinic.models import Closure, Device, Location, Resource


def judge_place(place: Location) -> None:
    """Refuse a location that is out of use: nothing is booked there, or moved there."""
    if not place.is_active:
        raise BookingRefused(
            _("%(place)s is no longer in use, so nothing can be booked there.")
            % {"place": place.name}
        )


def refusal(who: Resource, start: datetime, end: datetime) -> BookingRefused:
    """That `who` cannot be booked for [start, end), and what keeps them away if known.

    Both are aware, and said on the clock of the location that `start` is in.
    """
    facts = {
        "who": who.name,
        "day": date_format(start, "D j M Y"),
        "time": date_format(start, "H:i"),
        "why": why(who, start.date()) or _away(who, start, end),
    }
    if facts["why"]:
        words = _("%(who)s is not available on %(day)s at %(time)s: %(why)s.")
        return BookingRefused(words % facts)
    words = _("%(who)s is not available on %(day)s at %(time)s.")
    return BookingRefused(words % facts)


def _away(who: Resource, start: datetime, end: datetime) -> str:
    """Until when an absence or an outage lasts that stands then; empty without one."""
    rows = Outage.objects.standing().filter(resource=who, during__overlap=(start, end))
    outage = rows.order_by("-during__endswith").first()
    if outage is None:
        return ""
    facts = {"end": date_format(outage.ends_at.astimezone(start.tzinfo), "D j M, H:i")}
    if outage.kind == OutageKind.OUT_OF_SERVICE:
        return _("out of service until %(end)s") % facts
    return _("absent until %(end)s") % facts


def why(
    resource: Resource, day: date, closures: Iterable[Closure] | None = None
) -> str:
    """What keeps `resource` from being there on `day` (local), to follow a colon.

    Empty where it is only a matter of its hours. `closures` are all that could touch
    the day, if they are at hand. The licence is that of Health Canada, without which
    a device may not be used (source: S1).
    """
    device = getattr(resource, "device", None)
    if device and (said := why_not_used(device, day)):
        return said
    if closures is None:
        closures = Closure.objects.touching(day, day)
    return _closed(resource, day, closures)


def why_not_used(device: Device, day: date) -> str:
    """What keeps a device from being used on `day` (local), to follow a colon."""
    if day > device.licence_expires_on:
        return _("its licence %(number)s is valid only until %(day)s") % {
            "number": device.licence_number,
            "day": date_format(device.licence_expires_on, "D j M Y"),
        }
    if day < device.in_service_from:
        return _("it is in service only from %(day)s") % {
            "day": date_format(device.in_service_from, "D j M Y")
        }
    if device.in_service_until and day > device.in_service_until:
        return _("it is in service only until %(day)s") % {
            "day": date_format(device.in_service_until, "D j M Y")
        }
    return ""


def _closed(resource: Resource, day: date, closures: Iterable[Closure]) -> str:
    """The closure of that day, by its name: the nearest one, if there are several."""
    place = resource.location_id
    over_it = [
        row
        for row in closures
        if row.first_day <= day <= row.last_day
        and row.resource_id in (None, resource.pk)
        and row.location_id in (None, place)
    ]
    nearest = max(
        over_it,
        key=lambda row: (bool(row.resource_id), bool(row.location_id)),
        default=None,
    )
    return _("closed for %(name)s") % {"name": nearest.name} if nearest else ""
