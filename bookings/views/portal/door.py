"""The portal's door: whose pages these are follows from who is signed in.

No address names a patient. One mailbox may speak for several people; whose plan is
looked at is then chosen, kept in the session, and checked on every page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from bookings.models import Patient
from bookings.services import links

CHOSEN = "portal-patient"

View = Callable[..., HttpResponseBase]


def patient_required(view: View) -> View:
    """Call `view(request, patient, …)`, or lead to signing in or to choosing."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        people = people_of(request)
        if not people:
            return _led_to("portal:sign-in", request)
        patient = chosen(request, people)
        if patient is None:
            return _led_to("portal:who", request)
        return view(request, patient, *args, **kwargs)

    return guarded


def link_required(purpose: links.Purpose) -> Callable[[View], View]:
    """Call `view(request, row, …)` with what the token of the address opens.

    A link that opens nothing gets one and the same page, with status 404. No browser
    keeps the page; its address is told to nobody else (`SECURE_REFERRER_POLICY`).
    """

    def wrap(view: View) -> View:
        @login_not_required
        @never_cache
        @wraps(view)
        def guarded(
            request: HttpRequest, token: str, **kwargs: Any
        ) -> HttpResponseBase:
            try:
                row = links.opened(purpose, token, now=timezone.now())
            except links.LinkRefused:
                return refused(request)
            return view(request, row, **kwargs)

        return guarded

    return wrap


def refused(request: HttpRequest) -> HttpResponse:
    """The page for a link that opens nothing, the same for every reason."""
    return render(request, "portal/link_refused.html", status=404)


def people_of(request: HttpRequest) -> list[Patient]:
    """The patients for whom whoever is signed in may speak; nobody for a stranger."""
    if not request.user.is_authenticated:
        return []
    return list(
        Patient.objects.current().filter(user=request.user).select_related("location")
    )


def chosen(request: HttpRequest, people: list[Patient]) -> Patient | None:
    """Whose pages are looked at: the only one, or the one chosen."""
    if len(people) == 1:
        return people[0]
    wanted = request.session.get(CHOSEN)
    return next((one for one in people if one.pk == wanted), None)


def _led_to(view: str, request: HttpRequest) -> HttpResponse:
    back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    query = f"?{urlencode({'next': back}, safe='/')}" if back else ""
    return redirect(f"{reverse(view)}{query}")
