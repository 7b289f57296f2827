"""The desk's to-do list."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Task
from bookings.services import todo
from bookings.services.refusals import BookingRefused
from bookings.views.desk import exports
from clinic import sheets
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_task", raise_exception=True)
def task_list(request: HttpRequest) -> HttpResponse:
    """What is to do, by kind, and what was done today."""
    if sheets.is_wanted(request):
        return exports.tasks(request, todo.open_tasks())
    return _page(request)


@require_POST
@permission_required("bookings.change_task", raise_exception=True)
def task_done(request: HttpRequest, task_id: int) -> HttpResponse:
    """Tick off a task that somebody has settled by hand."""
    task = get_object_or_404(Task, pk=task_id)
    try:
        todo.done(task, actor=current_user(request), now=timezone.now())
    except BookingRefused as refused:
        return _page(request, refusal=str(refused))
    messages.success(request, _("Done."))
    return redirect("desk:tasks")


def _page(request: HttpRequest, *, refusal: str = "") -> HttpResponse:
    context = {
        "tasks": todo.open_tasks(),
        "closed": todo.closed_today(now=timezone.now()),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "desk/task_list.html", context, status=status)
