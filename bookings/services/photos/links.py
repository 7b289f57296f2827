"""Addresses of pictures: each opens one picture, for one signed-in person, for a while.

Nothing is stored: an address is signed for its viewer, whose own password is part of
what is signed. Another person's, a changed one and an old one open nothing.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from bookings.models import Photo
from clinic.models import User

LASTS = timedelta(minutes=15)


class Size(StrEnum):
    """How much of a picture is handed out."""

    SMALL = "small"
    FULL = "full"


def address(photo: Photo, size: Size, *, viewer: User, now: datetime) -> str:
    """The address of one picture of `photo`, for `viewer` alone."""
    told = token(photo.pk, size, viewer=viewer, now=now)
    path = reverse("review:photo-file", args=[photo.pk, told])
    return f"{path}?{urlencode({'size': size})}"


def token(photo_id: int, size: Size, *, viewer: User, now: datetime) -> str:
    """What proves that `viewer` was shown this picture on a page made at `now`."""
    made = signing.b62_encode(int(now.timestamp()))
    return f"{made}.{_signature(photo_id, size, viewer, made)}"


def is_good(
    said: str, photo_id: int, size: str, *, viewer: User, now: datetime
) -> bool:
    """Whether the token `said` opens this picture to `viewer` at `now`."""
    made, _dot, signature = said.partition(".")
    if not constant_time_compare(signature, _signature(photo_id, size, viewer, made)):
        return False
    age = now.timestamp() - signing.b62_decode(made)
    return age <= LASTS.total_seconds()


def _signature(photo_id: int, size: str, viewer: User, made: str) -> str:
    salt = f"cadence.photo.{viewer.pk}.{viewer.get_session_auth_hash()}"
    return signing.Signer(salt=salt).signature(f"{photo_id}.{size}.{made}")
