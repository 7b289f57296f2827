"""The two doors to the questions about one session: signed in, or by a link.

A link opens the questions it was made for and nothing else. What does not stand any
more, what is somebody else's and what was made up all look the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from bookings.models import Appointment, Patient, codes
from bookings.models.appointments import AppointmentQuerySet
from bookings.services import links, patients
from bookings.services.links import LinkRefused, Purpose
from bookings.views.portal.door import View, patient_required
from clinic.views import current_user

Opens = Callable[[Appointment], bool]


@dataclass(frozen=True, slots=True)
class Door:
    """One session, and the frame of its page behind the door that was taken."""

    session: Appointment
    is_link: bool

    @property
    def frame(self) -> str:
        """The template around the page."""
        return "portal/linked.html" if self.is_link else "portal/base.html"


Page = Callable[[HttpRequest, Door], HttpResponse]


def signed_in(page: Page, opens: Opens, what: str) -> View:
    """`page` for a patient's own session that `opens` lets in, else 404.

    The look is kept in the record as `what`.
    """

    @never_cache
    @patient_required
    def view(request: HttpRequest, patient: Patient, code: str) -> HttpResponse:
        number = codes.number_of(code) or 0
        session = _rows().filter(patient=patient, pk=number).first()
        if session is None or not opens(session):
            raise Http404
        patients.log_access(current_user(request), patient, what)
        return page(request, Door(session, is_link=False))

    return view


def by_link(page: Page, opens: Opens, purpose: Purpose) -> View:
    """`page` for whoever has the link, while `opens` lets its session in."""

    @never_cache
    @login_not_required
    def view(request: HttpRequest, token: str) -> HttpResponse:
        session = _opened(purpose, token)
        if session is None or not opens(session):
            return render(request, "portal/link_refused.html", status=404)
        return page(request, Door(session, is_link=True))

    return view


def _opened(purpose: Purpose, token: str) -> Appointment | None:
    try:
        row = links.opened(purpose, token, now=timezone.now())
    except LinkRefused:
        return None
    return _rows().filter(pk=row.pk).first()


def _rows() -> AppointmentQuerySet:
    return Appointment.objects.with_people().select_related("plan__location")
