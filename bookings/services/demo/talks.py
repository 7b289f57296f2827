"""What fills a diary beside sessions: desk work, result reviews, consultations."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    Patient,
)
from bookings.services.demo.diary import Shape, Slot, talk
from bookings.services.demo.world import WEEKS_FULL, Course, Visit, World
from clinic.models import Location, Practitioner, Resource

CONSULTATION, SHORT_CONSULTATION, REVIEW = talk(45), talk(30), talk(30)
DESK_WORK_WEEKS = WEEKS_FULL + 2
BETWEEN_SESSIONS = (28, 41)  # days after a session, before the next window opens
AFTER_THE_LAST = (42, 63)
CLOSEST_VISITS = 5  # days
CALLED_OFF = 0.02


def block_desk_work(world: World) -> list[Claim]:
    """Plan reviews for doctors, notes and calls for nurses, at the end of a day."""
    doctors = set(
        Practitioner.objects.filter(may_supervise=True).values_list("pk", flat=True)
    )
    last = world.today + timedelta(weeks=DESK_WORK_WEEKS)
    return [
        _desk_work(world, place, row, row.pk in doctors, day)
        for place in world.places.values()
        for row in world.diary.practitioners(place)
        for day in world.days()
        if day <= last and world.diary.open_minutes(row.pk, day)
    ]


def _desk_work(
    world: World, place: Location, resource: Resource, is_doctor: bool, day: date
) -> Claim:
    opens, length = world.diary.shifts(resource.pk, day)[-1]
    minutes = 60 if is_doctor else 45
    begins = opens + length - minutes
    world.diary.block(resource.pk, day, begins, minutes)
    start = Slot(day, begins, place, {}).moment(0)
    return Claim(
        resource=resource,
        during=DateTimeTZRange(start, start + timedelta(minutes=minutes)),
        why=ClaimReason.ABSENCE,
        label="Plan reviews" if is_doctor else "Notes and calls",
    )


@dataclass(eq=False)
class Due:
    """A look at the result of a session, owed between two local days."""

    course: Course
    place: Location
    first: date
    last: date


@dataclass
class Talks:
    """Finds somebody to talk to for every practitioner with time left."""

    world: World
    patients: list[Patient]
    _due: list[Due] = field(default_factory=list)
    _count: Counter[int] = field(default_factory=Counter)

    def fill(self) -> None:
        """Fill every practitioner's day as far as that day should be full."""
        self._due = sorted(self._owed(), key=lambda due: due.first)
        for day in self.world.days():
            self._due = [due for due in self._due if due.last >= day]
            for place in self.world.places.values():
                for row in self.world.diary.practitioners(place):
                    while self._add(place, row.pk, day):
                        pass

    def _owed(self) -> Iterator[Due]:
        for course in self.world.courses:
            sessions = course.kept()
            for session in sessions:
                is_last = session is sessions[-1]
                first, last = AFTER_THE_LAST if is_last else BETWEEN_SESSIONS
                day = session.slot.day
                yield Due(
                    course,
                    course.plan.location,
                    day + timedelta(days=first),
                    day + timedelta(days=last),
                )

    def _add(self, place: Location, practitioner: int, day: date) -> bool:
        """Add one talk to the practitioner's day; False where it is full enough."""
        if not self._has_time(practitioner, day, REVIEW):
            return False
        return self._review(place, practitioner, day) or self._consult(
            place, practitioner, day
        )

    def _has_time(self, practitioner: int, day: date, shape: Shape) -> bool:
        """Whether at least half of such a talk still fits below the day's fullness."""
        share = self.world.share_with(practitioner, day, shape.minutes // 2)
        return share <= self.world.fullness(practitioner, day)

    def _review(self, place: Location, practitioner: int, day: date) -> bool:
        due = next((due for due in self._due if self._suits(due, place, day)), None)
        slot = due and self.world.diary.find(REVIEW, place, day, [practitioner])
        if not due or not slot:
            return False
        self._due.remove(due)
        patient = due.course.plan.patient
        kind = AppointmentKind.RESULT_REVIEW
        visit = Visit(kind, patient, slot, REVIEW, self._asked(day), course=due.course)
        self.world.take(visit)
        return True

    def _suits(self, due: Due, place: Location, day: date) -> bool:
        return (
            due.place is place
            and due.first <= day <= due.last
            and self.world.days_apart(due.course.plan.patient, day) >= CLOSEST_VISITS
        )

    def _consult(self, place: Location, practitioner: int, day: date) -> bool:
        for shape in (CONSULTATION, SHORT_CONSULTATION):
            if self._has_time(practitioner, day, shape) and (
                slot := self.world.diary.find(shape, place, day, [practitioner])
            ):
                return self._talk(shape, slot)
        return False

    def _talk(self, shape: Shape, slot: Slot) -> bool:
        """Give the slot to a patient; now and then somebody called it off before."""
        patient = self._somebody(slot.place, slot.day)
        if not patient:
            return False
        self._count[patient.pk] += 1
        kind = AppointmentKind.CONSULTATION
        visit = Visit(kind, patient, slot, shape, self._asked(slot.day))
        if self.world.rng.random() < CALLED_OFF:
            visit.status = AppointmentStatus.CANCELLED
            self.world.visits.append(visit)
            return self._talk(shape, slot)
        self.world.take(visit)
        return True

    def _asked(self, day: date) -> datetime:
        """When the talk was booked: one to three weeks before, and before today."""
        latest = min(day - timedelta(days=2), self.world.today - timedelta(days=1))
        rng = self.world.rng
        asked = latest - timedelta(days=rng.randrange(18))
        return self.world.moment(asked, rng.randint(9, 15), rng.randrange(60))

    def _somebody(self, place: Location, day: date) -> Patient | None:
        """Who has come to talk least often, and has no visit near `day`."""
        there = (
            patient
            for patient in self.patients
            if patient.location_id == place.pk
            and self.world.days_apart(patient, day) >= CLOSEST_VISITS
        )
        return min(there, key=lambda one: self._count[one.pk], default=None)
