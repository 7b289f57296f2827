"""Booking the look at a result with its series, and moving it along with it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from django.db import OperationalError, connection, transaction
from psycopg2.errors import LockNotAvailable

from bookings.models import (
    Appointment,
    AppointmentKind,
    PlanReview,
    PlanStatus,
    SeriesBooking,
    TreatmentPlan,
)
from bookings.scheduling.problem import EVERY_WEEKDAY, OPERATOR
from bookings.services import series
from bookings.services.appointing import soonest, talks
from bookings.services.appointing.rules import Talk
from bookings.services.appointing.soonest import ANY_TIME, Place, Sought
from bookings.services.holding import pencils
from bookings.services.moves import moving, standing
from bookings.services.moves.move_proposal import MoveProposal
from bookings.services.outcomes import following, spans
from bookings.services.outcomes.spans import Window
from bookings.services.refusals import BookingRefused
from clinic.models import User

PATIENCE = "500ms"
"""How long booking a review waits for somebody else who is booking there: less than
it takes the database to find a deadlock, so that none ever comes to be."""


@dataclass(frozen=True, slots=True)
class Wish:
    """On which weekdays and between which local times the patient comes."""

    weekdays: frozenset[int] = EVERY_WEEKDAY
    arrive_between: tuple[time, time] = ANY_TIME


ANY = Wish()


@transaction.atomic
def with_series(
    book_series: Callable[[], SeriesBooking],
    *,
    actor: User,
    now: datetime,
    wish: Wish = ANY,
) -> SeriesBooking:
    """Book a series and, in the same transaction, the look at its result.

    The review gets the soonest time in its days, six to eight weeks after the last
    session (source: S0, S2). Where none is free the series is booked all the same, and
    a task asks for the review. The same submit counts once.
    """
    booking = book_series()
    plan = series.lock(booking.plan)
    found = following.stand(plan)
    if found.window and not found.review:
        _book(plan, found.window, booking.key, wish, actor=actor, now=now)
    return booking


@transaction.atomic
def with_signature(
    sign: Callable[[], PlanReview], *, actor: User, now: datetime
) -> PlanReview:
    """Sign a plan and, where that books what was pencilled, its result review too."""
    review = sign()
    if pencils.became_booked(review):
        plan = series.lock(review.plan)
        found, booking = following.stand(plan), plan.bookings.first()
        if booking and found.window and not found.review:
            _book(plan, found.window, booking.key, ANY, actor=actor, now=now)
    return review


def place(
    plan: TreatmentPlan,
    window: Window,
    *,
    now: datetime,
    wish: Wish = ANY,
    moving: Appointment | None = None,
) -> Place | None:
    """The soonest free time in `window`, with whoever gave the last session if they can.

    Days on which the patient is away or comes already are left out; None where nothing
    is free.
    """
    today = now.astimezone(plan.location.zone).date()
    if window.last < today:
        return None
    sought, prefer = _sought(plan, wish, moving), _usual(plan, moving)
    days = window.first, window.last
    found = soonest.each_day(sought, *days, now=now, prefer=prefer)
    away = list(plan.patient.away_dates.values_list("first_day", "last_day"))
    return next((one for one in found if not _is_away(one, away)), None)


def _sought(plan: TreatmentPlan, wish: Wish, moving: Appointment | None) -> Sought:
    return Sought(
        location=plan.location,
        kind=AppointmentKind.RESULT_REVIEW,
        patient=plan.patient,
        weekdays=wish.weekdays,
        arrive_between=wish.arrive_between,
        moving=moving,
    )


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a booked review when its series moves: without `place`, a task."""

    review: Appointment
    window: Window
    place: Place | None

    @property
    def sealed(self) -> dict[str, Any]:
        """Plain values, for the way through the browser (signed) and back."""
        if self.place is None:
            return {}
        start = self.place.local_start.isoformat()
        return {"review": {"key": self.review.pk, "start": start}}


