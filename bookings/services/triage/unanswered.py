"""Nothing gets lost: the desk is told of a request that nobody answered in time."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    ConsultationRequest,
    ProposedTime,
    RequestStatus,
    Task,
    TaskKind,
)
from bookings.services import todo
from bookings.services.triage import ageing
from clinic.models import User


def reconcile(*, now: datetime) -> None:
    """Make the open tasks about requests those that are true at `now`.

    Each is opened once: what was ticked off by hand stays so. One that was answered
    closes by itself.
    """
    wanted = {task.key: task for task in [*_late(now), *_unchosen(now)]}
    todo.keep_up(_tasks(), wanted, actor=None, now=now)


def settle(row: ConsultationRequest, *, actor: User | None, now: datetime) -> None:
    """Close what is open about `row`, in the transaction that answers it."""
    todo.close(_tasks().filter(request=row), actor=actor, now=now)


def _tasks() -> QuerySet[Task]:
    return Task.objects.filter(kind=TaskKind.REQUEST)


def _late(now: datetime) -> Iterator[Task]:
    """Tasks about new requests that nobody answered in time."""
    rows = ConsultationRequest.objects.filter(status=RequestStatus.NEW)
    found = list(rows.select_related("patient", "location"))
    days = ageing.calendars(found, now=now)
    for row in found:
        age = ageing.age(row.asked_at, days[row.location_id], now=now)
        if age.is_overdue:
            words = _("%(patient)s asked for a consultation on %(day)s: no answer yet.")
            asked = row.asked_at.astimezone(days[row.location_id].zone)
            yield _task(row, f"{row.pk}", words, asked, now)


def _unchosen(now: datetime) -> Iterator[Task]:
    """Tasks about requesters of whom all proposed times went by unchosen."""
    times = ProposedTime.objects.filter(request=OuterRef("pk"), is_withdrawn=False)
    rows = ConsultationRequest.objects.filter(
        Exists(times),
        ~Exists(times.filter(starts_at__gt=now)),
        status=RequestStatus.CONTACTED,
    )
    for row in rows.select_related("patient").prefetch_related(
        "proposed_times__location"
    ):
        last = [one for one in row.proposed_times.all() if not one.is_withdrawn][-1]
        words = _("%(patient)s chose none of the times proposed, the last on %(day)s.")
        at = last.starts_at.astimezone(last.location.zone)
        yield _task(row, f"{row.pk}:times:{last.pk}", words, at, now)


def _task(
    row: ConsultationRequest, key: str, words: str, day: datetime, now: datetime
) -> Task:
    kind = TaskKind.REQUEST
    return Task(
        kind=kind,
        key=f"{kind}:{key}",
        words=words % {"patient": row.patient, "day": date_format(day, "D j M")},
        patient=row.patient,
        request=row,
        opened_at=now,
    )
