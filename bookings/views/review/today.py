"""A clinician's day: sessions to start and to record, and what waits to be co-signed."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Appointment, AppointmentStatus
from bookings.services import patients
from bookings.services.moves import changes
from bookings.services.recording import reading
from bookings.services.recording import today as days
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

VIEW, ADD = "bookings.view_sessionrecord", "bookings.add_sessionrecord"
EVERYONE = "everyone"


@require_safe
@permission_required(VIEW, raise_exception=True)
def today(request: HttpRequest) -> HttpResponse:
    """Today's sessions: one's own, or with `?who=everyone` those of the whole clinic."""
    return _page(request)


@require_POST
@permission_required(ADD, raise_exception=True)
def record_start(request: HttpRequest, code: str) -> HttpResponse:
    """Note that a session has begun, and go on to its record."""
    session = session_or_404(code)
    version = request.POST.get("version", "")
    try:
        if session.status != AppointmentStatus.IN_SESSION:
            changes.begin(
                session,
                actor=current_user(request),
                now=timezone.now(),
                version=int(version) if _is_small(version) else None,
                seen=request.POST.get("status"),
            )
    except BookingRefused as refused:
        return _page(request, refusal=str(refused))
    return redirect("review:record", session.code)


def _is_small(text: str) -> bool:
    """Whether `text` is a number that a version could have."""
    return text.isdecimal() and len(text) < 10


def session_or_404(code: str) -> Appointment:
    """The session behind a booking code."""
    session = reading.session_of(code)
    if session is None:
        raise Http404
    return session


def _page(request: HttpRequest, *, refusal: str = "") -> HttpResponse:
    user, now = current_user(request), timezone.now()
    everyone = request.GET.get("who") == EVERYONE
    shown = days.of(user, everyone=everyone, now=now)
    seen = [row.session.patient for row in shown.rows]
    seen += [row.patient for row in shown.owed]
    seen += [record.appointment.patient for record in shown.to_cosign]
    patients.log_accesses(user, {one.pk: one for one in seen}.values(), "today")
    context = {"shown": shown, "today": timezone.localdate(now), "refusal": refusal}
    status = 422 if refusal else 200
    return render(request, "review/today.html", context, status=status)
