"""A series pencilled while its plan waits, and what the review makes of it.

A signature books the pencilled dates where they still fit what was signed; where they
do not, and where the plan goes back, they are let go and a task asks for new ones.
Call these in the transaction of the review, with patient and plan locked.
"""

from datetime import datetime

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bookings.models import (
    HoldKind,
    HoldOutcome,
    PlanReview,
    SeriesBooking,
    SeriesHold,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import judging, series, todo
from bookings.services.holding import holds, lapses
from bookings.services.refusals import BookingRefused
from clinic.models import User

LONGEST = Task._meta.get_field("words").max_length or 0


def signed(plan: TreatmentPlan, *, actor: User, now: datetime) -> SeriesBooking | None:
    """Book what is pencilled for a plan just signed; or let it go, with a task."""
    hold = _pencilled(plan)
    if hold is None:
        return None
    plan = series.lock(plan)  # as signed: status, decisions
    try:
        _judge(hold, plan, now)
    except BookingRefused as refused:
        lapses.let_go(hold, HoldOutcome.RELEASED, now=now)
        words = _(
            "%(who)s signed the plan, but the pencilled dates no longer fit. "
            "%(why)s Book the series again."
        )
        _open_task(plan, words % {"who": actor, "why": refused}, now)
        return None
    return holds.book(hold, plan, actor=actor, now=now)


def returned(plan: TreatmentPlan, *, actor: User, now: datetime) -> None:
    """Let go of what is pencilled for a plan that goes back; a task says so."""
    if _release(plan, now):
        words = _(
            "%(who)s returned the plan, so its pencilled dates were let go. Send the "
            "plan again, then pencil it with the same wishes."
        )
        _open_task(plan, words % {"who": actor}, now)


def declined(plan: TreatmentPlan, *, now: datetime) -> None:
    """Let go of what is pencilled for a plan that is given up."""
    _release(plan, now)


def became_booked(review: PlanReview) -> bool | None:
    """Whether the signature booked what was pencilled; None where nothing was."""
    pencilled = review.plan.holds.filter(kind=HoldKind.PENCIL, ended_at=review.at)
    ended = pencilled.first()
    return ended.outcome == HoldOutcome.CONFIRMED if ended else None


def _pencilled(plan: TreatmentPlan) -> SeriesHold | None:
    mine = plan.holds.open().filter(kind=HoldKind.PENCIL)
    return mine.select_for_update(no_key=True).first()


def _judge(hold: SeriesHold, plan: TreatmentPlan, now: datetime) -> None:
    judging.judge_held(plan, holds.sessions_of(hold, plan), hold=hold, now=now)


def _release(plan: TreatmentPlan, now: datetime) -> bool:
    hold = _pencilled(plan)
    if hold:
        lapses.let_go(hold, HoldOutcome.RELEASED, now=now)
    return hold is not None


def _open_task(plan: TreatmentPlan, words: str, now: datetime) -> None:
    todo.open_task(
        TaskKind.REVIEW,
        lapses.task_key(plan.pk),
        Truncator(words).chars(LONGEST),
        now=now,
        plan=plan,
        patient=plan.patient,
    )
