"""One request at the desk: its page, who looks after it, and the times to propose."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bookings.forms.boards import CloseRequestForm
from bookings.forms.inviting import AssignForm, TimesForm
from bookings.models import ConsultationRequest, HealthAnswer
from bookings.services import inviting, patients, requests, screening
from bookings.services.refusals import BookingRefused
from bookings.services.triage import lines
from clinic.views import current_user

STEP_WORDS = {
    "done": gettext_lazy("Consultation took place"),
    "contacted": gettext_lazy("Contacted"),
    "new": gettext_lazy("New again"),
    "withdrawn": gettext_lazy("Withdrawn by the patient"),
}
"""Buttons by the state they lead to, in their order on the page."""


@dataclass(frozen=True, slots=True)
class Said:
    """A health question in words, and what was answered."""

    text: str
    answer: HealthAnswer


def row_of(request_id: int) -> ConsultationRequest:
    """The request with everything its page shows, or 404."""
    rows = requests.with_times(ConsultationRequest.objects.all(), now=timezone.now())
    rows = rows.select_related(
        "patient__location",
        "location",
        "doctor__location",
        "clinician__location",
        "treatment",
        "appointment__location",
    )
    return get_object_or_404(rows, pk=request_id)


def page(request: HttpRequest, row: ConsultationRequest, **shown: Any) -> HttpResponse:
    """The page of `row`; with a bound form or a refusal to show it is a 422."""
    now = timezone.now()
    (line,) = lines.sized_up([row], now=now)
    texts = screening.texts_of(answer.question for answer in line.judged.answers)
    status = 422 if shown else 200
    context = {
        "form": CloseRequestForm(),
        "assign": AssignForm(instance=row),
        "row": row,
        "line": line,
        "answers": [
            Said(texts.get(one.question, one.question), one)
            for one in line.judged.answers
        ],
        "times": inviting.to_choose(row, now=now),
        "letter": row.messages.filter(rule="request-times").order_by("-pk").first(),
        "step_words": STEP_WORDS,
        "steps": [str(step) for step in requests.steps(row)],
        "others": row.patient.requests.exclude(pk=row.pk).order_by("-asked_at"),
        **shown,
    }
    return render(request, "desk/request_detail.html", context, status=status)


@require_POST
@permission_required("bookings.change_consultationrequest", raise_exception=True)
def request_assign(request: HttpRequest, request_id: int) -> HttpResponse:
    """Say where a request belongs and who looks after it."""
    row = row_of(request_id)
    form, is_saved = _assign(request, row)
    if not is_saved:
        return page(request, row_of(request_id), assign=form)
    messages.success(request, _("The request is assigned."))
    return redirect("desk:request", row.pk)


@transaction.atomic
def _assign(request: HttpRequest, row: ConsultationRequest) -> tuple[AssignForm, bool]:
    """Hold the row, compare it with what the page showed, and only then write."""
    held = ConsultationRequest.objects.select_for_update(no_key=True).get(pk=row.pk)
    form = AssignForm(request.POST, instance=held)
    if not form.is_valid():
        return form, False
    try:
        with transaction.atomic():
            requests.assign(held, actor=current_user(request), **_facts(form))
    except BookingRefused as refusal:
        form.add_error(None, str(refusal))
    return form, form.is_valid()


def _facts(form: AssignForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("location", "clinician")}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.change_consultationrequest", raise_exception=True)
def request_times(request: HttpRequest, request_id: int) -> HttpResponse:
    """Propose up to three times by e-mail: of those offered, or typed."""
    row = row_of(request_id)
    if request.method != "POST":
        patients.log_access(current_user(request), row.patient, "request times")
        return _times_page(request, row, TimesForm())
    form = TimesForm(request.POST)
    slots = form.slots()
    if slots is None:
        return _times_page(request, row, form)
    about: dict[str, Any] = {"actor": current_user(request), "now": timezone.now()}
    try:
        times = inviting.propose(row, slots, **about)
    except BookingRefused as refused:
        form.errors.append(str(refused))
        return _times_page(request, row, form)
    words = ngettext(
        "%(count)s time goes to %(who)s by e-mail.",
        "%(count)s times go to %(who)s by e-mail.",
        len(times),
    )
    messages.success(request, words % {"count": len(times), "who": row.patient.email})
    return redirect("desk:request", row.pk)


def _times_page(
    request: HttpRequest, row: ConsultationRequest, form: TimesForm
) -> HttpResponse:
    now = timezone.now()
    offered = inviting.offered(row, now=now)
    known = {slot.value for slot in offered.slots}
    context = {
        "row": row,
        "form": form,
        "offered": offered,
        "standing": inviting.to_choose(row, now=now),
        "kept": [slot for slot in form.slots_picked() if slot.value not in known],
        "most": inviting.MOST,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/request_times.html", context, status=status)


@require_POST
@permission_required("bookings.change_consultationrequest", raise_exception=True)
def request_times_back(request: HttpRequest, request_id: int) -> HttpResponse:
    """Let nobody choose the times proposed any more."""
    row = row_of(request_id)
    gone = inviting.take_back(row, actor=current_user(request))
    words = _("The times are taken back.") if gone else _("No time was on offer.")
    messages.success(request, words)
    return redirect("desk:request", row.pk)
