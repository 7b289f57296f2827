"""Protocols: exactly how a treatment is given, in versions that never change."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from functools import reduce

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from treatments import care, composition, suitability
from treatments.models.seals import protocol_seal
from treatments.models.sources import Source, Vouched, one_of, source_field
from treatments.models.treatments import Treatment

DEPTH_LIMIT_MM = Decimal("2.0")  # source: S2

SOURCES = (
    "gap_source",
    "ideal_gap_source",
    "maintenance_source",
    "single_session_source",
    "depth_source",
    "passes_source",
    "layer_source",
    "supervision_source",
)
ROWS = (
    "session_counts__concern",
    "phases",
    "roles",
    "care_instructions",
    "rules",
    "effects",
    "facts",
)


class TargetLayer(models.TextChoices):
    EPIDERMIS = "epidermis", _("Epidermis")
    DERMIS = "dermis", _("Dermis")


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def published(self) -> "ProtocolQuerySet":
        """Versions that plans may follow."""
        return self.filter(published_at__isnull=False)

    def current(self) -> "ProtocolQuerySet":
        """The newest published version of each treatment, in the catalogue's order."""
        newest = (
            Protocol.objects.published()
            .filter(treatment=models.OuterRef("treatment"))
            .order_by("-version")
        )
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))

    def with_contents(self) -> "ProtocolQuerySet":
        """With the treatment and every row of the protocol."""
        return self.select_related("treatment").prefetch_related(*ROWS)


class Protocol(Vouched):
    """One version of how a treatment is given. Published, it is sealed by a trigger.

    Gaps are local calendar days from one session's day to the next; maintenance is
    sessions a year; depth is in mm. Each group of figures names its source.
    """

    treatment = models.ForeignKey(
        Treatment,
        models.PROTECT,
        related_name="protocols",
        verbose_name=_("treatment"),
    )
    version = models.PositiveIntegerField(_("version"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    gap_min_days = models.PositiveSmallIntegerField(_("days apart, at least"))
    gap_max_days = models.PositiveSmallIntegerField(_("days apart, at most"))
    gap_source = source_field()
    ideal_gap_days = models.PositiveSmallIntegerField(_("days apart, ideally"))
    ideal_gap_source = source_field()
    maintenance_min = models.PositiveSmallIntegerField(
        _("maintenance sessions a year, at least"), default=1
    )
    maintenance_max = models.PositiveSmallIntegerField(
        _("maintenance sessions a year, at most"), default=3
    )
    maintenance_source = source_field()
    single_session_may_do = models.BooleanField(
        _("a single session a year suits some"), default=True
    )
    single_session_source = source_field()
    max_depth_mm = models.DecimalField(
        _("depth in mm, at most"),
        max_digits=3,
        decimal_places=1,
        default=DEPTH_LIMIT_MM,
        validators=[MinValueValidator(Decimal("0.1"))],
    )
    depth_source = source_field()
    passes_min = models.PositiveSmallIntegerField(_("passes, at least"), default=1)
    passes_max = models.PositiveSmallIntegerField(_("passes, at most"), default=20)
    passes_source = source_field()
    target_layer = models.CharField(
        _("skin layer"), max_length=12, choices=TargetLayer, default=TargetLayer.DERMIS
    )
    layer_source = source_field()
    needs_supervision = models.BooleanField(
        _("needs a supervising doctor"), default=True
    )
    supervision_source = source_field()

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["treatment", "-version"]
        verbose_name = _("protocol")
        verbose_name_plural = _("protocols")
        permissions = [("approve_protocol", _("Can vouch for medical values"))]
        constraints = [
            *Vouched.Meta.constraints,
            models.UniqueConstraint(
                name="protocol_version_once",
                fields=["treatment", "version"],
                violation_error_message=_("This treatment already has that version."),
            ),
            models.CheckConstraint(
                name="protocol_versions_count_from_one",
                condition=Q(version__gte=1),
                violation_error_message=_("Versions count from 1."),
            ),
            models.CheckConstraint(
                name="protocol_gap_at_least_one_day",
                condition=Q(gap_min_days__gte=1),
                violation_error_message=_("Sessions lie at least one day apart."),
            ),
            models.CheckConstraint(
                name="protocol_gap_in_order",
                condition=Q(gap_min_days__lte=F("gap_max_days")),
                violation_error_message=_(
                    "The shortest gap is longer than the longest."
                ),
            ),
            models.CheckConstraint(
                name="protocol_ideal_gap_within",
                condition=Q(
                    ideal_gap_days__gte=F("gap_min_days"),
                    ideal_gap_days__lte=F("gap_max_days"),
                ),
                violation_error_message=_(
                    "The ideal gap lies outside the gap allowed."
                ),
            ),
            models.CheckConstraint(
                name="protocol_maintenance_in_order",
                condition=Q(maintenance_min__lte=F("maintenance_max")),
                violation_error_message=_(
                    "The fewest maintenance sessions are more than the most."
                ),
            ),
            models.CheckConstraint(
                name="protocol_depth_at_most_two_mm",
                condition=Q(max_depth_mm__gt=0, max_depth_mm__lte=DEPTH_LIMIT_MM),
                violation_error_message=_("Needles go no deeper than 2.0 mm."),
            ),
            models.CheckConstraint(
                name="protocol_passes_in_order",
                condition=Q(passes_min__gte=1, passes_min__lte=F("passes_max")),
                violation_error_message=_("The fewest passes are more than the most."),
            ),
            one_of("protocol_layer_is_known", "target_layer", TargetLayer.values),
            models.CheckConstraint(
                name="protocol_dermis_is_supervised",
                condition=~Q(target_layer=TargetLayer.DERMIS)
                | Q(needs_supervision=True),
                violation_error_message=_("Work in the dermis needs a doctor."),
            ),
            *(one_of(f"protocol_{s}_is_known", s, Source.values) for s in SOURCES),
        ]
        triggers = [protocol_seal()]

    def __str__(self) -> str:
        return f"{self.treatment.name}, version {self.version}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def total_minutes(self) -> int:
        """How long a session takes, in minutes, all phases together."""
        return sum(phase.minutes for phase in self.phases.all())

    def sessions_for(self, concern_codes: Collection[str]) -> composition.SessionCount:
        """How many sessions these concerns take together: of several, the larger wins.

        A concern without a row of its own counts as any other, as does no concern at all.
        """
        rows = self.session_counts.all()
        counts = {count.concern: count for count in (row.as_count() for row in rows)}
        asked = [counts.get(code, counts[None]) for code in sorted(concern_codes)]
        count = reduce(composition.larger_count, asked or [counts[None]])
        return count if len(asked) == 1 else replace(count, concern=None)

    def suitability_rules(self) -> tuple[suitability.Rule, ...]:
        """The rules as values, to be judged."""
        return tuple(row.as_rule() for row in self.rules.all())

    def care(self) -> tuple[care.Instruction, ...]:
        """The care instructions as values, to be dated."""
        return tuple(row.as_instruction() for row in self.care_instructions.all())
