"""What every page of the shell shows: the clinic's name, and where one may go."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic import site
from clinic.views import this_year


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the shell: shown to whoever holds `permission`.

    `family` begins the names of the views that belong to it, so that a patient's
    page still lights up "Patients". `counts` names what is open there, if it is counted.
    """

    view: str
    label: Promise
    icon: str
    permission: str
    family: tuple[str, ...]
    counts: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place as drawn. `current` is an aria-current value, or empty."""

    label: Promise
    icon: str
    href: str
    current: str
    counts: str = ""


PLACES = (
    Place(
        "desk:day",
        _("Diary"),
        "calendar4",
        "bookings.view_appointment",
        ("desk:day", "desk:appointment"),
    ),
    Place(
        "desk:tasks",
        _("To do"),
        "check2-square",
        "bookings.view_task",
        ("desk:task", "desk:confirmation", "desk:outage"),
        counts="tasks",
    ),
    Place(
        "desk:series-list",
        _("Series"),
        "series",
        "bookings.view_treatmentplan",
        ("desk:series", "desk:plan", "desk:hold", "desk:waiting", "desk:offer"),
    ),
    Place(
        "desk:requests",
        _("Requests"),
        "inbox",
        "bookings.view_consultationrequest",
        ("desk:request",),
        counts="requests",
    ),
    Place(
        "review:today",
        _("Today"),
        "calendar-check",
        "bookings.add_sessionrecord",
        ("review:today", "review:record"),
    ),
    Place(
        "review:queue",
        _("Review"),
        "clipboard2-check",
        "bookings.review_treatmentplan",
        ("review:queue", "review:plan"),
    ),
    Place(
        "review:outcomes",
        _("Results"),
        "graph-up-arrow",
        "bookings.view_outcomereview",
        ("review:outcome",),
    ),
    Place(
        "review:alerts",
        _("Alerts"),
        "heart-pulse",
        "bookings.answer_checkin",
        ("review:alert", "review:reaction", "review:trace", "review:patient-trace"),
        counts="alerts",
    ),
    Place(
        "desk:patients",
        _("Patients"),
        "people",
        "bookings.view_patient",
        ("desk:patient", "review:photo"),
    ),
    Place(
        "desk:messages",
        _("Messages"),
        "chat-left-text",
        "bookings.view_message",
        ("desk:message",),
    ),
    Place(
        "review:catalogue",
        _("Catalogue"),
        "journal-medical",
        "treatments.view_protocol",
        ("review:catalogue", "review:unconfirmed"),
    ),
    Place(
        "desk:setup",
        _("Set up"),
        "gear",
        "clinic.set_up_clinic",
        ("desk:setup",),
    ),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Name the clinic and the year; leave the navigation to be worked out if drawn."""
    return {
        "this_year": this_year(),  # a date says its year when it is not
        "clinic_name": settings.CLINIC_NAME,
        "clinic_short_name": settings.CLINIC_SHORT_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "clinic_email": settings.CLINIC_EMAIL,
        "clinic_site": site.words,  # the clinic's own words for everyone
        "clinic_style": site.style_address,
        "nav": partial(_places, request),
    }


def _places(request: HttpRequest) -> list[NavItem]:
    """List what `request.user` may open and this site has."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        NavItem(place.label, place.icon, href, _current(place, here), place.counts)
        for place in PLACES
        if user.has_perm(place.permission) and (href := _href(place.view))
    ]


def _href(view: str) -> str:
    """The address of `view`, or nothing where this site does not have it."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def _current(place: Place, here: str) -> str:
    if here == place.view:
        return "page"
    return "true" if here.startswith(place.family) else ""
