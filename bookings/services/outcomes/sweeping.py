"""What time alone brings about: results that come due, recalls that are not needed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Message,
    MessageStatus,
    OutcomeReview,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.models.plans import PlanQuerySet
from bookings.services import todo
from bookings.services.messages import recall_letters
from bookings.services.messages.reminders import RECALL
from bookings.services.moves import standing
from bookings.services.outcomes import following

AS_LONG = timedelta(days=365)
"""How long after the last session its result is still asked for: a clinic default."""
SOONEST = timedelta(days=14)
LISTED = timedelta(days=14)
"""How long a call in the place of a letter that could not leave is still put on the
list: a clinic default."""


def reconcile(*, now: datetime) -> None:
    """Ask for reviews that came due, take back recalls, and have the others called."""
    for plan in _unbooked(now):
        with transaction.atomic():
            standing.hold(plan)
            plan.refresh_from_db(fields=["status", "session_count"])
            following.settle(plan, actor=None, now=now)
    for message in _waiting(now):
        if message.plan and recall_letters.coming(message.plan, now).exists():
            recall_letters.withdraw(message.plan, recall_letters.booked_since())
    for message in _unwritten(now):
        _ask_to_call(message, now)


def over(now: datetime, *, until: datetime | None = None) -> PlanQuerySet:
    """Signed plans whose last session took place in the last year, and undecided.

    Each with `last_at`, when that session ended; by `until`, if that matters.
    """
    last = Appointment.objects.filter(
        plan=OuterRef("pk"),
        number=OuterRef("session_count"),
        kind=AppointmentKind.SESSION,
        status=AppointmentStatus.DONE,
    )
    lately = last.filter(completed_at__range=(now - AS_LONG, until or now))
    decided = OutcomeReview.objects.filter(plan=OuterRef("pk"))
    plans = TreatmentPlan.objects.filter(
        Exists(lately), ~Exists(decided), status__in=following.SIGNED
    )
    found: PlanQuerySet = plans.with_people().annotate(
        last_at=Subquery(last.values("completed_at")[:1])
    )
    return found


def _unbooked(now: datetime) -> PlanQuerySet:
    """Plans whose review may be due, that have none and are not asked about yet."""
    review = Appointment.objects.firm().filter(
        plan=OuterRef("pk"),
        kind=AppointmentKind.RESULT_REVIEW,
        during__startswith__gt=OuterRef("last_at"),
    )
    asked = Task.objects.open().filter(plan=OuterRef("pk"), kind=TaskKind.OUTCOME)
    return over(now, until=now - SOONEST).filter(~Exists(review), ~Exists(asked))


def _waiting(now: datetime) -> QuerySet[Message]:
    """Recalls still to leave, of patients who have a visit ahead."""
    ahead = Appointment.objects.standing(now).filter(
        patient=OuterRef("patient"), during__startswith__gt=now
    )
    rows = Message.objects.filter(rule=RECALL, status=MessageStatus.PLANNED)
    return rows.filter(Exists(ahead)).select_related("plan__protocol")


def _unwritten(now: datetime) -> QuerySet[Message]:
    """Recalls that came due and could not be written, not yet on the desk's list."""
    rows = Message.objects.filter(
        rule=RECALL,
        status=MessageStatus.SUPPRESSED,
        due_at__range=(now - LISTED, now),
    )
    called = Task.objects.filter(
        plan=OuterRef("plan"), kind=TaskKind.CALL, opened_at__gte=OuterRef("due_at")
    )
    return rows.filter(~Exists(called)).select_related("plan__protocol__treatment")


def _ask_to_call(message: Message, now: datetime) -> None:
    words = _("%(patient)s: call about another session of %(treatment)s. %(why)s")
    plan = message.plan
    if plan is None or recall_letters.coming(plan, now).exists():
        return
    told = {
        "patient": message.patient,
        "treatment": plan.protocol.treatment,
        "why": message.problem,
    }
    about = {"patient": message.patient, "plan": plan}
    todo.open_task(
        TaskKind.CALL, f"recall:{message.pk}", words % told, now=now, **about
    )
