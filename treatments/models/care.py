"""Care before and after a session."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from treatments import care
from treatments.models.parts import ProtocolPart, once_each
from treatments.models.protocols import Protocol
from treatments.models.sources import Source, one_of

COUNTED = ("days", "hours")


class InstructionPhase(models.TextChoices):
    PRE = "pre", _("Before")
    POST = "post", _("After")


class InstructionKind(models.TextChoices):
    STOP = "stop", _("Stop")
    AVOID = "avoid", _("Avoid")
    KEEP = "keep", _("Keep")
    WASH = "wash", _("Wash")
    PROTECT = "protect", _("Protect")
    CONFIRM = "confirm", _("Confirm")
    MEDICINE = "medicine", _("Medicine")
    FOLLOW_UP = "follow-up", _("Follow-up")


class InstructionEdge(models.TextChoices):
    DAYS = "days", _("Days from the session's day")
    HOURS = "hours", _("Hours after the session")
    SESSION = "session", _("The session")
    PLAN = "plan", _("When the plan is made")
    PRESCRIBED = "prescribed", _("As prescribed")
    HEALED = "healed", _("When the skin has healed")
    ONWARDS = "onwards", _("From then on")


def offset_where_counted(edge: str) -> models.CheckConstraint:
    """Days and hours say how many; the other edges need no number."""
    counted, offset = Q(**{f"{edge}__in": COUNTED}), Q(**{f"{edge}_offset": None})
    return models.CheckConstraint(
        name=f"careinstruction_{edge}_offset_where_counted",
        condition=(counted & ~offset) | (~counted & offset),
        violation_error_message=_("Say how many days or hours, and only for those."),
    )


class CareInstruction(ProtocolPart):
    """One piece of care. Days are local calendar days, negative before the session.

    Where sources disagree, the stricter end rules and the milder one is kept with it.
    """

    value_class = care.Instruction

    protocol = models.ForeignKey(
        Protocol, models.CASCADE, related_name="care_instructions"
    )
    code = models.SlugField(_("code"), max_length=64)
    phase = models.CharField(_("phase"), max_length=4, choices=InstructionPhase)
    kind = models.CharField(_("kind"), max_length=12, choices=InstructionKind)
    text = models.CharField(_("text"), max_length=400)
    starts = models.CharField(_("from"), max_length=12, choices=InstructionEdge)
    starts_offset = models.SmallIntegerField(_("from, how many"), null=True, blank=True)
    ends = models.CharField(_("until"), max_length=12, choices=InstructionEdge)
    ends_offset = models.SmallIntegerField(_("until, how many"), null=True, blank=True)
    first_session_only = models.BooleanField(_("first session only"), default=False)
    milder_hours = models.PositiveSmallIntegerField(
        _("milder rule: hours after the session"), null=True, blank=True
    )
    milder_source = models.CharField(
        _("milder rule: source"), max_length=60, choices=Source, blank=True
    )
    milder_text = models.CharField(_("milder rule: text"), max_length=400, blank=True)

    class Meta(ProtocolPart.Meta):
        verbose_name = _("care instruction")
        verbose_name_plural = _("care instructions")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each(
                "careinstruction", "code", _("That instruction is there already.")
            ),
            one_of("careinstruction_phase_is_known", "phase", InstructionPhase.values),
            one_of("careinstruction_kind_is_known", "kind", InstructionKind.values),
            one_of("careinstruction_starts_is_known", "starts", InstructionEdge.values),
            one_of("careinstruction_ends_is_known", "ends", InstructionEdge.values),
            offset_where_counted("starts"),
            offset_where_counted("ends"),
            models.CheckConstraint(
                name="careinstruction_precare_counts_days_back",
                condition=~Q(phase="pre")
                | (
                    ~Q(starts="hours")
                    & Q(ends="session")
                    & (Q(starts_offset=None) | Q(starts_offset__lte=0))
                ),
                violation_error_message=_(
                    "Care before a session begins days before it and ends with it."
                ),
            ),
            models.CheckConstraint(
                name="careinstruction_aftercare_counts_forward",
                condition=~Q(phase="post")
                | Q(starts__in=COUNTED, starts_offset__gte=0) & ~Q(ends="session"),
                violation_error_message=_("Care after a session begins after it."),
            ),
            models.CheckConstraint(
                name="careinstruction_stricter_rules",
                condition=Q(milder_hours=None, milder_source="", milder_text="")
                | (
                    Q(ends="hours", milder_hours__lt=F("ends_offset"))
                    & Q(milder_source__in=Source.values)
                ),
                violation_error_message=_(
                    "Where sources disagree the stricter rules: the milder ends earlier, "
                    "and says where it comes from."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def in_words(self) -> str:
        words = f"{self._edge('starts')} – {self._edge('ends')}: {self.text}"
        if self.milder_hours is None:
            return words
        milder = gettext("Milder rule, from %(source)s: %(hours)s hours.")
        told = milder % {"source": self.milder_source, "hours": self.milder_hours}
        return f"{words} {told}"

    def _edge(self, name: str) -> str:
        label = str(InstructionEdge(getattr(self, name)).label)
        offset = getattr(self, f"{name}_offset")
        return label if offset is None else f"{offset:+} {label}"

    def as_instruction(self) -> care.Instruction:
        """The row as a value, to be dated."""
        value: care.Instruction = self.as_value()
        return value
