"""Answers as they come in: written down, and every later session judged by them anew.

One transaction: the answers, what is held back or let go by them, and the task that
wakes a clinician. Where any of it fails, nothing has been said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import AnswerValue, HealthAnswer, Patient, TaskKind
from bookings.services import holding_back, patients, screening, todo, verdicts
from bookings.services.holding_back import DESK, Stand
from bookings.services.screening import Given
from clinic.models import User

WORDS = 240  # characters of a task, so that what was done about it fits in behind


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that differs from the one before it, which may be missing."""

    question: str
    before: HealthAnswer | None
    now: HealthAnswer


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What some answers did: what changed, and how each session to come stands."""

    changes: tuple[Change, ...]
    stands: tuple[Stand, ...]

    @property
    def has_changed(self) -> bool:
        return bool(self.changes)


@transaction.atomic
def take_down(
    patient: Patient,
    given: Sequence[Given],
    *,
    actor: User,
    now: datetime,
    wakes: bool = False,
) -> TakenDown:
    """Write down what was answered and judge each later session on its own day.

    A clinician is woken where a session is newly held back; with `wakes`, for answers
    that no colleague has heard, wherever one has changed. May raise BookingRefused.
    """
    patients.hold(patient.pk)
    known = screening.latest(patient, now=now)
    was_held = _held(holding_back.stands_of(patient, now=now))
    rows = screening.record(patient, given, actor=actor, now=now)
    changes = tuple(_changes(rows, known))
    stands = tuple(holding_back.settle(patient, now=now))
    if _held(stands) - was_held or (wakes and changes):
        _wake(patient, changes, stands, now)
    return TakenDown(changes, stands)


def said(row: HealthAnswer | None) -> str:
    """An answer in a word or two, as staff read it."""
    if row is None:
        return _("not answered")
    words = {
        AnswerValue.YES: _("yes"),
        AnswerValue.NO: _("no"),
        AnswerValue.UNSURE: _("would rather talk"),
    }[AnswerValue(row.value)]
    return f"{words}, {date_format(row.on_date, 'j M Y')}" if row.on_date else words


def differs(before: HealthAnswer | None, now: HealthAnswer) -> bool:
    """Whether `now` says something else than the answer before it, if there was one."""
    if before is None:
        return now.value != AnswerValue.NO
    return (before.value, before.on_date) != (now.value, now.on_date)


def _changes(
    rows: Sequence[HealthAnswer], known: Mapping[str, HealthAnswer]
) -> list[Change]:
    changed = [Change(row.question, known.get(row.question), row) for row in rows]
    return [one for one in changed if differs(one.before, one.now)]


def _held(stands: Sequence[Stand]) -> set[int]:
    return {one.session.pk for one in stands if one.is_held}


def _wake(
    patient: Patient,
    changes: Sequence[Change],
    stands: Sequence[Stand],
    now: datetime,
) -> None:
    held = [one for one in stands if one.is_held]
    with override(DESK):
        words = _words(patient, changes, held)
    todo.open_task(
        TaskKind.ANSWERS,
        f"{patient.pk}-{now.timestamp():.0f}",
        Truncator(words).chars(WORDS),
        now=now,
        patient=patient,
        plan=held[0].session.plan if held else None,
        appointment=held[0].session if held else None,
    )


def _words(patient: Patient, changes: Sequence[Change], held: Sequence[Stand]) -> str:
    told = "; ".join(
        f"{verdicts.subject(one.question)}: {said(one.before)} → {said(one.now)}"
        for one in changes
    )
    opening = _("%(patient)s answered health questions again. %(told)s.") % {
        "patient": patient,
        "told": told or _("An answer stands in the way"),
    }
    if not held:
        return f"{opening} {_('No session is held back.')}"
    days = ", ".join(holding_back.session_words(one.session) for one in held)
    return f"{opening} {_('Held back: %(days)s.') % {'days': days}}"
