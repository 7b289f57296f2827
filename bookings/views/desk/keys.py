"""Each person's choice about single keys."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.views import current_user


@require_POST
@permission_required("bookings.view_appointment", raise_exception=True)
def keys(request: HttpRequest) -> HttpResponse:
    """Keep whether single keys are shortcuts for whoever is signed in."""
    user = current_user(request)
    user.single_keys = request.POST.get("single_keys") == "on"
    user.save(update_fields=["single_keys"])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("desk:home")
