"""Undo: the button in the word about what was just done."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings.services import patients
from bookings.services.moves import undo as undoing
from bookings.services.refusals import BookingRefused
from clinic.views import current_user, way_back


@require_POST
@permission_required("bookings.change_appointment", raise_exception=True)
def undo(request: HttpRequest) -> HttpResponse:
    """Put back what the token is about, or say why not; either way back to the page."""
    actor, now = current_user(request), timezone.now()
    try:
        rows = undoing.undo(request.POST.get("token", ""), actor=actor, now=now)
    except BookingRefused as refused:
        messages.warning(request, str(refused))
    else:
        patients.log_access(actor, rows[0].patient, "undo")
        messages.success(request, _("Undone. It is as it was before."))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(way_back(request, "desk:day"))
    answer = render(request, "components/messages.html", {"oob": True})
    answer["HX-Trigger"] = "diary-changed"
    return answer
