"""Confirmations for the coming days: whom to call, and what they said."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.boards import ConfirmationFilterForm
from bookings.models import Appointment
from bookings.services import confirmations, patients
from bookings.services.confirmations import Line
from bookings.services.moves import changes
from bookings.services.refusals import BookingRefused
from bookings.templatetags.boards import reminder_words, visit_words
from clinic import sheets
from clinic.views import current_user

Act = Callable[[HttpRequest, Appointment, datetime], str]


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def confirmation_list(request: HttpRequest) -> HttpResponse:
    """Visits of the coming days that nobody has confirmed, soonest first."""
    form = ConfirmationFilterForm(request.GET)
    lines = _lines(form)
    seen = {line.visit.patient_id: line.visit.patient for line in lines}
    patients.log_accesses(current_user(request), seen.values(), "confirmations")
    if sheets.is_wanted(request):
        return _sheet(lines)
    return _page(request, form, lines)


@require_POST
@permission_required("bookings.change_appointment", raise_exception=True)
def confirmation_note(
    request: HttpRequest, appointment_id: int, verb: str
) -> HttpResponse:
    """Keep what the patient said, or that nobody answered; then on to the next."""
    if verb not in ACTS:
        raise Http404
    rows = Appointment.objects.select_related("patient", "plan", "location")
    visit = get_object_or_404(rows, pk=appointment_id)
    form = ConfirmationFilterForm(request.GET)
    before = _lines(form)
    try:
        said = ACTS[verb](request, visit, timezone.now())
    except BookingRefused as refused:
        words = {"patient": visit.patient, "refusal": refused}
        refusal = _("%(patient)s: %(refusal)s") % words
        return _page(request, form, _lines(form), refusal=refusal)
    messages.success(request, said)
    following = _following(before, visit)
    if request.headers.get("HX-Request"):
        return _page(request, form, _lines(form), following=following)
    address = f"{reverse('desk:confirmations')}?{request.GET.urlencode()}"
    return redirect(f"{address}#visit-{following}" if following else address)


def _confirm(request: HttpRequest, visit: Appointment, now: datetime) -> str:
    changes.confirm(
        visit, actor=current_user(request), now=now, version=_version(request)
    )
    return _("%(patient)s is confirmed for %(when)s.") % _told(visit)


def _no_answer(request: HttpRequest, visit: Appointment, now: datetime) -> str:
    confirmations.no_answer(visit, actor=current_user(request), now=now)
    return _("The call to %(patient)s is noted.") % _told(visit)


ACTS: dict[str, Act] = {"confirm": _confirm, "no-answer": _no_answer}


def _told(visit: Appointment) -> dict[str, Any]:
    when = date_format(visit.local_start, "D j M, H:i")
    return {"patient": visit.patient, "when": when}


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _lines(form: ConfirmationFilterForm) -> list[Line]:
    return confirmations.lines(
        days=form.ahead(), location=form.chosen("location"), now=timezone.now()
    )


def _following(lines: list[Line], visit: Appointment) -> int | None:
    """The visit below `visit` on the list, or the first one where it was the last."""
    keys = [line.visit.pk for line in lines]
    others = [key for key in keys if key != visit.pk]
    below = keys[keys.index(visit.pk) + 1 :] if visit.pk in keys else others
    return next(iter(below), next(iter(others), None))


def _page(
    request: HttpRequest,
    form: ConfirmationFilterForm,
    lines: list[Line],
    **context: Any,
) -> HttpResponse:
    """The list; htmx swaps it alone. 422 where it has to say no."""
    alone = request.method == "POST" and request.headers.get("HX-Request")
    template = "desk/_confirmations.html" if alone else "desk/confirmation_list.html"
    context |= {
        "form": form,
        "lines": lines,
        "days": form.ahead(),
        "choices": confirmations.DAYS,
        "is_alone": alone,
    }
    status = 422 if "refusal" in context else 200
    return render(request, template, context, status=status)


def _sheet(lines: list[Line]) -> HttpResponse:
    head = (
        _("Day"),
        _("Time"),
        _("Patient"),
        _("Phone"),
        _("Visit"),
        _("With"),
        _("Location"),
        _("48-hour message"),
        _("Calls without an answer"),
        _("Last call"),
    )
    return sheets.csv_response("confirmations", head, _cells(lines))


def _cells(lines: list[Line]) -> Iterator[tuple[object, ...]]:
    for line in lines:
        visit, call = line.visit, line.last_call
        called = call.opened_at.astimezone(visit.location.zone) if call else None
        yield (
            visit.local_date,
            f"{visit.local_start:%H:%M}",
            visit.patient,
            visit.patient.phone.as_national if visit.patient.phone else "",
            visit_words(visit),
            line.with_whom,
            visit.location,
            reminder_words(line.reminder),
            len(line.calls),
            f"{called:%Y-%m-%d %H:%M}" if called else "",
        )
