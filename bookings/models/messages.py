"""The outbox: a message owed to a patient. The row is the promise, Celery the clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.patients import Patient
from bookings.models.plans import TreatmentPlan
from bookings.models.requests import ConsultationRequest
from bookings.models.rules import never_deleted, one_of


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text")


class MessageStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    MISSED = "missed", _("Missed")
    SUPPRESSED = "suppressed", _("Not sent")
    SUPERSEDED = "superseded", _("Replaced")


WAITING = [MessageStatus.PLANNED, MessageStatus.SENDING]
NOT_REACHED = [MessageStatus.FAILED, MessageStatus.MISSED]


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        """Messages that may still leave."""
        return self.filter(status__in=WAITING)

    def due(self, now: datetime) -> "MessageQuerySet":
        """Messages to send at `now`, the longest overdue first.

        A message whose sender died counts again once its lease has run out, and one
        that could not be sent once its delay, kept in the same field, has.
        """
        return (
            self.waiting()
            .filter(Q(lease_until=None) | Q(lease_until__lte=now), due_at__lte=now)
            .order_by("due_at", "pk")
        )

    def to_come_for(self, plan: TreatmentPlan) -> "MessageQuerySet":
        """What the patient will still get about the plan's sessions, soonest first."""
        rows = self.waiting().filter(appointment__plan=plan).with_people()
        return rows.order_by("due_at", "pk")

    def in_state(self, status: str) -> "MessageQuerySet":
        """Messages in `status`, or all: what is to come first comes first."""
        if status not in MessageStatus.values:
            return self.order_by("-due_at", "-pk")
        soonest_first = status in WAITING
        order = ["due_at", "pk"] if soonest_first else ["-due_at", "-pk"]
        return self.filter(status=status).order_by(*order)

    def with_people(self) -> "MessageQuerySet":
        """With what every line about a message shows."""
        return self.select_related(
            "patient", "appointment__location", "appointment__plan__protocol__treatment"
        )


class Message(models.Model):
    """One message: why, to whom, when due, what became of it, and its exact words."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="messages")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    request = models.ForeignKey(
        ConsultationRequest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
    )
    plan = models.ForeignKey(
        TreatmentPlan, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    rule = models.SlugField(_("rule"), max_length=40)
    version = models.PositiveIntegerField(_("version of the appointment"), default=1)
    channel = models.CharField(
        _("channel"), max_length=8, choices=Channel, default=Channel.EMAIL
    )
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default="en"
    )
    due_at = models.DateTimeField(_("due"))
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=MessageStatus,
        default=MessageStatus.PLANNED,
    )
    dedupe_key = models.CharField(_("key"), max_length=120, unique=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_token = models.UUIDField(_("lease"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    recipient = models.CharField(_("to"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("plain text"), blank=True)
    html = models.TextField(_("rendered page"), blank=True)
    created_at = models.DateTimeField(_("planned"), auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            one_of("message_status_is_known", "status", MessageStatus.values),
            one_of("message_channel_is_known", "channel", Channel.values),
            models.CheckConstraint(
                name="message_sent_has_a_time",
                condition=~Q(status=MessageStatus.SENT) | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            # The sweep asks for the oldest waiting row every minute.
            models.Index(
                fields=["due_at", "id"],
                condition=Q(status__in=WAITING),
                name="message_queue",
            )
        ]
        triggers = [never_deleted("keep_message")]

    def __str__(self) -> str:
        return self.dedupe_key

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its appointment's place, or the clinic's own."""
        if self.appointment:
            return self.appointment.location.zone
        return ZoneInfo(settings.TIME_ZONE)

    @property
    def is_sent(self) -> bool:
        return self.status == MessageStatus.SENT

    @property
    def is_waiting(self) -> bool:
        return self.status in WAITING

    @property
    def is_superseded(self) -> bool:
        return self.status == MessageStatus.SUPERSEDED

    @property
    def needs_a_look(self) -> bool:
        """Whether somebody should call the patient instead."""
        return self.status in NOT_REACHED
