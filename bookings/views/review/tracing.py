"""Who was treated with a lot or a device; and what touched one patient."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.forms.reactions import TraceForm
from bookings.models import Patient
from bookings.services import patients
from bookings.services.reacting import tracing
from bookings.services.reacting.tracing import Found, Touch
from clinic import sheets
from clinic.views import current_user

SEE = "bookings.view_sessionrecord"
LOGGED = 60  # characters of what was seen, in the log of who looked


@require_safe
@permission_required(SEE, raise_exception=True)
def trace(request: HttpRequest) -> HttpResponse:
    """Every session that a lot or a device touched in a span of days; or as a file."""
    form = TraceForm(request.GET)
    found, sought = None, None
    if form.is_valid() and (sought := form.sought()).is_known:
        found = tracing.trace(sought)
        patients.log_accesses(
            current_user(request), found.patients, f"trace {sought}"[:LOGGED]
        )
    if found and sheets.is_wanted(request):
        return sheets.csv_response("trace", _head(), _cells(found.touches))
    context = {
        "form": form,
        "sought": sought,
        "found": found,
        "lots": tracing.lots(),
    }
    status = 422 if form.errors else 200
    return render(request, "review/trace.html", context, status=status)


@require_safe
@permission_required(SEE, raise_exception=True)
def patient_trace(request: HttpRequest, patient_id: int) -> HttpResponse:
    """What touched one patient: every session, its device, lots and products."""
    patient = get_object_or_404(Patient.objects.current(), pk=patient_id)
    patients.log_access(current_user(request), patient, "trace")
    found = Found(tracing.of_patient(patient))
    if sheets.is_wanted(request):
        return sheets.csv_response("trace", _head(), _cells(found.touches))
    context = {"patient": patient, "found": found}
    return render(request, "review/patient_trace.html", context)


def _head() -> tuple[str, ...]:
    return (
        _("Performed"),
        _("Patient"),
        _("Phone"),
        _("E-mail"),
        _("Treatment"),
        _("Session"),
        _("Location"),
        _("By whom"),
        _("What"),
        _("Lot"),
        _("How it is known"),
        _("Reactions"),
    )


def _cells(touches: Iterable[Touch]) -> Iterator[tuple[object, ...]]:
    for touch in touches:
        session, patient = touch.session, touch.patient
        told = ", ".join(one.get_severity_display() for one in touch.reactions)
        for thing in touch.things:
            yield (
                session.anchor_date,
                patient,
                patient.phone.as_international if patient.phone else "",
                patient.email,
                session.plan.protocol.treatment if session.plan else "",
                session.number,
                session.location,
                touch.who,
                thing.name,
                thing.lot,
                touch.how_words,
                told,
            )
