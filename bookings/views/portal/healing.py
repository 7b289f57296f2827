"""How is it healing? One tap after a session, signed in or by a link from a letter."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings.forms.portal.healing import HealingForm, moment_of
from bookings.models import HealingState
from bookings.services import visit_checks
from bookings.services.links import Purpose
from bookings.services.portal import checkins
from bookings.services.refusals import BookingRefused
from bookings.views.portal import session_doors
from bookings.views.portal.session_doors import Door


@require_http_methods(["GET", "HEAD", "POST"])
def _healing(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask how the skin heals, or keep the answer; looking alone records nothing."""
    if request.method != "POST":
        return _page(request, door)
    form = HealingForm(request.POST)
    if not form.is_valid():
        return _page(request, door, form=form)
    try:
        checkins.say(door.session, **form.said(), now=timezone.now())
    except BookingRefused as refused:
        return _page(request, door, form=form, refusal=str(refused))
    return redirect(f"{request.path}?said=1")


my_healing = session_doors.signed_in(
    _healing, checkins.may_say, "how the skin heals after a session"
)
healing = session_doors.by_link(_healing, checkins.may_say, Purpose.HEALING)


def _page(
    request: HttpRequest,
    door: Door,
    *,
    form: HealingForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The question; with `answer` in the address the answer waits for one more tap."""
    answer = request.POST.get("state") or request.GET.get("answer", "")
    moment = request.POST.get("moment") or request.GET.get("moment", "")
    context = _context(door) | {
        "form": form or HealingForm(),
        "chosen": answer if answer in HealingState.values else "",
        "moment": moment_of(moment),
        "is_said": "said" in request.GET,
        "refusal": refusal,
    }
    status = 422 if refusal or form is not None else 200
    return render(request, "portal/healing.html", context, status=status)


def _context(door: Door) -> dict[str, Any]:
    last = checkins.latest(door.session)
    return {
        "frame": door.frame,
        "patient": door.session.patient,
        "session": door.session,
        "location": door.session.location,
        "last": last,
        "signs": visit_checks.signs_of(last) if last else [],
    }
