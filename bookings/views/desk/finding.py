"""Finding a patient or a booking from anywhere."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.services import finding
from clinic.views import current_user

ALONE = ("find-results", "found-results")  # where htmx puts the results


@require_safe
@permission_required("bookings.view_patient", raise_exception=True)
def find(request: HttpRequest) -> HttpResponse:
    """Whom and what `q` leads to, or the patients opened last; htmx gets just those."""
    found = finding.find(
        request.GET.get("q", ""), user=current_user(request), now=timezone.now()
    )
    alone = request.headers.get("HX-Target") in ALONE
    template = "desk/_find_results.html" if alone else "desk/find.html"
    return render(request, template, {"found": found})
