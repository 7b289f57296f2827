"""Moving a consultation or a result review: where to, what changes, doing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.forms.moves import AcceptTalkForm, WhereToForm
from bookings.models import Appointment
from bookings.services.appointing import talk_moves, talks
from bookings.services.moves import undo
from bookings.services.refusals import BookingRefused
from bookings.views.desk import move_parts as parts
from clinic.views import current_user


def move(request: HttpRequest, shown: Appointment) -> HttpResponse:
    """Choose where `shown` goes, see it, accept it; the address says where."""
    asked = "day" in request.GET or "time" in request.GET
    form = WhereToForm(request.GET if asked else None, place=shown.location)
    if not form.is_valid():
        return _choose(request, shown, form)
    accept = AcceptTalkForm(request.POST or None, initial={"version": shown.version})
    try:
        if request.method == "POST" and accept.is_valid():
            return _accept(request, shown, form, accept)
    except BookingRefused as refused:
        return _page(request, shown, form, accept, str(refused))
    return _page(request, shown, form, accept)


def _choose(
    request: HttpRequest, shown: Appointment, form: WhereToForm, refusal: str = ""
) -> HttpResponse:
    """The next days that have a place, and a way to name any other."""
    try:
        options = talk_moves.options(shown, now=timezone.now())
    except BookingRefused as refused:
        options, refusal = [], refusal or str(refused)
    context = {
        "appointment": shown,
        "form": form,
        "options": options,
        "refusal": refusal,
    }
    status = 422 if refusal or form.errors else 200
    return parts.shown(request, "move_choose", context, status)


def _page(
    request: HttpRequest,
    shown: Appointment,
    form: WhereToForm,
    accept: AcceptTalkForm,
    refusal: str = "",
) -> HttpResponse:
    """From where to where, with every input kept; or why it cannot be."""
    now = timezone.now()
    try:
        talk = talk_moves.propose(shown, form.start(), form.wish(), now=now)
    except BookingRefused as refused:
        return _choose(request, shown, form, refusal or str(refused))
    change = talk_moves.change(shown, talk)
    if not change.is_changed:
        return _choose(request, shown, form, refusal or _("It is there already."))
    context: dict[str, Any] = {
        "appointment": shown,
        "changes": [change],
        "accept": accept,
        "refusal": refusal,
    }
    status = 422 if refusal or accept.errors else 200
    return parts.shown(request, "move_talk", context, status)


def _accept(
    request: HttpRequest,
    shown: Appointment,
    form: WhereToForm,
    accept: AcceptTalkForm,
) -> HttpResponse:
    actor, now = current_user(request), timezone.now()
    talk = talk_moves.propose(shown, form.start(), form.wish(), now=now)
    with undo.recording(shown, actor=actor, now=now) as record:
        row = talks.move(
            shown,
            talk.starts_at,
            practitioner=talk.practitioner,
            room=talk.room,
            actor=actor,
            now=now,
            **accept.cleaned_data,
        )
    said = _("Moved to %(when)s.") % {
        "when": date_format(row.local_start, "D j M, H:i")
    }
    messages.success(request, said, extra_tags=record.token)
    if request.htmx:  # type: ignore[attr-defined]
        return parts.moved(request)
    return redirect("desk:appointment", shown.pk)
