"""What the medical director still has to confirm."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from treatments.services import catalogue


@require_safe
@permission_required("treatments.view_protocol", raise_exception=True)
def unconfirmed_list(request: HttpRequest) -> HttpResponse:
    """List the values that nobody has vouched for, the clinic's own defaults first."""
    waiting = catalogue.unconfirmed()
    context = {
        "defaults": [value for value in waiting if value.is_clinic_default],
        "stated": [value for value in waiting if not value.is_clinic_default],
    }
    return render(request, "review/unconfirmed_list.html", context)
