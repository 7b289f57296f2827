"""A patient's record on one page: as many queries for much as for little."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils.timezone import localdate

from bookings.models import (
    Appointment,
    AppointmentKind,
    AwayDates,
    HealthAnswer,
    Message,
    Patient,
    Task,
    TreatmentPlan,
)
from bookings.models.messages import WAITING, MessageQuerySet
from bookings.ribbon import Ribbon, RibbonSpan
from bookings.services import ribbons, screening, visit_checks, waiting
from bookings.services.consenting import desk
from bookings.services.people import changes, consents, duplicates
from bookings.services.reacting import board
from clinic.models import Closure

SETTING_UP = "clinic.set_up_clinic"  # who manages may see who looked
MESSAGES = 20


@dataclass(frozen=True, slots=True)
class Course:
    """A plan and its series in time, as far as it stands."""

    plan: TreatmentPlan
    ribbon: Ribbon

    @property
    def lacks_sessions(self) -> bool:
        """Whether it goes on and some of its sessions have no time yet."""
        booked = len(self.ribbon.sessions)
        return self.plan.is_going_on and booked < self.plan.session_count


@dataclass(frozen=True, slots=True)
class Given:
    """One answer; `is_change` says that it differs from the one before it."""

    answer: HealthAnswer
    is_change: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and every answer to it, the newest first."""

    text: str
    given: list[Given]

    @property
    def newest(self) -> HealthAnswer:
        return self.given[0].answer

    @property
    def has_changed(self) -> bool:
        return any(one.is_change for one in self.given)


def page(patient: Patient, *, now: datetime, sees_looks: bool) -> dict[str, Any]:
    """What the page of `patient` shows; with `sees_looks` also who opened it."""
    today = localdate(now)
    answers = list(patient.answers.select_related("answered_by"))
    courses = courses_of(patient, now=now)
    return {
        "patient": patient,
        "age": patient.age_on(today),
        "away_dates": [a for a in patient.away_dates.all() if a.last_day >= today],
        "courses": courses,
        "drawn": [one.ribbon for one in courses if one.ribbon.sessions],
        **_visits(patient, now),
        "asked": asked(answers),
        "due": _due(courses, answers, today),
        "tasks": tasks_of(patient),
        "reactions": board.of_patient(patient, now=now),
        "waiting_lines": waiting.of_patient(patient, now=now),
        **_letters(patient),
        "requests": patient.requests.select_related("location").order_by("-asked_at"),
        "files": patient.files.select_related("added_by"),
        **_agreed(patient),
        "alike": duplicates.like(patient),
        "history": changes.history(patient),
        "looks": sees_looks and changes.looks(patient),
    }


def _agreed(patient: Patient) -> dict[str, Any]:
    """What was agreed to by word, and what was signed."""
    return {
        "agreements": consents.agreements(patient),
        "consented": desk.of_patient(patient),
    }


def courses_of(patient: Patient, *, now: datetime) -> list[Course]:
    """Every plan with its ribbon, in as many queries for one as for many."""
    sittings = (
        Appointment.objects.standing(now)
        .filter(kind=AppointmentKind.SESSION)
        .select_related("location")
        .order_by("number")
    )
    plans = list(
        TreatmentPlan.objects.with_people()
        .filter(patient=patient)
        .prefetch_related(
            "overrides",
            "protocol__rules",
            Prefetch("appointments", sittings, to_attr="sittings"),
        )
    )
    prefetch_related_objects([patient], "away_dates")
    closures = list(Closure.objects.filter(resource=None)) if plans else []
    away = list(patient.away_dates.all())
    return [Course(plan, _ribbon(plan, away, closures, now)) for plan in plans]


