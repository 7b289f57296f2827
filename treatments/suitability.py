"""Whether someone may be treated on a given day, judged from dated answers.

Pure: rules, answers and days come in, a verdict goes out. The verdict says one of four
things, from best to worst, and the worst finding decides:

suitable         nothing stands in the way on that day;
suitable from    a wait is still running and has a known end;
needs clinician  somebody has to decide: the rule says so, or the answer is missing,
                 unsure, or lacks the date that the rule counts from;
not suitable     the answer rules the treatment out. Where it may pass (a wound, a
                 pregnancy) the finding also says `until_cleared`: its end is unknown,
                 so no date is promised, and a later "no" or a clinician lifts it.

Silence is never a yes, and never a no either.
"""

import calendar
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """What a verdict can say, from best to worst; `<` and `max` follow that order."""

    SUITABLE = "suitable"
    SUITABLE_FROM = "suitable-from"
    NEEDS_CLINICIAN = "needs-clinician"
    NOT_SUITABLE = "not-suitable"

    @property
    def severity(self) -> int:
        return list(Outcome).index(self)

    def __lt__(self, other: str) -> bool:
        return self.severity < Outcome(other).severity

    def __le__(self, other: str) -> bool:
        return self.severity <= Outcome(other).severity

    def __gt__(self, other: str) -> bool:
        return self.severity > Outcome(other).severity

    def __ge__(self, other: str) -> bool:
        return self.severity >= Outcome(other).severity


class RuleKind(StrEnum):
    """What a yes means."""

    WAIT = "wait"  # not before so long after the date given
    DEFER = "defer"  # not while it lasts
    EXCLUDE = "exclude"  # not suitable
    DECIDE = "decide"  # a clinician decides


class AnswerKind(StrEnum):
    YES_NO = "yes-no"
    YES_NO_DATE = "yes-no-date"  # a yes comes with a date


class AskAgain(StrEnum):
    """When a question is put again. Before a session, both kinds are."""

    NEVER = "never"
    BEFORE_BOOKING = "before-booking"
    BEFORE_SESSION = "before-session"


