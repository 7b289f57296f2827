"""My e-mail address: another one counts once a code sent to it has come back."""

import logging
from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.forms.portal.signing_in import CodeForm, MailboxForm
from bookings.models import Patient
from bookings.services.portal import accounts, doorbell, own_data, signing_in
from bookings.services.refusals import BookingRefused
from bookings.views.portal import door, limits
from bookings.views.portal.door import patient_required
from bookings.views.portal.signing_in import opened, read_or_send

logger = logging.getLogger(__name__)
WANTED = "portal-new-address"


@read_or_send
@patient_required
def email(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Ask for the new address, and have a code sent to it."""
    sent = request.method == "POST"
    form = MailboxForm(request.POST if sent else None)
    if sent and form.is_valid():
        try:
            _send(request, patient, form.cleaned_data["email"].lower())
            return redirect("portal:account-email-code")
        except BookingRefused as refusal:
            form.add_error("email", str(refusal))
    context = {"patient": patient, "form": form}
    status = 422 if form.errors else 200
    return render(request, "portal/account_email.html", context, status=status)


def _send(request: HttpRequest, patient: Patient, mailbox: str) -> None:
    if mailbox == patient.email.lower():
        raise BookingRefused(_("This is the address we write to already."))
    if not limits.allows(request, "new-address", mailbox):
        raise BookingRefused(_("Too many codes were asked for. Wait an hour."))
    asked = signing_in.ask(mailbox, next=str(patient.pk), now=timezone.now())
    about = {"patient_id": patient.pk, "email": mailbox, "nonce": asked.nonce}
    try:
        doorbell.ring("send_new_address", **about)
    except doorbell.NobodyThere:
        raise BookingRefused(_("We cannot send e-mail at the moment.")) from None
    request.session[WANTED] = asdict(asked)


@read_or_send
@patient_required
def email_code(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Take the code that went to the new address."""
    kept = request.session.get(WANTED)
    if kept is None or kept["next"] != str(patient.pk):  # asked for somebody else
        return redirect("portal:account-email")
    asked = signing_in.Asked(**kept)
    form = CodeForm(request.POST if request.method == "POST" else None)
    context = {"patient": patient, "form": form, "asked": asked}
    if form.is_bound and form.is_valid():
        try:
            signing_in.check(asked, form.cleaned_data["code"], now=timezone.now())
            return _moved(request, patient, asked.email)
        except signing_in.CodeEnded as refusal:
            context["ended"] = str(refusal)
        except BookingRefused as refusal:
            form.add_error("code", str(refusal))
    status = 422 if form.is_bound else 200
    return render(request, "portal/account_email_code.html", context, status=status)


def _moved(request: HttpRequest, patient: Patient, mailbox: str) -> HttpResponse:
    """Go on as the new mailbox: the old one's session ends here."""
    was = own_data.move_to(patient, mailbox, now=timezone.now())
    try:
        doorbell.ring("send_address_changed", patient_id=patient.pk, email=was)
    except doorbell.NobodyThere:
        logger.error("The old address of patient %s was not told", patient.pk)
    account = accounts.opened_by(mailbox)
    if account is None:  # the clinic has closed the account of that mailbox
        return redirect("portal:sign-in")
    opened(request, account)
    request.session[door.CHOSEN] = patient.pk
    messages.success(request, _("From now on we write to your new address."))
    return redirect("portal:account")
