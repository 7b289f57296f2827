"""What the medical director still has to confirm."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from treatments.services import catalogue


@require_safe
@permission_required("treatments.view_protocol", raise_exception=True)
def unconfirmed_list(request: HttpRequest) -> HttpResponse:
    """List every clinic default of the published protocols, by treatment."""
    context = {"groups": catalogue.unconfirmed()}
    return render(request, "review/unconfirmed_list.html", context)
