"""Health answers, and what the rules of a protocol make of them on a given day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _

from bookings.models import AnswerValue, HealthAnswer, Patient, TreatmentPlan
from bookings.services import patients
from bookings.services.refusals import BookingRefused
from clinic.models import User
from treatments import suitability
from treatments.models import Protocol, SuitabilityRule
from treatments.services import sealed
from treatments.suitability import AskAgain, Question, Verdict, Words

WORDS = Words(say=_, day=partial(date_format, format="j F Y"))


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as taken down. `is_fresh` says it was asked and given again today."""

    question: str
    value: AnswerValue
    on_date: date | None = None
    detail: str = ""
    is_fresh: bool = False


def rules_of(protocol: Protocol) -> tuple[suitability.Rule, ...]:
    """The protocol's suitability rules, in their order."""
    return sealed.rules(protocol)


def questions_for(protocol: Protocol) -> tuple[Question, ...]:
    """What to ask before this protocol: each question once, in order."""
    return suitability.questions(rules_of(protocol))


def latest(patient: Patient, *, now: datetime) -> dict[str, HealthAnswer]:
    """The newest answer to each question as known at `now`, by question."""
    rows = patient.answers.latest_by(now).select_related("answered_by")
    return {row.question: row for row in rows}


def due_again(
    protocol: Protocol, patient: Patient, *, today: date, now: datetime
) -> set[str]:
    """Questions that were answered on an earlier day and are asked before booking."""
    known = latest(patient, now=now)
    return to_ask_again(protocol, known.values(), today=today)


def to_ask_again(
    protocol: Protocol, known: Iterable[HealthAnswer], *, today: date
) -> set[str]:
    """As `due_again`, of the newest answers: no query, with `rules` prefetched."""
    rows = list(known)
    asked = suitability.to_ask(
        rules_of(protocol),
        _answers(rows, get_current_timezone()),
        today,
        AskAgain.BEFORE_BOOKING,
    )
    return {question.code for question in asked} & {row.question for row in rows}


def unanswered(plan: TreatmentPlan, *, now: datetime) -> tuple[Question, ...]:
    """Questions of the plan's protocol that the patient never answered."""
    known = latest(plan.patient, now=now)
    return tuple(q for q in questions_for(plan.protocol) if q.code not in known)


@dataclass(frozen=True, slots=True)
class Said:
    """A question in words, and the newest answer to it."""

    text: str
    answer: HealthAnswer


def answered(patient: Patient, *, now: datetime) -> list[Said]:
    """What the patient last answered to each question, in two queries."""
    known = latest(patient, now=now)
    texts = texts_of(known)
    return [Said(texts.get(code, code), row) for code, row in known.items()]


def texts_of(questions: Iterable[str]) -> dict[str, str]:
    """The words in which each of `questions` was asked last, by code."""
    rows = (
        SuitabilityRule.objects.filter(question__in=list(questions))
        .order_by("protocol__published_at", "pk")
        .values_list("question", "question_text")
    )
    return {code: _(text) for code, text in rows}


@transaction.atomic
def record(
    patient: Patient, answers: Sequence[Given], *, actor: User, now: datetime
) -> list[HealthAnswer]:
    """Append a row for each answer that is new, changed or given afresh, or refuse."""
    patients.hold(patient.pk)
    known = latest(patient, now=now)
    told = [given for given in answers if _says_more(given, known.get(given.question))]
    for given in told:
        _judge(given, now)
    rows = HealthAnswer.objects.bulk_create(
        HealthAnswer(
            patient=patient,
            question=given.question,
            value=given.value,
            on_date=given.on_date,
            detail=given.detail,
            answered_at=now,
            answered_by=actor,
        )
        for given in told
    )
    patients.log_access(actor, patient, "health answers recorded")
    return rows


def verdict(plan: TreatmentPlan, on: date, *, now: datetime) -> Verdict:
    """What the answers known at `now` mean for a session on the local day `on`."""
    return verdicts_on(plan, [on], now=now)[on]


