"""Builders of what the tests of checks before and after sessions need."""

from datetime import datetime, timedelta
from typing import Any

from bookings.models import Appointment, PlanStatus, TreatmentPlan
from bookings.services.messages import reminders
from bookings.services.portal import rechecks
from bookings.tests.factories import (
    ISOTRETINOIN,
    NOW,
    PREGNANCY,
    make_answers,
    make_appointment,
    make_plan,
    make_protocol,
    make_user,
)

WEEK = timedelta(days=7)
ISOTRETINOIN_ASKED = ISOTRETINOIN | {"ask_again": "before-session"}
WOUND = {
    "code": "open-wound",
    "question": "open-wound",
    "question_text": "Is there an open wound in the area?",
    "kind": "defer",
    "ask_again": "before-session",
    "reason": "Open wound: treatment waits until the skin has healed.",
}
COLD_SORES = {
    "code": "cold-sores",
    "question": "cold-sores",
    "question_text": "Have you ever had cold sores?",
    "kind": "decide",
    "reason": "A clinician first decides about antiviral medicine.",
}
RULES = (ISOTRETINOIN, COLD_SORES, PREGNANCY, WOUND)


def make_treated(**fields: Any) -> TreatmentPlan:
    """A signed plan whose patient said no to everything a month ago."""
    signed_at = NOW - 4 * WEEK
    defaults = {
        "status": PlanStatus.APPROVED,
        "reviewed_by": make_user(),
        "reviewed_at": signed_at,
        "protocol": fields.pop("protocol", None) or make_protocol(rules=RULES),
    }
    plan = make_plan(**defaults | fields)
    make_answers(plan, answered_at=signed_at)
    return plan


def make_sessions(
    plan: TreatmentPlan, *starts: datetime, told: bool = True
) -> list[Appointment]:
    """Sessions of `plan`, in turn, with the messages they owe."""
    starts = starts or (NOW + WEEK, NOW + 8 * WEEK)
    rows = [
        make_appointment(plan=plan, number=number, starts_at=at)
        for number, at in enumerate(starts, start=1)
    ]
    if told:
        reminders.promise(rows, now=NOW - WEEK)
    return rows


def seen(session: Appointment, now: datetime = NOW) -> str:
    """What names the answers that a page opened at `now` shows."""
    return rechecks.check(fresh(session), now=now).seen


def fresh(session: Appointment) -> Appointment:
    """The row as it is now."""
    rows = Appointment.objects.with_people().select_related("plan__location")
    return rows.get(pk=session.pk)
