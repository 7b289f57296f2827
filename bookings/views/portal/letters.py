"""Messages: what was sent to me, what is still to come, each as it reads."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.models import Message, Patient
from bookings.services.messages import letters
from bookings.services.portal import letterbox
from bookings.views.portal.door import patient_required

PER_PAGE = 30

# As on the desk: a frame of its own, where nothing runs and nothing is fetched. Links
# in a letter lead out of the frame, to a page of their own.
LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


@require_safe
@patient_required
def messages(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What is to come, soonest first, and what was sent, newest first."""
    page = Paginator(letterbox.past(patient), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "patient": patient,
        "to_come": letterbox.to_come(patient),
        "page": page,
        "lines": [letterbox.line(one) for one in page],
    }
    return render(request, "portal/messages.html", context)


@require_safe
@patient_required
def message(request: HttpRequest, patient: Patient, pk: int) -> HttpResponse:
    """One message in words; a planned one as it will read when it is due."""
    row = _own(patient, pk)
    context = {
        "patient": patient,
        "line": letterbox.line(row),
        "letter": letters.read(row, now=timezone.now()),
    }
    return render(request, "portal/message.html", context)


@require_safe
@patient_required
@csp(LETTER_POLICY)  # type: ignore[arg-type]
def message_page(request: HttpRequest, patient: Patient, pk: int) -> HttpResponse:
    """The page of one e-mail as it was rendered, for its frame."""
    row = _own(patient, pk)
    return HttpResponse(letters.read(row, now=timezone.now()).html)


def _own(patient: Patient, pk: int) -> Message:
    return get_object_or_404(letterbox.shown(patient), pk=pk)
