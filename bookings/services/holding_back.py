"""Sessions that a health answer holds back, judged each on its own local day.

Nothing is stored of it: a session is held back while the answers known say so, and no
longer than that. What is written is only which messages wait because of it. The time in
the diary is kept; nothing is cancelled here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    HealthAnswer,
    Message,
    MessageStatus,
    Patient,
    TreatmentPlan,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.models.plans import ENDED
from bookings.services import screening
from bookings.services.messages.moments import GRACE
from bookings.services.refusals import BookingRefused
from bookings.services.steps import AWAITED
from treatments.suitability import Finding, Outcome, Verdict

KEPT_BACK = ("pre-care", "practical")  # words about coming, which may not be right now
BEFORE_IT_BEGINS = (*AWAITED, AppointmentStatus.ARRIVED)
TOOK_PLACE = (AppointmentStatus.IN_SESSION, AppointmentStatus.DONE)
DESK = "en"  # what staff read is written in English, whoever answers


Known = Mapping[int, Sequence[HealthAnswer]]
"""The newest answers to each question, by the patient's key."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A session to come, what the answers say of its day, and what holds it back.

    `against` are the findings on answers that were given. A question without an answer
    is asked at the desk; it never stops a session that was judged when it was booked.
    """

    session: Appointment
    verdict: Verdict
    against: tuple[Finding, ...]

    @property
    def is_held(self) -> bool:
        return bool(self.against)

    @property
    def outcome(self) -> Outcome:
        """The worst of what holds it back; suitable where nothing does."""
        return max((one.outcome for one in self.against), default=Outcome.SUITABLE)

    @property
    def from_date(self) -> date | None:
        """The first local day that suits, where a wait that is running is all there is."""
        if self.outcome is not Outcome.SUITABLE_FROM:
            return None
        return max(one.from_date for one in self.against if one.from_date)

    @property
    def needs_clinician(self) -> bool:
        """Whether somebody has to decide, and nothing worse stands in the way."""
        return self.outcome is Outcome.NEEDS_CLINICIAN

    @property
    def reasons(self) -> list[str]:
        """Why it is held back, the worst first, each once."""
        return list(dict.fromkeys(one.text for one in self.against))

    @property
    def why(self) -> str:
        return " ".join(self.reasons)


def sessions_to_come(patient: Patient) -> list[Appointment]:
    """The firm sessions of the patient's open plans that have not begun, in order."""
    rows = Appointment.objects.filter(_to_come(), patient=patient)
    return list(_with_plans(rows).order_by("during"))


def stands_of(patient: Patient, *, now: datetime) -> list[Stand]:
    """Each session to come of `patient` as the answers known at `now` let it stand."""
    rows = sessions_to_come(patient)
    known = list(HealthAnswer.objects.filter(patient=patient).latest_by(now))
    return [stand_of(row, known) for row in rows]


def stands(patients: Iterable[int], *, now: datetime) -> dict[int, list[Stand]]:
    """As `stands_of` for several patients by key, in as many queries as for one."""
    keys = list(patients)
    rows = Appointment.objects.filter(_to_come(), patient__in=keys)
    known = _known(keys, now)
    found: dict[int, list[Stand]] = defaultdict(list)
    for row in _with_plans(rows).order_by("during"):
        found[row.patient_id].append(stand_of(row, known[row.patient_id]))
    return found


def stand_of(session: Appointment, known: Iterable[HealthAnswer]) -> Stand:
    """How one session of a plan stands by the answers `known`, the newest to each."""
    rows = list(known)
    plan: TreatmentPlan = session.plan  # type: ignore[assignment]
    verdict = screening.verdict_from(plan, rows, session.local_date)
    return Stand(session, verdict, tuple(_against(verdict, rows)))


def why(session: Appointment, *, now: datetime) -> str:
    """Why `session` cannot begin, in the desk's words; empty where it can."""
    if session.plan is None or session.kind != AppointmentKind.SESSION:
        return ""
    known = HealthAnswer.objects.filter(patient=session.patient_id).latest_by(now)
    with override(DESK):
        return stand_of(session, known).why


def why_each(sessions: Iterable[Appointment], known: Known) -> dict[int, str]:
    """Why each of `sessions` that is held back is, by key, as staff read it.

    `known` are the newest answers by patient. Decisions are read, in one query, only
    where an answer could stand in a session's way.
    """
    suspect = [row for row in sessions if _is_suspect(row, known)]
    prefetch_related_objects([row.plan for row in suspect if row.plan], "decisions")
    with override(DESK):
        found = [stand_of(row, known[row.patient_id]) for row in suspect]
        return {one.session.pk: one.why for one in found if one.is_held}


