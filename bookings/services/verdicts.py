"""How a verdict is told to staff: in words, worst first, and what is still to decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import AnswerValue, DecisionKind, HealthAnswer, TreatmentPlan
from bookings.services import screening
from treatments.suitability import Finding, Outcome, Rule, RuleKind, Verdict

NAMES = {
    "isotretinoin": gettext_lazy("Isotretinoin"),
    "radiation": gettext_lazy("Radiation"),
    "pregnancy": gettext_lazy("Pregnant or breastfeeding"),
    "open-wound": gettext_lazy("Open wound"),
    "skin-infection": gettext_lazy("Skin trouble now"),
    "keloid": gettext_lazy("Raised scars or poor healing"),
    "cold-sores": gettext_lazy("Cold sores"),
    "blood-thinner": gettext_lazy("Blood thinner or disorder"),
    "rf-implant": gettext_lazy("Implant or metal"),
    "make-up": gettext_lazy("Make-up"),
}
ANTIVIRAL_QUESTION = "cold-sores"  # source: S2, decided before the first session
ICONS = {
    Outcome.SUITABLE: "check-lg",
    Outcome.SUITABLE_FROM: "clock",
    Outcome.NEEDS_CLINICIAN: "clipboard2-pulse",
    Outcome.NOT_SUITABLE: "slash-circle",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One reason: an icon's name, what was answered, and what follows from it."""

    icon: str
    what: str
    effect: str


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict as a page shows it; `clear` are the answers that raise nothing."""

    title: str
    note: str
    icon: str
    is_stop: bool
    lines: tuple[Line, ...]
    clear: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A badge in the queue."""

    icon: str
    label: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to decide. Without `kind` nothing is decided, so nothing can be signed."""

    key: str
    label: str
    kind: DecisionKind | None
    asks_reason: bool


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """A rule that waits for a clinician's word; `is_override` needs a right of its own."""

    rule_code: str
    title: str
    text: str
    options: tuple[Option, ...]
    is_override: bool = False


def tell(
    plan: TreatmentPlan, verdict: Verdict, known: Mapping[str, HealthAnswer]
) -> Told:
    """Put `verdict` in words, with the answers it rests on."""
    told = {finding.question for finding in verdict.findings}
    return Told(
        title=_title(verdict),
        note=_note(verdict),
        icon=ICONS[verdict.outcome],
        is_stop=verdict.outcome is Outcome.NOT_SUITABLE,
        lines=tuple(_line(finding, known) for finding in verdict.findings),
        clear=tuple(
            f"{_(question.text)} {known[question.code].get_value_display()}"
            for question in screening.questions_for(plan.protocol)
            if question.code in known and question.code not in told
        ),
    )


def flags(plan: TreatmentPlan, verdict: Verdict) -> Iterator[Flag]:
    """What a clinician should know before opening the plan."""
    if verdict.is_suitable:
        yield Flag("check-lg", _("Nothing flagged"))
    rules = {rule.code: rule for rule in screening.rules_of(plan.protocol)}
    for finding in verdict.findings:
        if finding.outcome in (Outcome.NOT_SUITABLE, Outcome.NEEDS_CLINICIAN):
            label = _asked(rules[finding.rule_code], finding)
            yield Flag(ICONS[finding.outcome], label)
    if day := opens(verdict):
        shown = date_format(day, "j M Y")
        yield Flag("clock", _("From %(day)s") % {"day": shown})
    if plan.version > 1:
        yield Flag("arrow-counterclockwise", _("Changed"))


def _asked(rule: Rule, finding: Finding) -> str:
    """What a finding is about, and what it asks of the clinician."""
    about = {"what": subject(finding.question)}
    if finding.outcome is Outcome.NEEDS_CLINICIAN:
        if rule.kind != RuleKind.DECIDE:
            return _("%(what)s, unclear") % about
        if rule.question == ANTIVIRAL_QUESTION:
            return about["what"]
        return _("%(what)s, you decide") % about
    if rule.kind == RuleKind.DEFER:
        return _("%(what)s, not while it lasts") % about
    if rule.may_be_overridden:
        return _("%(what)s, override asked") % about
    return _("%(what)s, rules it out") % about


