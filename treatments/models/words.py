"""The words the clinic speaks in: concerns, areas of skin, modalities."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from treatments.models.sources import Source, one_of, source_field


class Named(models.Model):
    """A word of the clinic's vocabulary: a code for us, a name for people."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    source = source_field()

    class Meta:
        abstract = True
        ordering = ["position", "name"]
        constraints = [one_of("%(class)s_source_is_known", "source", Source.values)]

    def __str__(self) -> str:
        return self.name


class Concern(Named):
    """What brings a patient: acne scars, fine lines."""

    class Meta(Named.Meta):
        verbose_name = _("concern")
        verbose_name_plural = _("concerns")


class BodyArea(Named):
    """Skin that can be treated: face, neck."""

    class Meta(Named.Meta):
        verbose_name = _("area of skin")
        verbose_name_plural = _("areas of skin")


class Modality(Named):
    """What a treatment is made of: needling, platelet-rich plasma, radiofrequency."""

    summary = models.TextField(_("summary"), blank=True)

    class Meta(Named.Meta):
        verbose_name = _("modality")
        verbose_name_plural = _("modalities")
