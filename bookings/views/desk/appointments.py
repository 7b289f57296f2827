"""One appointment: what it is, what became of it, and what the desk can say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.changes import CancelForm, DoneForm, LateForm, NoShowForm
from bookings.models import Appointment
from bookings.services import patients, visits
from bookings.services.moves import changes
from bookings.services.refusals import BookingRefused
from clinic.views import current_user


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that may happen to an appointment: its form, its words, its service."""

    form: type[forms.Form]
    title: Promise
    effect: Promise
    button: Promise
    done: Promise
    act: Callable[..., Appointment]
    is_grave: bool = False


VERBS = {
    "done": Verb(
        DoneForm,
        _("Done"),
        _("The next window counts from the day it really was."),
        _("Mark as done"),
        _("Done. The next window counts from that day."),
        lambda visit, **facts: changes.complete(visit, **facts),
    ),
    "late": Verb(
        LateForm,
        _("Arrives late"),
        _("Shifts the session, if it still fits today."),
        _("Note the delay"),
        _("The delay is noted."),
        lambda visit, **facts: changes.arrive_late(visit, **facts),
    ),
    "no-show": Verb(
        NoShowForm,
        _("No-show"),
        _("Frees what is left of the time. The session then needs another place."),
        _("Mark as no-show"),
        _("Marked as a no-show."),
        lambda visit, **facts: changes.no_show(visit, **facts),
    ),
    "cancel": Verb(
        CancelForm,
        _("Cancel"),
        _("Frees the time and withdraws its messages."),
        _("Cancel the appointment"),
        _("Cancelled. The time is free again."),
        lambda visit, **facts: changes.cancel(visit, **facts),
        is_grave=True,
    ),
}


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Show one appointment, its series, its messages and its history."""
    shown = get_object_or_404(visits.rows(), pk=appointment_id)
    patients.log_access(current_user(request), shown.patient, "appointment")
    return _page(request, shown)


@require_POST
@permission_required("bookings.change_appointment", raise_exception=True)
def appointment_change(
    request: HttpRequest, appointment_id: int, verb: str
) -> HttpResponse:
    """Do what the address names; where that fails, keep what was typed."""
    shown = get_object_or_404(visits.rows(), pk=appointment_id)
    if verb not in VERBS:
        raise Http404
    form = _form(verb, shown, request.POST)
    if not form.is_valid():
        return _page(request, shown, {verb: form})
    try:
        VERBS[verb].act(
            shown,
            **form.cleaned_data,
            version=_version(request),
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refused:
        return _page(request, shown, {verb: form}, str(refused))
    messages.success(request, str(VERBS[verb].done))
    return redirect("desk:appointment", shown.pk)


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _form(verb: str, shown: Appointment, data: Any = None) -> forms.Form:
    if VERBS[verb].form is not DoneForm:
        return VERBS[verb].form(data)
    return DoneForm(data, visit=shown, now=timezone.now())


def _page(
    request: HttpRequest,
    shown: Appointment,
    typed: dict[str, forms.Form] | None = None,
    refusal: str = "",
) -> HttpResponse:
    context = visits.page(shown, now=timezone.now())
    if context["is_open"] and request.user.has_perm("bookings.change_appointment"):
        context["actions"] = _actions(shown, typed or {}, context["has_come"])
    status = 422 if typed else 200
    context["refusal"] = refusal
    return render(request, "desk/appointment_detail.html", context, status=status)


def _actions(
    shown: Appointment, typed: dict[str, forms.Form], has_come: bool
) -> list[dict[str, Any]]:
    """What can be said of `shown`: before its day has come, only that it will not be."""
    return [
        {"verb": verb, "words": words, "form": typed.get(verb) or _form(verb, shown)}
        for verb, words in VERBS.items()
        if has_come or verb == "cancel"
    ]
