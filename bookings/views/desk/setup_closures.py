"""Closures: those ahead, a new one, Ontario's holidays, and taking one back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.setup_closures import ClosureForm, HolidaysForm, NewClosureForm
from bookings.services.refusals import BookingRefused
from bookings.services.setup import closures
from bookings.services.setup.effects import Saving
from bookings.views.desk.setup_saving import PERMISSION, save
from clinic.models import Closure

METHODS = ["GET", "HEAD", "POST"]


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def closure_list(request: HttpRequest) -> HttpResponse:
    """Closures that stand or are to come, those over, and the holidays suggested."""
    return _list(request)


@require_http_methods(METHODS)
@permission_required(PERMISSION, raise_exception=True)
@transaction.atomic
def closure_add(request: HttpRequest) -> HttpResponse:
    """Close for whole days; whom that touches is shown before it is saved."""
    form = NewClosureForm(request.POST or None, initial=_usual(request))
    if request.method != "POST" or not form.is_valid():
        return _form(request, form)
    return _saved(request, form, lambda: closures.add(today=_today(), **form.facts()))


@require_http_methods(METHODS)
@permission_required(PERMISSION, raise_exception=True)
@transaction.atomic
def closure_edit(request: HttpRequest, closure_id: int) -> HttpResponse:
    """Change a closure that is not over; whom that touches comes first."""
    rows = Closure.objects.select_related("location", "resource")
    if request.method == "POST":
        closures.hold_all()
    row = get_object_or_404(rows, pk=closure_id)
    before = row.first_day, row.last_day
    form = ClosureForm(request.POST or None, instance=row)
    if request.method != "POST" or not form.is_valid():
        return _form(request, form)
    return _saved(
        request, form, lambda: closures.change(row, before=before, today=_today())
    )


@require_POST
@permission_required(PERMISSION, raise_exception=True)
@transaction.atomic
def closure_remove(request: HttpRequest, closure_id: int) -> HttpResponse:
    """Take a closure back that has not begun."""
    closures.hold_all()
    rows = Closure.objects.filter(pk=get_object_or_404(Closure, pk=closure_id).pk)
    try:
        save(request, lambda: closures.remove(rows.get(), today=_today()))
    except BookingRefused as refused:
        return _list(request, refusal=str(refused))
    return redirect("desk:setup-closures")


@require_POST
@permission_required(PERMISSION, raise_exception=True)
@transaction.atomic
def closure_holidays(request: HttpRequest) -> HttpResponse:
    """Close the clinic on the holidays that were ticked."""
    closures.hold_all()
    form = HolidaysForm(request.POST, today=_today())
    if not form.is_valid():
        return _list(request, refusal=" ".join(map(str, form.errors["day"])))
    chosen = form.cleaned_data["day"]
    saving = save(request, lambda: closures.add_holidays(chosen, today=_today()))
    if saving.is_saved:
        return redirect("desk:setup-closures")
    return _list(request, saving=saving, chosen=chosen)


def _today() -> date:
    return timezone.localdate()


def _usual(request: HttpRequest) -> dict[str, Any]:
    key = request.GET.get("resource", "")
    return {"whom": f"resource:{key}"} if key.isdecimal() else {}


def _saved(
    request: HttpRequest, form: ClosureForm, change: Callable[[], object]
) -> HttpResponse:
    closures.hold_all()
    try:
        saving = save(request, change)
    except BookingRefused as refused:
        form.add_error(None, str(refused))
        return _form(request, form)
    if saving.is_saved:
        return redirect("desk:setup-closures")
    return _form(request, form, saving)


def _form(
    request: HttpRequest, form: ClosureForm, saving: Saving | None = None
) -> HttpResponse:
    row = form.instance if form.instance.pk else None
    context = {"form": form, "closure": row, "saving": saving}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/setup_closure_form.html", context, status=status)


def _list(request: HttpRequest, *, refusal: str = "", **shown: Any) -> HttpResponse:
    today = _today()
    suggested = closures.suggestions(today)
    context = {
        "ahead": closures.ahead(today),
        "past": closures.past(today),
        "suggestions": suggested,
        "some_left": not all(one.is_there for one in suggested),
        "today": today,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    template = "desk/setup_closures.html"
    return render(request, template, context | shown, status=status)
