"""All that the page of one result shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bookings.models import (
    Appointment,
    AppointmentKind,
    Message,
    OutcomeReview,
    ScoreMoment,
    TreatmentPlan,
)
from bookings.services.messages.recall_letters import key_of
from bookings.services.outcomes import deciding, following, scoring
from bookings.services.outcomes.following import Stand
from bookings.services.outcomes.scoring import Scored
from bookings.services.refusals import BookingRefused


@dataclass(frozen=True, slots=True)
class Past:
    """One decision, and the letter that it promised, if it did."""

    outcome: OutcomeReview
    letter: Message | None


@dataclass(frozen=True, slots=True)
class Page:
    """One plan's result. `why_not` says why nothing can be decided; else it is empty."""

    plan: TreatmentPlan
    scored: Sequence[Scored]
    sessions: Sequence[Appointment]
    stand: Stand
    past: Sequence[Past]
    why_not: str
    today: date

    @property
    def seen(self) -> int:
        """The key of the last decision, or 0."""
        return self.past[0].outcome.pk if self.past else 0

    @property
    def is_early(self) -> bool:
        """Whether the result does not show yet."""
        window = self.stand.window
        return window is not None and self.today < window.first

    @property
    def has_begun(self) -> bool:
        """Whether a session has taken place, so that there may be a result to score."""
        return any(row.completed_at for row in self.sessions)


def page(plan: TreatmentPlan, *, now: datetime) -> Page:
    """The result of `plan` as it stands at `now`."""
    sessions = plan.appointments.firm().filter(kind=AppointmentKind.SESSION)
    return Page(
        plan=plan,
        scored=scoring.scored(plan),
        sessions=list(sessions.with_people().order_by("number")),
        stand=following.stand(plan),
        past=_past(plan),
        why_not=_why_not(plan),
        today=now.astimezone(plan.location.zone).date(),
    )


def known_scores(rows: Sequence[Scored]) -> dict[tuple[str, int], int]:
    """The scores that count now, by moment and key of the concern."""
    found = {}
    for row in rows:
        if row.baseline:
            found[ScoreMoment.BASELINE.value, row.concern.pk] = row.baseline.score
        if row.result:
            found[ScoreMoment.RESULT.value, row.concern.pk] = row.result.score
    return found


def _why_not(plan: TreatmentPlan) -> str:
    try:
        deciding.judge_series(plan)
    except BookingRefused as refused:
        return str(refused)
    return ""


def _past(plan: TreatmentPlan) -> list[Past]:
    """What was decided, the latest first, in two queries."""
    rows = list(plan.outcomes.select_related("by", "appointment__location"))
    letters = Message.objects.filter(dedupe_key__in=[key_of(row) for row in rows])
    by_key = {one.dedupe_key: one for one in letters}
    return [Past(row, by_key.get(key_of(row))) for row in rows]
