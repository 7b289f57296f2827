"""The course board: every signed plan that is going on, the most urgent first.

All plans are judged from a lean read of dates, in two statements however many there
are; only those of one page are read in full.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    PlanStatus,
    SeriesHold,
    TreatmentPlan,
)
from bookings.models.plans import PlanQuerySet
from bookings.ribbon import Ribbon, RibbonSession, RibbonSpan
from bookings.services import ribbons
from bookings.services.courses.states import (
    CourseState,
    Sitting,
    Standing,
    judge,
)
from clinic.models import Location, Practitioner
from treatments.models import Treatment

OPERATOR = "operator"
FACTS = (
    "pk",
    "session_count",
    "gap_min_days",
    "gap_max_days",
    "protocol__gap_min_days",
    "protocol__gap_max_days",
    "location__timezone",
    "reviewed_at",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which courses to look at; what is None does not matter."""

    location: Location | None = None
    treatment: Treatment | None = None
    practitioner: Practitioner | None = None
    state: CourseState | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One plan on the board, known by its key, on the local `today` of its location."""

    plan_id: int
    standing: Standing
    signed: date
    today: date

    @property
    def urgency(self) -> tuple[Any, ...]:
        """Of two that press alike, who was signed first."""
        return *self.standing.urgency, self.signed, self.plan_id


@dataclass(frozen=True, slots=True)
class Board:
    """The plans of one state or of all, in order, and how many there are of each."""

    entries: list[Entry]
    counts: dict[CourseState, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the board: the plan in full, how it stands, its ribbon, its hold."""

    plan: TreatmentPlan
    entry: Entry
    ribbon: Ribbon
    hold: SeriesHold | None
    appointment: Appointment | None

    @property
    def standing(self) -> Standing:
        return self.entry.standing

    @property
    def booked(self) -> int:
        """How many of its sessions have a time or took place."""
        return self.plan.session_count - len(self.standing.missing)


def board(filters: Filters, *, now: datetime) -> Board:
    """Every course that fits `filters`: two queries, whatever their number."""
    plans = _plans(filters)
    sittings = _sittings(plans)
    entries = [
        entry
        for facts in plans.values_list(*FACTS)
        if (entry := _entry(facts, sittings, now))
    ]
    counts = Counter(entry.standing.state for entry in entries)
    chosen = [
        entry for entry in entries if filters.state in (None, entry.standing.state)
    ]
    return Board(
        sorted(chosen, key=lambda entry: entry.urgency),
        {state: counts[state] for state in CourseState},
    )


def rows(entries: Sequence[Entry], *, now: datetime) -> list[Row]:
    """The lines of `entries` in their order, in as many queries for one as for many."""
    plans = _in_full(now).in_bulk([entry.plan_id for entry in entries])
    return [_row(plans[entry.plan_id], entry, now) for entry in entries]


def named(entries: Sequence[Entry]) -> list[tuple[TreatmentPlan, Entry]]:
    """The plans of `entries` with their people, for a list without drawings."""
    plans = TreatmentPlan.objects.with_people().order_by()
    found = plans.in_bulk([entry.plan_id for entry in entries])
    return [(found[entry.plan_id], entry) for entry in entries]


def ruler(rows: Iterable[Row]) -> list[Ribbon]:
    """What one ruler above all of `rows` has to span; nobody's own dates are on it."""
    return [replace(row.ribbon, away=()) for row in rows if row.ribbon.sessions]


def _plans(filters: Filters) -> PlanQuerySet:
    plans = TreatmentPlan.objects.filter(status=PlanStatus.APPROVED).order_by()
    if filters.location:
        plans = plans.filter(location=filters.location)
    if filters.treatment:
        plans = plans.filter(protocol__treatment=filters.treatment)
    if filters.practitioner:
        given = Claim.objects.filter(
            appointment__plan=OuterRef("pk"),
            resource=filters.practitioner.pk,
            role=OPERATOR,
        )
        plans = plans.filter(Exists(given))
    return plans


def _sittings(plans: PlanQuerySet) -> dict[int, list[Sitting]]:
    """What has a time, by plan; a session that is only held has none yet."""
    found: dict[int, list[Sitting]] = defaultdict(list)
    sessions = Appointment.objects.firm().filter(
        kind=AppointmentKind.SESSION, plan__in=plans.values("pk")
    )
    for plan, number, status, start, completed, zone in sessions.order_by().values_list(
        "plan_id",
        "number",
        "status",
        "during__startswith",
        "completed_at",
        "location__timezone",
    ):
        day = (completed or start).astimezone(ZoneInfo(zone)).date()
        is_done = status == AppointmentStatus.DONE
        found[plan].append(Sitting(number or 0, day, is_done))
    return found


def _entry(
    facts: Sequence[Any], sittings: dict[int, list[Sitting]], now: datetime
) -> Entry | None:
    """A plan on the board; None for one whose sessions are all done."""
    plan, count, own_min, own_max, least, most, zone_name, signed_at = facts
    zone = ZoneInfo(zone_name)
    today = now.astimezone(zone).date()
    gap_days = (least, most) if None in (own_min, own_max) else (own_min, own_max)
    standing = judge(count, gap_days, sittings.get(plan, ()), today=today)
    if standing is None:
        return None
    return Entry(plan, standing, signed_at.astimezone(zone).date(), today)


def _in_full(now: datetime) -> PlanQuerySet:
    sessions = (
        Appointment.objects.standing(now)
        .filter(kind=AppointmentKind.SESSION)
        .select_related("location")
        .order_by("number")
    )
    return (
        TreatmentPlan.objects.with_people()
        .prefetch_related(
            Prefetch("appointments", sessions),
            Prefetch("holds", SeriesHold.objects.open()),
            "overrides",
            "patient__away_dates",
        )
        .order_by()
    )


def _row(plan: TreatmentPlan, entry: Entry, now: datetime) -> Row:
    rows = list(plan.appointments.all())
    by_number = {row.number: row for row in rows}
    return Row(
        plan=plan,
        entry=entry,
        ribbon=_ribbon(plan, entry, rows),
        hold=next((one for one in plan.holds.all() if one.lasts_at(now)), None),
        appointment=by_number.get(entry.standing.number),
    )


def _ribbon(plan: TreatmentPlan, entry: Entry, rows: Iterable[Appointment]) -> Ribbon:
    """The series as it stands, with the window of the session that lacks a time."""
    around = _around(plan, entry.today)
    drawn = ribbons.drawn(plan, _markers(rows), around)
    return replace(drawn, awaited=next(iter(entry.standing.missing), None))


def _markers(rows: Iterable[Appointment]) -> list[RibbonSession]:
    """Sessions without a label: the board has one ruler for all of them."""
    return [replace(one, lines=()) for one in ribbons.markers(rows)]


def _around(plan: TreatmentPlan, today: date) -> ribbons.Around:
    away = tuple(
        RibbonSpan(row.first_day, row.last_day, row.label)
        for row in plan.patient.away_dates.all()
    )
    return ribbons.Around(today=today, away=away)