def verdicts_on(
    plan: TreatmentPlan, days: Iterable[date], *, now: datetime
) -> dict[date, Verdict]:
    """The verdict of each local day; the answers are read once for all of them."""
    rows = HealthAnswer.objects.filter(patient=plan.patient_id).latest_by(now)
    answers = _answers(rows, plan.location.zone)
    rules, decided = rules_of(plan.protocol), decisions_of(plan)
    return {day: suitability.judge(rules, answers, day, decided, WORDS) for day in days}


def verdicts(plans: Sequence[TreatmentPlan], *, now: datetime) -> Mapping[int, Verdict]:
    """The verdict of each plan for its location's today, by plan, in one query more.

    Fetch `protocol__rules` and `decisions` with the plans.
    """
    rows = HealthAnswer.objects.filter(
        patient__in=[plan.patient_id for plan in plans]
    ).latest_by(now)
    known: dict[int, list[HealthAnswer]] = {plan.patient_id: [] for plan in plans}
    for row in rows:
        known[row.patient_id].append(row)
    return {
        plan.pk: verdict_from(plan, known[plan.patient_id], _today(plan, now))
        for plan in plans
    }


def first_suitable_date(
    plan: TreatmentPlan, *, today: date, now: datetime
) -> date | None:
    """The first local day from `today` on that suits; None while none is known."""
    zone = plan.location.zone
    known = latest(plan.patient, now=now)
    return suitability.first_suitable_date(
        rules_of(plan.protocol),
        _answers(known.values(), zone),
        decisions_of(plan),
        today,
    )


def decisions_of(plan: TreatmentPlan) -> tuple[suitability.Decision, ...]:
    """What clinicians decided for this plan, the earliest first."""
    zone = plan.location.zone
    return tuple(
        suitability.Decision(
            row.rule_code, row.kind, row.reason, row.at.astimezone(zone).date()
        )
        for row in plan.decisions.all()
    )


def as_kept(verdict: Verdict) -> dict[str, Any]:
    """A verdict in the form that a signature keeps."""
    return {
        "outcome": str(verdict.outcome),
        "from_date": verdict.from_date.isoformat() if verdict.from_date else None,
        "reasons": list(verdict.reasons),
    }


def verdict_from(
    plan: TreatmentPlan, known: Iterable[HealthAnswer], on: date
) -> Verdict:
    """What the answers `known` mean for a session on the local day `on`."""
    return suitability.judge(
        rules_of(plan.protocol),
        _answers(known, plan.location.zone),
        on,
        decisions_of(plan),
        WORDS,
    )


def first_look(
    protocol: Protocol, known: Iterable[HealthAnswer], on: date, *, zone: tzinfo
) -> Verdict:
    """What the answers `known` mean under `protocol` on `on`, before there is a plan."""
    return suitability.judge(rules_of(protocol), _answers(known, zone), on, words=WORDS)


def _answers(
    rows: Iterable[HealthAnswer], zone: tzinfo | None
) -> list[suitability.Answer]:
    return [
        suitability.Answer(
            row.question,
            row.value,
            row.answered_at.astimezone(zone).date(),
            row.on_date,
        )
        for row in rows
    ]


def _today(plan: TreatmentPlan, now: datetime) -> date:
    return now.astimezone(plan.location.zone).date()


def _says_more(given: Given, known: HealthAnswer | None) -> bool:
    """Whether `given` adds anything to what is written down already."""
    if known is None or given.is_fresh:
        return True
    before = (known.value, known.on_date, known.detail)
    return (given.value, given.on_date, given.detail) != before


def _judge(given: Given, now: datetime) -> None:
    if given.on_date is None:
        return
    if given.value != AnswerValue.YES:
        raise BookingRefused(_("A date goes with the answer yes."))
    if given.on_date > localdate(now):
        raise BookingRefused(_("A date given with an answer cannot lie in the future."))
