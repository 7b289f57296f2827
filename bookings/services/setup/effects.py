"""Which bookings a change of the set-up would touch: seen first, then saved.

The change is tried inside a savepoint and taken back; what stood before it and does
not stand after it is touched. Only who has agreed to exactly that list saves.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, Task, TaskKind
from bookings.services import todo
from bookings.services.missing import displaced, outages, stranded
from bookings.services.missing.affected import what

SALT = "bookings.setup.effects"
LATELY = timedelta(hours=1)
LINES = 1000  # of the history, whose end is read by its key
Change = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Effect:
    """One booking that would not stand any more, and why not.

    `is_gone` and `is_away` as its `Lack` says: then it has a task of its own.
    """

    appointment: Appointment
    why: str
    is_gone: bool = False
    is_away: bool = False

    @property
    def what(self) -> str:
        """Which session of how many, or what else."""
        return what(self.appointment)


@dataclass(frozen=True, slots=True)
class Saving:
    """What came of a change: whether it is saved, and the bookings it touches."""

    is_saved: bool
    effects: tuple[Effect, ...] = ()

    @property
    def agreement(self) -> str:
        """What agreeing to exactly these bookings looks like, signed."""
        seen = [f"{one.appointment.pk}:{one.why}" for one in self.effects]
        return signing.Signer(salt=SALT).signature("\n".join(sorted(seen)))


class _TakenBackError(Exception):
    """Ends the savepoint in which a change was tried."""


@transaction.atomic
def save(change: Change, *, agreed: str, now: datetime) -> Saving:
    """Make `change` if it touches nothing or exactly what was `agreed` to.

    Everything it touches then stands on the desk's list. The caller holds the rows
    that change. `change` may be called twice, the first time only to be taken back.
    """
    saving = Saving(True, of(change, now=now))
    if saving.effects and saving.agreement != agreed:
        return Saving(False, saving.effects)
    change()
    for one in saving.effects:
        if not (one.is_gone or one.is_away):
            _open_task(one, now)
    if any(one.is_away for one in saving.effects):
        outages.reconcile(now=now)
    stranded.reconcile(now=now)
    displaced.reconcile(now=now)
    return saving


def of(change: Change, *, now: datetime) -> tuple[Effect, ...]:
    """The bookings, held ones too, that would no longer stand; nothing is written."""
    before = displaced.found(now=now)
    effects: tuple[Effect, ...] = ()
    with suppress(_TakenBackError), transaction.atomic():
        change()
        after = displaced.found(now=now)
        effects = tuple(
            _effects(lack for pk, lack in after.items() if pk not in before)
        )
        raise _TakenBackError
    return effects


def catch_up(*, now: datetime) -> None:
    """Open a task for what was written beside a change and cannot stand.

    A booking that was judged by the set-up of before, and saved at the moment of the
    change, is seen by neither. So what was written in the last hour is judged once
    more; it costs one query where that is nothing.
    """
    if written := _lately_written(now):
        for one in _effects(displaced.found(now=now, only=written).values()):
            if not (one.is_gone or one.is_away):
                _open_task(one, now)


def _lately_written(now: datetime) -> set[int]:
    """Keys of visits that the end of the history tells of, by its own clock."""
    history: Any = Appointment._meta.get_field("events").related_model
    lines = history.objects.order_by("-pgh_id")[:LINES]
    columns = lines.values_list("pgh_obj_id", "pgh_created_at")
    return {key for key, written in columns if written > now - LATELY}


def _effects(lacks: Iterable[displaced.Lack]) -> Iterable[Effect]:
    by_key = {lack.appointment: lack for lack in lacks}
    rows = Appointment.objects.filter(pk__in=by_key).with_people()
    for row in rows.order_by("during", "pk"):
        lack = by_key[row.pk]
        yield Effect(row, lack.words, lack.is_gone, lack.is_away)


def _open_task(one: Effect, now: datetime) -> None:
    row = one.appointment
    key = displaced.KEY.removeprefix(f"{TaskKind.OUTAGE}:")
    words = _words(one)
    about = {"patient": row.patient, "plan": row.plan, "appointment": row}
    todo.open_task(TaskKind.OUTAGE, f"{key}{row.pk}", words, now=now, **about)
    known = Task.objects.open().filter(key=f"{displaced.KEY}{row.pk}")
    known.exclude(words=words).update(words=words)


def _words(one: Effect) -> str:
    """What is to do about one booking, as a line of the desk's list."""
    return _("%(patient)s, %(what)s on %(when)s, has to be re-planned. %(why)s") % {
        "patient": one.appointment.patient,
        "what": one.what[:1].lower() + one.what[1:],
        "when": date_format(one.appointment.local_start, "D j M, H:i"),
        "why": one.why,
    }
