"""Amendments: what was changed in a signed plan, by whom and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.plans import TreatmentPlan
from bookings.models.rules import append_only


class PlanAmendment(models.Model):
    """One saved change of a signed plan: the contents before and after, as values.

    A medical one sends the plan back to a clinician.
    """

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="amendments")
    plan_version = models.PositiveIntegerField(_("new version"))
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    is_medical = models.BooleanField(_("needs a signature"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.CheckConstraint(
                name="amendment_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why: the reason is kept with the plan."),
            )
        ]
        triggers = [append_only("keep_amendment")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.plan_version}"
