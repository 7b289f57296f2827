"""What patients say about their own care: ticks, checks before and after a session."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.patients import Patient
from bookings.models.rules import append_only, one_of


class CareTick(models.Model):
    """A patient's note that one piece of care around one session is being followed."""

    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="care_ticks"
    )
    code = models.SlugField(_("instruction"), max_length=64)
    ticked_at = models.DateTimeField(_("ticked"))

    class Meta:
        ordering = ["ticked_at"]
        constraints = [
            models.UniqueConstraint(
                name="care_ticked_once", fields=["appointment", "code"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.code}"


class Recheck(models.Model):
    """That a patient answered the health questions again before one session."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="rechecks")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="rechecks"
    )
    has_changed = models.BooleanField(_("an answer has changed"))
    at = models.DateTimeField(_("answered"))

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("check before a session")
        verbose_name_plural = _("checks before a session")
        triggers = [append_only("keep_recheck")]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.has_changed}"


class CheckInMoment(models.TextChoices):
    TWO_DAYS = "48h", _("After 48 hours")
    WEEK = "7d", _("After 7 days")
    OTHER = "other", _("At another time")


class HealingState(models.TextChoices):
    WELL = "well", _("Healing well")
    EXPECTED = "expected", _("As expected")
    WORRIED = "worried", _("Something worries me")


class CheckIn(models.Model):
    """How a patient says the skin heals after one session.

    `signs` are codes of what was named: spreading redness, pus, fever, blisters, pain
    that gets worse. Any of them, or a worry, goes to a clinician at once (clinic default,
    confirm with the medical director).
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="check_ins")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="check_ins"
    )
    moment = models.CharField(_("when"), max_length=6, choices=CheckInMoment)
    state = models.CharField(_("healing"), max_length=10, choices=HealingState)
    signs = ArrayField(
        models.SlugField(max_length=32),
        default=list,
        blank=True,
        verbose_name=_("signs"),
    )
    words = models.CharField(_("in their words"), max_length=500, blank=True)
    at = models.DateTimeField(_("said"))

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        permissions = [("answer_checkin", _("Can answer what patients report"))]
        constraints = [
            one_of("checkin_moment_is_known", "moment", CheckInMoment.values),
            one_of("checkin_state_is_known", "state", HealingState.values),
            models.CheckConstraint(
                name="checkin_signs_are_a_worry",
                condition=Q(signs=[]) | Q(state=HealingState.WORRIED),
            ),
        ]
        triggers = [append_only("keep_check_in")]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.state}"

    @property
    def is_worrying(self) -> bool:
        return self.state == HealingState.WORRIED
