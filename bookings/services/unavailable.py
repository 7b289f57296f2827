"""Why somebody or something is not there on a day: a licence, its service, a closure."""

from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Closure, Device, Resource


def why(
    resource: Resource, day: date, closures: Iterable[Closure] | None = None
) -> str:
    """What keeps `resource` from being there on `day` (local), to follow a colon.

    Empty where it is only a matter of its hours. `closures` are all that could touch
    the day, if they are at hand. The licence is that of Health Canada, without which
    a device may not be used (source: S1).
    """
    device = getattr(resource, "device", None)
    if device and (said := _why_not_used(device, day)):
        return said
    if closures is None:
        closures = Closure.objects.touching(day, day)
    return _closed(resource, day, closures)


def _why_not_used(device: Device, day: date) -> str:
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
