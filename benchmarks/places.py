"""A planning problem as rows: the place, its people and diary, and a plan to book."""

from datetime import date, datetime, time, timedelta
from typing import Any

from benchmarks import rows
from benchmarks.clinics import CLOSES, OPENS
from bookings.models import (
    AnswerValue,
    HealthAnswer,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.scheduling import Problem
from bookings.services import diary
from bookings.services.proposing.wishes import Wishes
from clinic.models import (
    Device,
    DeviceKind,
    Location,
    Practitioner,
    Resource,
    Room,
    User,
    WeeklyHours,
)
from treatments.models import Protocol

LONG_AGO, LONG_HENCE = date(2000, 1, 1), date(2200, 1, 1)
MODELS = {"practitioner": Practitioner, "room": Room, "device": Device}
TREATMENT = "microneedling"  # of the catalogue; its phases are those of `clinics`


def load(problem: Problem) -> Location:
    """The resources of `problem` at a place of their own, with hours and claims."""
    location = make_location(str(problem.zone))
    busy = []
    for one in problem.resources:
        made = make_resource(location, one.kind, one.id, sorted(one.skills))
        busy += [(made.pk, start, end) for start, end in one.busy]
    rows.pour_busy(location, busy)
    rows.analyze()
    return location


def make_location(zone: str) -> Location:
    """A place that nothing happens at yet."""
    slug = f"bench-{Location.objects.count()}"
    return Location.objects.create(name=slug, slug=slug, timezone=zone)


def make_resource(
    location: Location, kind: str, name: str, skills: list[str]
) -> Resource:
    """A resource that is there Monday to Friday, 8 to 18."""
    facts: dict[str, Any] = {
        "location": location,
        "name": name,
        "code": f"{location.slug}-{name}",
        "skills": skills,
    }
    if kind == "device":
        facts |= {
            "device_kind": DeviceKind.PEN,
            "health_canada_class": 2,
            "licence_number": "100001",
            "licence_expires_on": LONG_HENCE,
            "in_service_from": LONG_AGO,
        }
    made: Resource = MODELS[kind].objects.create(**facts)
    hours = {"opens": time(OPENS), "closes": time(CLOSES), "valid_from": LONG_AGO}
    WeeklyHours.objects.bulk_create(
        WeeklyHours(resource_id=made.pk, weekday=day, **hours) for day in range(5)
    )
    return made


def protocol() -> Protocol:
    """The protocol of the catalogue whose sessions the benchmarks plan."""
    return Protocol.objects.current().get(treatment__code=TREATMENT)


def make_plan(location: Location, sessions: int, *, now: datetime) -> TreatmentPlan:
    """A signed plan of somebody whom every answer suits, as the pages fetch it."""
    patient = Patient.objects.get(pk=rows.make_patients(1)[0])
    signed = protocol()
    _answer(patient, signed, now - timedelta(hours=1))
    made = TreatmentPlan.objects.create(
        patient=patient,
        protocol=signed,
        location=location,
        session_count=sessions,
        status=PlanStatus.APPROVED,
        drafted_at=now,
        reviewed_by=somebody(),
        reviewed_at=now,
    )
    return (
        TreatmentPlan.objects.with_people()
        .prefetch_related("protocol__phases", "protocol__roles", "areas__area")
        .get(pk=made.pk)
    )


def _answer(patient: Patient, protocol: Protocol, at: datetime) -> None:
    """No to every question, said at `at`."""
    no = {"patient": patient, "value": AnswerValue.NO, "answered_at": at}
    questions = set(protocol.rules.values_list("question", flat=True))
    HealthAnswer.objects.bulk_create(
        HealthAnswer(question=question, **no) for question in questions
    )


def somebody() -> User:
    """The account that does whatever is done here."""
    email = "bench@example.org"
    return User.objects.filter(email=email).first() or User.objects.create_superuser(
        email
    )


def wishes(first: date) -> Wishes:
    """What most people ask for: any weekday, any time of the day."""
    return Wishes(first, frozenset(range(5)), (time(OPENS), time(CLOSES)))


def request(first: date) -> diary.Request:
    """The same of the diary itself."""
    return diary.Request(first, frozenset(range(5)), (time(OPENS), time(CLOSES)))


def asked(first: date, later: int) -> dict[str, Any]:
    """The page's own questions, for a series that begins `later` days after `first`."""
    return {
        "earliest": (first + timedelta(days=later)).isoformat(),
        "days": ["0", "1", "2", "3", "4"],
        "arrive_from": "08:00",
        "arrive_until": "17:00",
        "policy": "anyone",
    }
