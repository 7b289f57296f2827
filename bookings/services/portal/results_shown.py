"""What a patient reads of the result: when it shows, its visit, what was decided."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    OutcomeDecision,
    OutcomeReview,
    TreatmentPlan,
)
from bookings.services import told
from bookings.services.portal.stages import Progress, Stage


def decided(plan: TreatmentPlan) -> OutcomeReview | None:
    """What was decided last on the result; no query where outcomes were fetched."""
    return max(plan.outcomes.all(), key=lambda one: (one.at, one.pk), default=None)


def coming(
    visits: Iterable[Appointment], sessions: Iterable[Appointment], today: date
) -> Appointment | None:
    """The look at the result that is ahead, after every session that has a day."""
    last = max((row.anchor_date for row in sessions), default=today)
    ahead = [
        row
        for row in visits
        if row.kind == AppointmentKind.RESULT_REVIEW
        and row.can_be_moved
        and row.local_date > last
        and row.local_date >= today
    ]
    return min(ahead, key=lambda row: row.starts_at, default=None)


def words(
    plan: TreatmentPlan,
    progress: Progress,
    review: Appointment | None,
    this_year: int,
) -> tuple[str, str]:
    """Once every session is done: the result, and then keeping it."""
    if progress.stage is Stage.MAINTENANCE:
        return _finished(plan)
    if progress.result is None:
        return "", ""
    if review:
        when = told.moment(review.local_start, this_year)
        text = _("We look at your result together: %(when)s.")
        return _("All your sessions are done"), text % {"when": when}
    span = progress.result
    days = told.days(span.first, span.last, this_year)
    if progress.stage is Stage.RESULT_DUE:
        text = _("The result shows now. Call us for a visit in these days: %(days)s.")
        return _("Time to look at your result"), text % {"days": days}
    text = _(
        "Your skin goes on changing for six to eight weeks. Then we look at it "
        "together: %(days)s."
    )
    return _("All your sessions are done"), text % {"days": days}


def _finished(plan: TreatmentPlan) -> tuple[str, str]:
    outcome = decided(plan)
    title = _("Your series is finished")
    if outcome is None:
        return title, _maintenance(plan)
    if outcome.decision == OutcomeDecision.STOP:
        return title, _("Call us when you would like to come again.")
    if outcome.decision == OutcomeDecision.CONTINUE:
        return title, _("We plan more sessions with you.")
    return title, _kept(outcome)


def _kept(outcome: OutcomeReview) -> str:
    """How often the patient comes from now on, as it was decided."""
    count = outcome.per_year or 1
    words = ngettext(
        "To keep the result, we planned %(count)s session a year with you.",
        "To keep the result, we planned %(count)s sessions a year with you.",
        count,
    )
    calling = _("Call us when you would like the next one.")
    return f"{words % {'count': count}} {calling}"


def _maintenance(plan: TreatmentPlan) -> str:
    least, most = plan.protocol.maintenance_min, plan.protocol.maintenance_max
    if least == most:
        words = ngettext(
            "To keep the result, %(most)s session a year is usual.",
            "To keep the result, %(most)s sessions a year are usual.",
            most,
        )
    else:
        words = _(
            "To keep the result, %(least)s to %(most)s sessions a year are usual."
        )
    calling = _("Call us when you would like the next one.")
    return f"{words % {'least': least, 'most': most}} {calling}"
