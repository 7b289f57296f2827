"""To do: what the desk has to settle by hand, each once while it is open."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.outages import Outage
from bookings.models.patients import Patient
from bookings.models.plans import TreatmentPlan
from bookings.models.requests import ConsultationRequest
from bookings.models.rules import never_deleted, one_of


class TaskKind(models.TextChoices):
    WINDOW = "window", _("Window broken")
    PLACE = "place", _("Session without a time")
    OUTAGE = "outage", _("Outage")
    LATE = "late", _("Late arrival")
    HOLD = "hold", _("Hold ended")
    REVIEW = "review", _("Plan changed in review")
    CALL = "call", _("Call the patient")
    REQUEST = "request", _("Request waits")
    ASKS = "asks", _("The patient asks")
    ANSWERS = "answers", _("Health answer changed")
    HEALING = "healing", _("Healing badly")
    REACTION = "reaction", _("Reaction to follow up")
    RECORD = "record", _("Session without a record")
    COSIGN = "cosign", _("Record to co-sign")
    OUTCOME = "outcome", _("Result to review")


FOR_CLINICIANS = [
    TaskKind.ANSWERS,
    TaskKind.HEALING,
    TaskKind.REACTION,
    TaskKind.RECORD,
    TaskKind.COSIGN,
]
BY_THEMSELVES = [TaskKind.OUTAGE, TaskKind.OUTCOME]


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> "TaskQuerySet":
        """What is still to do, the oldest first."""
        return self.filter(closed_at=None).order_by("opened_at", "pk")


class Task(models.Model):
    """Something to settle, in words, and where. `key` opens it only once at a time."""

    kind = models.CharField(_("kind"), max_length=8, choices=TaskKind)
    key = models.CharField(_("key"), max_length=80)
    words = models.CharField(_("what to do"), max_length=400)
    patient = models.ForeignKey(
        Patient, models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    plan = models.ForeignKey(
        TreatmentPlan, models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    outage = models.ForeignKey(
        Outage, models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    request = models.ForeignKey(
        ConsultationRequest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
    )
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            one_of("task_kind_is_known", "kind", TaskKind.values),
            models.UniqueConstraint(
                name="task_open_once", fields=["key"], condition=Q(closed_at=None)
            ),
        ]
        triggers = [never_deleted("keep_task")]

    def __str__(self) -> str:
        return self.words

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def settles_itself(self) -> bool:
        """Whether it closes when what it is about changes, and never by hand."""
        return self.kind in BY_THEMSELVES

    @property
    def is_result(self) -> bool:
        """Whether a look at a result has to be booked or moved."""
        return self.kind == TaskKind.OUTCOME

    @property
    def is_for_clinicians(self) -> bool:
        """Whether a clinician answers it, under Alerts, and nobody else closes it."""
        return self.kind in FOR_CLINICIANS

    @property
    def is_repaired(self) -> bool:
        """Whether re-planning the series with the least change settles it."""
        repaired = (TaskKind.WINDOW, TaskKind.PLACE, TaskKind.OUTAGE)
        return self.plan_id is not None and self.kind in repaired
