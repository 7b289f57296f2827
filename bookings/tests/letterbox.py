"""Builders of what the outbox tests need: visits, and messages about them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    Message,
    SeriesBooking,
    TreatmentPlan,
)
from bookings.tests.factories import (
    NOW,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_user,
)

_number = count(1)

NEXT_MONTH = NOW + timedelta(days=30)

CARE = [
    {
        "code": "retinol",
        "phase": "pre",
        "kind": "stop",
        "text": "Retinol, rough scrubs and acne products",
        "starts": "days",
        "starts_offset": -7,
        "ends": "session",
    },
    {
        "code": "routine",
        "phase": "pre",
        "kind": "keep",
        "text": "Washing and moisturising as usual",
        "starts": "plan",
        "ends": "session",
    },
    {
        "code": "make-up",
        "phase": "post",
        "kind": "avoid",
        "text": "Make-up",
        "starts": "hours",
        "starts_offset": 0,
        "ends": "hours",
        "ends_offset": 24,
    },
    {
        "code": "hands",
        "phase": "post",
        "kind": "wash",
        "text": "Clean hands whenever you touch the area",
        "starts": "hours",
        "starts_offset": 0,
        "ends": "healed",
    },
]


def make_talk(*, starts_at: datetime = NEXT_MONTH, **fields: Any) -> Appointment:
    """A consultation of an hour: an appointment without a plan."""
    fields["patient"] = fields.get("patient") or make_patient(email="ada@example.org")
    defaults = {"kind": AppointmentKind.CONSULTATION, "location": make_location()}
    span = DateTimeTZRange(starts_at, starts_at + timedelta(hours=1))
    return Appointment.objects.create(during=span, **defaults | fields)


def make_visit(
    *,
    plan: TreatmentPlan | None = None,
    starts_at: datetime = NEXT_MONTH,
    **fields: Any,
) -> Appointment:
    """A session of an hour, the first of its plan, with some care around it."""
    if plan is None:
        patient = make_patient(email="ada@example.org")
        plan = make_plan(patient=patient, protocol=make_protocol(care=CARE))
    defaults = {
        "kind": AppointmentKind.SESSION,
        "plan": plan,
        "number": 1,
        "patient": plan.patient,
        "location": plan.location,
    }
    span = DateTimeTZRange(starts_at, starts_at + timedelta(hours=1))
    return Appointment.objects.create(during=span, **defaults | fields)


def make_series(
    how_many: int = 3, *, care: list[dict[str, Any]] | None = None, **fields: Any
) -> list[Appointment]:
    """Sessions of one booking, seven weeks apart, from next month on."""
    protocol = make_protocol(care=CARE if care is None else care)
    plan = make_plan(patient=make_patient(email="ada@example.org"), protocol=protocol)
    booking = SeriesBooking.objects.create(
        key=uuid4(), plan=plan, booked_by=make_user(), booked_at=NOW
    )
    starts = [NEXT_MONTH + timedelta(weeks=7 * gone) for gone in range(how_many)]
    return [
        make_visit(plan=plan, starts_at=start, number=number, booking=booking, **fields)
        for number, start in enumerate(starts, start=1)
    ]


def make_message(appointment: Appointment, **fields: Any) -> Message:
    """A confirmation that is due now."""
    return Message.objects.create(**_facts(appointment) | fields)


def make_messages(appointment: Appointment, how_many: int) -> list[Message]:
    rows = [Message(**_facts(appointment)) for _message in range(how_many)]
    return Message.objects.bulk_create(rows)


def _facts(appointment: Appointment) -> dict[str, Any]:
    return {
        "patient": appointment.patient,
        "appointment": appointment,
        "rule": "confirmation",
        "due_at": NOW,
        "dedupe_key": f"test:{next(_number)}",
    }
