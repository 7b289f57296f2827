"""The one letter that says a request has come in, with the link to follow it.

Its key is that of the draft it was sent from: two at once cannot both be written.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import (
    ConsultationRequest,
    Message,
    MessageStatus,
    RequestStatus,
)
from bookings.models.codes import code_of
from bookings.services import links
from bookings.services.links import Purpose
from bookings.services.messages.reminders import REQUEST_RECEIVED

OVER = (RequestStatus.WITHDRAWN, RequestStatus.CLOSED, RequestStatus.DONE)


def key_of(key: str) -> str:
    """The key of the letter about what was sent under `key`."""
    return f"request:{key}"


def promise(row: ConsultationRequest, key: str, *, now: datetime) -> Message:
    """Plan the letter, in the transaction that takes the request; it leaves at once.

    Raises IntegrityError where the same was sent before.
    """
    return Message.objects.create(
        patient=row.patient,
        request=row,
        rule=REQUEST_RECEIVED,
        language=row.patient.language,
        due_at=now,
        status=MessageStatus.PLANNED,
        recipient=row.patient.email,
        dedupe_key=key_of(key),
    )


def too_late(message: Message) -> str:
    """Why the letter must not leave any more; empty where all is well."""
    row = message.request
    if row is None or row.status in OVER:
        return _("The request is over.")
    return ""


def words(message: Message, now: datetime) -> dict[str, Any]:
    """What the letter says: the code, what was asked, and the link to follow it."""
    row = message.request
    if row is None:
        return {}
    return {
        "row": row,
        "location": row.location,
        "code": f"R-{code_of(row.pk)}",
        "link": links.address(Purpose.REQUEST, row, now=now),
    }
