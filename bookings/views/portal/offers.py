"""A freed time that is kept for a patient: take it, or leave it to the next in line."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings.models import Patient, WaitingOffer
from bookings.services import links
from bookings.services.links import LinkRefused, Purpose
from bookings.services.messages import offer_letters
from bookings.services.portal import policy, queueing
from bookings.services.refusals import BookingRefused
from bookings.views.portal.door import patient_required
from bookings.views.portal.visit_doors import refused

TAKE, LEAVE = "take", "leave"
METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@never_cache
@login_not_required
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """The offer that a link opens."""
    try:
        row = links.opened(Purpose.OFFER, token, now=timezone.now())
    except LinkRefused:
        return refused(request)
    here = reverse("portal:offer", args=[token])
    return _offer(request, _read(row.pk), here, "portal/linked.html")


@require_http_methods(METHODS)
@never_cache
@patient_required
def my_offer(request: HttpRequest, patient: Patient, offer_id: int) -> HttpResponse:
    """One of the patient's own offers."""
    if not WaitingOffer.objects.filter(pk=offer_id, entry__patient=patient).exists():
        raise Http404
    here = reverse("portal:my-offer", args=[offer_id])
    return _offer(request, _read(offer_id), here, "portal/base.html")


def _read(pk: int) -> WaitingOffer:
    rows = WaitingOffer.objects.select_related(
        "entry__patient", "entry__plan__location", "entry__plan__protocol", "hold"
    )
    return rows.get(pk=pk)


def _offer(
    request: HttpRequest, row: WaitingOffer, here: str, frame: str
) -> HttpResponse:
    """Take it or leave it; opening the page alone changes nothing."""
    refusal, now = "", timezone.now()
    if request.method == "POST":
        try:
            messages.success(request, _answer(request, row))
            return redirect(here)
        except BookingRefused as refused_:
            refusal, row = str(refused_), _read(row.pk)
    context = offer_letters.facts(row, now) | {
        "frame": frame,
        "here": here,
        "refusal": refusal,
        "state": queueing.state(row, now=now),
        "until": row.expires_at.astimezone(row.entry.plan.location.zone),
    }
    if bar := queueing.against_taking(row, now=now):
        context |= {"against": policy.words(bar), "health": bar == policy.Bar.HEALTH}
    status = 422 if refusal else 200
    with timezone.override(context["zone"]):
        return render(request, "portal/offer.html", context, status=status)


def _answer(request: HttpRequest, row: WaitingOffer) -> str:
    """Do what was chosen, and say so."""
    if request.POST.get("answer") == TAKE:
        queueing.take(row, now=timezone.now())
        return _("The time is yours. We confirm it by e-mail in a few minutes.")
    if request.POST.get("answer") == LEAVE:
        queueing.turn_down(row, now=timezone.now())
        return _("Thank you. Somebody else is offered this time now.")
    raise BookingRefused(_("Choose one of the two."))
