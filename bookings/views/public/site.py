"""The pages of the public site: the same for everybody, so caches may keep them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from bookings.services.site import offers, pages, places, ribbons
from bookings.services.site.offers import Offer
from clinic import site

MINUTES = 5 * 60
SHOWN = 3  # treatments with a row of their own on the first page

View = Callable[..., HttpResponse]


def _public(view: View) -> View:
    """For everybody, kept by caches for a few minutes, then asked for again if changed."""

    @require_safe
    @login_not_required
    @cache_control(public=True, max_age=MINUTES)
    @conditional_page
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return opened


@_public
def home(request: HttpRequest) -> HttpResponse:
    """What the clinic does, for whom, where, and how to ask."""
    words, found = site.words(), offers.offers()
    context = {
        "title": words.title,
        "about": words.description,
        "offers": found[:SHOWN],
        "others": found[SHOWN:],
        "first": found[0] if found else None,
        "concerns": offers.concerns(found),
        "series": ribbons.typical(found[0].protocol) if found else None,
        "doctors": places.doctors(),
        "places": places.places(timezone.localdate()),
    }
    return render(request, "public/home.html", context)


@_public
def treatments(request: HttpRequest) -> HttpResponse:
    """Every treatment, or those for the concern that the address names."""
    found = offers.offers()
    asked = request.GET.get("concern", "")
    concerns = offers.concerns(found)
    concern = next((one for one in concerns if one.code == asked), None)
    if concern:
        found = offers.suited(found, concern.code)
    context = {
        "title": _("Treatments"),
        "about": _("What each treatment is, how many sessions it takes and how long."),
        "offers": found,
        "first": found[0] if found else None,
        "concerns": concerns,
        "concern": concern,
    }
    return render(request, "public/treatments.html", context)


@_public
def treatment(request: HttpRequest, code: str) -> HttpResponse:
    """One treatment: what it is, for whom, before, during and after."""
    found = offers.offers()
    offer = next((one for one in found if one.code == code), None)
    if offer is None:
        raise Http404
    context = {
        "title": offer.name,
        "about": offer.summary,
        "offer": offer,
        "others": [one for one in found if one is not offer],
        "waits": pages.who_waits(offer),
        "visit": pages.visit(offer),
        "before": pages.care([offer.protocol], "pre"),
        "after": pages.care([offer.protocol], "post"),
        "effects": pages.effects(offer),
        "urgent": pages.urgent([offer]),
        "questions": pages.questions(offer),
        "series": ribbons.typical(offer.protocol),
    }
    return render(request, "public/treatment.html", context)


@_public
def how(request: HttpRequest) -> HttpResponse:
    """How a series works, from the request to the last session."""
    found = offers.offers()
    context = {
        "title": _("How a series works"),
        "about": _("From your request to the last session: how a series is planned."),
        "first": found[0] if found else None,
        "series": ribbons.typical(found[0].protocol) if found else None,
        "before": pages.care(_protocols(found), "pre"),
    }
    return render(request, "public/how.html", context)


@_public
def doctors(request: HttpRequest) -> HttpResponse:
    """Who treats and reviews."""
    context = {
        "title": _("Doctors"),
        "about": _("The doctors who review every plan, and the languages they speak."),
        "doctors": places.doctors(),
    }
    return render(request, "public/doctors.html", context)


@_public
def locations(request: HttpRequest) -> HttpResponse:
    """Where the clinic is, when it is open and how to find it."""
    context = {
        "title": _("Locations"),
        "about": _("Addresses, opening hours, phone numbers and how to find us."),
        "places": places.places(timezone.localdate()),
    }
    return render(request, "public/locations.html", context)


@_public
def contact(request: HttpRequest) -> HttpResponse:
    """How to reach the clinic."""
    context = {
        "title": _("Contact"),
        "about": _("Call us, write to us, or ask for a consultation online."),
        "places": places.places(timezone.localdate()),
    }
    return render(request, "public/contact.html", context)


@_public
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about patients, why, and what they can do."""
    return _sections(request, _("Privacy"), site.words().privacy)


@_public
def accessibility(request: HttpRequest) -> HttpResponse:
    """How far everybody can use the site and the clinic."""
    return _sections(request, _("Accessibility"), site.words().accessibility)


@_public
def after_care(request: HttpRequest) -> HttpResponse:
    """What is normal after a session, what is not, and whom to call."""
    found = offers.offers()
    context = {
        "title": _("After-care help"),
        "about": _("What is normal after a session, what is not, and whom to call."),
        "effects": pages.effects(found[0]) if found else [],
        "urgent": pages.urgent(found),
        "after": pages.care(_protocols(found), "post"),
        "places": places.places(timezone.localdate()),
    }
    return render(request, "public/after_care.html", context)


def _protocols(found: list[Offer]) -> list[Any]:
    return [offer.protocol for offer in found]


def _sections(request: HttpRequest, title: str, sections: Any) -> HttpResponse:
    about = sections[0].text[0]
    context = {"title": title, "about": about, "sections": sections}
    return render(request, "public/sections.html", context)
