"""What came of a series: scores before and after, and what was decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.plans import TreatmentPlan
from bookings.models.rules import append_only, one_of
from treatments.models import Concern

WORST_SCORE = 10  # 0: nothing to see, 10: as bad as it gets (clinic default)


class ScoreMoment(models.TextChoices):
    BASELINE = "baseline", _("Before the series")
    RESULT = "result", _("Result")


class OutcomeScore(models.Model):
    """How marked one concern is at one time, from 0 (nothing to see) to 10.

    The scale is a clinic default, to be confirmed by the medical director.
    """

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="scores")
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="+")
    moment = models.CharField(_("moment"), max_length=8, choices=ScoreMoment)
    score = models.PositiveSmallIntegerField(_("score"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("scored"))

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            one_of("score_moment_is_known", "moment", ScoreMoment.values),
            models.CheckConstraint(
                name="score_is_from_0_to_10",
                condition=Q(score__range=(0, WORST_SCORE)),
                violation_error_message=_("A score goes from 0 to 10."),
            ),
        ]
        triggers = [append_only("keep_score")]

    def __str__(self) -> str:
        return f"{self.concern_id}: {self.score}"


class OutcomeDecision(models.TextChoices):
    STOP = "stop", _("Stop here")
    CONTINUE = "continue", _("Go on with more sessions")
    MAINTENANCE = "maintenance", _("Maintenance")


class OutcomeReview(models.Model):
    """A clinician's word on the result of a series: six to eight weeks after (S2).

    Maintenance is one to three sessions a year (S1).
    """

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="outcomes")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="outcomes"
    )
    decision = models.CharField(_("decision"), max_length=12, choices=OutcomeDecision)
    more_sessions = models.PositiveSmallIntegerField(
        _("more sessions"), null=True, blank=True
    )
    per_year = models.PositiveSmallIntegerField(
        _("sessions a year"), null=True, blank=True
    )
    recall_on = models.DateField(_("remind the patient on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("decided"))

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [
            one_of("outcome_decision_is_known", "decision", OutcomeDecision.values),
            models.CheckConstraint(
                name="outcome_maintenance_is_one_to_three_a_year",
                condition=Q(per_year=None) | Q(per_year__range=(1, 3)),
                violation_error_message=_("From one to three sessions a year."),
            ),
        ]
        triggers = [append_only("keep_outcome")]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.decision}"
