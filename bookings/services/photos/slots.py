"""The sides to take photos from, each with how it looked the first time."""

from dataclasses import dataclass

from bookings.models import Patient, Photo, PhotoAngle, PhotoMoment
from bookings.services.photos import showing


@dataclass(frozen=True, slots=True)
class Slot:
    """A side of the skin, and its first photo: the next is taken in the same pose."""

    angle: PhotoAngle
    pose: Photo | None
    is_first: bool  # the one that was asked for


def of(patient: Patient, area: str, *, first: str = "") -> list[Slot]:
    """Every side, with the pose of the area with that code; `first` names the one meant."""
    poses: dict[str, Photo] = {}
    for photo in showing.photos_of(patient):
        if photo.area.code != area:  # as it stands in the address: anything
            continue
        known = poses.get(photo.angle)
        is_baseline = photo.moment == PhotoMoment.BASELINE
        if known is None or (is_baseline and known.moment != PhotoMoment.BASELINE):
            poses[photo.angle] = photo
    return [
        Slot(angle, poses.get(angle), is_first=angle == first) for angle in PhotoAngle
    ]
