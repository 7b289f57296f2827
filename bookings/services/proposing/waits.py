"""What a patient's answers mean for the dates of a series: the waits that still run."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from bookings.models import TreatmentPlan
from bookings.services import screening, verdicts
from treatments.suitability import Finding, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Waits:
    """Local dates at the plan's location, in the words of the rules (source: S2).

    `until` is the first day that every running wait allows, None where none runs.
    `subjects` names what waits until then, `reasons` says why, and `stops` says what
    no date settles: an answer that rules the treatment out or that a clinician has to
    weigh. `due` questions are asked again before anything is booked.
    """

    until: date | None = None
    subjects: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    due: frozenset[str] = frozenset()


def of(plan: TreatmentPlan, *, now: datetime) -> Waits:
    """The waits of `plan` that run on its location's today: one query.

    Fetch `protocol__rules` and `decisions` with the plan.
    """
    today = now.astimezone(plan.location.zone).date()
    known = screening.latest(plan.patient, now=now).values()
    due = screening.to_ask_again(plan.protocol, known, today=today)
    return replace(
        _told(screening.verdict_from(plan, known, today)), due=frozenset(due)
    )


def _told(verdict: Verdict) -> Waits:
    until = verdicts.opens(verdict)
    running = _of(verdict, Outcome.SUITABLE_FROM)
    stops = _of(verdict, Outcome.NEEDS_CLINICIAN, Outcome.NOT_SUITABLE)
    return Waits(
        until=until,
        subjects=tuple(
            verdicts.subject(finding.question)
            for finding in running
            if finding.from_date == until
        ),
        reasons=tuple(finding.text for finding in running),
        stops=tuple(finding.text for finding in stops),
    )


def _of(verdict: Verdict, *outcomes: Outcome) -> list[Finding]:
    return [finding for finding in verdict.findings if finding.outcome in outcomes]
