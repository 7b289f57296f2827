"""A patient moves one visit: chooses a time, sees what follows, accepts it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.forms.moves import PICK, picks
from bookings.forms.portal.visits import AcceptMoveForm, sign, start_of
from bookings.services.portal import (
    asking,
    cascade,
    policy,
    proposed,
    selfservice,
)
from bookings.services.portal.cascade import Line
from bookings.services.portal.policy import Bar, NotAlone
from bookings.services.portal.proposed import Proposed
from bookings.services.refusals import BookingRefused
from bookings.views.portal.visit_doors import Door, by_link, signed_in
from bookings.views.portal.visits import page, show
from clinic.views import this_year

DAYS = 6  # shown at first: what fits on two screens of a phone
METHODS = ["GET", "HEAD", "POST"]


def _move(request: HttpRequest, door: Door) -> HttpResponse:
    """Choose a time, or see and accept what moving to `at` comes to."""
    bar = policy.against_moving(door.visit, now=timezone.now())
    if bar == Bar.HEALTH:
        return page(request, door, "visit_health", {"why": policy.words(bar)})
    if bar == Bar.OVER or (bar and asking.open_wish(door.visit)):
        return show(request, door)
    if bar:
        return redirect(door.ask)
    if request.method == "POST":
        return _accept(request, door)
    start = start_of(request.GET.get("at", ""))
    return _propose(request, door, start) if start else _choose(request, door)


my_visit_move = require_http_methods(METHODS)(signed_in(_move))
visit_move = require_http_methods(METHODS)(by_link(_move))


def _choose(request: HttpRequest, door: Door) -> HttpResponse:
    """Days with free times: a few, one day with all of them, or all days."""
    found = proposed.choices(door.visit, now=timezone.now())
    wanted = request.GET.get("day", "")
    one = [choice for choice in found if choice.day.isoformat() == wanted]
    shown = one or (found if "all" in request.GET else found[:DAYS])
    context: dict[str, Any] = {
        "choices": shown,
        "is_one": bool(one),
        "more": len(found) - len(shown),
    }
    return page(request, door, "visit_move", context)


def _lost(
    request: HttpRequest, door: Door, start: datetime | None, refusal: str
) -> HttpResponse:
    """That the time is gone, and the nearest that are free; nothing was changed."""
    found = proposed.choices(door.visit, now=timezone.now())
    context: dict[str, Any] = {
        "choices": found[:DAYS],
        "more": len(found) - len(found[:DAYS]),
        "refusal": refusal,
        "nearest": proposed.nearest(found, start) if start else [],
    }
    return page(request, door, "visit_move", context, 422)


def _propose(request: HttpRequest, door: Door, start: datetime) -> HttpResponse:
    """Before and after, and what has to move too."""
    now, chosen = timezone.now(), picks(request.GET)
    try:
        found = proposed.propose(door.visit, start, now=now, chosen=chosen)
    except BookingRefused as refused:
        return _lost(request, door, start, str(refused))
    year, plan = this_year(), door.visit.plan
    follows = cascade.follows(found, plan, year) if plan else []
    context = {
        "target": cascade.target(found),
        "follows": [(line, _others(request, line)) for line in follows],
        "letters": cascade.letters(found, year),
        "signed": sign(found.sealed),
        "is_earlier": _is_earlier(found),
    }
    return page(request, door, "visit_follows", context)


def _is_earlier(found: Proposed) -> bool:
    return found.target.days < 0


def _others(request: HttpRequest, line: Line) -> list[tuple[datetime, str]]:
    """Other places for a session that follows, each with its address."""
    links = []
    for other in line.others:
        query = request.GET.copy()
        query[f"{PICK}{line.number}"] = other.value
        links.append((other.place.starts_at, f"{request.path}?{query.urlencode()}"))
    return links


def _accept(request: HttpRequest, door: Door) -> HttpResponse:
    """Do what was shown, all of it or nothing."""
    form = AcceptMoveForm(request.POST)
    try:
        sealed = form.sealed() if form.is_valid() else None
    except signing.BadSignature:
        sealed = None
    if sealed is None:
        return _choose(request, door)
    try:
        selfservice.move(door.visit, sealed, now=timezone.now())
    except selfservice.Lost as refused:
        return _lost(request, door, start_of(sealed["start"]), str(refused))
    except NotAlone as refused:
        return show(request, door, refusal=str(refused))
    except BookingRefused as refused:
        return _lost(request, door, None, str(refused))
    messages.success(request, _moved(sealed))
    return door.back()


def _moved(sealed: dict[str, Any]) -> str:
    count = len(sealed["moves"]["sessions"]) if "moves" in sealed else 1
    words = ngettext("Your visit is moved.", "Your %(count)s visits are moved.", count)
    return words % {"count": count}
