"""Signatures under a plan: who said what, when, and under which version."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import PlanReview, ReviewOutcome, TreatmentPlan


def under(plan: TreatmentPlan) -> PlanReview | None:
    """The signature under the plan's present version, if it has one."""
    return _rows(plan).filter(plan_version=plan.version).first()


def before(plan: TreatmentPlan) -> PlanReview | None:
    """The last signature under an earlier version of the plan, if there is one."""
    return _rows(plan).filter(plan_version__lt=plan.version).first()


def since(plan: TreatmentPlan, version: int) -> PlanReview | None:
    """The newest signature under `version` of the plan or a later one."""
    return _rows(plan).filter(plan_version__gte=version).first()


def told(review: PlanReview, *, now: datetime) -> str:
    """Who signed what and when, for the colleague who comes second.

    The time is local to the plan's location; a year is said where it is another.
    """
    words = {
        ReviewOutcome.APPROVED: _(
            "%(who)s approved and signed this plan on %(when)s. "
            "Nothing of yours was saved."
        ),
        ReviewOutcome.RETURNED: _(
            "%(who)s returned this plan with changes on %(when)s. "
            "Nothing of yours was saved."
        ),
        ReviewOutcome.DECLINED: _(
            "%(who)s declined this plan on %(when)s. Nothing of yours was saved."
        ),
    }[ReviewOutcome(review.outcome)]
    return words % {"who": review.by, "when": _moment(review, now)}


def _moment(review: PlanReview, now: datetime) -> str:
    zone = review.plan.location.zone
    at, today = review.at.astimezone(zone), now.astimezone(zone)
    return date_format(at, "D j M, H:i" if at.year == today.year else "D j M Y, H:i")


def _rows(plan: TreatmentPlan) -> QuerySet[PlanReview]:
    return plan.reviews.select_related("by", "plan__location")
