"""Overrides: a rule of spacing broken on purpose, by whom and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.plans import TreatmentPlan
from bookings.models.rules import append_only, one_of


class OverriddenRule(models.TextChoices):
    GAP = "gap", _("Gap between two sessions")
    SAME_DAY = "same-day", _("Second visit on one day")


class RuleOverride(models.Model):
    """Permission for session `number` to lie on the local `day` against one rule.

    For a gap, `days` is the distance to the session before it. Another day needs
    another override.
    """

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="overrides")
    number = models.PositiveSmallIntegerField(_("session number"))
    rule = models.CharField(_("rule"), max_length=10, choices=OverriddenRule)
    day = models.DateField(_("day"))
    days = models.PositiveSmallIntegerField(
        _("days after the session before"), null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        permissions = [
            ("override_rules", _("Can book against the spacing rules, with a reason"))
        ]
        constraints = [
            one_of("override_rule_is_known", "rule", OverriddenRule.values),
            models.CheckConstraint(
                name="override_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why: the reason is kept with the plan."),
            ),
        ]
        triggers = [append_only("keep_override")]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.number}, {self.rule}"

    @property
    def is_gap(self) -> bool:
        return self.rule == OverriddenRule.GAP
