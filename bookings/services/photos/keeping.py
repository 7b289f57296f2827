"""Photos kept with a record: agreed to, judged by content, under names that say nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from bookings.models import (
    AppointmentKind,
    Consent,
    Patient,
    Photo,
    PhotoAngle,
    PhotoMoment,
)
from bookings.services import patients
from bookings.services.photos import agreed, pictures, shots
from bookings.services.photos.pictures import Picture
from bookings.services.photos.shots import Occasion
from bookings.services.refusals import BookingRefused
from clinic.models import User
from treatments.models import BodyArea

FOLDERS = {"file": "photos/", "thumbnail": "photos/small/"}


@dataclass(frozen=True, slots=True)
class Shot:
    """What a photo shows and when: `day` is the clinic's local day, None for now."""

    occasion: Occasion
    area: BodyArea
    angle: str
    day: date | None = None


def keep(
    patient: Patient,
    upload: "UploadedFile[Any]",
    shot: Shot,
    *,
    actor: User,
    now: datetime,
) -> Photo:
    """Keep one photo of `patient`, or refuse and say why; nothing is kept by halves.

    Where the row cannot be written, the files are taken away again. That holds for
    this transaction: do not wrap it in another.
    """
    _agreed(patient)
    _judge(patient, shot, now)
    picture = pictures.read(upload)
    stored = _store(picture)
    try:
        return _write(patient, picture, shot, stored, actor, now)
    except BaseException:
        remove(stored)
        raise


def _agreed(patient: Patient) -> Consent:
    """The consent under which photos are taken now, or a refusal."""
    consent = agreed.of(patient)
    if consent.last is None:
        raise BookingRefused(
            _("Ask first: the patient has not said yes or no to photos yet.")
        )
    if not consent.stands:
        raise BookingRefused(_("The patient does not agree to photos."))
    return consent.last


def _judge(patient: Patient, shot: Shot, now: datetime) -> None:
    occasion, today = shot.occasion, localdate(now)
    about = occasion.appointment or occasion.plan
    if about is not None and about.patient_id != patient.pk:
        raise BookingRefused(_("That plan or session is another patient’s."))
    if shot.angle not in PhotoAngle.values:
        raise BookingRefused(_("Say from which side the photo was taken."))
    if shot.day and shot.day > today:
        raise BookingRefused(_("The day of the photo lies ahead."))
    session = occasion.appointment
    if (occasion.moment == PhotoMoment.SESSION) != (session is not None):
        raise BookingRefused(_("Say which session the photo was taken at."))
    if session and not (session.is_live and shots.has_come(session, now)):
        raise BookingRefused(_("That session has not taken place."))
    _judge_baseline(shot, now)


def _judge_baseline(shot: Shot, now: datetime) -> None:
    """Refuse to call skin untreated after the first session: comparing would mislead."""
    if shot.occasion.moment != PhotoMoment.BASELINE or shot.occasion.plan is None:
        return
    done = shot.occasion.plan.appointments.exclude(completed_at=None)
    first = done.filter(kind=AppointmentKind.SESSION).order_by("completed_at").first()
    if first and first.anchor_date < (shot.day or localdate(now)):
        said = _(
            "The series began on %(day)s. Say on which day before that the photo was "
            "taken."
        )
        raise BookingRefused(said % {"day": date_format(first.anchor_date, "D j M")})


def _store(picture: Picture) -> dict[str, str]:
    """Both files in the private store, by the field that will name them."""
    name = uuid4().hex
    files = {
        "file": (f"{name}{picture.kind.ending}", picture.data),
        "thumbnail": (f"{name}.jpg", picture.small),
    }
    stored: dict[str, str] = {}
    try:
        for field, (ending, data) in files.items():
            path = f"{FOLDERS[field]}{ending}"
            stored[field] = _storage(field).save(path, ContentFile(data))
    except BaseException:
        remove(stored)
        raise
    return stored


def remove(stored: dict[str, str]) -> None:
    """Take files out of the store; one that is gone already is no fault."""
    for field, name in stored.items():
        if name:
            _storage(field).delete(name)


def _storage(field: str) -> Any:
    return Photo._meta.get_field(field).storage  # type: ignore[union-attr]


@transaction.atomic
def _write(
    patient: Patient,
    picture: Picture,
    shot: Shot,
    stored: dict[str, str],
    actor: User,
    now: datetime,
) -> Photo:
    held = patients.hold(patient.pk)
    consent = _agreed(held)  # it may have been taken back meanwhile
    if held.photos.shown().filter(fingerprint=picture.fingerprint).exists():
        raise BookingRefused(_("This very photo is kept already."))
    row = Photo.objects.create(
        patient=held,
        consent=consent,
        **_facts(shot, now),
        **_picture(picture),
        **stored,
        added_by=actor,
        added_at=now,
    )
    patients.log_access(actor, held, "photo added")
    return row


def _facts(shot: Shot, now: datetime) -> dict[str, Any]:
    occasion = shot.occasion
    session = occasion.appointment
    return {
        "plan": session.plan if session else occasion.plan,
        "appointment": session,
        "moment": occasion.moment,
        "area": shot.area,
        "angle": shot.angle,
        "taken_at": shots.taken_at(occasion, shot.day, now=now),
    }


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "kind": picture.kind.content_type,
        "width": picture.width,
        "height": picture.height,
        "size": len(picture.data),
        "fingerprint": picture.fingerprint,
    }
