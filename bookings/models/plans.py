"""Treatment plans: drafted at the desk, judged and signed by a clinician."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.patients import Patient
from bookings.models.rules import append_only, never_deleted, one_of
from clinic.models import Location
from treatments.models import (
    DEPTH_LIMIT_MM,
    BodyArea,
    Concern,
    Protocol,
    TargetLayer,
)


class PlanStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for review")
    RETURNED = "returned", _("Returned with changes")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    COMPLETED = "completed", _("Completed")


ENDED = [PlanStatus.DECLINED, PlanStatus.WITHDRAWN, PlanStatus.COMPLETED]


class PlanQuerySet(models.QuerySet["TreatmentPlan"]):
    def waiting(self) -> "PlanQuerySet":
        """Plans a clinician has to look at, the longest wait first."""
        return self.filter(status=PlanStatus.SUBMITTED).order_by("submitted_at", "pk")

    def open(self) -> "PlanQuerySet":
        """Plans that still lead somewhere."""
        return self.exclude(status__in=ENDED)

    def with_people(self) -> "PlanQuerySet":
        """With what every line about a plan shows."""
        return self.select_related(
            "patient", "location", "protocol__treatment", "reviewed_by"
        )


@pghistory.track(append_only=True)
class TreatmentPlan(models.Model):
    """So many sessions of one treatment for one patient, under one protocol version."""

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="plans", verbose_name=_("patient")
    )
    protocol = models.ForeignKey(
        Protocol, models.PROTECT, related_name="plans", verbose_name=_("protocol")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="plans", verbose_name=_("location")
    )
    concerns = models.ManyToManyField(Concern, verbose_name=_("concerns"))
    session_count = models.PositiveSmallIntegerField(_("number of sessions"))
    gap_min_days = models.PositiveSmallIntegerField(
        _("fewest days between sessions, of its own"), null=True, blank=True
    )
    gap_max_days = models.PositiveSmallIntegerField(
        _("most days between sessions, of its own"), null=True, blank=True
    )
    target_layer = models.CharField(
        _("skin layer, of its own"), max_length=12, choices=TargetLayer, blank=True
    )
    phase_minutes = models.JSONField(
        _("minutes of phases, of its own"), default=dict, blank=True
    )
    maintenance_per_year = models.PositiveSmallIntegerField(
        _("maintenance sessions a year"), null=True, blank=True
    )
    wishes = models.TextField(_("in the patient’s words"), blank=True, max_length=1000)
    status = models.CharField(
        _("status"), max_length=12, choices=PlanStatus, default=PlanStatus.DRAFT
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField(_("drafted"))
    submitted_at = models.DateTimeField(_("sent for review"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-drafted_at", "-pk"]
        verbose_name = _("treatment plan")
        verbose_name_plural = _("treatment plans")
        permissions = [
            ("review_treatmentplan", _("Can review and sign treatment plans"))
        ]
        constraints = [
            one_of("plan_status_is_known", "status", PlanStatus.values),
            models.CheckConstraint(
                name="plan_has_one_to_twelve_sessions",
                condition=Q(session_count__range=(1, 12)),
                violation_error_message=_("A plan has from 1 to 12 sessions."),
            ),
            models.CheckConstraint(
                name="plan_gap_of_its_own_is_whole",
                condition=Q(gap_min_days=None, gap_max_days=None)
                | Q(gap_min_days__gte=1, gap_max_days__gte=F("gap_min_days")),
                violation_error_message=_(
                    "Give the fewest and the most days, in that order."
                ),
            ),
            one_of("plan_layer_is_known", "target_layer", ["", *TargetLayer.values]),
            models.CheckConstraint(
                name="plan_maintenance_is_one_to_three_a_year",
                condition=Q(maintenance_per_year=None)
                | Q(maintenance_per_year__range=(1, 3)),
                violation_error_message=_("From one to three sessions a year."),
            ),
            models.CheckConstraint(
                name="plan_approval_is_signed",
                condition=~Q(status=PlanStatus.APPROVED)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["submitted_at"],
                condition=Q(status=PlanStatus.SUBMITTED),
                name="plan_review_queue",
            )
        ]
        triggers = [never_deleted("keep_plan")]

    def __str__(self) -> str:
        return f"{self.patient}, {self.protocol.treatment}"

    @property
    def gap_days(self) -> tuple[int, int]:
        """Fewest and most local days between sessions: its own, else the protocol's."""
        protocol = self.protocol
        if self.gap_min_days is None or self.gap_max_days is None:
            return protocol.gap_min_days, protocol.gap_max_days
        return self.gap_min_days, self.gap_max_days

    @property
    def ideal_gap_days(self) -> int:
        """The protocol's ideal gap, or the nearest that this plan's own gaps allow."""
        fewest, most = self.gap_days
        return min(max(self.protocol.ideal_gap_days, fewest), most)

    @property
    def is_approved(self) -> bool:
        return self.status == PlanStatus.APPROVED

    @property
    def is_going_on(self) -> bool:
        """Whether the plan still leads somewhere."""
        return self.status not in ENDED

    @property
    def is_waiting(self) -> bool:
        return self.status == PlanStatus.SUBMITTED

    @property
    def is_declined(self) -> bool:
        return self.status == PlanStatus.DECLINED

    @property
    def can_be_edited(self) -> bool:
        return self.status in (PlanStatus.DRAFT, PlanStatus.RETURNED)