def judge(session: Appointment, *, now: datetime) -> None:
    """Refuse to begin a session that is held back; say what has to happen first."""
    if reason := why(session, now=now):
        raise BookingRefused(
            _("Held back by a health answer, so it cannot begin. %(why)s %(how)s")
            % {
                "why": reason,
                "how": _("A clinician decides, or it is moved to a day that suits."),
            }
        )


def settle(patient: Patient, *, now: datetime) -> list[Stand]:
    """Keep back or promise again what is said ahead of each session to come.

    Call it in the transaction that writes an answer or a decision, under the patient's
    lock. A message in a sender's hands is judged by that sender, right before it leaves.
    """
    found = stands_of(patient, now=now)
    held = [one.session.pk for one in found if one.is_held]
    free = [one.session for one in found if not one.is_held]
    _keep_back(held, now)
    _promise_again(free, now)
    return found


def reason_kept() -> str:
    """Why a message stays unsent while its session is held back, as staff read it."""
    with override(DESK):
        return _("Kept back: a health answer has to be looked at first.")


def keeps_back(message: Message, *, now: datetime) -> bool:
    """Whether `message`, about to leave, speaks of a session that is held back."""
    session = message.appointment
    if session is None or message.rule not in KEPT_BACK:
        return False
    return bool(why(session, now=now))


def session_words(session: Appointment) -> str:
    """A session by number and day, as staff read it: session 2 on Mon 30 Nov 2026."""
    return _("session %(number)s on %(day)s") % {
        "number": session.number,
        "day": date_format(session.anchor_date, "D j M Y"),
    }


def _to_come() -> Q:
    is_open = ~Q(plan__status__in=ENDED)
    return is_open & Q(kind=AppointmentKind.SESSION, status__in=BEFORE_IT_BEGINS)


def _with_plans(rows: AppointmentQuerySet) -> AppointmentQuerySet:
    related = ("patient", "location", "plan__location", "plan__protocol__treatment")
    return rows.select_related(*related).prefetch_related("plan__decisions")


def _known(patients: Sequence[int], now: datetime) -> dict[int, list[HealthAnswer]]:
    found: dict[int, list[HealthAnswer]] = defaultdict(list)
    for row in HealthAnswer.objects.filter(patient__in=patients).latest_by(now):
        found[row.patient_id].append(row)
    return found


def _against(verdict: Verdict, known: Iterable[HealthAnswer]) -> Iterable[Finding]:
    answered = {row.question for row in known}
    for finding in verdict.findings:
        if finding.outcome is not Outcome.SUITABLE and finding.question in answered:
            yield finding


def _is_suspect(session: Appointment, known: Known) -> bool:
    """Whether it could be held back: somebody answered something else than no."""
    if session.plan is None or session.kind != AppointmentKind.SESSION:
        return False
    answers = known.get(session.patient_id, ())
    is_awaited = session.status in BEFORE_IT_BEGINS
    return is_awaited and any(row.value != AnswerValue.NO for row in answers)


def _keep_back(sessions: Sequence[int], now: datetime) -> None:
    in_hand = Q(status=MessageStatus.SENDING, lease_until__gt=now)
    waiting = Message.objects.waiting().filter(
        appointment__in=sessions, rule__in=KEPT_BACK
    )
    waiting.exclude(in_hand).update(
        status=MessageStatus.SUPPRESSED,
        problem=reason_kept(),
        lease_until=None,
        lease_token=None,
    )


def _promise_again(sessions: Sequence[Appointment], now: datetime) -> None:
    """What was kept back is due when it was; what is overdue leaves after the grace."""
    versions = {row.pk: row.version for row in sessions}
    kept = Message.objects.filter(
        appointment__in=versions,
        rule__in=KEPT_BACK,
        status=MessageStatus.SUPPRESSED,
        problem=reason_kept(),
    )
    for row in kept:
        if row.version == versions[row.appointment_id or 0]:
            _plan_again(row, now)


def _plan_again(row: Message, now: datetime) -> None:
    row.status, row.problem, row.attempts = MessageStatus.PLANNED, "", 0
    row.due_at = max(row.due_at, now + GRACE)
    row.save(update_fields=["status", "problem", "attempts", "due_at"])
