"""What the desk has to settle: opened by services, closed by what settles it."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from bookings.models import Task, TaskKind
from bookings.services.refusals import BookingRefused
from clinic.models import User

LONGEST = Task._meta.get_field("words").max_length or 0


def open_task(
    kind: TaskKind, key: str, words: str, *, now: datetime, **about: Any
) -> None:
    """Put `words` on the list, unless a task with `key` is open already.

    `about` names the patient, plan, appointment or outage it is about.
    """
    words = _shortened(words)
    task = Task(kind=kind, key=f"{kind}:{key}", words=words, opened_at=now, **about)
    Task.objects.bulk_create([task], ignore_conflicts=True)


def close(tasks: QuerySet[Task], *, actor: User | None, now: datetime) -> int:
    """Close those of `tasks` that are open; say how many there were."""
    return tasks.filter(closed_at=None).update(closed_at=now, closed_by=actor)


def keep_up(
    tasks: QuerySet[Task],
    wanted: Mapping[str, Task],
    *,
    actor: User | None,
    now: datetime,
) -> None:
    """Make the open ones of `tasks` those of `wanted`, by key; close the others.

    What was closed by hand before stays closed.
    """
    close(tasks.exclude(key__in=wanted), actor=actor, now=now)
    known = set(tasks.filter(key__in=wanted).values_list("key", flat=True))
    fresh = [task for key, task in wanted.items() if key not in known]
    for task in fresh:
        task.words = _shortened(task.words)
    Task.objects.bulk_create(fresh, ignore_conflicts=True)


def _shortened(words: str) -> str:
    """Names can be longer than the list has room for."""
    return Truncator(words).chars(LONGEST)


def done(task: Task, *, actor: User, now: datetime) -> None:
    """Note that `actor` has settled it, or refuse where that has to be seen to first."""
    if task.is_result:
        raise BookingRefused(
            _("This one closes by itself once the result review is booked or written.")
        )
    if task.settles_itself:
        raise BookingRefused(
            _("This one closes by itself when the appointment is moved or cancelled.")
        )
    if task.is_for_clinicians:
        raise BookingRefused(
            _("A clinician closes this one, under Alerts, and notes what was done.")
        )
    if not close(Task.objects.filter(pk=task.pk), actor=actor, now=now):
        raise BookingRefused(_("Someone has done this already."))


def open_tasks() -> list[Task]:
    """What is to do, with what each is about: one kind after the other, oldest first.

    What belongs to one outage stands together.
    """
    kinds = [str(kind) for kind in TaskKind]
    rows = _with_people(Task.objects.open())
    return sorted(rows, key=lambda task: (kinds.index(task.kind), task.outage_id or 0))


def closed_today(*, now: datetime) -> QuerySet[Task]:
    """What was settled since midnight of the clinic's day at `now`, the latest first."""
    zone = get_current_timezone()
    midnight = datetime.combine(now.astimezone(zone), time.min, tzinfo=zone)
    rows = Task.objects.filter(closed_at__gte=midnight, closed_at__lte=now)
    return _with_people(rows).order_by("-closed_at", "-pk")


def _with_people(tasks: QuerySet[Task]) -> QuerySet[Task]:
    return tasks.select_related(
        "patient", "plan", "appointment", "outage__resource__location", "closed_by"
    )
