"""Why somebody or something is not there on a day: a licence, its service, a closure."""

from datetime import date

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Closure, Device, Resource


def why(resource: Resource, day: date) -> str:
    """What keeps `resource` from being there on `day` (local), to follow a colon.

    Empty where it is only a matter of its hours. The licence is that of Health Canada,
    without which a device may not be used (source: S1).
    """
    device = getattr(resource, "device", None)
    return (device and _why_not_used(device, day)) or _closed(resource, day)


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


def _closed(resource: Resource, day: date) -> str:
    """The closure of that day, by its name."""
    of_all = Q(resource=None, location=None)
    at_place = Q(resource=None, location=resource.location_id)
    rows = Closure.objects.touching(day, day)
    rows = rows.filter(of_all | at_place | Q(resource=resource.pk))
    closure = rows.order_by("resource", "pk").first()
    return _("closed for %(name)s") % {"name": closure.name} if closure else ""
