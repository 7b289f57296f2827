"""What every change of the set-up goes through: first whom it touches, then saving it."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.services import patients
from bookings.services.setup import effects
from bookings.services.setup.effects import Change, Saving
from clinic.views import current_user

PERMISSION = "clinic.set_up_clinic"


def save(request: HttpRequest, change: Change) -> Saving:
    """Save `change`, or give the bookings that it would touch, to be shown first.

    Call it in a transaction that holds what changes.
    """
    agreed = request.POST.get("agreed", "")
    saving = effects.save(change, agreed=agreed, now=timezone.now())
    shown = [one.appointment.patient for one in saving.effects]
    each = {patient.pk: patient for patient in shown}
    patients.log_accesses(current_user(request), each.values(), "set-up")
    if saving.is_saved:
        messages.success(request, _said(len(saving.effects)))
    return saving


def _said(count: int) -> str:
    if not count:
        return _("Saved. No booking is affected.")
    return ngettext(
        "Saved. %(count)s booking is on the list to be re-planned.",
        "Saved. %(count)s bookings are on the list to be re-planned.",
        count,
    ) % {"count": count}
