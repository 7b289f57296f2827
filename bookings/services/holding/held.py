"""What is held, for pages to show: one series, and all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min

from bookings.models import (
    Appointment,
    HoldKind,
    HoldOutcome,
    SeriesHold,
    TreatmentPlan,
)
from bookings.ribbon import Ribbon, RibbonSession, State
from bookings.services import ribbons

WITH_PEOPLE = (
    "plan__patient",
    "plan__location",
    "plan__protocol__treatment",
    "held_by",
)


@dataclass(frozen=True, slots=True)
class Left:
    """How long a hold still lasts at `now`: whole minutes, a started one counts."""

    hold: SeriesHold
    now: datetime

    @property
    def lasts(self) -> bool:
        return self.hold.lasts_at(self.now)

    @property
    def span(self) -> timedelta:
        return max(self.hold.until - self.now, timedelta())

    @property
    def minutes(self) -> int:
        return -(-self.span // timedelta(minutes=1))

    @property
    def seconds(self) -> int:
        return int(self.span.total_seconds())

    @property
    def whole_seconds(self) -> int:
        """How long it lasts in all."""
        return int((self.hold.until - self.hold.held_at).total_seconds())

    @property
    def days(self) -> int:
        return self.span.days

    @property
    def until_local(self) -> datetime:
        """The end in the location's time."""
        return self.hold.until.astimezone(self.hold.plan.location.zone)

    @property
    def is_today(self) -> bool:
        here = self.now.astimezone(self.hold.plan.location.zone)
        return self.until_local.date() == here.date()


def of(plan: TreatmentPlan, *, now: datetime) -> SeriesHold | None:
    """The hold that keeps the series of `plan` free at `now`, if there is one."""
    hold = plan.holds.open().select_related(*WITH_PEOPLE).first()
    return hold if hold and hold.lasts_at(now) else None


def last_pencil(plan: TreatmentPlan) -> SeriesHold | None:
    """What was pencilled last for `plan` and given back, to look for it again."""
    given_back = plan.holds.filter(kind=HoldKind.PENCIL).exclude(
        outcome__in=["", HoldOutcome.CONFIRMED]
    )
    return given_back.order_by("-held_at").first()


def standing(*, now: datetime) -> dict[str, Any]:
    """Holds of the desk and pencilled series, with the time each has left.

    As many queries for one as for many.
    """
    rows = (
        SeriesHold.objects.open()
        .filter(expires_at__gt=now)
        .select_related(*WITH_PEOPLE)
        .annotate(
            sessions=Count("appointments"),
            first=Min("appointments__during__startswith"),
        )
        .order_by("expires_at", "pk")
    )
    left = [Left(row, now) for row in rows]
    return {
        "held": [row for row in left if not row.hold.is_pencilled],
        "pencilled": [row for row in left if row.hold.is_pencilled],
    }


def shown(hold: SeriesHold, *, now: datetime) -> dict[str, Any]:
    """What the page of one hold shows: its sessions, their ribbon, the time left."""
    sessions = list(hold.appointments.with_people().order_by("number"))
    drawn = _ribbon(hold, sessions, now)
    return {
        "hold": hold,
        "plan": hold.plan,
        "left": Left(hold, now),
        "now": now,
        "sessions": sessions,
        "series_ribbon": drawn,
        "hold_minutes": settings.HOLD_MINUTES,
        "may_extend": hold.kind == HoldKind.DESK and not hold.extended_at,
    }


def _ribbon(hold: SeriesHold, sessions: Iterable[Appointment], now: datetime) -> Ribbon:
    """The held sessions among those that stand; dotted where they were let go."""
    state = State.HELD if hold.lasts_at(now) else State.WAS
    mine = [_marker(row, state) for row in sessions]
    others = [
        row
        for row in ribbons.sessions_of(hold.plan, now=now)
        if row.state is not State.HELD
    ]
    days = [row.day for row in mine]
    around = ribbons.Around(
        today=now.astimezone(hold.plan.location.zone).date(),
        away=ribbons.away_dates(hold.plan, min(days), max(days)),
        closed=ribbons.closures(hold.plan, min(days), max(days)),
    )
    order = sorted([*others, *mine], key=lambda row: (row.number, row.day))
    return ribbons.drawn(hold.plan, order, around)


def _marker(row: Appointment, state: State) -> RibbonSession:
    return RibbonSession(
        number=row.number or 0,
        day=row.local_date,
        state=state,
        time=f"{row.local_start:%H:%M}",
    )
