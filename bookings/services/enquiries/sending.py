"""Sending a request: a new person, the answers, the consents and the wish, in one go.

Whether the clinic knows the address makes no difference to what happens or how long it
takes: the request always brings a record of its own. The desk sees likely duplicates
and merges them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from bookings.models import (
    Consent,
    ConsentKind,
    ConsultationRequest,
    HealthAnswer,
    Message,
    Patient,
    RequestSource,
)
from bookings.models.codes import code_of as code_of_number
from bookings.services.enquiries import agreeing
from bookings.services.messages import request_received
from bookings.services.screening import Given


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What was asked: facts of Patient, answers, fields of the request, consents.

    `language` is that of the page, in which the consents were read.
    """

    person: Mapping[str, Any]
    answers: Sequence[Given]
    wishes: Mapping[str, Any]
    agreed: Sequence[ConsentKind]
    language: str


MANY = ("concerns", "areas")
"""Wishes of which there may be several, kept beside the request's own row."""


def send(enquiry: Enquiry, *, key: str, now: datetime) -> ConsultationRequest:
    """Write everything, or nothing; sending the same `key` again finds what is there."""
    if found := sent(key):
        return found
    try:
        with transaction.atomic():
            return _write(enquiry, key, now)
    except IntegrityError:  # the other of two at once was first, or it is our bug
        if found := sent(key):
            return found
        raise


def sent(key: str) -> ConsultationRequest | None:
    """The request that was sent under `key`, if one was."""
    about = request_received.key_of(key)
    row = Message.objects.filter(dedupe_key=about).select_related("request").first()
    return row.request if row else None


def code_of(row: ConsultationRequest) -> str:
    """What a person says on the telephone to name the request, such as R-0012-E."""
    return f"R-{code_of_number(row.pk)}"


def next_code() -> str:
    """A code that looks like the next request's; nothing stands behind it."""
    newest = ConsultationRequest.objects.aggregate(newest=Max("pk"))["newest"]
    return f"R-{code_of_number((newest or 0) + 1)}"


def _write(enquiry: Enquiry, key: str, now: datetime) -> ConsultationRequest:
    patient = Patient.objects.create(**enquiry.person)
    facts = {n: v for n, v in enquiry.wishes.items() if n not in MANY}
    row = ConsultationRequest.objects.create(
        patient=patient, source=RequestSource.WEB, asked_at=now, **facts
    )
    request_received.promise(row, key, now=now)  # its key lets only one in
    for name in MANY:
        getattr(row, name).set(enquiry.wishes.get(name, ()))
    append_answers(patient, enquiry.answers, now=now)
    consents = agreeing.agreed(patient, enquiry.agreed, enquiry.language, now=now)
    Consent.objects.bulk_create(consents)
    return row


def append_answers(
    patient: Patient, answers: Sequence[Given], *, now: datetime
) -> None:
    """Add what the patient said, as nobody's entry but their own."""
    HealthAnswer.objects.bulk_create(
        HealthAnswer(
            patient=patient,
            question=given.question,
            value=given.value,
            on_date=given.on_date,
            detail=given.detail,
            answered_at=now,
        )
        for given in answers
    )
