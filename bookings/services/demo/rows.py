"""Writing the demo's plans and visits: a few big statements, claims in their order."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    PlanArea,
    PlanReview,
    ReviewOutcome,
    SeriesBooking,
    SessionRecord,
    TreatedArea,
    TreatmentPlan,
)
from bookings.models.records import Endpoint
from bookings.services.demo.diary import OPERATOR
from bookings.services.demo.world import Course, Visit, World
from clinic.models import Practitioner, User
from treatments.models import BodyArea, Concern

BATCH = 2000
DELIVERY_LASTS = 35  # days


def write_plans(world: World, courses: list[Course], verdicts: dict[str, Any]) -> None:
    """Write approved plans with their contents and the signature under them.

    `verdicts` holds, by treatment, what the clinician saw.
    """
    TreatmentPlan.objects.bulk_create([course.plan for course in courses], BATCH)
    concerns = {row.code: row.pk for row in Concern.objects.all()}
    link = TreatmentPlan.concerns.through
    link.objects.bulk_create(
        link(treatmentplan_id=course.plan.pk, concern_id=concerns[code])
        for course in courses
        for code in course.concerns
    )
    PlanArea.objects.bulk_create(list(_areas(world.rng, courses)), BATCH)
    signed = [_signature(course.plan, verdicts[course.code]) for course in courses]
    PlanReview.objects.bulk_create(signed, BATCH)


def _signature(plan: TreatmentPlan, verdict: Any) -> PlanReview:
    return PlanReview(
        plan=plan,
        plan_version=plan.version,
        outcome=ReviewOutcome.APPROVED,
        verdict=verdict,
        by=plan.reviewed_by,
        at=plan.reviewed_at or plan.drafted_at,
    )


def _areas(rng: Random, courses: list[Course]) -> Iterator[PlanArea]:
    areas = {row.code: row for row in BodyArea.objects.all()}
    for course in courses:
        depth, passes = _settings(rng, course)
        for code in course.areas:
            yield PlanArea(
                plan=course.plan, area=areas[code], depth_mm=depth, passes=passes
            )


def _settings(rng: Random, course: Course) -> tuple[Decimal, int]:
    """A depth and a number of passes that the protocol allows."""
    protocol = course.plan.protocol
    deepest = int((protocol.max_depth_mm or Decimal("2.0")) * 10)
    depth = Decimal(rng.randint(min(5, deepest), deepest)) / 10
    return depth, rng.randint(protocol.passes_min, protocol.passes_max)


def write_visits(world: World, claims: list[Claim]) -> list[tuple[Visit, Appointment]]:
    """Write every visit with its claims, and `claims` besides, in claims' own order."""
    bookings = _bookings(world)
    visits = sorted(
        world.visits, key=lambda visit: (visit.slot.moment(0), visit.patient.pk)
    )
    rows = Appointment.objects.bulk_create(
        [_appointment(visit, bookings) for visit in visits], BATCH
    )
    pairs = list(zip(visits, rows, strict=True))
    wanted = [*claims, *(claim for pair in pairs for claim in _claims(*pair))]
    Claim.objects.bulk_create(sorted(wanted, key=lambda row: row.sort_key), BATCH)
    return pairs


def _bookings(world: World) -> dict[Course, SeriesBooking]:
    """One booking for each course that has sessions in the diary."""
    booked = [course for course in world.courses if course.visits]
    rows = SeriesBooking.objects.bulk_create(
        [
            SeriesBooking(
                key=UUID(int=world.rng.getrandbits(128), version=4),
                plan=course.plan,
                strategy=course.strategy,
                booked_by=world.staff["Boyer"],
                booked_at=course.booked_at or world.midnight,
            )
            for course in booked
        ],
        BATCH,
    )
    return dict(zip(booked, rows, strict=True))


