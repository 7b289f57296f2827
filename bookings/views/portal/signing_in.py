"""Into the portal with a code or a link, and out again.

The same answer, page and work whether or not an address is known: the view looks
nothing up, a worker does.
"""

from dataclasses import asdict
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bookings.forms.portal.signing_in import CodeForm, MailboxForm
from bookings.models import Patient
from bookings.services import links, patients
from bookings.services.portal import accounts, doorbell, signing_in
from bookings.services.refusals import BookingRefused
from bookings.views.portal import door, limits
from clinic.backends import MAILBOX
from clinic.models import User
from clinic.views import current_user

ASKED = "portal-asked"
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@read_or_send
@login_not_required
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address, and have a code and a link sent to it."""
    sent = request.method == "POST"
    form = MailboxForm(request.POST if sent else None)
    if sent and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if not limits.allows(request, "sign-in", email):
            words = _("Too many codes were asked for. Wait an hour, or call us.")
            return _asking(request, form, words, status=429)
        try:
            return _sent(request, email)
        except doorbell.NobodyThere:
            words = _("We cannot send e-mail at the moment. Try again soon, or call.")
            return _asking(request, form, words, status=503)
    return _asking(request, form, status=422 if form.errors else 200)


def _sent(request: HttpRequest, email: str) -> HttpResponse:
    asked = signing_in.ask(email, next=ours(request), now=timezone.now())
    about = {"email": asked.email, "nonce": asked.nonce, "next": asked.next}
    doorbell.ring("send_sign_in", **about)
    request.session[ASKED] = asdict(asked)
    return redirect("portal:sign-in-code")


def _asking(
    request: HttpRequest, form: MailboxForm, words: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "refusal": words, "next": ours(request)}
    return render(request, "portal/sign_in.html", context, status=status)


@read_or_send
@login_not_required
@never_cache
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Take the digits of the letter."""
    if (kept := request.session.get(ASKED)) is None:
        return redirect("portal:sign-in")
    asked = signing_in.Asked(**kept)
    form = CodeForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "asked": asked, "minutes": signing_in.MINUTES}
    if form.is_bound and form.is_valid():
        try:
            return _by_code(request, asked, form.cleaned_data["code"])
        except signing_in.CodeEnded as refusal:
            context["ended"] = str(refusal)
        except BookingRefused as refusal:
            form.add_error("code", str(refusal))
    status = 422 if form.is_bound else 200
    return render(request, "portal/sign_in_code.html", context, status=status)


def _by_code(request: HttpRequest, asked: signing_in.Asked, typed: str) -> HttpResponse:
    signing_in.check(asked, typed, now=timezone.now())
    account = accounts.opened_by(asked.email)
    if account is None:  # closed or readdressed since the letter was written
        raise signing_in.CodeEnded(
            _("This code does not work any more. Ask for a new one.")
        )
    return _signed_in(request, account, asked.next)


@read_or_send
@door.link_required(links.Purpose.SIGN_IN)
def sign_in_link(request: HttpRequest, patient: Patient) -> HttpResponse:
    """A page with one button, so that whatever follows links in mail uses none up."""
    if request.method != "POST":
        context = {"next": ours(request)}
        return render(request, "portal/sign_in_link.html", context)
    token = request.resolver_match.kwargs["token"]  # type: ignore[union-attr]
    try:
        with transaction.atomic():
            account = _unlocked(patient, token)
            return _signed_in(request, account, ours(request))
    except (links.LinkRefused, BookingRefused):
        return door.refused(request)


def _unlocked(patient: Patient, token: str) -> User:
    """The account the link opens, looked at once more under the patient's lock."""
    patients.hold(patient.pk)
    links.opened(links.Purpose.SIGN_IN, token, now=timezone.now())
    account = accounts.opened_by(patient.email)
    if account is None:
        raise links.LinkRefused
    return account


def opened(request: HttpRequest, account: User) -> None:
    """Sign `account` in on this device, for as long as a patient stays signed in."""
    login(request, account, backend=MAILBOX)
    request.session.pop(ASKED, None)
    request.session.set_expiry(settings.PORTAL_SESSION_HOURS * 3600)


def _signed_in(request: HttpRequest, account: User, wanted: str) -> HttpResponse:
    opened(request, account)
    people = door.people_of(request)
    if patient := door.chosen(request, people):
        return redirect(home_of(patient, wanted))
    query = f"?{urlencode({'next': wanted}, safe='/')}" if wanted else ""
    return redirect(translate_url(reverse("portal:who"), people[0].language) + query)


def home_of(patient: Patient, wanted: str = "") -> str:
    """Where to go on, in the patient's language: where was wanted, or to the plan."""
    return translate_url(wanted or reverse("portal:plan"), patient.language)


def ours(request: HttpRequest) -> str:
    """Where on this site the address or the form asks to go on to, or nothing."""
    wanted: str = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on this device."""
    logout(request)
    return redirect("portal:sign-in")


@read_or_send
@door.patient_required
def everywhere(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Sign out on every device and end every link, after asking once."""
    if request.method != "POST":
        return render(request, "portal/everywhere.html", {"patient": patient})
    accounts.close_everywhere(current_user(request))
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("portal:sign-in")
