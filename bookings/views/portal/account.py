"""My account: what the clinic knows of me, and what I can change of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.portal.account import AwayForm, DetailsForm, zone_name
from bookings.models import Patient
from bookings.services.portal import accounts, calendars, own_data
from bookings.services.refusals import BookingRefused
from bookings.views.portal import door
from bookings.views.portal.door import patient_required

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@patient_required
def account(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Everything about oneself on one page, each with the way to change it."""
    feed = calendars.feed_address(patient)
    context = {
        "patient": patient,
        "people": door.people_of(request),
        "zone": zone_name(patient.timezone),
        "away": own_data.away(patient, now=timezone.now()),
        "agreements": own_data.agreements(patient),
        "feed": feed,
        "webcal": f"webcal:{feed.partition(':')[2]}",
    }
    return render(request, "portal/account.html", context)


@read_or_send
@patient_required
def details(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Change phone, pronouns, language and time zone."""
    sent = request.method == "POST"
    row = Patient.objects.get(pk=patient.pk)  # the form writes what it reads on its own
    form = DetailsForm(request.POST if sent else None, instance=row)
    if sent and form.is_valid():
        try:
            own_data.change(patient, now=timezone.now(), **form.changed())
            return _changed(request, patient)
        except BookingRefused as refusal:
            form.add_error("phone", str(refusal))
    context = {"patient": patient, "form": form}
    status = 422 if form.errors else 200
    return render(request, "portal/account_details.html", context, status=status)


def _changed(request: HttpRequest, patient: Patient) -> HttpResponse:
    with override(patient.language):
        messages.success(request, _("Your changes are saved."))
    return redirect(translate_url(reverse("portal:account"), patient.language))


@require_POST
@patient_required
def consent(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Say what may be sent; each word is kept."""
    kind, is_given = request.POST.get("kind", ""), request.POST.get("say") == "yes"
    try:
        own_data.agree(patient, kind, is_given=is_given, now=timezone.now())
    except BookingRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("portal:account") + "#letters")


@read_or_send
@patient_required
def away(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Add dates on which one cannot come."""
    form = AwayForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            visits = own_data.add_away(patient, **form.dates(), now=timezone.now())
        except BookingRefused as refusal:
            form.add_error("last_day", str(refusal))
        else:
            for visit in visits:
                messages.warning(request, _on_a_visit(visit.code))
            return redirect(reverse("portal:account") + "#away")
    context = {"patient": patient, "form": form}
    status = 422 if form.errors else 200
    return render(request, "portal/account_away.html", context, status=status)


def _on_a_visit(code: str) -> str:
    return _("Visit %(code)s is on these dates and stays. Move it if you need to.") % {
        "code": code
    }


@require_POST
@patient_required
def away_remove(request: HttpRequest, patient: Patient, pk: int) -> HttpResponse:
    """Remove dates of one's own."""
    own_data.remove_away(get_object_or_404(patient.away_dates, pk=pk))
    return redirect(reverse("portal:account") + "#away")


@require_POST
@patient_required
def calendar_new(request: HttpRequest, patient: Patient) -> HttpResponse:
    """End the calendar's address, and every link of before, and give a new one."""
    accounts.end_links(patient)
    messages.success(request, _("The old address shows nothing any more."))
    return redirect(reverse("portal:account") + "#calendar")
