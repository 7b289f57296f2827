"""Series of sessions that fill the diary: each session inside its window."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services.demo.diary import OPERATOR
from bookings.services.demo.places import CENTRETOWN
from bookings.services.demo.world import WEEKS_BACK, WEEKS_FULL, Course, Visit, World
from clinic.models import Location

SHARE_OF_SESSIONS = 0.55  # of a week's open minutes; talks fill the rest
CLOSEST_VISITS = 4  # days
TRIES = 12
MISSED, MOVED = 0.06, 0.04
CONFIRMED, CONFIRMED_DAYS = 0.7, 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A treatment as the demo's patients take it."""

    code: str
    weight: int
    counts: tuple[int, ...]
    concerns: tuple[str, ...]
    areas: tuple[str, ...]


OFFERS = (
    Offer(
        "microneedling",
        9,
        (1, 2, 3, 3, 3, 5),
        ("fine-lines", "uneven-tone", "photodamage", "acne-scars"),
        ("face", "neck", "decollete"),
    ),
    Offer(
        "microneedling-rf",
        5,
        (3, 3, 2),
        ("wrinkles", "loss-of-firmness", "acne-scars"),
        ("face", "neck"),
    ),
    Offer(
        "microneedling-prp",
        4,
        (2, 3, 3),
        ("fine-lines", "other-scars", "hyperpigmentation"),
        ("face", "decollete"),
    ),
    Offer(
        "microneedling-rf-prp",
        1,
        (3, 3),
        ("loss-of-firmness", "wrinkles"),
        ("face", "neck"),
    ),
    Offer("scar-roller", 1, (2, 3), ("other-scars",), ("arms", "legs")),
)


def fill(world: World, patients: list[Patient]) -> None:
    """Start series week by week until sessions have their share of the diary."""
    monday = world.today - timedelta(days=world.today.weekday())
    for week in range(-WEEKS_BACK, WEEKS_FULL + 1):
        for place in world.places.values():
            days = _working_days(world, place, monday + timedelta(weeks=week))
            misses = 0
            while misses < TRIES and _share(world, place, days) < SHARE_OF_SESSIONS:
                misses += not _start(world, place, days, patients)


def _working_days(world: World, place: Location, monday: date) -> list[date]:
    days = [monday + timedelta(days=n) for n in range(7)]
    return [
        day
        for day in days
        if world.diary.first <= day
        and any(
            world.diary.open_minutes(row.pk, day)
            for row in world.diary.practitioners(place)
        )
    ]


def _share(world: World, place: Location, days: list[date]) -> float:
    """The taken part of these days, all practitioners of `place` together."""
    pairs = [(row.pk, day) for row in world.diary.practitioners(place) for day in days]
    there = sum(world.diary.open_minutes(*pair) for pair in pairs)
    taken = sum(world.diary.taken_minutes(*pair) for pair in pairs)
    return taken / there if there else 1.0


def _start(
    world: World, place: Location, days: list[date], patients: list[Patient]
) -> bool:
    """Start one more series in this week; say whether that was possible."""
    offers = [offer for offer in OFFERS if _is_offered(world, offer, place)]
    offer = world.rng.choices(offers, [offer.weight for offer in offers])[0]
    there = [patient for patient in patients if patient.location_id == place.pk]
    patient = min(
        world.rng.sample(there, min(4, len(there))),
        key=lambda one: sum(course.plan.patient is one for course in world.courses),
    )
    course = draft(world, patient, offer.code, place, world.rng.choice(offer.counts))
    course.concerns = (world.rng.choice(offer.concerns),)
    course.areas = (world.rng.choice(offer.areas),)
    first = world.rng.sample(days, len(days))
    if not book(world, course, first):
        return False
    world.courses.append(course)
    return True


def _is_offered(world: World, offer: Offer, place: Location) -> bool:
    """Whether `place` has somebody or something for every role."""
    return offer.code in world.shapes and all(
        any(need.is_met_by(row) for row in world.diary.staff[place.pk])
        for need in world.shapes[offer.code].needs
    )


def draft(
    world: World, patient: Patient, code: str, place: Location, count: int
) -> Course:
    """An approved plan without concerns, areas or dates yet."""
    plan = TreatmentPlan(
        patient=patient,
        protocol=world.protocols[code],
        location=place,
        session_count=count,
        status=PlanStatus.APPROVED,
    )
    return Course(plan, code, (), ())


