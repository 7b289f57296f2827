"""Builders of what the tests of reactions and of traces need."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from bookings.models import (
    Appointment,
    AppointmentStatus,
    CheckIn,
    CheckInMoment,
    HealingState,
    Reaction,
    SessionRecord,
    TreatmentPlan,
)
from bookings.services.portal import checkins
from bookings.tests.checks import fresh, make_treated
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_device,
    make_patient,
    make_user,
)

DAY = timedelta(days=1)
TODAY = NOW.date()
_numbers = count(1)


def make_done(
    ended: datetime = NOW - 2 * DAY, name: str = "Ada", **fields: Any
) -> Appointment:
    """A session that ended at `ended`, in UTC."""
    plan: TreatmentPlan = fields.pop("plan", None) or make_treated(
        patient=make_patient(first_name=name, phone="6135550147")
    )
    row = make_appointment(plan=plan, starts_at=ended - timedelta(minutes=70), **fields)
    Appointment.objects.filter(pk=row.pk).update(
        status=AppointmentStatus.DONE, completed_at=ended
    )
    return fresh(row)


def make_worry(session: Appointment | None = None, **said: Any) -> CheckIn:
    """A patient's worry two days after a session."""
    facts = {"moment": CheckInMoment.TWO_DAYS, "now": NOW} | said
    return checkins.say(session or make_done(), state=HealingState.WORRIED, **facts)


def make_reaction(session: Appointment | None = None, **fields: Any) -> Reaction:
    """A rated reaction to look at again tomorrow, as a row and no more."""
    defaults = {
        "severity": "moderate",
        "words": "The left cheek is red.",
        "advice": "Cool it, and send a photo.",
        "follow_up_on": TODAY + DAY,
        "reported_at": NOW,
    }
    fields["reported_by"] = fields.get("reported_by") or make_user()
    row = Reaction.objects.create(
        appointment=session or make_done(), **defaults | fields
    )
    return Reaction.objects.select_related("appointment__patient").get(pk=row.pk)


def make_unrated(session: Appointment | None = None, **fields: Any) -> Reaction:
    """A reaction that no clinician has rated."""
    return make_reaction(session, **{"advice": "", "follow_up_on": None} | fields)


def make_record(
    session: Appointment | None = None,
    *,
    lots: dict[str, str] | None = None,
    **fields: Any,
) -> SessionRecord:
    """A signed record of `session`, with products by their lots."""
    session = session or make_done()
    before = session.records.order_by("version").last()
    defaults: dict[str, Any] = {
        "started_at": session.starts_at,
        "ended_at": session.ends_at,
        "endpoint": "yes",
        "signed_at": session.ends_at,
        "version": before.version + 1 if before else 1,
        "replaces": before,
        "why_amended": "Mistyped" if before else "",
    }
    fields["signed_by"] = fields.get("signed_by") or make_user()
    fields["device"] = fields.get("device") or make_device(name=f"Pen {next(_numbers)}")
    row = SessionRecord.objects.create(appointment=session, **defaults | fields)
    for lot, name in (lots or {}).items():
        row.products.create(name=name, lot=lot)
    return row


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)
