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
from django.shortcuts import redirect
from django.urls import reverse

from bookings.models import Patient

CHOSEN = "portal-patient"

View = Callable[..., HttpResponse]


def patient_required(view: View) -> View:
    """Call `view(request, patient, …)`, or lead to signing in or to choosing."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people = people_of(request)
        if not people:
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('portal:sign-in')}?{query}")
        patient = chosen(request, people)
        if patient is None:
            return redirect("portal:who")
        return view(request, patient, *args, **kwargs)

    return guarded


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
