"""Who may be treated, as rules over answers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from treatments import suitability
from treatments.models.parts import ProtocolPart, once_each
from treatments.models.protocols import Protocol
from treatments.models.sources import one_of


class RuleKind(models.TextChoices):
    WAIT = "wait", _("Not before a date")
    DEFER = "defer", _("Not while it lasts")
    EXCLUDE = "exclude", _("Not suitable")
    DECIDE = "decide", _("A clinician decides")


class AnswerKind(models.TextChoices):
    YES_NO = "yes-no", _("Yes or no")
    YES_NO_DATE = "yes-no-date", _("Yes or no, with a date")


class AskAgain(models.TextChoices):
    NEVER = "never", _("Never")
    BEFORE_BOOKING = "before-booking", _("Before each booking")
    BEFORE_SESSION = "before-session", _("Before each session")


class WaitUnit(models.TextChoices):
    DAYS = "days", _("Days")
    MONTHS = "months", _("Months")
    YEARS = "years", _("Years")


class SuitabilityRule(ProtocolPart):
    """A question, and what a yes to it means. Waits count calendar days or months."""

    value_class = suitability.Rule

    protocol = models.ForeignKey(Protocol, models.CASCADE, related_name="rules")
    code = models.SlugField(_("code"), max_length=64)
    kind = models.CharField(_("what a yes means"), max_length=8, choices=RuleKind)
    question = models.SlugField(_("question"), max_length=64)
    question_text = models.CharField(_("question in words"), max_length=300)
    answer_kind = models.CharField(
        _("answer"), max_length=12, choices=AnswerKind, default=AnswerKind.YES_NO
    )
    date_text = models.CharField(_("which date"), max_length=200, blank=True)
    reason = models.CharField(_("reason in words"), max_length=400)
    wait_amount = models.PositiveSmallIntegerField(_("wait"), null=True, blank=True)
    wait_unit = models.CharField(
        _("unit of the wait"), max_length=6, choices=WaitUnit, null=True, blank=True
    )
    ask_again = models.CharField(
        _("asked again"), max_length=16, choices=AskAgain, default=AskAgain.NEVER
    )
    may_be_overridden = models.BooleanField(
        _("a clinician may override"), default=False
    )

    class Meta(ProtocolPart.Meta):
        verbose_name = _("suitability rule")
        verbose_name_plural = _("suitability rules")
        constraints = [
            *ProtocolPart.Meta.constraints,
            once_each("suitabilityrule", "code", _("That rule is there already.")),
            one_of("suitabilityrule_kind_is_known", "kind", RuleKind.values),
            one_of("suitabilityrule_answer_is_known", "answer_kind", AnswerKind.values),
            one_of("suitabilityrule_asking_is_known", "ask_again", AskAgain.values),
            models.CheckConstraint(
                name="suitabilityrule_wait_says_how_long",
                condition=Q(
                    kind=RuleKind.WAIT,
                    wait_amount__gte=1,
                    wait_unit__in=WaitUnit.values,
                )
                | (~Q(kind=RuleKind.WAIT) & Q(wait_amount=None, wait_unit=None)),
                violation_error_message=_("A wait, and nothing else, says how long."),
            ),
            models.CheckConstraint(
                name="suitabilityrule_date_is_asked_for",
                condition=Q(answer_kind=AnswerKind.YES_NO_DATE) & ~Q(date_text="")
                | Q(answer_kind=AnswerKind.YES_NO, date_text="")
                & ~Q(kind=RuleKind.WAIT),
                violation_error_message=_(
                    "Say which date is asked for; a wait needs one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def re_ask_before_each_session(self) -> bool:
        return self.ask_again == AskAgain.BEFORE_SESSION

    def in_words(self) -> str:
        return f"{self.question_text} {self.reason}"

    def as_rule(self) -> suitability.Rule:
        """The row as a value, to be judged."""
        value: suitability.Rule = self.as_value()
        return value
