"""What each version of a plan said, and the templates clinicians start from."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.plans import TreatmentPlan
from bookings.models.rules import append_only
from treatments.models import Treatment


class PlanVersion(models.Model):
    """The contents of a plan as they were in one version, as values."""

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    contents = models.JSONField(_("contents"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("version of a plan")
        verbose_name_plural = _("versions of plans")
        constraints = [
            models.UniqueConstraint(
                name="plan_version_kept_once", fields=["plan", "number"]
            )
        ]
        triggers = [append_only("keep_plan_version")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class PlanTemplate(models.Model):
    """How one clinician likes to treat: what the editor fills in at a tap."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="plan_templates"
    )
    name = models.CharField(_("name"), max_length=80)
    treatment = models.ForeignKey(Treatment, models.CASCADE, related_name="+")
    contents = models.JSONField(_("contents"))
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("plan template")
        verbose_name_plural = _("plan templates")
        constraints = [
            models.UniqueConstraint(
                name="plan_template_name_once",
                fields=["owner", "name"],
                violation_error_message=_("You have a template of that name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
