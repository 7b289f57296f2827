"""Which health questions matter for what was chosen, and what the answers mean.

The rules are those of every treatment that fits, each once. A finding never closes the
door: it says from when, or who decides, and the consultation stays open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import AnswerValue
from bookings.services import screening
from bookings.services.enquiries.waits import Bar, bar
from bookings.services.screening import Given
from clinic.words import said
from treatments import suitability
from treatments.models import BodyArea, Concern, Protocol, Treatment
from treatments.suitability import Answer, Finding, Outcome, Question, Rule, Words

WORDS = Words(say=said, day=partial(date_format, format="j F Y"))
HINTS = {
    "cold-sores": gettext_lazy(
        "We can still treat you. A doctor may give you tablets to take first."
    ),
    "keloid": gettext_lazy("A keloid is a scar that grows beyond the wound."),
    "rf-implant": gettext_lazy("Fillings and dental implants do not count."),
}
"""A line under a question that makes it easier to answer, by the question's code."""


@dataclass(frozen=True, slots=True)
class Matters:
    """The rules to ask about, each once, and those that hold for every treatment."""

    rules: tuple[Rule, ...]
    everywhere: frozenset[str]

    @property
    def questions(self) -> tuple[Question, ...]:
        return suitability.questions(self.rules)


@dataclass(frozen=True, slots=True)
class Card:
    """What one answer means: a date or a decision, and why. `sign` tells cards apart."""

    question: str
    title: str
    text: str
    icon: str
    bar: Bar | None = None

    @property
    def sign(self) -> str:
        return f"{self.question}|{self.title}"


def fitting(
    treatment: Treatment | None,
    concerns: Iterable[Concern],
    areas: Iterable[BodyArea],
) -> list[Treatment]:
    """The treatments on offer that fit: the one in mind, else by concern and area.

    Where nothing on offer fits both, the concern alone decides; without one, all.
    """
    if treatment is not None:
        return [treatment]
    offered = Treatment.objects.offered()
    by_concern = offered.filter(concerns__in=list(concerns)).distinct()
    by_both = by_concern.filter(areas__in=list(areas)).distinct()
    return list(by_both) or list(by_concern) or list(offered)


def matters(treatments: Sequence[Treatment]) -> Matters:
    """What to ask before any of `treatments`, by their protocols in force."""
    found: dict[str, Rule] = {}
    held: list[set[str]] = []
    for protocol in _protocols(treatments):
        rules = screening.rules_of(protocol)
        held.append({rule.code for rule in rules})
        for rule in rules:
            found.setdefault(rule.code, rule)
    everywhere = frozenset.intersection(*map(frozenset, held)) if held else frozenset()
    return Matters(tuple(found.values()), everywhere)


def _protocols(treatments: Sequence[Treatment]) -> list[Protocol]:
    """The newest published protocol of each, in one query."""
    rows = Protocol.objects.filter(
        treatment__in=treatments, published_at__isnull=False
    ).order_by("treatment_id", "-version")
    newest = rows.distinct("treatment_id").select_related("treatment")
    return sorted(newest, key=lambda one: one.treatment.position)


def cards(given: Iterable[Given], matters: Matters, *, today: date) -> dict[str, Card]:
    """What the answers mean on the local day `today`, by question; most mean nothing."""
    answers = {
        one.question: Answer(one.question, one.value, today, one.on_date)
        for one in given
        if one.value == AnswerValue.YES
    }
    asked = [rule for rule in matters.rules if rule.question in answers]
    verdict = suitability.judge(asked, answers.values(), today, words=WORDS)
    rules = {rule.code: rule for rule in asked}
    found: dict[str, Card] = {}
    for finding in verdict.findings:  # the worst first
        if finding.outcome is not Outcome.SUITABLE:
            card = _card(finding, rules[finding.rule_code], answers, matters, today)
            found.setdefault(finding.question, card)
    return found


def _card(
    finding: Finding,
    rule: Rule,
    answers: Mapping[str, Answer],
    matters: Matters,
    today: date,
) -> Card:
    since = answers[finding.question].on_date
    if finding.outcome is Outcome.SUITABLE_FROM and finding.from_date and since:
        day = date_format(finding.from_date, "j F Y")
        title = _("You can start from %(day)s") % {"day": day}
        drawn = bar(rule, since, today, finding.from_date)
        return Card(finding.question, title, finding.text, "calendar", drawn)
    title, icon = _title(finding, is_for_all=rule.code in matters.everywhere)
    return Card(finding.question, title, finding.text, icon)


def _title(finding: Finding, *, is_for_all: bool) -> tuple[str, str]:
    if finding.outcome is Outcome.NEEDS_CLINICIAN:
        return _("A doctor decides this with you"), "chat-left-text"
    if finding.until_cleared:
        return _("Treatment waits until this is over"), "hourglass-split"
    if is_for_all:
        return _("This treatment may not be right for you"), "chat-left-text"
    return _("Some treatments may not be right for you"), "chat-left-text"
