"""Pictures made on the spot, patients who agree to them, and photos in the record."""

from datetime import timedelta
from io import BytesIO
from itertools import count

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from bookings.models import Consent, ConsentKind, Photo, PhotoAngle, PhotoMoment
from bookings.tests.factories import NOW, make_area, make_patient, make_user

_number = count(1)


def image(size=(40, 30), colour="peru", mode="RGB"):
    return Image.new(mode, size, colour)


def told(picture, kind="JPEG", **options):
    """`picture` as the bytes of a file."""
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def unlike():
    """A picture that no other is."""
    number = next(_number)
    return told(image(colour=(number % 256, number // 256, 90)), "PNG")


def upload(data=None, name="IMG_0001.jpg", content_type="image/jpeg"):
    data = unlike() if data is None else data
    return SimpleUploadedFile(name, data, content_type)


def agree(patient=None, *, is_given=True, at=NOW - timedelta(days=30)):
    """`patient`, who said yes (or no) to photos."""
    patient = patient or make_patient()
    Consent.objects.create(
        patient=patient,
        kind=ConsentKind.PHOTOS,
        is_given=is_given,
        words="Yes.",
        source="portal",
        at=at,
    )
    return patient


def make_photo(patient=None, *, stored=True, **fields):
    """A photo of a patient who agrees to it; its files are in the store."""
    number = next(_number)
    defaults = {
        "moment": PhotoMoment.BASELINE,
        "angle": PhotoAngle.FRONT,
        "taken_at": NOW - timedelta(days=20),
        "added_at": NOW - timedelta(days=20),
        "kind": "image/png",
        "width": 40,
        "height": 30,
        "fingerprint": f"{number:064}",
        "file": f"photos/{number}.png",
        "thumbnail": f"photos/small/{number}.jpg",
    }
    fields["area"] = fields.get("area") or make_area()
    fields["added_by"] = fields.get("added_by") or make_user()
    photo = Photo.objects.create(patient=patient or agree(), **defaults | fields)
    if stored:
        photo.file.storage.save(photo.file.name, ContentFile(unlike()))
        photo.thumbnail.storage.save(photo.thumbnail.name, ContentFile(unlike()))
    return photo
