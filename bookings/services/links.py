"""Links in letters: each opens one thing, for one purpose, for so long.

A link is signed, not stored: it holds the key of its row and when it was made. The
patient's own key goes into the signature, so that a new key ends every link of before.
A stranger's link, a changed one, an old one and another patient's all look the same.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import (
    Appointment,
    ConsultationRequest,
    Patient,
    TreatmentPlan,
    WaitingOffer,
)


class Purpose(StrEnum):
    """What a link is good for, and nothing else."""

    REQUEST = "request"  # follow, change or withdraw a request; choose a time
    VISIT = "visit"  # confirm, move or cancel one visit
    ANSWERS = "answers"  # answer health questions again before one session
    HEALING = "healing"  # say how the skin heals after one session
    OFFER = "offer"  # take a freed time, or leave it
    RECALL = "recall"  # ask for a time once a series is over
    CALENDAR = "calendar"  # subscribe to one's own visits
    SIGN_IN = "sign-in"  # open the portal, once


LASTS: Mapping[Purpose, timedelta | None] = {
    Purpose.REQUEST: timedelta(days=90),
    Purpose.VISIT: timedelta(days=120),
    Purpose.ANSWERS: timedelta(days=30),
    Purpose.HEALING: timedelta(days=30),
    Purpose.OFFER: timedelta(days=7),
    Purpose.RECALL: timedelta(days=180),
    Purpose.CALENDAR: None,
    Purpose.SIGN_IN: timedelta(minutes=15),
}
"""How long each lasts from when it was made; what is past or ended ends it sooner."""

ABOUT: Mapping[Purpose, type[Model]] = {
    Purpose.REQUEST: ConsultationRequest,
    Purpose.VISIT: Appointment,
    Purpose.ANSWERS: Appointment,
    Purpose.HEALING: Appointment,
    Purpose.OFFER: WaitingOffer,
    Purpose.RECALL: TreatmentPlan,
    Purpose.CALENDAR: Patient,
    Purpose.SIGN_IN: Patient,
}
VIEWS: Mapping[Purpose, str] = {
    Purpose.REQUEST: "public:request-follow",
    Purpose.VISIT: "portal:visit",
    Purpose.ANSWERS: "portal:answers",
    Purpose.HEALING: "portal:healing",
    Purpose.OFFER: "portal:offer",
    Purpose.RECALL: "portal:recall",
    Purpose.CALENDAR: "portal:calendar",
    Purpose.SIGN_IN: "portal:sign-in-link",
}


TOKEN = re.compile(r"\b\d{1,18}\.[0-9A-Za-z]{5,8}\.[\w-]{43}(?![\w-])", re.ASCII)
"""How a token reads in an address: a key, when it was made, and the signature."""


class LinkRefused(Exception):
    """The link opens nothing (any more); its text says what to do instead."""


def token(purpose: Purpose, row: Model, *, now: datetime) -> str:
    """A token that opens `row` for `purpose`, made at `now`."""
    return _Signer(purpose, _patient_of(row), now).sign(str(row.pk))


def address(purpose: Purpose, row: Model, *, now: datetime) -> str:
    """The whole address of a link about `row`, in the patient's own language."""
    with override(_patient_of(row).language):
        path = reverse(VIEWS[purpose], args=[token(purpose, row, now=now)])
    return f"{settings.SITE_URL}{path}"


def opened(purpose: Purpose, said: str, *, now: datetime) -> Model:
    """The row that the token `said` opens, or LinkRefused.

    A merged patient's links go on to work: rows keep their keys, and their patient is
    the record that was kept only if the link is made again.
    """
    row = _row(purpose, said)
    lasts = LASTS[purpose]
    try:
        if row is None:
            raise signing.BadSignature
        _Signer(purpose, _patient_of(row), now).unsign(said, max_age=lasts)
    except signing.BadSignature:  # too old, too
        raise LinkRefused(
            _(
                "This link does not work any more. Sign in to see your plan, "
                "or call us: we are glad to help."
            )
        ) from None
    return row


def masked(text: str) -> str:
    """`text` with the tokens of links made unreadable, to keep or to show to staff."""
    return TOKEN.sub("hidden", text)


class _Signer(signing.TimestampSigner):
    """Signs for one purpose and one patient, at a time that comes in by the door."""

    def __init__(self, purpose: Purpose, patient: Patient, now: datetime) -> None:
        self.now = now
        salt = f"cadence.{purpose}.{patient.link_key}.{patient.email.lower()}"
        if purpose is Purpose.SIGN_IN:  # good once: signing in changes what is signed
            salt += f".{patient.user.last_login if patient.user else None}"
        super().__init__(sep=".", salt=salt)

    def timestamp(self) -> str:
        return signing.b62_encode(int(self.now.timestamp()))

    def unsign(self, value: str, max_age: timedelta | None = None) -> str:  # type: ignore[override]
        """The signed value; raises BadSignature where it is wrong or too old."""
        signed = signing.Signer.unsign(self, value)
        text, _sep, made = signed.rpartition(self.sep)
        made_at = signing.b62_decode(made)
        if max_age and self.now.timestamp() - made_at > max_age.total_seconds():
            raise signing.SignatureExpired
        return text


def _row(purpose: Purpose, said: str) -> Model | None:
    key = said.partition(".")[0]
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return ABOUT[purpose]._default_manager.filter(pk=int(key)).first()


def _patient_of(row: Model) -> Patient:
    if isinstance(row, Patient):
        return row
    if isinstance(row, WaitingOffer):
        return row.entry.patient
    patient: Patient = row.patient  # type: ignore[attr-defined]
    return patient
