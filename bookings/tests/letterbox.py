"""Builders of what the outbox tests need: visits, and messages about them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentKind, Message, TreatmentPlan
from bookings.tests.factories import NOW, make_location, make_patient, make_plan

_number = count(1)

NEXT_MONTH = NOW + timedelta(days=30)


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
    """A session of an hour, the first of its plan."""
    plan = plan or make_plan(patient=make_patient(email="ada@example.org"))
    defaults = {
        "kind": AppointmentKind.SESSION,
        "plan": plan,
        "number": 1,
        "patient": plan.patient,
        "location": plan.location,
    }
    span = DateTimeTZRange(starts_at, starts_at + timedelta(hours=1))
    return Appointment.objects.create(during=span, **defaults | fields)


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