def _appointment(visit: Visit, bookings: dict[Course, SeriesBooking]) -> Appointment:
    start, end = visit.slot.span(visit.shape)
    is_done = visit.status == AppointmentStatus.DONE
    course = visit.course
    return Appointment(
        kind=visit.kind,
        patient=visit.patient,
        plan=course.plan if course else None,
        number=visit.number,
        location=visit.slot.place,
        during=DateTimeTZRange(start, end),
        status=visit.status,
        booking=bookings[course] if course and visit.number else None,
        completed_at=end if is_done else None,
    )


def _claims(visit: Visit, appointment: Appointment) -> Iterator[Claim]:
    """Each role of the visit over the parts that use it; a shared role takes nothing."""
    for need in visit.shape.needs if visit.has_claims else ():
        for start, minutes in () if need.shared else need.parts:
            yield Claim(
                resource_id=visit.slot.roles[need.role],
                during=DateTimeTZRange(
                    visit.slot.moment(start), visit.slot.moment(start + minutes)
                ),
                why=ClaimReason.APPOINTMENT,
                appointment=appointment,
                role=need.role,
            )


def write_records(world: World, pairs: list[tuple[Visit, Appointment]]) -> None:
    """Write what was done in every session that is over."""
    signers, doctors = _signers(), _doctors()
    records = SessionRecord.objects.bulk_create(
        [
            _record(world.rng, row, roles, signers[roles[OPERATOR]], doctors)
            for visit, row in pairs
            if row.kind == AppointmentKind.SESSION and row.completed_at
            for roles in [visit.slot.roles]
        ],
        BATCH,
    )
    planned = _planned_areas()
    treated = [area for record in records for area in _treated(record, planned)]
    TreatedArea.objects.bulk_create(treated, BATCH)


def _treated(
    record: SessionRecord, planned: dict[int, list[PlanArea]]
) -> Iterator[TreatedArea]:
    """The areas of a session, treated as planned."""
    for area in planned.get(record.appointment.plan_id or 0, ()):
        if area.depth_mm and area.passes:
            yield TreatedArea(
                record=record,
                area_id=area.area_id,
                depth_mm=area.depth_mm,
                passes=area.passes,
            )


def _signers() -> dict[int, User]:
    rows = Practitioner.objects.select_related("user")
    return {row.pk: row.user for row in rows if row.user}


def _doctors() -> dict[int, int]:
    """Who supervises at each location, by its key."""
    rows = Practitioner.objects.filter(may_supervise=True)
    return {row.location_id: row.pk for row in rows}


def _planned_areas() -> dict[int, list[PlanArea]]:
    planned: dict[int, list[PlanArea]] = {}
    for area in PlanArea.objects.all():
        planned.setdefault(area.plan_id, []).append(area)
    return planned


def _record(
    rng: Random,
    appointment: Appointment,
    roles: dict[str, int],
    signer: User,
    doctors: dict[int, int],
) -> SessionRecord:
    is_nurse = roles[OPERATOR] not in doctors.values()
    has_plasma = _uses(appointment, "prp")
    return SessionRecord(
        supervisor_id=doctors.get(appointment.location_id) if is_nurse else None,
        needs_cosignature=is_nurse,
        prp_volume_ml="3.0" if has_plasma else None,
        appointment=appointment,
        device_id=roles["device"],
        started_at=appointment.starts_at,
        ended_at=appointment.ends_at,
        anaesthetic="Topical cream, 30 minutes",
        endpoint=rng.choices((Endpoint.YES, Endpoint.PARTLY), (9, 1))[0],
        rf_energy=f"Level {rng.randint(1, 3)}" if _uses(appointment, "rf") else "",
        prp_lot=_kit(rng, appointment) if has_plasma else "",
        signed_by=signer,
        signed_at=appointment.ends_at,
    )


def _kit(rng: Random, appointment: Appointment) -> str:
    """The lot of a kit: two deliveries are in use at a time, each for five weeks."""
    delivery = appointment.starts_at.toordinal() // DELIVERY_LASTS % 1000
    return f"PK-{delivery:03d}{'AB'[rng.randint(2000, 2999) % 2]}"


def _uses(appointment: Appointment, modality: str) -> bool:
    plan = appointment.plan
    return plan is not None and modality in plan.protocol.treatment.code.split("-")
