"""One device: its licence and service, and the sessions that use it or used it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.services import patients
from bookings.services.setup import attention, devices
from bookings.services.setup.devices import Use
from clinic import sheets
from clinic.models import Device
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def device_sessions(request: HttpRequest, device_id: int) -> HttpResponse:
    """The sessions that are to use a device, and those that did; all of them as a file."""
    device = get_object_or_404(Device.objects.select_related("location"), pk=device_id)
    now, as_file = timezone.now(), sheets.is_wanted(request)
    most = None if as_file else devices.SHOWN
    uses = devices.uses(device, now=now, most=most)
    patients.log_accesses(current_user(request), uses.patients, "device")
    if as_file:
        rows = (*uses.to_come, *uses.past)
        return sheets.csv_response(f"device-{device.code}", _head(), _rows(rows))
    today = timezone.localdate(now, timezone=device.location.zone)
    context = {
        "device": device,
        "uses": uses,
        "notices": attention.of_device(device, today),
    }
    return render(request, "desk/setup_device.html", context)


def _head() -> list[str]:
    return [_("When"), _("Patient"), _("What"), _("With"), _("Status"), _("To mind")]


def _rows(found: Iterable[Use]) -> Iterator[list[Any]]:
    for one in found:
        row = one.appointment
        yield [
            f"{row.local_start:%Y-%m-%d %H:%M}",
            row.patient,
            one.what,
            ", ".join(map(str, one.people)),
            row.get_status_display(),
            one.why,
        ]
