"""How marked each concern is before the series and at its result, from 0 to 10.

Scores are only ever added: the latest counts, and earlier ones stay to be seen. The
scale is a clinic default, to be confirmed by the medical director.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import OutcomeScore, ScoreMoment, TreatmentPlan
from bookings.models.outcomes import WORST_SCORE
from bookings.services import patients, series
from bookings.services.refusals import BookingRefused
from clinic.models import User
from treatments.models import Concern

Scores = Mapping[tuple[str, int], int]
"""A score by its moment and the key of its concern."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One concern of a plan, before and after; None where nobody scored it."""

    concern: Concern
    baseline: OutcomeScore | None
    result: OutcomeScore | None
    earlier: tuple[OutcomeScore, ...] = ()

    @property
    def better(self) -> int | None:
        """By how many points it is better than before: below 0 it is worse."""
        if self.baseline is None or self.result is None:
            return None
        return self.baseline.score - self.result.score

    @property
    def worse(self) -> int:
        """By how many points it is worse than before, or 0."""
        return max(-(self.better or 0), 0)


@transaction.atomic
def score(plan: TreatmentPlan, given: Scores, *, actor: User, now: datetime) -> int:
    """Write down the scores that differ from the last; say how many those were.

    Raises BookingRefused for a score off the scale, for a concern that the plan does
    not have, and for a result before any session took place.
    """
    plan = series.lock(plan)
    known = {row.concern.pk: row for row in scored(plan)}
    for (moment, concern), points in given.items():
        _judge(plan, moment, points, concern in known)
    rows = [
        OutcomeScore(
            plan=plan, concern_id=key, moment=moment, score=points, by=actor, at=now
        )
        for (moment, key), points in given.items()
        if _last(known[key], moment) != points
    ]
    OutcomeScore.objects.bulk_create(rows)
    if rows:
        patients.log_access(actor, plan.patient, "outcome scored")
    return len(rows)


def scored(plan: TreatmentPlan) -> list[Scored]:
    """Every concern of `plan` with its scores, in two queries."""
    given = list(plan.scores.select_related("by").order_by("at", "pk"))
    return [_scored(concern, given) for concern in plan.concerns.all()]


def _scored(concern: Concern, given: list[OutcomeScore]) -> Scored:
    mine = [row for row in given if row.concern_id == concern.pk]
    last = {row.moment: row for row in mine}
    shown = set(map(id, last.values()))
    return Scored(
        concern,
        last.get(ScoreMoment.BASELINE),
        last.get(ScoreMoment.RESULT),
        tuple(row for row in mine if id(row) not in shown),
    )


def _last(row: Scored, moment: str) -> int | None:
    found = row.baseline if moment == ScoreMoment.BASELINE else row.result
    return found.score if found else None


def _judge(plan: TreatmentPlan, moment: str, points: int, is_known: bool) -> None:
    if not is_known or moment not in ScoreMoment.values:
        raise BookingRefused(_("The plan’s concerns have changed. Look again."))
    if not 0 <= points <= WORST_SCORE:
        raise BookingRefused(_("A score goes from 0 to 10."))
    is_result = moment == ScoreMoment.RESULT
    if is_result and not plan.appointments.filter(completed_at__isnull=False).exists():
        raise BookingRefused(
            _("No session has taken place yet. Score the result after one has.")
        )
