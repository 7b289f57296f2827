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
from bookings.services import briefing, patients, steps, visits
from bookings.services.moves import changes
from bookings.services.refusals import BookingRefused
from bookings.services.steps import Step, Steps
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
    return show(request, shown)


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
        return show(request, shown, {verb: form})
    try:
        VERBS[verb].act(
            shown,
            **form.cleaned_data,
            version=_version(request),
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refused:
        return show(request, shown, {verb: form}, str(refused))
    messages.success(request, str(VERBS[verb].done))
    return changed(request, shown)


def changed(request: HttpRequest, shown: Appointment) -> HttpResponse:
    """The page as it is now; on the diary the drawer, and word that the diary changed."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("desk:appointment", shown.pk)
    answer = show(request, visits.rows().get(pk=shown.pk))
    answer["HX-Trigger"] = "diary-changed"
    return answer


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _form(verb: str, shown: Appointment, data: Any = None) -> forms.Form:
    if VERBS[verb].form is not DoneForm:
        return VERBS[verb].form(data)
    return DoneForm(data, visit=shown, now=timezone.now())


def show(
    request: HttpRequest,
    shown: Appointment,
    typed: dict[str, forms.Form] | None = None,
    refusal: str = "",
    *,
    in_drawer: bool = False,
) -> HttpResponse:
    """The page of `shown`, or what fills the drawer, with what was typed; 422 if so."""
    in_drawer = in_drawer or bool(request.htmx)  # type: ignore[attr-defined]
    now = timezone.now()
    context = visits.page(shown, now=now)
    context |= briefing.of(shown, context["series"], now=now)
    context |= {"refusal": refusal, "steps": steps.of(shown, now=now)}
    context["in_drawer"] = in_drawer
    if request.user.has_perm("bookings.change_appointment"):
        context |= _offered(shown, context["steps"], typed or {})
    name = "_drawer" if in_drawer else "appointment_detail"
    status = 422 if typed else 200
    return render(request, f"desk/{name}.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be said of an appointment: its words and what it asks.

    `step` is missing where it was on offer only when the page was shown.
    """

    verb: str
    words: Verb
    form: forms.Form
    step: Step | None
    is_typed: bool


def _offered(
    shown: Appointment, offered: Steps, typed: dict[str, forms.Form]
) -> dict[str, Any]:
    """What can be said of `shown`, sorted by where it is drawn.

    What was typed is kept even where it is on offer no more.
    """
    known = {step.verb: step for step in offered.all if step.verb in VERBS}
    actions = {
        verb: Action(
            verb,
            VERBS[verb],
            typed.get(verb) or _form(verb, shown),
            known.get(verb),
            verb in typed,
        )
        for verb in dict.fromkeys([*known, *typed])
    }
    asking = [one for one in actions.values() if one.step is None or one.step.has_form]
    return {
        "actions": list(actions.values()),
        "forward": actions.get(offered.forward.verb) if offered.forward else None,
        "back": actions.get(offered.back.verb) if offered.back else None,
        "note": actions.get("note"),
        "menu": [
            actions[step.verb]
            for step in offered.aside
            if step.verb in actions and step.verb not in ("note", "cancel")
        ],
        "sheets": [one for one in asking if one.verb != "note"],
    }
