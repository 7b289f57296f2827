"""Health questions again before a session, signed in or by a link from a letter."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings.forms.portal.answers import ChangeForm
from bookings.services.links import Purpose
from bookings.services.portal import rechecks
from bookings.services.portal.rechecks import Check
from bookings.services.refusals import BookingRefused
from bookings.views.portal import session_doors
from bookings.views.portal.session_doors import Door


@require_http_methods(["GET", "HEAD", "POST"])
def _answers(request: HttpRequest, door: Door) -> HttpResponse:
    """Show the questions before a session, or take the answers down."""
    found = rechecks.check(door.session, now=timezone.now())
    if request.method != "POST":
        return _page(request, door, found)
    wants_same = request.POST.get("do") == "same"
    form = None if wants_same else ChangeForm(request.POST, found=found)
    if form is not None and not form.is_valid():
        return _page(request, door, found, form=form)
    try:
        _take_down(request, door, form)
    except BookingRefused as refused:
        return _page(request, door, found, form=form, refusal=str(refused))
    return redirect(request.path)


my_answers = session_doors.signed_in(
    _answers, rechecks.may_answer, "health questions before a session"
)
answers = session_doors.by_link(_answers, rechecks.may_answer, Purpose.ANSWERS)


def _take_down(request: HttpRequest, door: Door, form: ChangeForm | None) -> None:
    seen, now = request.POST.get("seen", ""), timezone.now()
    if form is None:
        rechecks.nothing_changed(door.session, seen=seen, now=now)
    else:
        rechecks.change(door.session, form.given(), seen=seen, now=now)


def _page(
    request: HttpRequest,
    door: Door,
    found: Check,
    *,
    form: ChangeForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page with `form`, where something is to change or was never answered."""
    is_changing = "change" in request.GET or (found.is_due and found.needs_words)
    if form is None and is_changing:
        form = ChangeForm(None, found=found)
    context = _context(door, found) | {"form": form, "refusal": refusal}
    is_refused = bool(refusal or (form is not None and form.errors))
    status = 422 if is_refused else 200
    return render(request, "portal/answers.html", context, status=status)


def _context(door: Door, found: Check) -> dict[str, Any]:
    session = found.session
    stands = rechecks.stands(session.patient, now=timezone.now())
    return {
        "frame": door.frame,
        "patient": session.patient,
        "session": session,
        "location": session.location,
        "found": found,
        "stands": stands,
        "held": [one for one in stands if one.is_held],
    }
