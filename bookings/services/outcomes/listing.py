"""Whose result is due: the series that are over, the longest wait first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Prefetch, QuerySet
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    Message,
    MessageStatus,
    TreatmentPlan,
)
from bookings.models.plans import PlanQuerySet
from bookings.services.messages.reminders import RECALL
from bookings.services.outcomes import spans, sweeping
from bookings.services.outcomes.spans import Window

AHEAD = timedelta(days=14)  # how far ahead results that come due are shown
RECALLS_SHOWN = 30
TO_COME = [MessageStatus.PLANNED, MessageStatus.SUPPRESSED]


class When(StrEnum):
    """How a result stands on a day."""

    LATE = "late"  # its days have passed
    DUE = "due"
    SOON = "soon"  # its days begin in the next weeks


@dataclass(frozen=True, slots=True)
class Row:
    """A series that is over and on whose result nobody has decided.

    `review` is the look at it that is booked or took place; days are local.
    """

    plan: TreatmentPlan
    last_day: date
    window: Window
    review: Appointment | None
    today: date

    @property
    def when(self) -> When:
        if self.today > self.window.last:
            return When.LATE
        return When.DUE if self.today >= self.window.first else When.SOON

    @property
    def is_late(self) -> bool:
        """Whether its days have passed and no visit for it is ahead."""
        is_ahead = self.review is not None and self.review.can_be_moved
        return self.when is When.LATE and not is_ahead

    @property
    def words(self) -> str:
        """How long it has waited, or when it begins: "9 days late", "in 12 days"."""
        if self.when is When.LATE:
            days = (self.today - self.window.last).days
            words = ngettext("%(days)s day late", "%(days)s days late", days)
        elif self.when is When.DUE:
            days = (self.window.last - self.today).days
            words = ngettext("%(days)s day left", "%(days)s days left", days)
        else:
            days = (self.window.first - self.today).days
            words = ngettext("in %(days)s day", "in %(days)s days", days)
        return words % {"days": days}


@dataclass(frozen=True, slots=True)
class Board:
    """What the page shows: results `due`, the longest wait first, and those `soon`."""

    due: list[Row]
    soon: list[Row]


def board(*, now: datetime) -> Board:
    """Results without a decision, in as many queries for one as for many."""
    rows = sorted((_row(plan, now) for plan in _plans(now)), key=_rank)
    soonest = [row for row in rows if row.today >= row.window.first - AHEAD]
    return Board(
        due=[row for row in soonest if row.when is not When.SOON],
        soon=[row for row in soonest if row.when is When.SOON],
    )


def recalls(*, now: datetime) -> QuerySet[Message]:
    """Letters about maintenance still to come, and those that cannot leave, by day."""
    rows = Message.objects.filter(
        rule=RECALL, status__in=TO_COME, due_at__gte=now - sweeping.LISTED
    )
    found = rows.select_related("patient", "plan__protocol__treatment")
    return found.order_by("due_at", "pk")[:RECALLS_SHOWN]


def _plans(now: datetime) -> PlanQuerySet:
    reviews = Appointment.objects.firm().filter(kind=AppointmentKind.RESULT_REVIEW)
    with_place = reviews.select_related("location")
    shown = Prefetch("appointments", with_place, to_attr="reviews_booked")
    return sweeping.over(now).prefetch_related(shown)


def _row(plan: TreatmentPlan, now: datetime) -> Row:
    zone = plan.location.zone
    last_day = plan.last_at.astimezone(zone).date()  # type: ignore[attr-defined]
    booked = plan.reviews_booked  # type: ignore[attr-defined]
    return Row(
        plan=plan,
        last_day=last_day,
        window=spans.window_after(plan, last_day),
        review=spans.review_after(booked, last_day),
        today=now.astimezone(zone).date(),
    )


def _rank(row: Row) -> tuple[date, int]:
    return row.window.last, row.plan.pk
