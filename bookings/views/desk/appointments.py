"""One appointment: what it is, the series around it, and what became of it."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.models import Appointment
from bookings.services import patients, visits
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Show one appointment, its series, its messages and its history."""
    rows = Appointment.objects.with_people().select_related("booking", "hold")
    shown = get_object_or_404(rows, pk=appointment_id)
    patients.log_access(current_user(request), shown.patient, "appointment")
    context = visits.page(shown, now=timezone.now())
    return render(request, "desk/appointment_detail.html", context)