class WaitUnit(StrEnum):
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class Value(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class DecisionKind(StrEnum):
    CLEARED = "cleared"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Rule:
    """One question, and what a yes to it means.

    `reason` is what people read; it may hold {date} (the date given) and, in a wait,
    {until} (the first day allowed).
    """

    code: str
    kind: RuleKind
    question: str
    question_text: str
    reason: str
    source: str
    answer_kind: AnswerKind = AnswerKind.YES_NO
    date_text: str = ""
    wait_amount: int | None = None
    wait_unit: WaitUnit | None = None
    ask_again: AskAgain = AskAgain.NEVER
    may_be_overridden: bool = False

    def __post_init__(self) -> None:
        waits = self.kind == RuleKind.WAIT
        if waits != bool(self.wait_amount and self.wait_unit):
            raise ValueError(f"{self.code}: a wait, and nothing else, says how long")
        if waits and self.answer_kind != AnswerKind.YES_NO_DATE:
            raise ValueError(f"{self.code}: a wait needs a date to count from")
        try:
            self.reason.format(date="", until="")
        except (LookupError, ValueError):
            raise ValueError(
                f"{self.code}: its reason may hold only {{date}} and {{until}}"
            ) from None

    @property
    def re_ask_before_each_session(self) -> bool:
        return self.ask_again == AskAgain.BEFORE_SESSION

    def ends(self, since: date) -> date:
        """The first day on which a wait that counts from `since` is over."""
        if self.wait_amount is None or self.wait_unit is None:
            raise ValueError(f"{self.code} is not a wait")
        return after(since, self.wait_amount, self.wait_unit)


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone said, on the local day they said it."""

    question: str
    value: Value | str
    answered_on: date
    on_date: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A clinician's recorded word on one rule, on a local day.

    It settles what was known then: an answer given on a later day opens the rule again.
    """

    rule_code: str
    kind: DecisionKind | str
    reason: str
    decided_on: date

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(f"A decision on {self.rule_code} has to say why")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule makes of one answer."""

    rule_code: str
    question: str
    outcome: Outcome
    text: str
    from_date: date | None = None
    until_cleared: bool = False
    settled_by: Decision | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst outcome, every reason for it, worst first, and all findings.

    `from_date` is set exactly if the outcome is "suitable from".
    """

    outcome: Outcome
    from_date: date | None
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_suitable(self) -> bool:
        return self.outcome is Outcome.SUITABLE


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask, in plain words, and what date goes with a yes, if any."""

    code: str
    text: str
    answer_kind: AnswerKind
    date_text: str

    @property
    def wants_date(self) -> bool:
        return self.answer_kind == AnswerKind.YES_NO_DATE


def after(since: date, amount: int, unit: WaitUnit | str) -> date:
    """The day `amount` days, calendar months or years after `since`.

    Where that month has no such day, its last day: 3 months after 30 November is the
    last of February, and a year after 29 February is 28 February.
    """
    if unit == WaitUnit.DAYS:
        return since + timedelta(days=amount)
    months = amount * (12 if unit == WaitUnit.YEARS else 1)
    year, month0 = divmod(since.year * 12 + since.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(since.day, last))


def plain_day(day: date) -> str:
    """A day as people write it: 3 February 2027."""
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True)
class Words:
    """How a verdict speaks: one function for sentences, one for days."""

    say: Callable[[str], str] = str
    day: Callable[[date], str] = plain_day


PLAIN = Words()
NOT_ANSWERED = "Not answered: {question}"
UNSURE = "To be talked about: {question}"
NO_DATE = "The date is missing: {question}"
NOT_YET = "The date given lies after the day of the answer: {question}"
WAIT_IS_OVER = "{reason} That day has come."
SETTLED = "{reason} Settled by a clinician: {why}"
NOTHING_AGAINST = "No answer speaks against this treatment."


def judge(
    rules: Iterable[Rule],
    answers: Iterable[Answer],
    on: date,
    decisions: Sequence[Decision] = (),
    words: Words = PLAIN,
) -> Verdict:
    """Whether a session on the local day `on` is suitable, with every reason.

    Of several answers to one question the latest counts. A definite wait is never
    shortened by a decision; `may_be_overridden` says which exclusions an override lifts.
    """
    known = _latest(answers)
    findings = []
    for rule in rules:
        answer = known.get(rule.question)
        finding = _find(rule, answer, on, words)
        findings.append(_settle(rule, answer, finding, decisions, words))
    return _weigh([finding for finding in findings if finding], words)


def first_suitable_date(
    rules: Iterable[Rule],
    answers: Iterable[Answer],
    decisions: Sequence[Decision],
    today: date,
) -> date | None:
    """The first day from `today` on that is suitable; None while no date is known."""
    verdict = judge(rules, answers, today, decisions)
    if verdict.outcome is Outcome.SUITABLE_FROM:
        return verdict.from_date
    return today if verdict.is_suitable else None


def questions(rules: Iterable[Rule]) -> tuple[Question, ...]:
    """Each question that the rules ask, once, in their order."""
    asked: dict[str, Question] = {}
    for rule in rules:
        question = Question(
            rule.question, rule.question_text, rule.answer_kind, rule.date_text
        )
        asked.setdefault(rule.question, question)
    return tuple(asked.values())


def to_ask(
    rules: Iterable[Rule],
    answers: Iterable[Answer],
    today: date,
    occasion: AskAgain = AskAgain.NEVER,
) -> tuple[Question, ...]:
    """What to ask `today`: the unanswered, and what this occasion asks again.

    An answer given today is fresh.
    """
    known = _latest(answers)
    occasions = list(AskAgain)
    again = occasions[1 : occasions.index(occasion) + 1]
    return questions(
        rule
        for rule in rules
        if (answer := known.get(rule.question)) is None
        or (rule.ask_again in again and answer.answered_on < today)
    )


def _latest(answers: Iterable[Answer]) -> dict[str, Answer]:
    return {a.question: a for a in sorted(answers, key=lambda a: a.answered_on)}


def _find(rule: Rule, answer: Answer | None, on: date, words: Words) -> Finding | None:
    """What `rule` makes of `answer`; None where it has nothing to say."""
    if answer is None:
        return _ask_clinician(rule, NOT_ANSWERED, words)
    if answer.value == Value.NO:
        return None
    if answer.value != Value.YES:
        return _ask_clinician(rule, UNSURE, words)
    if rule.kind == RuleKind.WAIT:
        return _wait(rule, answer, on, words)
    day = words.day(answer.on_date) if answer.on_date else ""
    text = words.say(rule.reason).format(date=day, until="")
    defers = rule.kind == RuleKind.DEFER
    decides = rule.kind == RuleKind.DECIDE
    outcome = Outcome.NEEDS_CLINICIAN if decides else Outcome.NOT_SUITABLE
    return Finding(rule.code, rule.question, outcome, text, until_cleared=defers)


def _wait(rule: Rule, answer: Answer, on: date, words: Words) -> Finding:
    since = answer.on_date
    if since is None:
        return _ask_clinician(rule, NO_DATE, words)
    if since > answer.answered_on:
        return _ask_clinician(rule, NOT_YET, words)
    until = rule.ends(since)
    text = words.say(rule.reason).format(date=words.day(since), until=words.day(until))
    if on < until:
        return Finding(rule.code, rule.question, Outcome.SUITABLE_FROM, text, until)
    text = words.say(WAIT_IS_OVER).format(reason=text)
    return Finding(rule.code, rule.question, Outcome.SUITABLE, text, until)


def _ask_clinician(rule: Rule, template: str, words: Words) -> Finding:
    text = words.say(template).format(question=words.say(rule.question_text))
    return Finding(rule.code, rule.question, Outcome.NEEDS_CLINICIAN, text)


def _settle(
    rule: Rule,
    answer: Answer | None,
    finding: Finding | None,
    decisions: Sequence[Decision],
    words: Words,
) -> Finding | None:
    """The finding, or a suitable one where a clinician's decision settles it."""
    if finding is None:
        return None
    for decision in decisions:
        if decision.rule_code != rule.code or _is_older(decision, answer):
            continue
        if _may_settle(rule, finding, decision):
            facts = {"reason": finding.text, "why": decision.reason}
            return replace(
                finding,
                outcome=Outcome.SUITABLE,
                text=words.say(SETTLED).format(**facts),
                until_cleared=False,
                settled_by=decision,
            )
    return finding


def _is_older(decision: Decision, answer: Answer | None) -> bool:
    return answer is not None and decision.decided_on < answer.answered_on


def _may_settle(rule: Rule, finding: Finding, decision: Decision) -> bool:
    """Whether that kind of decision can lift that finding."""
    if finding.outcome is Outcome.NEEDS_CLINICIAN:
        return True
    if finding.outcome is not Outcome.NOT_SUITABLE:
        return False
    if decision.kind == DecisionKind.CLEARED:
        return rule.kind == RuleKind.DEFER
    return rule.may_be_overridden


def _weigh(findings: Sequence[Finding], words: Words) -> Verdict:
    """The verdict: reasons against, worst first; where there are none, the rest."""
    outcome = max((f.outcome for f in findings), default=Outcome.SUITABLE)
    ordered = sorted(findings, key=lambda f: -f.outcome.severity)
    against = [f.text for f in ordered if f.outcome is not Outcome.SUITABLE]
    reasons = against or [f.text for f in ordered] or [words.say(NOTHING_AGAINST)]
    waits = [f.from_date for f in findings if f.outcome is Outcome.SUITABLE_FROM]
    from_date = None
    if outcome is Outcome.SUITABLE_FROM:
        from_date = max(day for day in waits if day is not None)
    return Verdict(outcome, from_date, tuple(reasons), tuple(ordered))
