"""One appointment: what it is, what became of it, and what the desk can say of it."""

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.changes import DoneForm, NoteForm
from bookings.models import Appointment
from bookings.services import briefing, patients, steps, visits
from bookings.services.moves import undo
from bookings.services.refusals import BookingRefused
from bookings.services.steps import Step, Steps
from bookings.views.desk.verbs import VERBS, Verb
from clinic.views import current_user, way_back


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
    """Do what the address names; where that fails, keep what was typed.

    What was typed is read under the patient's lock, as others may be saving too.
    """
    shown = get_object_or_404(visits.rows(), pk=appointment_id)
    if verb not in VERBS:
        raise Http404
    actor, now = current_user(request), timezone.now()
    form: forms.BaseForm | None = None
    refusal = ""
    try:
        with undo.recording(shown, actor=actor, now=now) as record:
            form = _form(verb, shown, request.POST)
            if form.is_valid():
                facts = form.cleaned_data | _seen(request)
                VERBS[verb].act(shown, **facts, actor=actor, now=now)
    except BookingRefused as refused:
        form, refusal = form or _form(verb, shown, request.POST), str(refused)
    if refusal or not form.is_valid():
        return _not_changed(request, shown, {verb: form}, refusal)
    messages.success(request, str(VERBS[verb].done), extra_tags=record.token)
    return changed(request, shown)


def _not_changed(
    request: HttpRequest,
    shown: Appointment,
    forms_by_verb: dict[str, forms.BaseForm],
    refusal: str,
) -> HttpResponse:
    """The page as it stands by now, with what was typed and why it was not done."""
    fresh = visits.rows().get(pk=shown.pk)
    answer = show(request, fresh, forms_by_verb, refusal)
    if refusal:  # somebody else may have been here: the diary is to look again
        answer["HX-Trigger"] = "diary-changed"
    return answer


def changed(request: HttpRequest, shown: Appointment) -> HttpResponse:
    """The page as it is now; on the diary the drawer, and word that the diary changed."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(way_back(request, "desk:appointment", shown.pk))
    answer = show(request, visits.rows().get(pk=shown.pk))
    answer["HX-Trigger"] = "diary-changed"
    return answer


def _seen(request: HttpRequest) -> dict[str, Any]:
    """Version and status as the page showed them."""
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 10 else 0
    return {"version": version, "seen": request.POST.get("status")}


def _form(verb: str, shown: Appointment, data: Any = None) -> forms.BaseForm:
    kind = VERBS[verb].form
    if kind is DoneForm:
        return DoneForm(data, visit=shown, now=timezone.now())
    if kind is NoteForm:
        return NoteForm(data, instance=copy(shown))
    form: forms.BaseForm = kind(data)
    return form


def show(
    request: HttpRequest,
    shown: Appointment,
    typed: dict[str, forms.BaseForm] | None = None,
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
    form: forms.BaseForm
    step: Step | None
    is_typed: bool

    @property
    def asks(self) -> bool:
        """Whether there is anything to type; a plain step that is gone leaves nothing."""
        return bool(self.form.fields) and (self.step is None or self.step.has_form)


def _words(verb: str, step: Step | None) -> Verb:
    """The words of a verb; the button of a step back says from where."""
    words = VERBS[verb]
    return replace(words, button=step.label) if step and verb == "back" else words


def _offered(
    shown: Appointment, offered: Steps, typed: dict[str, forms.BaseForm]
) -> dict[str, Any]:
    """What can be said of `shown`, sorted by where it is drawn.

    What was typed is kept even where it is on offer no more.
    """
    actions = _actions(shown, offered, typed)
    asking = [one for one in actions.values() if one.asks]
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


def _actions(
    shown: Appointment, offered: Steps, typed: dict[str, forms.BaseForm]
) -> dict[str, Action]:
    known = {step.verb: step for step in offered.all if step.verb in VERBS}
    return {
        verb: Action(
            verb,
            _words(verb, known.get(verb)),
            typed.get(verb) or _form(verb, shown),
            known.get(verb),
            verb in typed,
        )
        for verb in dict.fromkeys([*known, *typed])
    }
