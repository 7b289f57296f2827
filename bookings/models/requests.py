"""People who asked for a consultation."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.patients import Patient
from bookings.models.rules import never_deleted, one_of
from clinic.models import Location, Practitioner


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
    words = models.TextField(_("what brings you"), blank=True)
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
        ]
        triggers = [never_deleted("keep_request")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.status}"
