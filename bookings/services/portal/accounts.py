"""Patients' accounts: one for each mailbox, without password, roles or powers.

A mailbox that belongs to one of the staff, or that nobody has, is stood in for by an
address that no mail can reach: so no code, link or patient ever acts as staff.
"""

from hashlib import sha256
from uuid import uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
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
def end_links(patient: Patient) -> None:
    """End every link and calendar address `patient` was ever sent."""
    held = patients.hold(patient.pk)
    held.link_key = patient.link_key = uuid4()
    held.save(update_fields=["link_key"])


@transaction.atomic
def close_everywhere(account: User) -> None:
    """End every session of `account`, and every link its patients were sent."""
    people = Patient.objects.select_for_update(no_key=True).filter(user=account)
    for patient in people.order_by("pk"):
        end_links(patient)
    if account.has_usable_password():
        _end_sessions(account)
        return
    account.set_unusable_password()  # another random one: sessions are signed with it
    account.save(update_fields=["password"])


def _end_sessions(account: User) -> None:
    for row in Session.objects.iterator():
        if row.get_decoded().get(SESSION_KEY) == str(account.pk):
            SessionStore(row.session_key).delete()


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
