"""A patient's messages in a patient's words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Message, MessageStatus, Patient
from bookings.models.messages import NOT_REACHED, WAITING, MessageQuerySet
from bookings.services.messages.reminders import RULES

SOON = 50  # more are never planned for one patient
NEVER_LEFT: dict[str, Promise] = {
    MessageStatus.FAILED: _("We could not deliver it. Is your e-mail address right?"),
    MessageStatus.MISSED: _("It could not leave in time, so we did not send it."),
    MessageStatus.SUPPRESSED: _("Not sent: it was not needed, or you asked for none."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list: `at` is when it left, or when it will, in local time."""

    message: Message
    name: str
    icon: str
    at: datetime
    note: str

    @property
    def is_to_come(self) -> bool:
        return self.message.status in WAITING

    @property
    def is_a_failure(self) -> bool:
        return self.message.status in NOT_REACHED


def shown(patient: Patient) -> MessageQuerySet:
    """Every message of the patient but those that were replaced before they left."""
    rows = Message.objects.with_people().filter(patient=patient, rule__in=RULES)
    return rows.exclude(status=MessageStatus.SUPERSEDED)


def past(patient: Patient) -> MessageQuerySet:
    """What has left or never will, the newest first."""
    return shown(patient).exclude(status__in=WAITING).order_by("-due_at", "-pk")


def to_come(patient: Patient) -> list[Line]:
    """What will be sent as things stand, the next first."""
    rows = shown(patient).filter(status__in=WAITING).order_by("due_at", "pk")
    return [line(row) for row in rows[:SOON]]


def line(message: Message) -> Line:
    """`message` as the list names it."""
    rule = RULES[message.rule]
    at = message.sent_at or message.due_at
    return Line(
        message=message,
        name=str(rule.name),
        icon=rule.icon,
        at=at.astimezone(message.zone),
        note=str(NEVER_LEFT.get(message.status, "")),
    )
