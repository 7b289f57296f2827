"""Builders of what the tests of session records need: a session, its page, its contents."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    PlanStatus,
    SessionRecord,
)
from bookings.services.recording import reading, signing
from bookings.services.recording.drafts import Page
from bookings.services.recording.values import AreaDone, Contents
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_area,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_plan,
    make_practitioner,
    make_protocol,
    make_room,
    make_user,
)
from clinic.models import User

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAGE = Page("this-page", "")
DERMAL = {"target_layer": "dermis", "needs_supervision": True}


def make_session(
    *,
    starts_at: datetime = NOW - HOUR,
    depth: str = "1.5",
    passes: int = 4,
    **fields: Any,
) -> Appointment:
    """A session under way on the face, by a nurse with a pen, in a clinic with a doctor."""
    place = fields.pop("location", None) or make_location()
    protocol = fields.pop("protocol", None) or make_protocol(rules=())
    plan = make_plan(
        location=place,
        protocol=protocol,
        status=PlanStatus.APPROVED,
        reviewed_by=make_user(),
        reviewed_at=starts_at - timedelta(days=30),
        areas=[make_area(name="Face")],
    )
    plan.areas.update(depth_mm=depth, passes=passes)
    row = make_appointment(
        plan=plan,
        starts_at=starts_at,
        **{"status": AppointmentStatus.IN_SESSION} | fields,
    )
    who = make_practitioner(place, name="S. Lachance", user=make_user("Clinician"))
    for role, one in (
        ("operator", who),
        ("room", make_room(place)),
        ("device", make_device(place)),
    ):
        make_hours(one)
        Claim.objects.create(
            resource_id=one.pk,
            during=row.during,
            why=ClaimReason.APPOINTMENT,
            appointment=row,
            role=role,
        )
    return fresh(row)


def fresh(row: Appointment) -> Appointment:
    """The session as it is now, with all that records read."""
    return reading.sessions().get(pk=row.pk)


def nurse_of(row: Appointment) -> User:
    """The account of who is booked for it; she may not supervise."""
    return row.claims.get(role="operator").resource.practitioner.user


def make_supervisor(row: Appointment, **fields: Any) -> Any:
    """A doctor on the rota there who may supervise, with an account of their own."""
    fields["user"] = fields.get("user") or make_user("Clinician")
    doctor = make_doctor(row.location, name="Dr Okafor", **fields)
    make_hours(doctor)
    return doctor


def contents_of(row: Appointment, **changes: Any) -> Contents:
    """The plan's values with the booked device; done a few minutes ago."""
    areas = tuple(
        AreaDone(one.area, Decimal(one.depth_mm), one.passes, one.rf_energy)
        for one in row.plan.areas.all()
    )
    typical = Contents(
        device=row.claims.get(role="device").resource.device,
        started_at=NOW - HOUR,
        ended_at=NOW - 5 * MINUTE,
        endpoint="yes",
        areas=areas,
        anaesthetic="Topical cream",
    )
    return replace(typical, **changes)


def area_of(row: Appointment, **changes: Any) -> tuple[AreaDone, ...]:
    """The first area of the plan with other values."""
    [one, *_rest] = contents_of(row).areas
    return (replace(one, **changes),)


def sign(
    row: Appointment, *, actor: User | None = None, **changes: Any
) -> SessionRecord:
    return signing.sign(
        fresh(row),
        contents_of(row, **changes),
        PAGE,
        actor=actor or nurse_of(row),
        now=NOW,
    )


def amend(
    row: Appointment,
    *,
    version: int = 1,
    why: str = "Typed too fast",
    actor: User | None = None,
    now: datetime = NOW + HOUR,
    **changes: Any,
) -> SessionRecord:
    page = Page("another-page", "", version)
    contents = contents_of(row, **changes)
    who = actor or nurse_of(row)
    return signing.amend(fresh(row), contents, page, why=why, actor=who, now=now)


def off_rota(doctor: Any) -> frozenset[str]:
    """The tick that goes with a doctor who was not on the rota: pages run at any hour."""
    return frozenset({f"supervisor-{doctor.pk}"})
