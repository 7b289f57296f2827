"""The care guide: what to do before and after each session, with real dates."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.models import Patient, codes
from bookings.services import patients
from bookings.services.portal import guide
from bookings.views.portal.door import patient_required
from clinic.views import current_user


@require_safe
@patient_required
def care(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The guide to one session: the one asked for, or the one that matters now."""
    code = request.GET.get("visit", "")
    wanted = codes.number_of(code)
    if code and wanted is None:
        raise Http404
    try:
        shown = guide.guide(patient, wanted, now=timezone.now())
    except LookupError as unknown:
        raise Http404 from unknown
    patients.log_access(current_user(request), patient, "own care guide")
    return render(request, "portal/care.html", {"patient": patient, "guide": shown})
