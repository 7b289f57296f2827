"""A clinician's word on the result of a series: stop, go on, or keep it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    OutcomeDecision,
    OutcomeReview,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services import patients, plans, series
from bookings.services.messages import recall_letters
from bookings.services.moves import windows
from bookings.services.outcomes import following, scoring
from bookings.services.outcomes.scoring import Scores
from bookings.services.refusals import BookingRefused
from clinic.models import User

A_YEAR = 365  # days
WRITE_BEFORE = timedelta(days=28)
"""How long before a maintenance session is due its patient is written to: a clinic
default, so that a time can still be found."""
FURTHEST = timedelta(days=2 * A_YEAR)
MOST_A_YEAR = 3  # sessions of maintenance (source: S1)
OVER = [AppointmentStatus.DONE]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided. Each decision has its own facts; those of others do not count.

    `recall_on` is a day of the clinic; without one it follows from `per_year`.
    """

    decision: str
    note: str = ""
    more_sessions: int | None = None
    per_year: int | None = None
    recall_on: date | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, and the draft that going on has opened."""

    outcome: OutcomeReview
    draft: TreatmentPlan | None = None


@transaction.atomic
def decide(
    plan: TreatmentPlan,
    choice: Choice,
    *,
    seen: int,
    actor: User,
    now: datetime,
    scores: Scores | None = None,
) -> Decided:
    """Sign what is decided about the plan's result, or raise BookingRefused.

    `seen` is the key of the last decision on the page, or 0. The series ends: going on
    drafts a plan, maintenance (1 to 3 sessions a year, source: S1) writes on a day.
    """
    plan = series.lock(plan)
    _judge_seen(plan, seen)
    _judge_choice(plan, choice, now)
    scoring.score(plan, scores or {}, actor=actor, now=now)
    outcome = _write(plan, choice, actor, now)
    _end(plan)
    draft = _go_on(plan, choice, actor, now)
    _tell(outcome, now)
    windows.settle(plan, actor=actor, now=now)
    patients.log_access(actor, plan.patient, "outcome decided")
    return Decided(outcome, draft)


def _tell(outcome: OutcomeReview, now: datetime) -> None:
    """Plan the letter that the decision asks for, in the place of any before."""
    recall_letters.withdraw(outcome.plan, _("Something else was decided since."))
    if outcome.recall_on:
        recall_letters.promise(outcome, now=now)


def recall_day(plan: TreatmentPlan, per_year: int, *, now: datetime) -> date:
    """When to write about the next session, at so many a year after the last one.

    Four weeks before it is due, and never before tomorrow.
    """
    today = now.astimezone(plan.location.zone).date()
    last = _last_day(plan) or today
    due = last + timedelta(days=A_YEAR // per_year)
    return max(due - WRITE_BEFORE, today + timedelta(days=1))


def _last_day(plan: TreatmentPlan) -> date | None:
    rows = plan.appointments.filter(kind=AppointmentKind.SESSION, status__in=OVER)
    return max(
        (row.anchor_date for row in rows.select_related("location")), default=None
    )


def _judge_seen(plan: TreatmentPlan, seen: int) -> None:
    last = plan.outcomes.select_related("by").first()
    if last is None or last.pk == seen:
        return
    at = last.at.astimezone(plan.location.zone)
    raise BookingRefused(
        _(
            "%(who)s decided on this result on %(day)s at %(time)s: %(what)s. Look again."
        )
        % {
            "who": last.by,
            "day": date_format(at, "D j M"),
            "time": date_format(at, "H:i"),
            "what": last.get_decision_display(),
        }
    )


def judge_series(plan: TreatmentPlan) -> None:
    """Refuse a plan that has no result to decide on, or not yet."""
    if plan.status not in following.SIGNED:
        raise BookingRefused(_("This plan is not signed: it has no result yet."))
    sessions = plan.appointments.firm().filter(kind=AppointmentKind.SESSION)
    coming = sessions.exclude(status__in=OVER).order_by("number").first()
    if coming:
        raise BookingRefused(
            _(
                "Session %(number)s is still in the diary. Decide once it is over, or "
                "cancel it first."
            )
            % {"number": coming.number}
        )
    if not sessions.exists():
        raise BookingRefused(_("No session has taken place yet: there is no result."))


def _judge_choice(plan: TreatmentPlan, choice: Choice, now: datetime) -> None:
    judge_series(plan)
    if choice.decision not in OutcomeDecision.values:
        raise BookingRefused(_("Choose what comes next."))
    if choice.decision == OutcomeDecision.CONTINUE:
        _judge_more(plan, choice.more_sessions)
    if choice.decision == OutcomeDecision.MAINTENANCE:
        _judge_recall(plan, choice, now)


def _judge_more(plan: TreatmentPlan, more: int | None) -> None:
    if more is None or not 1 <= more <= plans.MOST_SESSIONS:
        raise BookingRefused(_("Say how many more sessions: from 1 to 12."))
    others = plan.patient.plans.open().exclude(pk=plan.pk)
    if others.filter(protocol__treatment=plan.protocol.treatment_id).exists():
        raise BookingRefused(
            _("The patient has another open plan of this treatment. Go on with that.")
        )


def _judge_recall(plan: TreatmentPlan, choice: Choice, now: datetime) -> None:
    if choice.per_year is None or not 1 <= choice.per_year <= MOST_A_YEAR:
        raise BookingRefused(_("From one to three sessions a year."))
    today = now.astimezone(plan.location.zone).date()
    day = choice.recall_on
    if day and not today < day <= today + FURTHEST:
        raise BookingRefused(
            _("Write to the patient on a day after today, within two years.")
        )


def _write(
    plan: TreatmentPlan, choice: Choice, actor: User, now: datetime
) -> OutcomeReview:
    is_kept = choice.decision == OutcomeDecision.MAINTENANCE
    goes_on = choice.decision == OutcomeDecision.CONTINUE
    per_year = choice.per_year if is_kept else None
    day = choice.recall_on or (
        recall_day(plan, per_year, now=now) if per_year else None
    )
    return OutcomeReview.objects.create(
        plan=plan,
        appointment=_review(plan, now),
        decision=choice.decision,
        more_sessions=choice.more_sessions if goes_on else None,
        per_year=per_year,
        recall_on=day if is_kept else None,
        note=choice.note.strip(),
        by=actor,
        at=now,
    )


def _review(plan: TreatmentPlan, now: datetime) -> Appointment | None:
    """The visit at which it was decided, if there was one."""
    rows = plan.appointments.firm().filter(kind=AppointmentKind.RESULT_REVIEW)
    return rows.filter(during__startswith__lte=now).order_by("-during").first()


def _end(plan: TreatmentPlan) -> None:
    """The series is over, whatever follows: it is no longer a course to look after."""
    plan.status = PlanStatus.COMPLETED
    plan.save(update_fields=["status"])


def _go_on(
    plan: TreatmentPlan, choice: Choice, actor: User, now: datetime
) -> TreatmentPlan | None:
    """A draft of so many more sessions, with the areas as they were treated."""
    if choice.decision != OutcomeDecision.CONTINUE or choice.more_sessions is None:
        return None
    areas = list(plan.areas.select_related("area"))
    draft = plans.draft(
        plan.patient,
        actor=actor,
        now=now,
        protocol=plans.current_protocol(plan.protocol.treatment),
        location=plan.location,
        concerns=list(plan.concerns.all()),
        areas=[row.area for row in areas],
        session_count=choice.more_sessions,
        wishes=plan.wishes,
    )
    _keep_settings(plan, draft)
    return draft


def _keep_settings(plan: TreatmentPlan, draft: TreatmentPlan) -> None:
    """Depths and passes that the newer protocol still allows."""
    limits = draft.protocol
    for row in plan.areas.all():
        if row.depth_mm is None or row.passes is None:
            continue
        is_deep = row.depth_mm > limits.max_depth_mm
        if not is_deep and limits.passes_min <= row.passes <= limits.passes_max:
            draft.areas.filter(area=row.area_id).update(
                depth_mm=row.depth_mm, passes=row.passes, rf_energy=row.rf_energy
            )
