"""Keeping a series free for a while: held, extended, confirmed, or let go."""

from datetime import datetime

from django.db import transaction

from bookings.models import (
    AppointmentStatus,
    Claim,
    HoldOutcome,
    SeriesHold,
)


def expire_overdue(*, now: datetime) -> int:
    """End every hold whose time ran out, each by itself; say how many that were.

    A hold that is being confirmed at this moment is left to whoever confirms it.
    """
    ended = 0
    for pk in SeriesHold.objects.overdue(now).values_list("pk", flat=True):
        with transaction.atomic():
            mine = SeriesHold.objects.overdue(now).select_for_update(skip_locked=True)
            if hold := mine.filter(pk=pk).first():
                let_go(hold, HoldOutcome.EXPIRED, now=now)
                ended += 1
    return ended


def let_go(hold: SeriesHold, outcome: HoldOutcome, *, now: datetime) -> None:
    """End `hold` and free what it kept; the caller holds its row lock."""
    held = hold.appointments.filter(status=AppointmentStatus.HELD)
    Claim.objects.filter(appointment__in=held).delete()
    held.update(status=AppointmentStatus.RELEASED)
    hold.ended_at, hold.outcome = now, outcome
    hold.save(update_fields=["ended_at", "outcome"])
