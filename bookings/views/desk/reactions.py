"""A reaction that staff saw or heard of: its first word."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.forms.reactions import ReportForm
from bookings.models import Appointment, Reaction
from bookings.services import patients, visits
from bookings.services.reacting import board, reporting, signs
from bookings.services.refusals import BookingRefused
from clinic.views import current_user


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_reaction", raise_exception=True)
def appointment_reaction(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Report a reaction after one session; a clinician hears of it at once."""
    session = get_object_or_404(visits.rows(), pk=appointment_id)
    rates = current_user(request).has_perm(reporting.RATES)
    form = ReportForm(request.POST or None, rates=rates)
    if form.is_valid() and (said := _report(request, session, form)):
        messages.success(request, _told(said))
        return redirect("review:reaction", said.pk)
    patients.log_access(current_user(request), session.patient, "reaction form")
    context = {
        "appointment": session,
        "form": form,
        "rates": rates,
        "may_report": reporting.may_report(session),
        "before": board.of_session(session, now=timezone.now()),
        "means": signs.MEANS,
        "alarming": signs.ALARMING,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/reaction_form.html", context, status=status)


def _report(
    request: HttpRequest, session: Appointment, form: ReportForm
) -> Reaction | None:
    try:
        return reporting.report(
            session,
            reporting.Seen(**form.cleaned_data),
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refused:
        form.add_error(None, str(refused))
        return None


def _told(said: Reaction) -> str:
    if said.advice:
        return _("The reaction is kept, with your advice.")
    return _("The reaction is kept. The clinicians see it under Alerts.")
