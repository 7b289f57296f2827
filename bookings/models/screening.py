"""Answers to health questions: one row per answer and time, never changed."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.patients import Patient
from bookings.models.rules import append_only, one_of


class AnswerValue(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNSURE = "unsure", _("I would rather talk about it")


class HealthAnswerQuerySet(models.QuerySet["HealthAnswer"]):
    def latest_by(self, moment: datetime) -> "HealthAnswerQuerySet":
        """The newest answer to each question, as known at `moment`."""
        return (
            self.filter(answered_at__lte=moment)
            .order_by("patient_id", "question", "-answered_at", "-pk")
            .distinct("patient_id", "question")
        )


class HealthAnswer(models.Model):
    """What a patient answered to one question at one time."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="answers")
    question = models.SlugField(_("question"), max_length=64)
    value = models.CharField(_("answer"), max_length=8, choices=AnswerValue)
    on_date = models.DateField(_("date"), null=True, blank=True)
    detail = models.CharField(_("in their words"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("answered"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = HealthAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["question", "-answered_at"]
        verbose_name = _("health answer")
        verbose_name_plural = _("health answers")
        constraints = [
            one_of("answer_value_is_known", "value", AnswerValue.values),
            models.CheckConstraint(
                name="answer_date_belongs_to_a_yes",
                condition=Q(on_date=None) | Q(value=AnswerValue.YES),
                violation_error_message=_("A date goes with the answer yes."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["patient", "question", "-answered_at"], name="answer_newest"
            )
        ]
        triggers = [append_only("keep_answer")]

    def __str__(self) -> str:
        return f"{self.question}: {self.value}"