def opens(verdict: Verdict) -> date | None:
    """The local day on which the last running wait ends, if one is running."""
    ends = [
        finding.from_date
        for finding in verdict.findings
        if finding.from_date and finding.outcome is Outcome.SUITABLE_FROM
    ]
    return max(ends, default=None)


def open_decisions(plan: TreatmentPlan, verdict: Verdict) -> list[OpenDecision]:
    """Every rule that stands in the way and that a clinician may settle."""
    rules = {rule.code: rule for rule in screening.rules_of(plan.protocol)}
    return [
        _decision(rules[finding.rule_code], finding)
        for finding in verdict.findings
        if _may_be_settled(rules[finding.rule_code], finding)
    ]


def _may_be_settled(rule: Rule, finding: Finding) -> bool:
    if finding.outcome is Outcome.NEEDS_CLINICIAN:
        return True
    return finding.outcome is Outcome.NOT_SUITABLE and (
        rule.may_be_overridden or rule.kind == RuleKind.DEFER
    )


def _title(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.SUITABLE_FROM and verdict.from_date:
        day = date_format(verdict.from_date, "j F Y")
        return _("Suitable from %(day)s") % {"day": day}
    return {
        Outcome.SUITABLE: _("Suitable"),
        Outcome.NEEDS_CLINICIAN: _("A clinician has to decide"),
        Outcome.NOT_SUITABLE: _("Not suitable as it stands"),
    }[verdict.outcome]


def _note(verdict: Verdict) -> str:
    opening = opens(verdict)
    if verdict.outcome is Outcome.NEEDS_CLINICIAN and opening:
        day = date_format(opening, "j F Y")
        return _("Then suitable from %(day)s.") % {"day": day}
    return {
        Outcome.SUITABLE: _("No answer stands in the way."),
        Outcome.SUITABLE_FROM: _(
            "The first session starts then. Sign now if you agree."
        ),
        Outcome.NEEDS_CLINICIAN: _("Every open point is listed with its reason."),
        Outcome.NOT_SUITABLE: _(
            "Only a clinician’s recorded decision can change that."
        ),
    }[verdict.outcome]


def _line(finding: Finding, known: Mapping[str, HealthAnswer]) -> Line:
    name = subject(finding.question)
    if row := known.get(finding.question):
        name = _("%(what)s: %(said)s") % {"what": name, "said": _said(row)}
    return Line(ICONS[finding.outcome], name, finding.text)


def subject(question: str) -> str:
    """A question's subject in a word or two."""
    return str(NAMES.get(question, question.replace("-", " ").capitalize()))


def _said(row: HealthAnswer) -> str:
    said = {
        AnswerValue.YES: _("yes"),
        AnswerValue.NO: _("no"),
        AnswerValue.UNSURE: _("would rather talk"),
    }[AnswerValue(row.value)]
    return f"{said}, {date_format(row.on_date, 'j M Y')}" if row.on_date else said


def _decision(rule: Rule, finding: Finding) -> OpenDecision:
    is_stop = finding.outcome is Outcome.NOT_SUITABLE
    is_override = is_stop and rule.kind == RuleKind.EXCLUDE
    if rule.question == ANTIVIRAL_QUESTION:
        title, options = _("Antiviral before each session"), _antiviral()
    elif is_override:
        title, options = _("Override this rule"), _override()
    else:
        title, options = _("Your decision"), _clear()
    return OpenDecision(rule.code, title, finding.text, options, is_override)


def _antiviral() -> tuple[Option, ...]:
    prescribe = _("Prescribe, starting before session 1")
    none = _("Not needed, for this reason")
    return (
        Option("prescribe", prescribe, DecisionKind.CLEARED, asks_reason=False),
        Option("not-needed", none, DecisionKind.CLEARED, asks_reason=True),
        _later(),
    )


def _override() -> tuple[Option, ...]:
    treat = _("Treat all the same, for this reason")
    return (
        Option("override", treat, DecisionKind.OVERRIDE, asks_reason=True),
        Option("keep", _("Leave the rule as it is"), None, asks_reason=False),
    )


def _clear() -> tuple[Option, ...]:
    go_ahead = _("Go ahead, for this reason")
    return (
        Option("clear", go_ahead, DecisionKind.CLEARED, asks_reason=True),
        _later(),
    )


def _later() -> Option:
    return Option("ask", _("Ask the patient more first"), None, asks_reason=False)
