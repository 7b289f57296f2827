"""The two doors to one visit: signed in by its code, or by a link in a letter.

Behind both stand the same pages. A link opens its one visit and nothing else: neither
the plan nor health answers, for which the patient signs in.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from bookings.models import Appointment, AppointmentStatus, Patient, codes
from bookings.models.appointments import AppointmentQuerySet
from bookings.scheduling.problem import OPERATOR
from bookings.services import links
from bookings.services.links import LinkRefused, Purpose
from bookings.views.portal.door import View, patient_required

UNSAID = (AppointmentStatus.HELD, AppointmentStatus.RELEASED)


@dataclass(frozen=True, slots=True)
class Door:
    """One visit, and the addresses of its pages behind the door that was taken."""

    visit: Appointment
    key: str
    is_link: bool

    @property
    def frame(self) -> str:
        """The template around the page."""
        return "portal/linked.html" if self.is_link else "portal/base.html"

    @property
    def here(self) -> str:
        return self._address("")

    @property
    def confirm(self) -> str:
        return self._address("-confirm")

    @property
    def move(self) -> str:
        return self._address("-move")

    @property
    def cancel(self) -> str:
        return self._address("-cancel")

    @property
    def ask(self) -> str:
        return self._address("-ask")

    @property
    def wait(self) -> str:
        return self._address("-wait")

    @property
    def leave(self) -> str:
        return self._address("-leave")

    @property
    def who(self) -> str:
        """Who gives it, or nothing where nobody is named."""
        given = [one for one in self.visit.claims.all() if one.role == OPERATOR]
        return given[0].resource.name if given else ""

    def _address(self, page: str) -> str:
        family = "visit" if self.is_link else "my-visit"
        return reverse(f"portal:{family}{page}", args=[self.key])

    def back(self) -> HttpResponse:
        """To the visit itself."""
        return redirect(self.here)


Page = Callable[[HttpRequest, Door], HttpResponse]


def signed_in(page: Page) -> View:
    """`page` for a patient who is signed in: their own visits only, else 404."""

    @never_cache
    @patient_required
    def view(request: HttpRequest, patient: Patient, code: str) -> HttpResponse:
        number = codes.number_of(code)
        visit = _rows().filter(patient=patient, pk=number or 0).first()
        if visit is None:
            raise Http404
        return page(request, Door(visit, visit.code, is_link=False))

    return view


def by_link(page: Page) -> View:
    """`page` for whoever has the link: only what it opens, else one plain page."""

    @never_cache
    @login_not_required
    def view(request: HttpRequest, token: str) -> HttpResponse:
        try:
            row = links.opened(Purpose.VISIT, token, now=timezone.now())
        except LinkRefused:
            return refused(request)
        visit = _rows().filter(pk=row.pk).first()
        if visit is None:
            return refused(request)
        return page(request, Door(visit, token, is_link=True))

    return view


def refused(request: HttpRequest) -> HttpResponse:
    """A link that opens nothing, whatever the reason."""
    return render(request, "portal/link_refused.html", status=404)


def _rows() -> AppointmentQuerySet:
    """Visits of which patients know: what is only held for them is not among them."""
    return Appointment.objects.with_people().exclude(status__in=UNSAID)
