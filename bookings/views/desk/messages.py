"""The outbox on the desk: what is planned, what was sent, and its exact words."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.models import Message, MessageStatus
from bookings.services import patients
from bookings.services.messages import letters
from bookings.views.desk import exports
from clinic import sheets
from clinic.views import current_user

PER_PAGE = 50

# An e-mail brings its styles in its tags. It is shown in a frame of its own, where
# nothing runs, nothing is fetched and no form leads anywhere.
LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


@require_safe
@permission_required("bookings.view_message", raise_exception=True)
def message_list(request: HttpRequest) -> HttpResponse:
    """Messages in the state of the address, the planned ones where it names none."""
    status = request.GET.get("status", MessageStatus.PLANNED)
    rows = Message.objects.with_people().in_state(status)
    if sheets.is_wanted(request):
        return exports.messages(request, rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "status": status, "statuses": MessageStatus.choices}
    return render(request, "desk/message_list.html", context)


@require_safe
@permission_required("bookings.view_message", raise_exception=True)
def message_detail(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message: why it is owed, what became of it, and what it says."""
    message = _message(message_id)
    patients.log_access(current_user(request), message.patient, "message")
    letter = letters.read(message, now=timezone.now())
    context = {"message": message, "letter": letter}
    return render(request, "desk/message_detail.html", context)


@require_safe
@permission_required("bookings.view_message", raise_exception=True)
@csp(LETTER_POLICY)  # type: ignore[arg-type]
def message_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """The page of one e-mail as it was rendered, for the frame in its detail."""
    message = _message(message_id)
    patients.log_access(current_user(request), message.patient, "message as rendered")
    return HttpResponse(letters.read(message, now=timezone.now()).html)


def _message(message_id: int) -> Message:
    return get_object_or_404(Message.objects.with_people(), pk=message_id)
