"""Which photos are shown, and handing one out: only with the consent standing."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db.models.fields.files import FieldFile

from bookings.models import Patient, Photo
from bookings.models.photos import PhotoQuerySet
from bookings.services import patients
from bookings.services.photos import agreed, links
from bookings.services.photos.links import Size
from clinic.models import User


class NotShown(LookupError):
    """The photo is not there for this person: put away, taken back, or a bad address."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture open for reading, and what it is (`content_type`)."""

    file: FieldFile
    content_type: str

    @property
    def ending(self) -> str:
        """How the name of such a file ends, with its dot."""
        return PurePosixPath(self.file.name or "").suffix


@dataclass(frozen=True, slots=True)
class Around:
    """The photos taken before and after one, and others of its side and area."""

    earlier: Photo | None
    later: Photo | None
    same_side: list[Photo]


def photos_of(patient: Patient) -> PhotoQuerySet:
    """What may be shown of `patient` now, by time; nothing without a standing consent."""
    if not agreed.of(patient).stands:
        return Photo.objects.none()
    return patient.photos.shown().exclude(file="").select_related(*ALONG)


ALONG = ("area", "plan__protocol__treatment", "appointment__location", "added_by")


def around(photo: Photo) -> Around:
    """What stands around `photo` among all that is shown of its patient; two queries."""
    rows = list(photos_of(photo.patient))
    place = next((n for n, row in enumerate(rows) if row.pk == photo.pk), None)
    if place is None:  # put away this moment
        return Around(None, None, [])
    side = (photo.area_id, photo.angle)
    same = [r for r in rows if (r.area_id, r.angle) == side and r.pk != photo.pk]
    earlier = rows[place - 1] if place else None
    later = rows[place + 1] if place + 1 < len(rows) else None
    return Around(earlier, later, same)


def hand_out(
    photo_id: int, said: str, size: str, *, viewer: User, now: datetime
) -> Opened:
    """The picture for whom the address was made; a full one is written down first.

    Small ones stand on a page whose opening is written down. Raises NotShown, and
    FileNotFoundError where the store has lost the file.
    """
    is_known = size in tuple(Size)
    if not (is_known and links.is_good(said, photo_id, size, viewer=viewer, now=now)):
        raise NotShown
    photo = find(photo_id)
    if size == Size.SMALL:
        return Opened(_open(photo.thumbnail), "image/jpeg")
    patients.log_access(viewer, photo.patient, "photo")
    return Opened(_open(photo.file), photo.kind)


def find(photo_id: int) -> Photo:
    """The photo, if it may be shown now; raises NotShown."""
    row = Photo.objects.shown().select_related("patient", *ALONG).filter(pk=photo_id)
    photo = row.exclude(file="").first()
    if photo is None or not agreed.of(photo.patient).stands:
        raise NotShown
    return photo


def _open(file: Any) -> FieldFile:
    opened: FieldFile = file.open("rb")
    return opened
