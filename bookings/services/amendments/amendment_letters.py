"""The one message about an amended plan: which dates no longer stand.

The message has no appointment, for it is about several: its key names the amendment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Appointment, Message, MessageStatus, PlanAmendment
from bookings.services.messages.moments import GRACE
from bookings.services.messages.reminders import AMENDED


def promise(amendment: PlanAmendment, *, now: datetime) -> None:
    """Plan the message, in the transaction that amends, if a date was given up."""
    if not amendment.after["given_up"]:
        return
    patient = amendment.plan.patient
    reachable = bool(patient.email)
    Message.objects.create(
        patient=patient,
        rule=AMENDED,
        language=patient.language,
        due_at=now + GRACE,
        status=MessageStatus.PLANNED if reachable else MessageStatus.SUPPRESSED,
        problem="" if reachable else _("The patient has no e-mail address."),
        recipient=patient.email,
        dedupe_key=key_of(amendment),
    )


def key_of(amendment: PlanAmendment) -> str:
    """The key of the message about `amendment`."""
    return f"amendment:{amendment.pk}"


def amendment_of(message: Message) -> PlanAmendment:
    """The amendment that `message` is about; DoesNotExist for any other message."""
    key = message.dedupe_key.removeprefix("amendment:")
    rows = PlanAmendment.objects.select_related("plan__location", "plan__patient")
    return rows.get(pk=int(key) if key.isdecimal() else 0)


def too_late(message: Message, now: datetime) -> str:
    """Why the message must not leave at `now`; empty where all is well."""
    gone = _given_up(amendment_of(message))
    if any(row.starts_at > now for row in gone):
        return ""
    return _("It came too late to be of help.")


def words(message: Message, now: datetime) -> dict[str, Any]:
    """What the letter says: the dates that are off, those that stand, what comes next."""
    amendment = amendment_of(message)
    plan = amendment.plan
    stands = plan.appointments.firm().filter(during__startswith__gt=now)
    return {
        "is_medical": amendment.is_medical,
        "gone": _given_up(amendment),
        "stands": list(stands.order_by("during")),
        "location": plan.location,
        "phone": plan.location.phone,
        "zone": plan.location.zone,
    }


def _given_up(amendment: PlanAmendment) -> Sequence[Appointment]:
    rows = Appointment.objects.filter(pk__in=amendment.after["given_up"])
    return list(rows.select_related("location").order_by("during"))
