"""A small clinic on real parts: the catalogue, the demo's places and staff, a busy diary."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO

from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    Claim,
    ClaimReason,
    HealthAnswer,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services import plans, screening
from bookings.services.demo import people, places
from bookings.tests.factories import make_patient
from clinic import roles
from clinic.models import Location, Practitioner, User
from treatments.models import BodyArea, Concern, Protocol

BUSY_WEEKS = 12
BUSY_UNTIL = time(11)


def open_clinic() -> dict[str, User]:
    """Load the catalogue and open two places; mornings are taken. Staff by last name."""
    call_command("load_catalogue", stdout=StringIO())
    roles.load_roles()
    staff = people.make_staff()
    today = timezone.localdate()
    locations = places.make_locations()
    places.make_resources(locations, today=today)
    fill_mornings(locations[places.CENTRETOWN], today)
    return staff


def fill_mornings(location: Location, today: date) -> None:
    """Keep everybody who needles busy until eleven, for the coming weeks."""
    patient = make_patient(first_name="Regular", last_name="Guest", location=location)
    for day in _weekdays(today):
        start = datetime.combine(day, time(8, 30), tzinfo=location.zone)
        end = datetime.combine(day, BUSY_UNTIL, tzinfo=location.zone)
        visit = Appointment.objects.create(
            kind=AppointmentKind.CONSULTATION,
            patient=patient,
            location=location,
            during=DateTimeTZRange(start, end),
        )
        Claim.objects.bulk_create(
            Claim(
                resource=person,
                during=visit.during,
                why=ClaimReason.APPOINTMENT,
                appointment=visit,
                role="operator",
            )
            for person in Practitioner.objects.filter(location=location)
        )


def _weekdays(today: date) -> Iterator[date]:
    days = (today + timedelta(days=ahead) for ahead in range(1, 7 * BUSY_WEEKS))
    return (day for day in days if day.weekday() < 5)


def sessions() -> QuerySet[Appointment]:
    """Every session of a plan, in order: not the look at its result."""
    rows = Appointment.objects.filter(kind=AppointmentKind.SESSION)
    return rows.order_by("number")


def protocol_of(treatment: str) -> Protocol:
    """The published protocol of a treatment of the catalogue."""
    return Protocol.objects.get(treatment__code=treatment, published_at__isnull=False)


def answer_no_to_everything(patient: Patient, protocol: Protocol) -> None:
    """Record that nothing stands against this protocol."""
    now = timezone.now()
    HealthAnswer.objects.bulk_create(
        HealthAnswer(
            patient=patient,
            question=question.code,
            value=AnswerValue.NO,
            answered_at=now,
        )
        for question in screening.questions_for(protocol)
    )


def waiting_plan(staff: dict[str, User], **person: str) -> TreatmentPlan:
    """A plan for three sessions of microneedling in Centretown, sent for review."""
    location = Location.objects.get(slug=places.CENTRETOWN)
    patient = make_patient(location=location, **person)
    protocol = protocol_of("microneedling")
    answer_no_to_everything(patient, protocol)
    plan = plans.draft(
        patient,
        protocol=protocol,
        location=location,
        concerns=[Concern.objects.get(code="acne-scars")],
        areas=[BodyArea.objects.get(code="face")],
        session_count=3,
        wishes="Smoother cheeks.",
        actor=staff["Boyer"],
        now=timezone.now(),
    )
    plans.submit(plan, staff["Boyer"], timezone.now())
    return plan


def signed_plan(staff: dict[str, User], **person: str) -> TreatmentPlan:
    """The same plan with a clinician's signature: its series can be booked."""
    plan = waiting_plan(staff, **person)
    doctor = staff["Okafor"]
    TreatmentPlan.objects.filter(pk=plan.pk).update(
        status=PlanStatus.APPROVED, reviewed_by=doctor, reviewed_at=timezone.now()
    )
    plan.refresh_from_db()
    return plan
