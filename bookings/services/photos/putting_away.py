"""Photos put away with a reason, and files erased where nobody may keep them."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bookings.models import Patient, Photo
from bookings.services import patients
from bookings.services.photos import agreed, keeping
from bookings.services.refusals import BookingRefused
from clinic.models import User

LONGEST_REASON = 200


@transaction.atomic
def put_away(
    photo: Photo, *, why: str, is_of_another: bool, actor: User, now: datetime
) -> Photo:
    """Show `photo` to nobody any more, or refuse; the row stays, with who and why.

    The files of a photo that shows somebody else are erased, even where it was put
    away before for another reason: it was never this patient's to keep.
    """
    reason = _reason(why)
    patients.hold(photo.patient_id)
    marked = Photo.objects.shown().filter(pk=photo.pk)
    if not _mark(marked, reason, actor, now):
        photo.refresh_from_db()
        if not (is_of_another and photo.file):
            raise BookingRefused(_("Somebody has just put this photo away."))
        _note(photo, reason)
    photo.refresh_from_db()
    patients.log_access(actor, photo.patient, "photo put away")
    if is_of_another:
        _erase([photo])
    return photo


def _note(photo: Photo, why: str) -> None:
    """Add `why` to the reason of before, as far as there is room: the new one stays."""
    room = LONGEST_REASON - len(why) - len("; ")
    both = f"{photo.why_hidden[:room]}; {why}" if room > 0 else why
    Photo.objects.filter(pk=photo.pk).update(why_hidden=both)


@transaction.atomic
def erase_all(patient: Patient, *, why: str, actor: User, now: datetime) -> int:
    """Erase the files of every photo of `patient`; say how many there were, or refuse.

    Only where the patient does not agree to photos (any more). The rows stay, with
    who erased them and why.
    """
    reason = _reason(why)
    held = patients.hold(patient.pk)
    if not agreed.of(held).is_refused:
        raise BookingRefused(
            _("Files are erased only where the patient took the consent back.")
        )
    photos = list(with_files(held).select_for_update(no_key=True))
    if not photos:
        raise BookingRefused(_("There is no file to erase any more."))
    _mark(Photo.objects.shown().filter(patient=held), reason, actor, now)
    patients.log_access(actor, held, "photos erased")
    _erase(photos)
    return len(photos)


def with_files(patient: Patient) -> QuerySet[Photo]:
    """Photos of `patient` whose files are still in the store, put away or not."""
    return patient.photos.exclude(file="")


def _reason(why: str) -> str:
    reason = " ".join(why.split())
    if not reason:
        raise BookingRefused(_("Say why: the reason is kept."))
    if len(reason) > LONGEST_REASON:
        raise BookingRefused(_("Say why in 200 signs at most."))
    return reason


def _mark(rows: QuerySet[Photo], why: str, actor: User, now: datetime) -> int:
    return rows.update(hidden_at=now, hidden_by=actor, why_hidden=why)


def _erase(photos: list[Photo]) -> None:
    """Take the files away, last of all.

    Where the store fails, nothing is written and the next try finds the rest: a file
    that is gone already is no fault.
    """
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
        file="", thumbnail="", fingerprint=""
    )
    for photo in photos:
        keeping.remove(
            {"file": photo.file.name or "", "thumbnail": photo.thumbnail.name or ""}
        )
