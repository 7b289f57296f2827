"""Finding patients, adding them, and remembering who looked at whose record."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.contrib.postgres.lookups import Unaccent
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from bookings.models import AccessLog, Patient
from bookings.services.people import duplicates
from bookings.services.refusals import BookingRefused
from clinic.models import User

SHOWN = 20


def find(words: str) -> QuerySet[Patient]:
    """Patients by name (accents and case ignored) or by part of a phone number.

    Without words: everyone, the newest first.
    """
    patients = Patient.objects.current().select_related("location")
    if not words.strip():
        return patients.order_by("-created_at", "-pk")
    return patients.search(words).order_by(
        Lower(Unaccent("last_name")), Lower(Unaccent("first_name")), "pk"
    )


def alike(
    *,
    first_name: str,
    last_name: str,
    email: str,
    phone: str,
    birth_date: date | None = None,
) -> list[Patient]:
    """Patients who may be the same person.

    Same name, e-mail address or phone; or same birth date and a similar name.
    """
    same = Q(pk__in=Patient.objects.search(f"{first_name} {last_name}"))
    if email:
        same |= Q(email__iexact=email)
    if phone:
        same |= Q(phone=phone)
    known = Patient.objects.current()
    found = list(known.filter(same)[:SHOWN])
    if birth_date is None:
        return found
    name = f"{first_name} {last_name}"
    born = known.filter(birth_date=birth_date).exclude(pk__in=[one.pk for one in found])
    return found + [one for one in born if duplicates.are_similar(name, str(one))]


@transaction.atomic
def add(
    *, first_name: str, last_name: str, actor: User, now: datetime, **facts: Any
) -> Patient:
    """Add a patient who can be reached by phone or e-mail, or refuse.

    `facts` are fields of Patient: email, phone, birth_date, pronouns, language,
    timezone, location.
    """
    if not (facts.get("email") or facts.get("phone")):
        raise BookingRefused(_("Give a phone number or an e-mail address."))
    _judge(facts, now)
    patient = Patient.objects.create(
        first_name=first_name, last_name=last_name, **facts
    )
    log_access(actor, patient, "added")
    return patient


def _judge(facts: dict[str, Any], now: datetime) -> None:
    if (born := facts.get("birth_date")) and born > localdate(now):
        raise BookingRefused(_("The birth date lies in the future."))


def hold(patient_id: int) -> Patient:
    """Lock a patient until the transaction ends; refuse where the record was merged.

    What is written for a patient is written under this lock, or it could be left
    behind by a merge of the same moment.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient_id)
    if patient.merged_into_id:
        raise BookingRefused(
            _("This record has just been merged into another. Open the patient again.")
        )
    return patient


@transaction.atomic
def change(patient: Patient, *, actor: User, now: datetime, **facts: Any) -> None:
    """Write the given facts about `patient`, or refuse; history keeps what they were."""
    _judge(facts, now)
    facts |= _at_another_mailbox(patient, facts)
    for name, value in facts.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(facts))
    log_access(actor, patient, "changed")


def _at_another_mailbox(patient: Patient, facts: dict[str, Any]) -> dict[str, Any]:
    """What else a new e-mail address changes: nobody at the old one gets in any more."""
    if "email" not in facts:
        return {}
    was = Patient.objects.values_list("email", flat=True).get(pk=patient.pk)
    if was.lower() == facts["email"].lower():
        return {}
    return {"user": None, "link_key": uuid4()}


def log_access(user: User, patient: Patient, what: str) -> None:
    """Remember that `user` saw `what` of `patient`'s record."""
    AccessLog.objects.create(user=user, patient=patient, what=what)


def log_accesses(user: User, patients: Iterable[Patient], what: str) -> None:
    """Remember that `user` saw `what` of each of these records, in one statement."""
    AccessLog.objects.bulk_create(
        AccessLog(user=user, patient=patient, what=what) for patient in patients
    )