class PlanArea(models.Model):
    """How one area of skin is treated: depth at most 2.0 mm (source: S2)."""

    plan = models.ForeignKey(TreatmentPlan, models.CASCADE, related_name="areas")
    area = models.ForeignKey(BodyArea, models.PROTECT, related_name="+")
    depth_mm = models.DecimalField(
        _("depth in mm"), max_digits=2, decimal_places=1, null=True, blank=True
    )
    passes = models.PositiveSmallIntegerField(_("passes"), null=True, blank=True)
    rf_energy = models.CharField(_("RF energy"), max_length=40, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="plan_area_once", fields=["plan", "area"]),
            models.CheckConstraint(
                name="plan_depth_at_most_two_mm",
                condition=Q(depth_mm=None)
                | Q(depth_mm__gt=0, depth_mm__lte=DEPTH_LIMIT_MM),
                violation_error_message=_("Needles go no deeper than 2.0 mm."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.area)


class DecisionKind(models.TextChoices):
    CLEARED = "cleared", _("Cleared")
    OVERRIDE = "override", _("Override")


class PlanDecision(models.Model):
    """A clinician's recorded word on one suitability rule, for one plan."""

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="decisions")
    rule_code = models.SlugField(_("rule"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=DecisionKind)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            one_of("decision_kind_is_known", "kind", DecisionKind.values),
            models.CheckConstraint(
                name="decision_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why: the reason is kept with the plan."),
            ),
        ]
        triggers = [append_only("keep_decision")]

    def __str__(self) -> str:
        return f"{self.rule_code}: {self.kind}"


class ReviewOutcome(models.TextChoices):
    APPROVED = "approved", _("Approved and signed")
    RETURNED = "returned", _("Returned with changes")
    DECLINED = "declined", _("Declined")


class PlanReview(models.Model):
    """A clinician's signature under one exact version of a plan."""

    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="reviews")
    plan_version = models.PositiveIntegerField(_("version"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=ReviewOutcome)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    verdict = models.JSONField(_("verdict as shown"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [
            one_of("review_outcome_is_known", "outcome", ReviewOutcome.values),
            models.UniqueConstraint(
                name="plan_version_reviewed_once",
                fields=["plan", "plan_version"],
                violation_error_message=_("Someone has already reviewed this plan."),
            ),
            models.CheckConstraint(
                name="review_says_why",
                condition=Q(outcome=ReviewOutcome.APPROVED) | ~Q(note=""),
                violation_error_message=_("Say what has to change, or why not."),
            ),
        ]
        triggers = [append_only("keep_review")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.plan_version}: {self.outcome}"
