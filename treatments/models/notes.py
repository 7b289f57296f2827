"""What to expect after a session, and facts that no other table holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from treatments import composition
from treatments.models.parts import ProtocolPart, once_each
from treatments.models.protocols import Protocol
from treatments.models.sources import one_of


class EffectKind(models.TextChoices):
    RECOVERY = "recovery", _("Recovery")
    POSSIBLE = "possible", _("Possible")
    RARE = "rare", _("Rare")
    VERY_RARE = "very-rare", _("Very rare")
    URGENT = "urgent", _("Tell us at once")


class ProtocolEffect(ProtocolPart):
    """What the skin may do after a session, and how often."""

    value_class = composition.Effect

    protocol = models.ForeignKey(Protocol, models.CASCADE, related_name="effects")
    code = models.SlugField(_("code"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=EffectKind)
    text = models.CharField(_("text"), max_length=400)

    class Meta(ProtocolPart.Meta):
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each("protocoleffect", "code", _("That effect is there already.")),
            one_of("protocoleffect_kind_is_known", "kind", EffectKind.values),
        ]

    def __str__(self) -> str:
        return self.code

    def in_words(self) -> str:
        return self.text


class ProtocolFact(ProtocolPart):
    """Something to know about a treatment, such as its endpoint."""

    value_class = composition.Fact

    protocol = models.ForeignKey(Protocol, models.CASCADE, related_name="facts")
    code = models.SlugField(_("code"), max_length=64)
    text = models.CharField(_("text"), max_length=400)

    class Meta(ProtocolPart.Meta):
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each("protocolfact", "code", _("That fact is there already.")),
        ]

    def __str__(self) -> str:
        return self.code

    def in_words(self) -> str:
        return self.text
