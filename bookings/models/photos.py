"""Private photos of the skin: taken with consent, kept, and never shown to strangers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.patients import Consent, Patient
from bookings.models.plans import TreatmentPlan
from bookings.models.rules import never_deleted, one_of
from treatments.models import BodyArea


class PhotoMoment(models.TextChoices):
    BASELINE = "baseline", _("Before the series")
    SESSION = "session", _("At a session")
    RESULT = "result", _("Result")
    REACTION = "reaction", _("Reaction")


class PhotoAngle(models.TextChoices):
    FRONT = "front", _("Front")
    LEFT = "left", _("Left side")
    RIGHT = "right", _("Right side")
    LEFT_OBLIQUE = "left-oblique", _("Half left")
    RIGHT_OBLIQUE = "right-oblique", _("Half right")
    CLOSE = "close", _("Close up")
    OTHER = "other", _("Other")


class PhotoQuerySet(models.QuerySet["Photo"]):
    def shown(self) -> "PhotoQuerySet":
        """Photos that nobody put away."""
        return self.filter(hidden_at=None)


class Photo(models.Model):
    """One photo of one area: the picture as taken, without the camera's own notes.

    A photo put away keeps its row and its reason; its files may be erased where the
    patient took the consent back.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="photos")
    plan = models.ForeignKey(
        TreatmentPlan, models.PROTECT, null=True, blank=True, related_name="photos"
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="photos"
    )
    consent = models.ForeignKey(
        Consent, models.PROTECT, null=True, blank=True, related_name="+"
    )
    moment = models.CharField(_("moment"), max_length=10, choices=PhotoMoment)
    area = models.ForeignKey(BodyArea, models.PROTECT, related_name="+")
    angle = models.CharField(_("angle"), max_length=16, choices=PhotoAngle)
    file = models.FileField(_("file"), upload_to="photos/")
    thumbnail = models.FileField(_("thumbnail"), upload_to="photos/small/", blank=True)
    kind = models.CharField(_("kind of file"), max_length=40, default="image/jpeg")
    width = models.PositiveIntegerField(_("width in pixels"), default=0)
    height = models.PositiveIntegerField(_("height in pixels"), default=0)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    fingerprint = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    taken_at = models.DateTimeField(_("taken"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("added"))
    hidden_at = models.DateTimeField(_("put away"), null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    why_hidden = models.CharField(_("why"), max_length=200, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["taken_at", "pk"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            one_of("photo_moment_is_known", "moment", PhotoMoment.values),
            one_of("photo_angle_is_known", "angle", PhotoAngle.values),
            models.CheckConstraint(
                name="photo_put_away_says_why",
                condition=Q(hidden_at=None) | ~Q(why_hidden=""),
                violation_error_message=_("Say why: the reason is kept."),
            ),
        ]
        triggers = [never_deleted("keep_photo")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.angle}"
