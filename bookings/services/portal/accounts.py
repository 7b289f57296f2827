"""Patients' accounts: one for each mailbox, without password, roles or powers.

A mailbox that belongs to one of the staff, or that nobody has, is stood in for by an
address that no mail can reach: so no code, link or patient ever acts as staff.
"""

from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction

from bookings.models import Patient
from bookings.services import patients
from clinic.backends import powerless, staff
from clinic.models import User

NOWHERE = "no-mailbox.invalid"  # reserved: no mail ever gets there (RFC 2606)


@transaction.atomic
def account_of(patient: Patient) -> User:
    """The account that acts for `patient`, made where there is none.

    Under the patient's lock; raises BookingRefused where the record was merged away.
    """
    held = patients.hold(patient.pk)
    account = powerless().filter(pk=held.user_id).first() if held.user_id else None
    if account is None:
        account = _account_at(_address_of(held))
        Patient.objects.filter(pk=held.pk).update(user=account)
    patient.user = account
    return account


def sign_in_candidates(email: str) -> list[Patient]:
    """The patients to whom letters go at `email`, oldest record first."""
    if not email:
        return []
    rows = Patient.objects.current().filter(email__iexact=email)
    return list(rows.order_by("pk"))


@transaction.atomic
def opened_by(email: str) -> User | None:
    """The account of a mailbox whose holder has just shown to have it, or None.

    From now on it speaks for every patient written to there, and for nobody else.
    None too where the clinic has closed the account.
    """
    people = sign_in_candidates(email)
    list(_locked([one.pk for one in people]))
    if not (people := sign_in_candidates(email)):  # as they are under the lock
        return None
    account = _account_at(_address_of(people[0]))
    keys = [one.pk for one in people]
    Patient.objects.filter(pk__in=keys).exclude(user=account).update(user=account)
    Patient.objects.filter(user=account).exclude(pk__in=keys).update(user=None)
    return account if account.is_active else None


@transaction.atomic
def readdress(patient: Patient, email: str) -> None:
    """Write `patient` at another e-mail address: nothing sent before opens anything.

    The account stays with the old mailbox. Whoever holds the new one signs in there.
    """
    held = patients.hold(patient.pk)
    held.email = patient.email = email
    let_go(held)
    held.save(update_fields=["email", "user", "link_key"])
    patient.user, patient.link_key = held.user, held.link_key


def let_go(patient: Patient) -> None:
    """Take `patient` off its account and end its links; the caller saves it."""
    patient.user = None
    patient.link_key = uuid4()


@transaction.atomic
def end_links(patient: Patient) -> None:
    """End every link and calendar address `patient` was ever sent."""
    held = patients.hold(patient.pk)
    held.link_key = patient.link_key = uuid4()
    held.save(update_fields=["link_key"])


def last_opened(patient: Patient) -> datetime | None:
    """When the patient's account was last signed in to; None for never."""
    return patient.user.last_login if patient.user else None


def _locked(keys: list[int]) -> list[Patient]:
    rows = Patient.objects.select_for_update(no_key=True).filter(pk__in=keys)
    return list(rows.order_by("pk"))


def _address_of(patient: Patient) -> str:
    """The name of the account that may speak for `patient`."""
    email = patient.email.lower()
    if not email:
        return f"patient-{patient.pk}@{NOWHERE}"
    if staff().filter(email__iexact=email).exists():
        return f"{sha256(email.encode()).hexdigest()[:24]}@{NOWHERE}"
    return email


def _account_at(address: str) -> User:
    if known := User.objects.filter(email__iexact=address).first():
        return known
    made, _is_new = User.objects.get_or_create(
        email=address, defaults={"password": make_password(None)}
    )
    return made
