"""Signing in with what was sent to a mailbox: eight digits, or a link.

Nothing that is stored, queued or kept in the session opens anything by itself: the
digits follow from a nonce and the clinic's secret key. An unknown address goes through
the very same steps; only the letter is missing, and that is decided by the worker.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from bookings.models import Patient
from bookings.services import links
from bookings.services.portal import accounts
from bookings.services.refusals import BookingRefused

LASTS = timedelta(minutes=15)
MINUTES = int(LASTS.total_seconds() // 60)
TRIES = 5
DIGITS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody asked to sign in as `email` at `at`, seconds since the epoch."""

    email: str
    nonce: str
    at: float
    next: str = ""


def ask(email: str, *, next: str, now: datetime) -> Asked:
    """Begin to sign in; nothing is looked up."""
    return Asked(email, secrets.token_urlsafe(24), now.timestamp(), next)


def code_of(nonce: str) -> str:
    """The digits of one request."""
    mac = salted_hmac("cadence.sign-in-code", nonce, algorithm="sha256").digest()
    return f"{int.from_bytes(mac) % 10**DIGITS:0{DIGITS}}"


def check(asked: Asked, typed: str, *, now: datetime) -> None:
    """Take one try; BookingRefused where the digits are wrong, old or tried too often.

    The tries are counted where two requests at once count as two.
    """
    key = f"sign-in-tries:{asked.nonce}"
    cache.add(key, 0, timeout=LASTS.total_seconds() * 2)
    is_late = now.timestamp() - asked.at > LASTS.total_seconds()
    if is_late or cache.incr(key) > TRIES:
        raise CodeEnded(_("This code does not work any more. Ask for a new one."))
    digits = "".join(filter(str.isdigit, typed))
    if not constant_time_compare(digits, code_of(asked.nonce)):
        raise BookingRefused(
            _("That is not the code. Look at the newest e-mail from us and try again.")
        )


class CodeEnded(BookingRefused):
    """The code is over: only a new one helps."""


def send(email: str, nonce: str, *, next: str, now: datetime) -> bool:
    """Write to `email` what it takes to sign in, if a patient has that address."""
    people = accounts.sign_in_candidates(email)
    if not people or not _may_open(people[0]):
        return False
    with translation.override(people[0].language):
        _mail(people[0], "sign_in", _letter(people[0], nonce, next, now)).send()
    return True


def send_new_address(patient: Patient, email: str, nonce: str) -> None:
    """Write the digits to an address that shall be `patient`'s from now on."""
    digits = code_of(nonce)
    words = {"code": f"{digits[:4]} {digits[4:]}", "minutes": MINUTES}
    with translation.override(patient.language):
        _mail(patient, "new_address", words, to=email).send()


def send_address_changed(patient: Patient, email: str) -> None:
    """Tell the old mailbox that letters now go elsewhere."""
    with translation.override(patient.language):
        _mail(patient, "address_changed", {}, to=email).send()


def _may_open(patient: Patient) -> bool:
    return accounts.account_of(patient).is_active


def _letter(patient: Patient, nonce: str, next: str, now: datetime) -> dict[str, Any]:
    digits = code_of(nonce)
    link = links.address(links.Purpose.SIGN_IN, patient, now=now)
    return {
        "code": f"{digits[:4]} {digits[4:]}",
        "link": f"{link}?{urlencode({'next': next}, safe='/')}" if next else link,
        "minutes": MINUTES,
    }


def _mail(
    patient: Patient, name: str, words: dict[str, Any], to: str = ""
) -> EmailMultiAlternatives:
    """A letter that leaves at once and is kept nowhere, in the language now spoken."""
    context = words | {
        "clinic_name": settings.CLINIC_NAME,
        "phone": settings.CLINIC_PHONE,
        "language": translation.get_language(),
        "first_name": patient.first_name,
    }
    folder = f"messages/portal/{name}"
    mail = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{folder}.subject.txt", context).split()),
        body=render_to_string(f"{folder}.txt", context),
        to=[to or patient.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"{folder}.html", context), "text/html")
    return mail