def _ribbon(
    plan: TreatmentPlan,
    away: Iterable[AwayDates],
    closures: Iterable[Closure],
    now: datetime,
) -> Ribbon:
    sessions = ribbons.markers(plan.sittings)  # type: ignore[attr-defined]
    today = now.astimezone(plan.location.zone).date()
    if not sessions:
        return ribbons.drawn(plan, (), ribbons.Around(today))
    first, last = (bound(one.day for one in sessions) for bound in (min, max))
    shut = [c for c in closures if c.location_id in (None, plan.location_id)]
    around = ribbons.Around(
        today=today,
        away=tuple(_spans(away, first, last)),
        closed=tuple(_spans(shut, first, last)),
    )
    return ribbons.drawn(plan, sessions, around)


def _spans(
    rows: Iterable[AwayDates | Closure], first: date, last: date
) -> list[RibbonSpan]:
    return [
        RibbonSpan(
            row.first_day,
            row.last_day,
            row.name if isinstance(row, Closure) else row.label,
        )
        for row in rows
        if row.first_day <= last and row.last_day >= first
    ]


def asked(answers: Sequence[HealthAnswer]) -> list[Asked]:
    """Every question that was answered, and its answers over time; one query."""
    found: dict[str, list[HealthAnswer]] = defaultdict(list)
    for row in sorted(answers, key=lambda row: (row.answered_at, row.pk)):
        found[row.question].append(row)
    texts = screening.texts_of(found)
    return [
        Asked(texts.get(code, code), _over_time(rows)) for code, rows in found.items()
    ]


def _over_time(rows: list[HealthAnswer]) -> list[Given]:
    before: list[HealthAnswer | None] = [None, *rows]
    given = [
        Given(row, last is not None and _said(last) != _said(row))
        for last, row in zip(before, rows, strict=False)
    ]
    return given[::-1]


def _said(row: HealthAnswer) -> tuple[str, date | None, str]:
    return row.value, row.on_date, row.detail


def _due(
    courses: list[Course], answers: list[HealthAnswer], today: date
) -> list[tuple[TreatmentPlan, int]]:
    """Plans with sessions to book, and how many questions are to be asked before.

    Of two plans of one treatment, the newer.
    """
    newest = {row.question: row for row in sorted(answers, key=_when)}
    found, told = [], set()
    for plan in (course.plan for course in courses if course.lacks_sessions):
        if plan.protocol.treatment_id in told:
            continue
        told.add(plan.protocol.treatment_id)
        again = screening.to_ask_again(plan.protocol, newest.values(), today=today)
        all_questions = screening.questions_for(plan.protocol)
        never = {question.code for question in all_questions} - set(newest)
        if count := len(again | never):
            found.append((plan, count))
    return found


def _when(row: HealthAnswer) -> tuple[datetime, int]:
    return row.answered_at, row.pk


def _visits(patient: Patient, now: datetime) -> dict[str, Any]:
    """What stands and is to come, soonest first; all the rest, latest first.

    And what the patient said before and after sessions, as `checks`.
    """
    rows = list(Appointment.objects.with_people().filter(patient=patient))
    to_come = [row for row in rows if row.is_live and row.ends_at > now]
    past = [row for row in rows if row not in to_come][::-1]
    checks = visit_checks.over_time(patient)
    return {"to_come": to_come, "past": past, "checks": checks}


def tasks_of(patient: Patient) -> list[Task]:
    """What is still to do about the patient, the plans or the visits."""
    about = (
        Q(patient=patient) | Q(plan__patient=patient) | Q(appointment__patient=patient)
    )
    rows = Task.objects.open().filter(about)
    return list(rows.select_related("patient", "plan", "appointment", "outage"))


def _letters(patient: Patient) -> dict[str, MessageQuerySet]:
    """What is still to leave, the soonest first; and the rest, the latest first."""
    rows = Message.objects.filter(patient=patient).with_people()
    others = rows.exclude(status__in=WAITING).order_by("-due_at", "-pk")
    return {
        "to_leave": rows.waiting().order_by("due_at", "pk")[:MESSAGES],
        "messages_of": others[:MESSAGES],
    }
