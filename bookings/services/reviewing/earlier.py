"""What was really done before: a patient's recorded sessions, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from bookings.models import Patient, Photo, SessionRecord, TreatedArea
from bookings.models.records import Endpoint

SHOWN = 6


@dataclass(frozen=True, slots=True)
class EarlierSession:
    """One session as performed, with what was done on each area of skin."""

    record: SessionRecord
    areas: tuple[TreatedArea, ...]

    @property
    def reached(self) -> bool:
        """Whether the endpoint, even petechiae, was reached (source: S2)."""
        return self.record.endpoint == Endpoint.YES


@dataclass(frozen=True, slots=True)
class Photos:
    """How many photos of a patient there are to see, and when the last was taken."""

    count: int
    last: datetime | None


def photos(patient: Patient) -> Photos:
    """The patient's photos that nobody put away, in one query."""
    found = Photo.objects.shown().filter(patient=patient)
    return Photos(**found.aggregate(count=Count("pk"), last=Max("taken_at")))


def sessions(patient: Patient, *, shown: int = SHOWN) -> Sequence[EarlierSession]:
    """The newest `shown` sessions of all the patient's plans; two queries."""
    rows = (
        SessionRecord.objects.current()
        .filter(appointment__patient=patient)
        .select_related(
            "appointment__plan__protocol__treatment",
            "appointment__location",
            "device",
            "signed_by",
        )
        .prefetch_related("areas__area")
        .order_by("-started_at", "-pk")[:shown]
    )
    return [EarlierSession(row, tuple(row.areas.all())) for row in rows]
