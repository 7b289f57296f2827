"""Who else has a plan open, so that two do not decide on it without knowing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bookings.models import AccessLog, TreatmentPlan
from clinic.models import User

LOOK = "plan review"
"""What a look at the page of a plan is called in the log."""

RECENT = timedelta(minutes=15)


def others(plan: TreatmentPlan, user: User, *, now: datetime) -> Sequence[AccessLog]:
    """The last look of each colleague within a quarter of an hour, the newest first.

    Nobody where the plan does not wait any more. The log knows patients, not plans: a
    colleague at another plan of the same patient counts too.
    """
    if not plan.is_waiting:
        return []
    looks = AccessLog.objects.filter(
        patient=plan.patient_id, what=LOOK, at__gt=now - RECENT
    )
    last = looks.exclude(user=user).order_by("user", "-at").distinct("user")
    return sorted(last.select_related("user"), key=lambda look: look.at, reverse=True)