def moved_by(proposal: MoveProposal, *, now: datetime) -> Move | None:
    """Where the booked review has to go if `proposal` moves the last session.

    None where it may stay, where none is booked, or where that session stays.
    """
    plan = proposal.plan
    moved = [one for one in proposal.changed if one.number == plan.session_count]
    review = following.stand(plan).review if moved else None
    if review is None or not review.can_be_moved:
        return None
    window = spans.window_after(plan, moved[0].after.starts_at.date())
    if window.holds(review.local_date):
        return None
    return Move(review, window, place(plan, window, now=now, moving=review))


@transaction.atomic
def accept(
    plan: TreatmentPlan,
    sealed: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
    notify: bool = True,
    **about: Any,
) -> list[Appointment]:
    """Move the sessions that `sealed` names, as `moving.accept`, and the review with them.

    A review whose time is gone meanwhile stays, and a task asks to move it.
    """
    moved = moving.accept(plan, sealed, actor=actor, now=now, notify=notify, **about)
    if asked := sealed.get("review"):
        start = datetime.fromisoformat(asked["start"])
        follow(plan, asked["key"], start, actor=actor, now=now, notify=notify)
    return moved


def follow(
    plan: TreatmentPlan,
    key: int,
    start: datetime,
    *,
    actor: User,
    now: datetime,
    notify: bool,
) -> bool:
    """Move the review `key` to `start` (aware), in the transaction that moved the rest.

    Says whether it did: where that time is gone, or is not one of its days any more,
    the task that asks for another stays.
    """
    plan = series.lock(plan)
    review = plan.appointments.with_people().filter(pk=key).first()
    seen = _at(plan, start, review, now) if review else None
    if review is None or seen is None:
        return False
    where = {"practitioner": seen.practitioner, "room": seen.room}
    with _trying():
        how: dict[str, Any] = {"version": review.version, "notify": notify, **where}
        talks.move(review, start, actor=actor, now=now, **how)
        return True
    return False


def _at(
    plan: TreatmentPlan, start: datetime, review: Appointment, now: datetime
) -> Place | None:
    """The review at `start`, if that is one of its days and still free."""
    local = start.astimezone(plan.location.zone)
    window = following.stand(plan).window
    if window is None or not window.holds(local.date()):
        return None
    day = Window(local.date(), local.date())
    wish = Wish(arrive_between=(local.time(), local.time()))
    return place(plan, day, now=now, wish=wish, moving=review)


def _book(
    plan: TreatmentPlan,
    window: Window,
    key: UUID,
    wish: Wish,
    *,
    actor: User,
    now: datetime,
) -> None:
    """Book the review, or ask for it: it may not cost the series its booking."""
    found = place(plan, window, now=now, wish=wish) or place(plan, window, now=now)
    booked = []
    if found:
        with _trying():
            own = uuid5(key, AppointmentKind.RESULT_REVIEW)
            booked += [talks.book(_talk(plan, found), key=own, actor=actor, now=now)]
    if not booked:
        following.ask_to_book(plan, window, now=now)


@contextmanager
def _trying() -> Iterator[None]:
    """Let what is inside fail alone: refused, or in the way of somebody who is booking."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = %s", [PATIENCE])
            yield
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except BookingRefused:
        return
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise


def _talk(plan: TreatmentPlan, found: Place) -> Talk:
    return Talk(
        kind=AppointmentKind.RESULT_REVIEW,
        patient=plan.patient,
        location=plan.location,
        starts_at=found.local_start,
        practitioner=found.practitioner or 0,
        room=found.room or 0,
        plan=plan,
    )


def _usual(plan: TreatmentPlan, moving: Appointment | None) -> dict[str, str]:
    """Who looked after the patient last: of the review that moves, else of the series."""
    row = moving or spans.last_session(plan)
    has = standing.roles_of(row) if row else {}
    wanted = has if moving else {OPERATOR: has.get(OPERATOR, "")}
    return {role: who for role, who in wanted.items() if who}


def _is_away(one: Place, away: list[tuple[date, date]]) -> bool:
    day = one.local_start.date()
    return any(first <= day <= last for first, last in away)


def may_offer(plan: TreatmentPlan) -> bool:
    """Whether booking the plan's series can book a review too: it ends there."""
    return plan.status == PlanStatus.APPROVED and following.stand(plan).review is None
