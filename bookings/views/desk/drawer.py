"""The drawer beside the diary: one appointment, and what may be done with it."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from bookings.services import patients, visits
from bookings.views.desk import appointments
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def drawer(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """What fills the drawer for one appointment."""
    shown = get_object_or_404(visits.rows(), pk=appointment_id)
    patients.log_access(current_user(request), shown.patient, "appointment")
    return appointments.show(request, shown, in_drawer=True)
