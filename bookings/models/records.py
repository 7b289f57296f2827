"""What was really done: session records, photos, reactions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.patients import Patient
from bookings.models.rules import append_only, never_deleted, one_of
from clinic.models import Device
from treatments.models import DEPTH_LIMIT_MM, BodyArea


class Endpoint(models.TextChoices):
    YES = "yes", _("Even petechiae")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class SessionRecord(models.Model):
    """One session as performed (fields: S1, S2; RF energy: clinic default)."""

    appointment = models.OneToOneField(
        Appointment, models.PROTECT, related_name="record"
    )
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    anaesthetic = models.CharField(_("anaesthetic"), max_length=80, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=8, choices=Endpoint)
    rf_energy = models.CharField(_("RF energy"), max_length=40, blank=True)
    prp_lot = models.CharField(_("PRP kit lot"), max_length=40, blank=True)
    note = models.TextField(_("note"), blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        constraints = [
            one_of("record_endpoint_is_known", "endpoint", Endpoint.values),
            models.CheckConstraint(
                name="record_ends_after_it_starts",
                condition=Q(ended_at__gt=F("started_at")),
                violation_error_message=_("A session must end after it starts."),
            ),
        ]
        triggers = [append_only("keep_record")]

    def __str__(self) -> str:
        return f"{self.appointment_id}"


class TreatedArea(models.Model):
    """Depth and passes on one area, as performed: at most 2.0 mm (source: S2)."""

    record = models.ForeignKey(SessionRecord, models.PROTECT, related_name="areas")
    area = models.ForeignKey(BodyArea, models.PROTECT, related_name="+")
    depth_mm = models.DecimalField(_("depth in mm"), max_digits=2, decimal_places=1)
    passes = models.PositiveSmallIntegerField(_("passes"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="treated_area_once", fields=["record", "area"]
            ),
            models.CheckConstraint(
                name="treated_depth_at_most_two_mm",
                condition=Q(depth_mm__gt=0, depth_mm__lte=DEPTH_LIMIT_MM),
                violation_error_message=_("Needles go no deeper than 2.0 mm."),
            ),
        ]
        triggers = [append_only("keep_treated_area")]

    def __str__(self) -> str:
        return f"{self.area}: {self.depth_mm} mm"


class Photo(models.Model):
    """A private photo of one area at one time."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="photos")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="photos"
    )
    area = models.ForeignKey(BodyArea, models.PROTECT, related_name="+")
    angle = models.CharField(_("angle"), max_length=40)
    file = models.FileField(_("file"), upload_to="photos/")
    taken_at = models.DateTimeField(_("taken"))

    class Meta:
        ordering = ["taken_at"]
        triggers = [never_deleted("keep_photo")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.angle}"


class Severity(models.TextChoices):
    MILD = "mild", _("Mild")
    MODERATE = "moderate", _("Moderate")
    SEVERE = "severe", _("Severe")


class Reaction(models.Model):
    """A reaction after a session, and what was advised."""

    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="reactions"
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    words = models.TextField(_("what happened"))
    advice = models.TextField(_("advice given"), blank=True)
    reported_at = models.DateTimeField(_("reported"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        ordering = ["-reported_at"]
        constraints = [
            one_of("reaction_severity_is_known", "severity", Severity.values),
            models.CheckConstraint(
                name="reaction_closes_after_it_is_reported",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("reported_at")),
            ),
        ]
        triggers = [never_deleted("keep_reaction")]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.severity}"
