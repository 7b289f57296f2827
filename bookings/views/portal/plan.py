"""My plan: what comes next, what to do now, the series."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.models import Patient
from bookings.views.portal.door import patient_required


@require_safe
@patient_required
def plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The patient's plan on one page."""
    return render(request, "portal/plan.html", {"patient": patient})
