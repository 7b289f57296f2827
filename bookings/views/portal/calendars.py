"""Visits in the patient's own calendar."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from bookings.models import Appointment, Patient, codes
from bookings.services import links
from bookings.services.portal import calendars
from bookings.views.portal import door

TYPE = "text/calendar; charset=utf-8"


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """All visits, for a program that looks again every few hours."""
    try:
        patient = calendars.subscribed(token, now=timezone.now())
    except links.LinkRefused:
        return door.refused(request)
    content = calendars.feed(patient)
    etag = calendars.tag(content)
    response = HttpResponse(content, content_type=TYPE, headers={"ETag": etag})
    response["Cache-Control"] = "private, no-cache"
    answer = get_conditional_response(request, etag=etag, response=response)
    return answer if isinstance(answer, HttpResponse) else response


@require_safe
@door.patient_required
def visit(request: HttpRequest, patient: Patient, code: str) -> HttpResponse:
    """One visit of one's own, to be added to a calendar."""
    content = calendars.one(_own(patient, code))
    name = f"{code.upper()}.ics"
    return HttpResponse(
        content,
        content_type=TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _own(patient: Patient, code: str) -> Appointment:
    number = codes.number_of(code)
    row = calendars.visits(patient).filter(pk=number or 0).first()
    if row is None:
        raise Http404
    return row
