"""What came of the demo's series: scores, what was decided, and who is written to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    OutcomeDecision,
    OutcomeReview,
    OutcomeScore,
    PlanStatus,
    ScoreMoment,
    TreatmentPlan,
)
from bookings.services.demo.world import Course, World
from bookings.services.messages import recall_letters
from bookings.services.outcomes import deciding
from treatments.models import Concern

BATCH = 2000
SIGNED = (PlanStatus.APPROVED, PlanStatus.COMPLETED)
LONG_AGO = timedelta(days=63)  # after that somebody has decided, visit or not
NOTES = (
    "Much smoother, and the patient is pleased.",
    "Clearly better on the cheeks, a little less so on the temples.",
    "Good result. We look again when the next session is due.",
)


def write(world: World) -> None:
    """Score every series before it began, and decide on those whose result was seen.

    Its dice are its own, so that nothing else of the demo changes with it.
    """
    rng = Random(f"results {world.today}")  # noqa: S311 - dice, not secrets
    concerns = {row.code: row for row in Concern.objects.all()}
    reviews = _reviews()
    scores: list[OutcomeScore] = []
    decided: list[OutcomeReview] = []
    for course in world.courses:
        if course.plan.status not in SIGNED or not course.plan.reviewed_at:
            continue
        marks = {concerns[code]: rng.randint(5, 8) for code in course.concerns}
        scores += _scored(course.plan, marks, course.plan.reviewed_at)
        if found := _decided(world, rng, course, reviews):
            better = {
                one: max(was - rng.randint(1, 5), 0) for one, was in marks.items()
            }
            scores += _scored(course.plan, better, found.at, ScoreMoment.RESULT)
            decided.append(found)
    OutcomeScore.objects.bulk_create(scores, BATCH)
    _keep(world, decided)


def _keep(world: World, decided: list[OutcomeReview]) -> None:
    """Write the decisions, and plan the letters of those that still lie ahead."""
    OutcomeReview.objects.bulk_create(decided, BATCH)
    for outcome in decided:
        if outcome.recall_on and outcome.recall_on > world.today:
            recall_letters.promise(outcome, now=outcome.at)


def _reviews() -> dict[int, Appointment]:
    """The last look at a result that took place, by plan."""
    rows = Appointment.objects.filter(
        kind=AppointmentKind.RESULT_REVIEW, status=AppointmentStatus.DONE
    )
    return {row.plan_id or 0: row for row in rows.order_by("during", "pk")}


def _scored(
    plan: TreatmentPlan,
    marks: dict[Concern, int],
    at: datetime,
    moment: ScoreMoment = ScoreMoment.BASELINE,
) -> Iterator[OutcomeScore]:
    for concern, score in marks.items():
        yield OutcomeScore(
            plan=plan,
            concern=concern,
            moment=moment,
            score=score,
            by=plan.reviewed_by,
            at=at,
        )


def _decided(
    world: World, rng: Random, course: Course, reviews: dict[int, Appointment]
) -> OutcomeReview | None:
    """What was decided on a series that is over and whose result was seen."""
    plan = course.plan
    if plan.status != PlanStatus.COMPLETED:
        return None
    last = max((one.slot.moment(0) for one in course.kept()), default=world.midnight)
    review = reviews.get(plan.pk)
    if review and review.starts_at > last:
        return _word(rng, plan, review.ends_at, review)
    if world.midnight - last > LONG_AGO:
        return _word(rng, plan, last + timedelta(days=49), None)
    return None


def _word(
    rng: Random, plan: TreatmentPlan, at: datetime, review: Appointment | None
) -> OutcomeReview:
    is_kept = rng.random() < 0.6
    per_year = rng.choice((1, 2, 2, 3)) if is_kept else None
    return OutcomeReview(
        plan=plan,
        appointment=review,
        decision=OutcomeDecision.MAINTENANCE if is_kept else OutcomeDecision.STOP,
        per_year=per_year,
        recall_on=deciding.recall_day(plan, per_year, now=at) if per_year else None,
        note=rng.choice(NOTES),
        by=plan.reviewed_by,
        at=at,
    )
