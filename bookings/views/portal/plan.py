"""My plan: what comes next, what to do now, the series; and ticking off care."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Patient, codes
from bookings.services import patients
from bookings.services.portal import caring, overview
from bookings.services.refusals import BookingRefused
from bookings.views.portal.door import patient_required
from clinic.views import current_user


@require_safe
@patient_required
def plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The patient's plan on one page."""
    return _page(request, patient)


@require_POST
@patient_required
def tick(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Tick off one piece of care, or take that back."""
    key = codes.number_of(request.POST.get("visit", ""))
    visit = get_object_or_404(overview.visits_of(patient), pk=key)
    code, is_followed = request.POST.get("care", ""), request.POST.get("is") == "on"
    now = timezone.now()
    try:
        caring.tick(visit, code, is_followed=is_followed, now=now)
    except caring.NoSuchCare as unknown:
        raise Http404 from unknown
    except BookingRefused as refusal:
        return _page(request, patient, refusal)
    patients.log_access(current_user(request), patient, "own care ticked")
    if request.htmx:  # type: ignore[attr-defined]
        fresh = overview.visits_of(patient).get(pk=visit.pk)
        ready = overview.getting_ready(fresh, now=now)
        return render(request, "portal/_plan_ticks.html", {"ready": ready})
    return redirect(f"{reverse('portal:plan')}#to-do")


def _page(
    request: HttpRequest, patient: Patient, refusal: BookingRefused | None = None
) -> HttpResponse:
    now = timezone.now()
    page = overview.page(patient, now=now)
    patients.log_access(current_user(request), patient, "own plan")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    context = {"patient": patient, "page": page, "refusal": refusal}
    return render(request, "portal/plan.html", context, status=status)
