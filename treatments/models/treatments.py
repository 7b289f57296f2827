"""What the clinic offers."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from treatments.models.sources import one_of
from treatments.models.words import BodyArea, Concern, Modality, Named

if TYPE_CHECKING:
    from treatments.models.protocols import Protocol


class Shape(models.TextChoices):
    """The mark by which a treatment is known at a glance, with or without colour."""

    CIRCLE = "circle", _("Circle")
    DROP = "drop", _("Drop")
    DIAMOND = "diamond", _("Diamond")


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def offered(self) -> "TreatmentQuerySet":
        """Treatments that can be planned: those with a published protocol."""
        published = models.Q(protocols__published_at__isnull=False)
        return self.filter(published).distinct()


class Treatment(Named):
    """One treatment on offer; how it is given is in its protocols."""

    short_code = models.CharField(_("short name"), max_length=20, unique=True)
    shape = models.CharField(_("shape"), max_length=10, choices=Shape)
    summary = models.TextField(_("summary"), blank=True)
    modalities = models.ManyToManyField(Modality, verbose_name=_("made of"))
    concerns = models.ManyToManyField(Concern, verbose_name=_("concerns"))
    areas = models.ManyToManyField(BodyArea, verbose_name=_("areas of skin"))

    objects = TreatmentQuerySet.as_manager()

    class Meta(Named.Meta):
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        constraints = [
            *Named.Meta.constraints,
            one_of("treatment_shape_is_known", "shape", Shape.values),
        ]

    def current_protocol(self) -> "Protocol | None":
        """The newest published version; None before the first."""
        published = self.protocols.filter(published_at__isnull=False)
        return published.order_by("-version").first()
