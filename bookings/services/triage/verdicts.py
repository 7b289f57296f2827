"""What the health answers of requesters mean for what they asked for.

Where a treatment was named it is judged alone, else all that are offered are: the best
verdict counts, and what stands against each is told. It is a first look: nothing of it
is a clinician's word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from bookings.models import AnswerValue, ConsultationRequest, HealthAnswer
from bookings.services import screening
from bookings.services.verdicts import ICONS
from treatments.models import Protocol, Treatment
from treatments.suitability import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Suit:
    """How far one treatment suits."""

    treatment: Treatment
    verdict: Verdict

    @property
    def words(self) -> str:
        return verdict_words(self.verdict)

    @property
    def icon(self) -> str:
        return ICONS[self.verdict.outcome]

    @property
    def is_stop(self) -> bool:
        return self.verdict.outcome is Outcome.NOT_SUITABLE


@dataclass(frozen=True, slots=True)
class Judged:
    """What the answers known of one requester come to; `suits` has the best first."""

    suits: tuple[Suit, ...]
    answers: tuple[HealthAnswer, ...]

    @property
    def best(self) -> Suit | None:
        """The best verdict; None where nothing was answered or nothing is offered."""
        return self.suits[0] if self.suits and self.answers else None

    @property
    def outcome(self) -> str:
        """The best outcome in one word; empty where there is none."""
        return str(self.best.verdict.outcome) if self.best else ""

    @property
    def opens(self) -> date | None:
        """The local day from which the best suits, where that is to come."""
        return self.best.verdict.from_date if self.best else None

    @property
    def would_rather_talk(self) -> bool:
        """Whether a question was answered with wishing to talk about it."""
        return any(row.value == AnswerValue.UNSURE for row in self.answers)


def judge_each(
    rows: Iterable[ConsultationRequest], *, now: datetime
) -> Mapping[int, Judged]:
    """What the answers of each requester mean today, by request, in three queries.

    `rows` come with their location; today is that of its clocks, else the clinic's.
    """
    requests = list(rows)
    known = _answers({row.patient_id for row in requests}, now)
    protocols = list(
        Protocol.objects.current().select_related("treatment").prefetch_related("rules")
    )
    return {
        row.pk: _judge(row, protocols, tuple(known.get(row.patient_id, ())), now)
        for row in requests
    }


def verdict_words(verdict: Verdict) -> str:
    """A verdict in a few words: Suitable from 3 Feb 2027."""
    if verdict.outcome is Outcome.SUITABLE_FROM and verdict.from_date:
        day = date_format(verdict.from_date, "j M Y")
        return _("Suitable from %(day)s") % {"day": day}
    return {
        Outcome.SUITABLE: _("Suitable"),
        Outcome.NEEDS_CLINICIAN: _("Needs a clinician"),
        Outcome.NOT_SUITABLE: _("Not suitable as it stands"),
    }[verdict.outcome]


def _answers(patients: set[int], now: datetime) -> dict[int, list[HealthAnswer]]:
    found: dict[int, list[HealthAnswer]] = {}
    rows = HealthAnswer.objects.filter(patient__in=patients).latest_by(now)
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found


def _judge(
    row: ConsultationRequest,
    protocols: list[Protocol],
    known: tuple[HealthAnswer, ...],
    now: datetime,
) -> Judged:
    zone = row.location.zone if row.location else get_current_timezone()
    today = now.astimezone(zone).date()
    named = [one for one in protocols if one.treatment_id == row.treatment_id]
    suits = [
        Suit(
            protocol.treatment,
            screening.first_look(protocol, known, today, zone=zone),
        )
        for protocol in named or protocols
    ]
    return Judged(tuple(sorted(suits, key=_doubt)), known)


def _doubt(suit: Suit) -> tuple[int, date]:
    verdict = suit.verdict
    return verdict.outcome.severity, verdict.from_date or date.min
