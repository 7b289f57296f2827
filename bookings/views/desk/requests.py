"""The requests inbox: who would like to talk, and what became of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.boards import (
    CallerForm,
    CloseRequestForm,
    RequestFilterForm,
    RequestForm,
    keep_typed,
)
from bookings.models import ConsultationRequest, Patient, RequestStatus
from bookings.services import patients, requests
from bookings.services.refusals import BookingRefused
from bookings.services.triage import lines
from bookings.views.desk import inviting
from bookings.views.desk.request_sheet import sheet
from clinic import sheets
from clinic.views import current_user

PER_PAGE = 25
FOUND = 8


@require_safe
@permission_required("bookings.view_consultationrequest", raise_exception=True)
def request_list(request: HttpRequest) -> HttpResponse:
    """Requests of one state, or all still to answer, the longest wait first."""
    form = RequestFilterForm(request.GET, current_user(request))
    wanted, now = form.wanted(), timezone.now()
    rows = requests.listed(wanted, now=now)
    if sheets.is_wanted(request):
        return _sheet(request, rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    _log(request, page.object_list, "requests")
    counts = requests.counts(wanted)
    context = {
        "form": form,
        "chosen": form.chosen("state") or "",
        "states": list(counts.items()),
        "open_count": sum(counts[status] for status in lines.OPEN),
        "page": page,
        "lines": lines.sized_up(page.object_list, now=now),
    }
    return render(request, "desk/request_list.html", context)


@require_safe
@permission_required("bookings.view_consultationrequest", raise_exception=True)
def request_detail(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request: the patient's words and wishes, and the steps it may take."""
    row = inviting.row_of(request_id)
    patients.log_access(current_user(request), row.patient, "request")
    return inviting.page(request, row)


@require_POST
@permission_required("bookings.change_consultationrequest", raise_exception=True)
def request_step(request: HttpRequest, request_id: int, status: str) -> HttpResponse:
    """Bring a request to another state; where that fails, keep what was typed."""
    row = inviting.row_of(request_id)
    if status not in RequestStatus.values:
        raise Http404
    form = CloseRequestForm(request.POST)
    if status == RequestStatus.CLOSED and not form.is_valid():
        return inviting.page(request, row, form=form)
    try:
        requests.move(
            row,
            RequestStatus(status),
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", ""),
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refused:
        return inviting.page(request, row, form=form, refusal=str(refused))
    messages.success(
        request, _("The request is marked: %s.") % row.get_status_display()
    )
    return redirect("desk:request", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.change_consultationrequest", raise_exception=True)
def request_add(request: HttpRequest) -> HttpResponse:
    """Note a request taken by phone, of a patient found by name or of somebody new.

    Finding and choosing a patient are buttons of the same form: what was typed stays.
    """
    person = _named(request)
    if request.method != "POST" or _only_asks(request):
        return _form_as_typed(request, person)
    wish, caller = RequestForm(request.POST, prefix="wish"), CallerForm(request.POST)
    known = _known(person, caller) if wish.is_valid() else []
    if wish.is_valid() and not known and (row := _add(request, person, caller, wish)):
        messages.success(request, _("The request is on the list."))
        return redirect("desk:request", row.pk)
    context = {"person": person, "wish": wish, "form": caller, "known": known}
    return _form(request, context, status=422)


def _only_asks(request: HttpRequest) -> bool:
    """Whether a patient is looked for or chosen, and nothing is to be noted yet.

    Enter in a field presses the first button, which finds; where there is nothing to
    find, it means the form.
    """
    said = request.POST
    return "choose" in said or ("find" in said and bool(said.get("q", "").strip()))


def _form_as_typed(request: HttpRequest, person: Patient | None) -> HttpResponse:
    """The form with what was typed so far, and not a word about what is missing yet."""
    wish, caller = RequestForm(prefix="wish"), CallerForm()
    context = {
        "person": person,
        "wish": keep_typed(wish, request.POST),
        "form": keep_typed(caller, request.POST),
    }
    return _form(request, context)


def _form(
    request: HttpRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    said = request.POST if "q" in request.POST else request.GET
    words = said.get("q", "")
    found = patients.find(words)[:FOUND] if words.strip() else []
    context |= {"words": words, "found": found}
    return render(request, "desk/request_form.html", context, status=status)


def _named(request: HttpRequest) -> Patient | None:
    """The patient chosen, or in the form or address; 404 where nobody has that key."""
    said = request.POST if request.method == "POST" else request.GET
    key = said.get("choose", said.get("patient", request.GET.get("patient", "")))
    if not key:
        return None
    is_key = key.isdecimal() and len(key) < 10
    return get_object_or_404(Patient.objects.current(), pk=int(key) if is_key else 0)


def _known(person: Patient | None, caller: CallerForm) -> list[Patient]:
    """Who a new caller may be, unless it is said that this is somebody else."""
    if person or not caller.is_valid() or caller.cleaned_data["is_someone_new"]:
        return []
    return caller.alike()


@transaction.atomic
def _add(
    request: HttpRequest, person: Patient | None, caller: CallerForm, wish: RequestForm
) -> ConsultationRequest | None:
    """Add the request, and whoever makes it; None with the reason on the form."""
    actor, now = current_user(request), timezone.now()
    if person is None:
        if not caller.is_valid():
            return None
        try:
            person = patients.add(**caller.facts(), actor=actor, now=now)
        except BookingRefused as refusal:
            caller.add_error(None, str(refusal))
            return None
    try:
        return requests.add(person, actor=actor, now=now, **wish.wishes())
    except BookingRefused as refusal:
        wish.add_error("words", str(refusal))
        return None


def _log(request: HttpRequest, rows: Iterable[ConsultationRequest], what: str) -> None:
    seen = {row.patient_id: row.patient for row in rows}
    patients.log_accesses(current_user(request), seen.values(), what)


def _sheet(request: HttpRequest, rows: Iterable[ConsultationRequest]) -> HttpResponse:
    _log(request, rows, "requests, file")
    return sheet(lines.sized_up(rows, now=timezone.now()))
