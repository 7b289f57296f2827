"""Which sessions have a signed record: what is signed is not made undone."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from bookings.models import Appointment, SessionRecord
from bookings.services.refusals import BookingRefused


def judge_unrecorded(sessions: Iterable[Appointment]) -> None:
    """Refuse to take back that a session took place while its record is signed."""
    signed = SessionRecord.objects.filter(appointment__in=[row.pk for row in sessions])
    if signed.exists():
        raise BookingRefused(
            _(
                "Its record is signed, so it stays done. If the day or the time is "
                "wrong, a clinician amends the record."
            )
        )
