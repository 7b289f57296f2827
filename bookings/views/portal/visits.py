"""One visit as its patient sees it: confirm it, give it back, ask, wait for earlier.

Every page has two doors (`visit_doors`): `my_…` signed in, the other by a link.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.portal.visits import AskForm, CancelForm, JoinForm, VersionForm
from bookings.models import Appointment, AppointmentStatus
from bookings.services.portal import asking, policy, queueing, selfservice
from bookings.services.portal.asking import What
from bookings.services.portal.proposed import is_session
from bookings.services.refusals import BookingRefused
from bookings.views.portal.visit_doors import Door, by_link, signed_in

METHODS = ["GET", "HEAD", "POST"]
GIVEN_BACK = (AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED)
HERE = (AppointmentStatus.ARRIVED, AppointmentStatus.IN_SESSION)


def _visit(request: HttpRequest, door: Door) -> HttpResponse:
    """The visit, how it stands, and what can be done about it."""
    return show(request, door)


my_visit = require_safe(signed_in(_visit))
visit = require_safe(by_link(_visit))


def _confirm(request: HttpRequest, door: Door) -> HttpResponse:
    """One button: I will come. Opening the page alone changes nothing."""
    form = VersionForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return show(request, door)
    given = {"version": form.cleaned_data["version"], "now": timezone.now()}
    return _done(
        request,
        door,
        lambda: selfservice.confirm(door.visit, **given),
        _("Thank you. We look forward to seeing you."),
    )


my_visit_confirm = require_http_methods(METHODS)(signed_in(_confirm))
visit_confirm = require_http_methods(METHODS)(by_link(_confirm))


def _cancel(request: HttpRequest, door: Door) -> HttpResponse:
    """What cancelling means, then one button; a late one is asked for instead."""
    now = timezone.now()
    bar = policy.against_cancelling(door.visit, now=now)
    if bar == policy.Bar.OVER:
        return show(request, door)
    if bar:
        return _ask_page(request, door, What.CANCEL)
    form = CancelForm(request.POST or None, initial={"version": door.visit.version})
    if form.is_valid():
        return _done(
            request,
            door,
            lambda: selfservice.cancel(door.visit, now=now, **form.cleaned_data),
            _("Your visit is cancelled. Thank you for telling us."),
        )
    status = 422 if form.errors else 200
    return page(request, door, "visit_cancel", {"form": form}, status)


my_visit_cancel = require_http_methods(METHODS)(signed_in(_cancel))
visit_cancel = require_http_methods(METHODS)(by_link(_cancel))


def _ask(request: HttpRequest, door: Door) -> HttpResponse:
    """A wish for the desk, in words, days and times; one at a time."""
    if not asking.may_ask(door.visit, now=timezone.now()):
        return show(request, door)
    is_cancel = request.GET.get("what") == What.CANCEL and door.visit.can_be_moved
    what = What.MOVE if door.visit.can_be_moved else What.NEW
    return _ask_page(request, door, What.CANCEL if is_cancel else what)


my_visit_ask = require_http_methods(METHODS)(signed_in(_ask))
visit_ask = require_http_methods(METHODS)(by_link(_ask))


def _ask_page(request: HttpRequest, door: Door, what: What) -> HttpResponse:
    now = timezone.now()
    if asking.open_wish(door.visit):
        return show(request, door)
    is_sent = request.method == "POST" and "wish" in request.POST
    form = AskForm(request.POST if is_sent else None, what=what)
    if form.is_valid():
        asking.ask(door.visit, form.wish(), now=now)
        return door.back()
    bar = policy.against_moving(door.visit, now=now)
    context = {"form": form, "what": what, "why": bar and policy.words(bar)}
    return page(request, door, "visit_ask", context, 422 if form.errors else 200)


def _wait(request: HttpRequest, door: Door) -> HttpResponse:
    """Join the waiting list for an earlier day than that of the visit."""
    now = timezone.now()
    row = door.visit
    if queueing.entry_of(row) or not queueing.may_join(row, now=now):
        return show(request, door)
    today = now.astimezone(row.location.zone).date()
    form = JoinForm(request.POST or None, visit=row, today=today)
    if form.is_valid():
        try:
            queueing.join(row, form.wish(), now=now)
        except BookingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("You are on the list."))
            return door.back()
    status = 422 if form.errors else 200
    return page(request, door, "visit_wait", {"form": form}, status)


my_visit_wait = require_http_methods(METHODS)(signed_in(_wait))
visit_wait = require_http_methods(METHODS)(by_link(_wait))


def _leave(request: HttpRequest, door: Door) -> HttpResponse:
    """Leave the waiting list; the visit stays where it is."""
    return _done(
        request,
        door,
        lambda: queueing.leave(door.visit, now=timezone.now()),
        _("You are no longer on the list. Your visit stays as it is."),
    )


my_visit_leave = require_POST(signed_in(_leave))
visit_leave = require_POST(by_link(_leave))


def _done(
    request: HttpRequest, door: Door, act: Callable[[], object], words: str
) -> HttpResponse:
    """Do it and go back to the visit; a refusal shows the visit as it is now."""
    try:
        act()
    except BookingRefused as refused:
        fresh = Door(_fresh(door.visit), door.key, door.is_link)
        return show(request, fresh, refusal=str(refused))
    messages.success(request, words)
    return door.back()


def _fresh(row: Appointment) -> Appointment:
    return Appointment.objects.with_people().get(pk=row.pk)


def show(request: HttpRequest, door: Door, *, refusal: str = "") -> HttpResponse:
    """The visit's own page; 422 where it has to say no."""
    now, row = timezone.now(), door.visit
    is_ahead = policy.is_ahead(row, now=now)
    moving = policy.against_moving(row, now=now)
    context: dict[str, Any] = {
        "refusal": refusal,
        "stage": "ahead" if is_ahead else _stage(row),
        "against_moving": moving and policy.words(moving),
        "is_late": moving == policy.Bar.LATE,
        "alone_until": policy.alone_until(row),
        "wish": asking.open_wish(row),
        "may_ask": asking.may_ask(row, now=now),
    }
    if is_ahead:
        context |= _waits(row, now)
    return page(request, door, "visit", context, 422 if refusal else 200)


def _waits(row: Appointment, now: datetime) -> dict[str, Any]:
    """What is open on the waiting list."""
    return {
        "entry": queueing.entry_of(row),
        "may_join": queueing.may_join(row, now=now),
        "offers": queueing.open_offers(row.patient, now=now),
    }


def _stage(row: Appointment) -> str:
    """How a visit stands of which nothing can be changed any more."""
    if row.status in GIVEN_BACK:
        return "cancelled"
    if row.status == AppointmentStatus.NO_SHOW:
        return "missed"
    return "here" if row.status in HERE else "over"


def page(
    request: HttpRequest,
    door: Door,
    name: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """A page about one visit, in the frame of its door."""
    context |= {
        "door": door,
        "visit": door.visit,
        "frame": door.frame,
        "is_session": is_session(door.visit),
        "who": door.who,
        "is_confirmed": door.visit.status == AppointmentStatus.CONFIRMED,
    }
    with timezone.override(door.visit.location.zone):
        return render(request, f"portal/{name}.html", context, status=status)
