"""Health questions again before a session: in one tap, or with what has changed.

Only questions whose answers can change are put again, and those never answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    HealthAnswer,
    Patient,
    Recheck,
    TreatmentPlan,
)
from bookings.services import (
    answering,
    holding_back,
    patients,
    screening,
    visit_checks,
)
from bookings.services.answering import TakenDown
from bookings.services.holding_back import Stand
from bookings.services.portal.accounts import account_of
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from treatments import suitability
from treatments.suitability import AskAgain, Question


@dataclass(frozen=True, slots=True)
class Item:
    """A question as asked, and what was answered last, if anything."""

    question: Question
    known: HealthAnswer | None


@dataclass(frozen=True)
class Check:
    """The health questions before one session, as they stand on the local day `today`.

    `last` is the newest time they were answered for this session, once they were due.
    """

    session: Appointment
    known: dict[str, HealthAnswer]
    last: Recheck | None
    today: date

    @property
    def due_from(self) -> date:
        """The local day from which the questions are put again."""
        return visit_checks.due_from(self.session)

    @property
    def last_day(self) -> date | None:
        """The local day on which they were answered last."""
        zone = self.session.location.zone
        return self.last.at.astimezone(zone).date() if self.last else None

    @property
    def is_due(self) -> bool:
        return self.last is None and self.today >= self.due_from

    @cached_property
    def asked(self) -> list[Item]:
        """What is asked today: what can have changed, and what was never answered."""
        codes = {one.code for one in _to_ask(self)}
        return [one for one in self.everything if one.question.code in codes]

    @cached_property
    def everything(self) -> list[Item]:
        """Every question of the session's protocol: what can change comes first."""
        rules = screening.rules_of(_plan(self.session).protocol)
        again = {one.question for one in rules if one.ask_again != AskAgain.NEVER}
        items = [
            Item(question, self.known.get(question.code))
            for question in suitability.questions(rules)
        ]
        return sorted(items, key=lambda one: one.question.code not in again)

    @property
    def again(self) -> list[Item]:
        """What can have changed, whether or not it was asked today already."""
        rules = screening.rules_of(_plan(self.session).protocol)
        codes = {one.question for one in rules if one.ask_again != AskAgain.NEVER}
        return [
            one
            for one in self.everything
            if one.question.code in codes or one.known is None
        ]

    @property
    def needs_words(self) -> bool:
        """Whether a question was never answered, so that one tap cannot answer it."""
        return any(one.known is None for one in self.asked)

    @property
    def seen(self) -> str:
        """What names the answers on the page: other answers, another name."""
        keys = sorted(row.pk for row in self.known.values())
        return f"{sum(keys)}-{max(keys, default=0)}"


def may_answer(session: Appointment) -> bool:
    """Whether `session` is one of a plan, stands, and has not begun."""
    return (
        session.kind == AppointmentKind.SESSION
        and session.plan is not None
        and session.plan.is_going_on
        and session.status in holding_back.BEFORE_IT_BEGINS
    )


def check(session: Appointment, *, now: datetime) -> Check:
    """The questions before `session` at `now`, read with its plan and location."""
    zone = session.location.zone
    return Check(
        session=session,
        known=screening.latest(session.patient, now=now),
        last=visit_checks.last_recheck(session),
        today=now.astimezone(zone).date(),
    )


@transaction.atomic
def nothing_changed(session: Appointment, *, seen: str, now: datetime) -> Check:
    """Take down that every answer asked for is as it was, or refuse.

    A second tap of the same day finds nothing more to ask and writes nothing.
    """
    found = _under_lock(session, now)
    if found.last and not found.asked:
        return found
    _judge_seen(found, seen)
    if found.needs_words:
        raise BookingRefused(_("There is a new question. Answer it below."))
    given = [_as_known(one.known) for one in found.asked if one.known]
    _take_down(found.session, given, now)
    return check(found.session, now=now)


@transaction.atomic
def change(
    session: Appointment, given: Sequence[Given], *, seen: str, now: datetime
) -> TakenDown:
    """Take down answers given again for `session`, changed or not, or refuse."""
    found = _under_lock(session, now)
    _judge_seen(found, seen)
    return _take_down(found.session, given, now)


def stands(patient: Patient, *, now: datetime) -> list[Stand]:
    """Each session to come, with what the answers say, in the language now spoken."""
    return holding_back.stands_of(patient, now=now)


def _under_lock(session: Appointment, now: datetime) -> Check:
    """The check as it is under the patient's lock; refused where nothing is to come."""
    patients.hold(session.patient_id)
    rows = Appointment.objects.with_people().select_related("plan__location")
    row = rows.get(pk=session.pk)
    if not may_answer(row):
        raise BookingRefused(
            _("This session has begun or does not stand any more. Call us instead.")
        )
    return check(row, now=now)


def _judge_seen(found: Check, seen: str) -> None:
    if seen != found.seen:
        raise BookingRefused(
            _("Your answers have changed since you opened this page. Look again.")
        )


def _take_down(
    session: Appointment, given: Sequence[Given], now: datetime
) -> TakenDown:
    patient = session.patient
    taken = answering.take_down(
        patient, given, actor=account_of(patient), now=now, wakes=True
    )
    Recheck.objects.create(
        patient=patient,
        appointment=session,
        has_changed=taken.has_changed,
        at=now,
    )
    return taken


def _as_known(row: HealthAnswer) -> Given:
    value = AnswerValue(row.value)
    return Given(row.question, value, row.on_date, row.detail, is_fresh=True)


def _to_ask(found: Check) -> tuple[Question, ...]:
    plan = _plan(found.session)
    zone = plan.location.zone
    answers = [
        suitability.Answer(
            row.question,
            row.value,
            row.answered_at.astimezone(zone).date(),
            row.on_date,
        )
        for row in found.known.values()
    ]
    rules = screening.rules_of(plan.protocol)
    return suitability.to_ask(rules, answers, found.today, AskAgain.BEFORE_SESSION)


def _plan(session: Appointment) -> TreatmentPlan:
    if session.plan is None:
        raise ValueError(f"{session} is of no plan")
    return session.plan
