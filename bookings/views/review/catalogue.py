"""What the medical director still has to confirm."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.services import unconfirmed


@require_safe
@permission_required("treatments.view_protocol", raise_exception=True)
def unconfirmed_list(request: HttpRequest) -> HttpResponse:
    """List the clinic's own defaults in the current protocols, by treatment."""
    context = {"groups": unconfirmed.groups()}
    return render(request, "review/unconfirmed_list.html", context)
