"""Patients who are worried, and answers that changed: what wakes a clinician."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.alerts import AnswerForm
from bookings.models import Task
from bookings.services import alerts, patients
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

ANSWER = "bookings.answer_checkin"


@require_safe
@permission_required(ANSWER, raise_exception=True)
def alert_list(request: HttpRequest) -> HttpResponse:
    """What waits for a clinician, the most urgent first."""
    return _page(request)


@require_POST
@permission_required(ANSWER, raise_exception=True)
def alert_close(request: HttpRequest, task_id: int) -> HttpResponse:
    """Close one alert with what was done about it."""
    task = _alert(task_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, task=task, form=form)
    note = form.cleaned_data["note"]
    try:
        alerts.answer(task, note=note, actor=current_user(request), now=timezone.now())
    except BookingRefused as refused:
        return _page(request, task=task, form=form, refusal=str(refused))
    messages.success(request, _("Closed, with your note."))
    return redirect("review:alerts")


@require_POST
@permission_required(ANSWER, raise_exception=True)
def alert_decide(request: HttpRequest, task_id: int, plan_id: int) -> HttpResponse:
    """Take a plan that an answer holds back to where one decides on it."""
    task = _alert(task_id)
    try:
        alerts.reopen(task, plan_id, actor=current_user(request), now=timezone.now())
    except BookingRefused as refused:
        return _page(request, refusal=str(refused))
    return redirect("review:plan", plan_id)


def _alert(task_id: int) -> Task:
    task = alerts.open_alert(task_id)
    if task is None:
        raise Http404
    return task


def _page(
    request: HttpRequest,
    *,
    task: Task | None = None,
    form: AnswerForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    rows = alerts.open_alerts(now=timezone.now())
    seen = {row.patient.pk: row.patient for row in rows}
    patients.log_accesses(current_user(request), seen.values(), "alerts")
    context = {
        "alerts": rows,
        "form": form or AnswerForm(),
        "answered": task.pk if task and form else None,
        "refusal": refusal,
    }
    status = 422 if refusal or form is not None else 200
    return render(request, "review/alert_list.html", context, status=status)