def book(world: World, course: Course, first_days: list[date]) -> bool:
    """Place the sessions of `course`, as many of its count as the diary holds.

    Say whether at least the first has a place; the plan's count becomes what fits.
    """
    days = first_days
    for number in range(1, course.plan.session_count + 1):
        visit = place_session(world, course, number, days)
        if not visit:
            course.plan.session_count = max(number - 1, 1)
            break
        visit = _hiccup(world, course, visit, days)
        days = list(next_days(world, course, visit.slot.day))
    if not course.visits:
        return False
    _say_when(world, course)
    return True


def _hiccup(world: World, course: Course, visit: Visit, days: list[date]) -> Visit:
    """Now and then somebody misses a session, or moves it; the session that counts."""
    later = [
        day for day in days if day > visit.slot.day + timedelta(days=CLOSEST_VISITS)
    ]
    is_past = max(days) < world.today
    if is_past and later and world.rng.random() < MISSED:
        again = place_session(world, course, visit.number or 1, later)
        if again:
            visit.status = AppointmentStatus.NO_SHOW
            return again
    elif world.rng.random() < MOVED:
        _call_off_before(world, course, visit)
    return visit


def _call_off_before(world: World, course: Course, visit: Visit) -> None:
    """Leave a trace of the time the patient had first: cancelled, nothing taken."""
    day = visit.slot.day - timedelta(days=1)
    if slot := world.find(visit.shape, course.plan.location, day):
        status = AppointmentStatus.CANCELLED
        first = replace(visit, slot=slot, status=status)
        world.visits.append(first)
        course.visits.append(first)


def next_days(world: World, course: Course, after: date) -> Iterator[date]:
    """The days of the next session's window, the likeliest first."""
    protocol = course.plan.protocol
    gaps = range(protocol.gap_min_days, protocol.gap_max_days + 1)
    ideal = protocol.ideal_gap_days
    wishes = {gap: abs(gap - ideal) + 7 * world.rng.random() for gap in gaps}
    for gap in sorted(gaps, key=wishes.__getitem__):
        if (day := after + timedelta(days=gap)) <= world.diary.last:
            yield day


def place_session(
    world: World, course: Course, number: int, days: list[date]
) -> Visit | None:
    """Write session `number` into the first of `days` that has a place for it."""
    plan, shape = course.plan, world.shapes[course.code]
    prefer = [visit.slot.roles[OPERATOR] for visit in course.visits[-1:]]
    for day in days:
        if world.days_apart(plan.patient, day) < CLOSEST_VISITS:
            continue
        if slot := world.find(shape, plan.location, day, prefer):
            return world.take(
                Visit(
                    AppointmentKind.SESSION,
                    plan.patient,
                    slot,
                    shape,
                    booked_at=course.booked_at or world.midnight,
                    course=course,
                    number=number,
                )
            )
    return None


def _say_when(world: World, course: Course) -> None:
    """Date the plan's way: drafted, sent, signed, booked, all before today."""
    plan = course.plan
    first = min(course.visits[0].slot.day, world.today)
    booked = first - timedelta(days=world.rng.randint(8, 20))
    minute = world.rng.randrange(60)
    plan.drafted_at = world.moment(booked - timedelta(days=3), 10, minute)
    plan.submitted_at = world.moment(booked - timedelta(days=3), 11, minute)
    plan.reviewed_at = world.moment(booked - timedelta(days=2), 16, minute)
    plan.drafted_by = world.staff["Boyer"]
    doctor = "Okafor" if plan.location.slug == CENTRETOWN else "Beaulieu"
    plan.reviewed_by = world.staff[doctor]
    course.booked_at = world.moment(booked, 9, minute)
    for visit in course.visits:
        visit.booked_at = course.booked_at


def settle(world: World) -> None:
    """Give every visit the state that its day makes likely, and end finished plans."""
    for visit in world.visits:
        days = (visit.slot.day - world.today).days
        if visit.is_given_up:
            continue
        if days < 0:
            visit.status = AppointmentStatus.DONE
        elif days <= CONFIRMED_DAYS and world.rng.random() < CONFIRMED:
            visit.status = AppointmentStatus.CONFIRMED
    for course in world.courses:
        done = [
            visit for visit in course.kept() if visit.status == AppointmentStatus.DONE
        ]
        if len(done) == course.plan.session_count:
            course.plan.status = PlanStatus.COMPLETED
