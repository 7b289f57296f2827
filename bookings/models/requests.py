"""People who asked for a consultation."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.patients import Patient
from bookings.models.rules import never_deleted, one_of
from clinic.models import Location, Practitioner
from treatments.models import BodyArea, Concern, Treatment


class RequestSource(models.TextChoices):
    WEB = "web", _("On the site")
    DESK = "desk", _("At the desk")


class RequestStatus(models.TextChoices):
    NEW = "new", _("New")
    CONTACTED = "contacted", _("Contacted")
    BOOKED = "booked", _("Booked")
    DONE = "done", _("Done")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CLOSED = "closed", _("Closed")


class ConsultationRequest(models.Model):
    """Somebody who would like to talk: what brings them, when and where."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="requests")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True)
    doctor = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True)
    clinician = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    source = models.CharField(
        _("came in"), max_length=4, choices=RequestSource, default=RequestSource.DESK
    )
    words = models.TextField(_("what brings you"), blank=True)
    concerns = models.ManyToManyField(Concern, blank=True, verbose_name=_("concerns"))
    areas = models.ManyToManyField(BodyArea, blank=True, verbose_name=_("areas"))
    treatment = models.ForeignKey(
        Treatment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("treatment"),
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        verbose_name=_("days that suit, Monday is 1"),
    )
    arrive_from = models.TimeField(_("arrive from"), null=True, blank=True)
    arrive_until = models.TimeField(_("arrive until"), null=True, blank=True)
    comes_from = models.CharField(_("travels from"), max_length=80, blank=True)
    in_town_from = models.DateField(_("in town from"), null=True, blank=True)
    in_town_until = models.DateField(_("in town until"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=RequestStatus, default=RequestStatus.NEW
    )
    close_reason = models.CharField(_("reason"), max_length=200, blank=True)
    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("consultation"),
    )
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            one_of("request_status_is_known", "status", RequestStatus.values),
            models.CheckConstraint(
                name="request_closed_with_a_reason",
                condition=~Q(status=RequestStatus.CLOSED) | ~Q(close_reason=""),
                violation_error_message=_("Say why the request is closed."),
            ),
            one_of("request_source_is_known", "source", RequestSource.values),
            models.CheckConstraint(
                name="request_stay_ends_after_it_starts",
                condition=Q(in_town_from=None)
                | Q(in_town_until=None)
                | Q(in_town_until__gte=F("in_town_from")),
                violation_error_message=_("The last day is before the first."),
            ),
        ]
        triggers = [never_deleted("keep_request")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.status}"


class ProposedTime(models.Model):
    """A time for a consultation that a requester may choose; nothing is kept free."""

    request = models.ForeignKey(
        ConsultationRequest, models.PROTECT, related_name="proposed_times"
    )
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    proposed_at = models.DateTimeField(_("proposed"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    is_withdrawn = models.BooleanField(_("no longer proposed"), default=False)

    class Meta:
        ordering = ["starts_at", "pk"]
        triggers = [never_deleted("keep_proposed_time")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.starts_at:%Y-%m-%d %H:%M}"
