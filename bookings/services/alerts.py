"""What wakes a clinician: patients who are worried, and health answers that changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bookings.models import CheckIn, HealthAnswer, Patient, Task, TaskKind
from bookings.models.tasks import FOR_CLINICIANS, TaskQuerySet
from bookings.services import (
    answering,
    holding_back,
    patients,
    plans,
    todo,
    verdicts,
    visit_checks,
)
from bookings.services.holding_back import Stand
from bookings.services.reacting import board, following
from bookings.services.refusals import BookingRefused
from clinic.models import User

NOTE = 140  # characters of what was done: it is kept with the words of the task
ANSWERED = " — "
SIGNED = (TaskKind.RECORD, TaskKind.COSIGN)  # a signature settles them, not a note


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that changed: the question, what was said before and what now."""

    what: str
    before: str
    now: str
    words: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One open alert, with what a clinician looks at before calling."""

    task: Task
    check_in: CheckIn | None
    signs: tuple[str, ...]
    changes: tuple[Told, ...]
    stands: tuple[Stand, ...]
    reaction: board.Row | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether a sign was named that cannot wait, or a severe reaction reported."""
        told = self.reaction if self.is_reaction else None
        return bool(self.signs) or bool(told and told.cannot_wait)

    @property
    def is_reaction(self) -> bool:
        """Whether it is answered on the page of its reaction."""
        return self.task.kind == TaskKind.REACTION

    @property
    def is_signed(self) -> bool:
        """Whether a signature under a session record settles it, and no note does."""
        return self.task.kind in SIGNED

    @property
    def patient(self) -> Patient:
        patient: Patient = self.task.patient  # type: ignore[assignment]
        return patient

    @property
    def field(self) -> str:
        """The name of its note on the page, where every alert has one."""
        return f"note-{self.task.pk}"

    @property
    def to_decide(self) -> list[Stand]:
        """One session for each plan that waits for a clinician's word."""
        return list(
            {
                one.session.plan_id: one
                for one in reversed(self.stands)
                if one.is_held and one.from_date is None
            }.values()
        )

    @property
    def rank(self) -> tuple[int, datetime, int]:
        """What cannot wait comes first, then other worries, then answers; oldest first."""
        is_healing = self.check_in is not None or self.is_reaction
        order = 0 if self.is_urgent else 1 if is_healing else 2
        return order, self.task.opened_at, self.task.pk


def open_alerts(*, now: datetime) -> list[Alert]:
    """What waits for a clinician, the most urgent first, in constantly many queries."""
    tasks = list(_rows().open())
    said = _check_ins(tasks)
    who = {task.patient_id for task in tasks if task.patient_id}
    answers = _answers(who)
    stands = holding_back.stands(who, now=now)
    told = board.of_tasks(tasks, now=now)
    found = [
        replace(_alert(task, said, answers, stands), reaction=told.get(task.pk))
        for task in tasks
    ]
    return sorted(found, key=lambda one: one.rank)


def open_alert(key: int) -> Task | None:
    """The alert `key`, open or closed; None where it is another kind of task."""
    return _rows().filter(pk=key).first()


@transaction.atomic
def answer(task: Task, *, note: str, actor: User, now: datetime) -> None:
    """Close an alert with what was done, which stays with its words; or refuse."""
    if task.kind in SIGNED:
        raise BookingRefused(
            _("This one closes by itself when the record of the session is signed.")
        )
    if task.kind == TaskKind.REACTION:
        raise BookingRefused(
            _("Open the reaction: there you rate it, look again, or close it.")
        )
    if not note.strip():
        raise BookingRefused(_("Note what you did: it is kept with the patient."))
    if task.patient_id:
        patients.hold(task.patient_id)
    if not todo.close(Task.objects.filter(pk=task.pk), actor=actor, now=now):
        raise BookingRefused(_("A colleague has answered this one already."))
    done = Truncator(note.strip()).chars(NOTE)
    Task.objects.filter(pk=task.pk).update(words=f"{task.words}{ANSWERED}{done}")
    if told := board.of_tasks([task], now=now).get(task.pk):
        following.answer(told.reaction, done, actor=actor, now=now)
    if task.patient:
        patients.log_access(actor, task.patient, "alert answered")


def reopen(task: Task, plan_id: int, *, actor: User, now: datetime) -> None:
    """Send a plan that an answer holds back to the review, where one decides on it.

    A plan that waits there already stays; raises BookingRefused for any other plan.
    """
    held = {
        one.session.plan_id: one.session.plan
        for one in holding_back.stands([task.patient_id or 0], now=now)[
            task.patient_id or 0
        ]
        if one.is_held
    }
    plan = held.get(plan_id)
    if plan is None:
        raise BookingRefused(_("No session of that plan is held back any more."))
    if not plan.is_waiting:
        plans.submit(plan, actor, now)


def _rows() -> TaskQuerySet:
    return Task.objects.filter(
        kind__in=FOR_CLINICIANS, patient__isnull=False
    ).select_related(
        "patient",
        "plan__protocol__treatment",
        "appointment__location",
        "appointment__plan",
        "closed_by",
    )


def _check_ins(tasks: Iterable[Task]) -> dict[str, CheckIn]:
    """What was said, by the key of the task it opened."""
    keys = [
        task.key.rpartition(":")[2] for task in tasks if task.kind == TaskKind.HEALING
    ]
    rows = CheckIn.objects.filter(pk__in=[key for key in keys if key.isdigit()])
    return {f"{TaskKind.HEALING}:{row.pk}": row for row in rows}


def _answers(who: Iterable[int]) -> dict[int, list[HealthAnswer]]:
    found: dict[int, list[HealthAnswer]] = defaultdict(list)
    rows = HealthAnswer.objects.filter(patient__in=who)
    for row in rows.order_by("answered_at", "pk"):
        found[row.patient_id].append(row)
    return found


def _alert(
    task: Task,
    said: Mapping[str, CheckIn],
    answers: Mapping[int, Sequence[HealthAnswer]],
    stands: Mapping[int, Sequence[Stand]],
) -> Alert:
    who = task.patient_id or 0
    check_in = said.get(task.key)
    is_answers = task.kind == TaskKind.ANSWERS
    return Alert(
        task=task,
        check_in=check_in,
        signs=tuple(visit_checks.signs_of(check_in)) if check_in else (),
        changes=tuple(_changes(task, answers.get(who, ()))) if is_answers else (),
        stands=tuple(stands.get(who, ())) if is_answers else (),
    )


def _changes(task: Task, answers: Sequence[HealthAnswer]) -> Iterable[Told]:
    """What was answered when the task was opened, and differs from before."""
    before: dict[str, HealthAnswer] = {}
    for row in answers:
        last = before.get(row.question)
        before[row.question] = row
        if row.answered_at == task.opened_at and answering.differs(last, row):
            what = verdicts.subject(row.question)
            yield Told(what, answering.said(last), answering.said(row), row.detail)
