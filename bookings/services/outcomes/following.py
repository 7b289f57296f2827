"""The one task about a plan's result review: opened and closed by rule.

It asks the desk to book the review when it is due and nothing is booked, and to move
it when the last session has left it outside its days.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    PlanStatus,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import todo
from bookings.services.outcomes import spans
from bookings.services.outcomes.spans import Window
from clinic.models import User

AHEAD = timedelta(days=14)
"""How long before its first day a review that is not booked is asked for: a clinic
default, so that a time in its days can still be found."""
SIGNED = (PlanStatus.APPROVED, PlanStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Stand:
    """How a plan's result review stands.

    `window` is unknown while the last session has no day. `review` is what is booked
    or took place after that session.
    """

    last: Appointment | None
    window: Window | None
    review: Appointment | None
    is_decided: bool

    @property
    def is_broken(self) -> bool:
        """Whether the review stands outside its days and can still be moved."""
        if self.window is None or self.review is None:
            return False
        is_out = not self.window.holds(self.review.local_date)
        return is_out and self.review.can_be_moved

    def is_due(self, today: date) -> bool:
        """Whether the review should be booked by now, and is not."""
        if self.window is None or self.last is None or self.review:
            return False
        is_done = self.last.status == AppointmentStatus.DONE
        return is_done and today >= self.window.first - AHEAD


def stand(plan: TreatmentPlan) -> Stand:
    """How the review stands now, in three or four queries."""
    last = spans.last_session(plan)
    if last is None or plan.status not in SIGNED:
        return Stand(last, None, None, is_decided=False)
    reviews = plan.appointments.firm().filter(kind=AppointmentKind.RESULT_REVIEW)
    return Stand(
        last=last,
        window=spans.window_after(plan, last.anchor_date),
        review=spans.review_after(reviews.select_related("location"), last.anchor_date),
        is_decided=plan.outcomes.filter(at__gte=last.starts_at).exists(),
    )


def settle(plan: TreatmentPlan, *, actor: User | None, now: datetime) -> None:
    """Open the task, give it its words of now, or close it.

    Call it under the plan's lock. A task that asks for a review which could not be
    booked with its series stays until one is.
    """
    found = stand(plan)
    tasks = Task.objects.open().filter(key=f"{TaskKind.OUTCOME}:{key_of(plan)}")
    if found.window is None or found.is_decided:
        todo.close(tasks, actor=actor, now=now)
    elif found.review:
        _settle_booked(plan, found, actor, now)
    elif found.is_due(now.astimezone(plan.location.zone).date()):
        _ask(plan, _due_words(plan, found.window), None, now)


def settle_around(row: Appointment, *, actor: User | None, now: datetime) -> None:
    """Settle the plan whose result `row` looks at, if it does."""
    if row.plan and row.kind == AppointmentKind.RESULT_REVIEW:
        settle(row.plan, actor=actor, now=now)


def ask_to_book(plan: TreatmentPlan, window: Window, *, now: datetime) -> None:
    """Ask the desk for a review that could not be booked with its series."""
    words = _(
        "%(patient)s: no time was free for the result review. Book it between "
        "%(first)s and %(last)s."
    )
    _ask(plan, words % _told(plan, window), None, now)


def key_of(plan: TreatmentPlan) -> str:
    """What the task of the plan is known by: there is one at a time."""
    return f"plan:{plan.pk}"


def _settle_booked(
    plan: TreatmentPlan, found: Stand, actor: User | None, now: datetime
) -> None:
    if found.is_broken and found.window and found.review:
        words = _broken_words(plan, found.window, found.review)
        _ask(plan, words, found.review, now)
        return
    tasks = Task.objects.filter(key=f"{TaskKind.OUTCOME}:{key_of(plan)}")
    todo.close(tasks, actor=actor, now=now)


def _ask(
    plan: TreatmentPlan, words: str, review: Appointment | None, now: datetime
) -> None:
    about = {"plan": plan, "patient": plan.patient, "appointment": review}
    todo.open_task(TaskKind.OUTCOME, key_of(plan), words, now=now, **about)
    asked = Task.objects.open().filter(key=f"{TaskKind.OUTCOME}:{key_of(plan)}")
    asked.update(words=words[: todo.LONGEST], appointment=review)


def _due_words(plan: TreatmentPlan, window: Window) -> str:
    words = _(
        "%(patient)s: the result review is not booked. It belongs between %(first)s "
        "and %(last)s."
    )
    return words % _told(plan, window)


def _broken_words(plan: TreatmentPlan, window: Window, review: Appointment) -> str:
    words = _(
        "%(patient)s: the result review on %(day)s is outside its days. It belongs "
        "between %(first)s and %(last)s."
    )
    told = {"day": date_format(review.local_date, "D j M Y")}
    return words % (_told(plan, window) | told)


def _told(plan: TreatmentPlan, window: Window) -> dict[str, object]:
    return {
        "patient": plan.patient,
        "first": date_format(window.first, "D j M Y"),
        "last": date_format(window.last, "D j M Y"),
    }
