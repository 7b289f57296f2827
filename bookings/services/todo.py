"""What the desk has to settle: opened by services, closed by what settles it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from bookings.models import Task, TaskKind
from clinic.models import User


def open_task(
    kind: TaskKind, key: str, words: str, *, now: datetime, **about: Any
) -> None:
    """Put `words` on the list, unless a task with `key` is open already.

    `about` names the patient, plan, appointment or outage it is about.
    """
    task = Task(kind=kind, key=f"{kind}:{key}", words=words, opened_at=now, **about)
    Task.objects.bulk_create([task], ignore_conflicts=True)


def close_tasks(
    kind: TaskKind, keys: Iterable[str], *, actor: User | None, now: datetime
) -> int:
    """Close the open tasks with these keys; say how many there were."""
    names = [f"{kind}:{key}" for key in keys]
    open_ones = Task.objects.open().filter(key__in=names)
    return open_ones.update(closed_at=now, closed_by=actor)


def close(tasks: QuerySet[Task], *, actor: User | None, now: datetime) -> int:
    """Close those of `tasks` that are open; say how many there were."""
    return tasks.filter(closed_at=None).update(closed_at=now, closed_by=actor)
