"""What the demo knows while it is made: the day, the dice, people, places, visits."""

from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from random import Random

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    Patient,
    TreatmentPlan,
)
from bookings.services.demo.diary import Diary, Shape, Slot, shape_of
from clinic.models import Location, User
from treatments.models import Protocol

WEEKS_BACK, WEEKS_FULL, WEEKS_AHEAD = 11, 10, 26
BUSY, QUIET = 0.99, 0.7  # of a practitioner's open minutes
QUIET_EVERY = 4  # days
NEVER = 10_000


@dataclass(eq=False)
class Course:
    """A plan and the visits booked for it in one go."""

    plan: TreatmentPlan
    code: str
    concerns: tuple[str, ...]
    areas: tuple[str, ...]
    booked_at: datetime | None = None
    strategy: str = "earliest-finish"
    visits: list["Visit"] = field(default_factory=list)  # the sessions only

    def kept(self) -> list["Visit"]:
        """The sessions that stand or were kept, in order."""
        return [visit for visit in self.visits if not visit.is_given_up]


@dataclass(eq=False)
class Visit:
    """An appointment to be."""

    kind: AppointmentKind
    patient: Patient
    slot: Slot
    shape: Shape
    booked_at: datetime
    status: AppointmentStatus = AppointmentStatus.BOOKED
    course: Course | None = None
    number: int | None = None

    @property
    def is_given_up(self) -> bool:
        return self.status in (
            AppointmentStatus.CANCELLED,
            AppointmentStatus.LATE_CANCELLED,
            AppointmentStatus.NO_SHOW,
        )

    @property
    def has_claims(self) -> bool:
        """A cancelled visit gives its time back; a missed one has used it."""
        return not self.is_given_up or self.status == AppointmentStatus.NO_SHOW


@dataclass
class World:
    """Everything the demo's makers share. Dates are local days in the clinic's zone."""

    today: date
    rng: Random
    diary: Diary
    places: dict[str, Location]
    protocols: dict[str, Protocol]
    staff: dict[str, User]
    patients: list[Patient] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    shapes: dict[str, Shape] = field(init=False)
    _days: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.shapes = {code: shape_of(row) for code, row in self.protocols.items()}
        staff = chain.from_iterable(map(self.diary.practitioners, self.places.values()))
        self._turns = {row.pk: turn for turn, row in enumerate(staff)}

    def moment(self, day: date, hour: int, minute: int = 0) -> datetime:
        """That wall time in the clinic's zone, in UTC."""
        zone = next(iter(self.places.values())).zone
        return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)

    @property
    def midnight(self) -> datetime:
        """The moment at which today began, in UTC."""
        return self.moment(self.today, 0)

    def days(self) -> Iterator[date]:
        """Every day of the diary."""
        span = (self.diary.last - self.diary.first).days
        return (self.diary.first + timedelta(days=n) for n in range(span + 1))

    def fullness(self, practitioner: int, day: date) -> float:
        """How full the practitioner should be on `day`, from 0 to 1.

        One day in four, another every week, is quiet, so that a new series finds
        its place between busy days.
        """
        turn = day.toordinal() // 7 + day.weekday() + self._turns[practitioner]
        full = BUSY if turn % QUIET_EVERY else QUIET
        weeks = (day - self.today).days / 7
        left = (WEEKS_AHEAD - weeks) / (WEEKS_AHEAD - WEEKS_FULL)
        return full * min(1.0, max(0.1, left))

    def days_apart(self, patient: Patient, day: date) -> int:
        """Days between `day` and the patient's nearest visit."""
        days = self._days[patient.pk]
        at = bisect(days, day)
        return min(
            (abs((day - near).days) for near in days[max(at - 1, 0) : at + 1]),
            default=NEVER,
        )

    def find(
        self, shape: Shape, place: Location, day: date, prefer: Iterable[int] = ()
    ) -> Slot | None:
        """A free slot on `day` with a practitioner whose day is not full yet."""
        first = set(prefer)
        share = {
            row.pk: self.share_with(row.pk, day, shape.operator_minutes)
            for row in self.diary.practitioners(place)
            if shape.operator.is_met_by(row)
        }
        willing = [pk for pk, part in share.items() if part <= self.fullness(pk, day)]
        willing.sort(key=lambda pk: (pk not in first, share[pk]))
        return self.diary.find(shape, place, day, willing)

    def share_with(self, resource: int, day: date, minutes: int) -> float:
        """The taken part of the resource's day, were `minutes` more taken."""
        there = self.diary.open_minutes(resource, day)
        taken = self.diary.taken_minutes(resource, day) + minutes
        return taken / there if there else NEVER

    def take(self, visit: Visit) -> Visit:
        """Write the visit into the diary and into its patient's days."""
        self.diary.take(visit.shape, visit.slot)
        insort(self._days[visit.patient.pk], visit.slot.day)
        self.visits.append(visit)
        if visit.course and visit.number:
            visit.course.visits.append(visit)
        return visit

    def give_back(self, visit: Visit) -> None:
        """Cancel the visit: its time is free again."""
        visit.status = AppointmentStatus.CANCELLED
        self.diary.give_back(visit.shape, visit.slot)
