"""A session: its phases, who and what they use, and how many sessions it takes."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import ResourceKind
from treatments import composition
from treatments.models.parts import ProtocolPart, once_each
from treatments.models.protocols import Protocol
from treatments.models.sources import one_of
from treatments.models.words import Concern


class SessionCount(ProtocolPart):
    """How many sessions a concern takes; without a concern, any that has no row.

    No maximum means "or more".
    """

    value_class = composition.SessionCount

    protocol = models.ForeignKey(
        Protocol, models.CASCADE, related_name="session_counts"
    )
    concern = models.ForeignKey(
        Concern, models.PROTECT, null=True, blank=True, related_name="+"
    )
    minimum = models.PositiveSmallIntegerField(_("at least"))
    usual = models.PositiveSmallIntegerField(_("usually"))
    maximum = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)

    class Meta(ProtocolPart.Meta):
        verbose_name = _("number of sessions")
        verbose_name_plural = _("numbers of sessions")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each(
                "sessioncount", "concern", _("That concern has a number already.")
            ),
            models.CheckConstraint(
                name="sessioncount_in_order",
                condition=Q(minimum__gte=1, minimum__lte=F("usual"))
                & (Q(maximum=None) | Q(maximum__gte=F("usual"))),
                violation_error_message=_(
                    "The usual number lies between the fewest and the most."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern or _('Any other concern')}: {self.usual}"

    def in_words(self) -> str:
        if self.maximum is None:
            return gettext("%(least)s or more, usually %(usual)s") % {
                "least": self.minimum,
                "usual": self.usual,
            }
        return gettext("%(least)s to %(most)s, usually %(usual)s") % {
            "least": self.minimum,
            "most": self.maximum,
            "usual": self.usual,
        }

    def as_count(self) -> composition.SessionCount:
        """The row as a value, to be compared with others."""
        value: composition.SessionCount = self.as_value()
        return value

    def _fact(self, name: str) -> Any:
        if name == "concern":
            return self.concern.code if self.concern else None
        return super()._fact(name)


class ProtocolPhase(ProtocolPart):
    """A stretch of a session, in minutes, and the roles in use during it."""

    value_class = composition.Phase

    protocol = models.ForeignKey(Protocol, models.CASCADE, related_name="phases")
    name = models.CharField(_("name"), max_length=40)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    roles = ArrayField(models.SlugField(max_length=32), verbose_name=_("roles in use"))

    class Meta(ProtocolPart.Meta):
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each("protocolphase", "position", _("That place is taken.")),
            once_each("protocolphase", "name", _("That phase is there already.")),
            models.CheckConstraint(
                name="protocolphase_takes_time",
                condition=Q(minutes__gte=1),
                violation_error_message=_("A phase takes at least one minute."),
            ),
            models.CheckConstraint(
                name="protocolphase_uses_something",
                condition=Q(roles__len__gte=1),
                violation_error_message=_("A phase uses at least one role."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def in_words(self) -> str:
        minutes = gettext("%(minutes)s minutes") % {"minutes": self.minutes}
        return f"{minutes}: {', '.join(self.roles)}"


class ProtocolRole(ProtocolPart):
    """Who or what a session needs: one resource of a kind, with all these skills.

    A shared role's resource has only to be there: a supervising doctor.
    """

    value_class = composition.Role

    protocol = models.ForeignKey(Protocol, models.CASCADE, related_name="roles")
    name = models.SlugField(_("name"), max_length=32)
    kind = models.CharField(_("kind"), max_length=12, choices=ResourceKind)
    skills = ArrayField(
        models.SlugField(max_length=32), default=list, verbose_name=_("skills")
    )
    shared = models.BooleanField(_("shared"), default=False)

    class Meta(ProtocolPart.Meta):
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each("protocolrole", "name", _("That role is there already.")),
            one_of("protocolrole_kind_is_known", "kind", ResourceKind.values),
        ]

    def __str__(self) -> str:
        return self.name

    def in_words(self) -> str:
        skills = f"{ResourceKind(self.kind).label}: {', '.join(self.skills)}"
        return (
            gettext("%(skills)s, shared") % {"skills": skills}
            if self.shared
            else skills
        )
