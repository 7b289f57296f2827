"""Sessions that took place and have no record: a task asks for it after a full day.

A record is due by the end of the local day after the session. What lies further back
than a month was not recorded here, and nobody is asked for it now.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentStatus, Task, TaskKind
from bookings.models.appointments import AppointmentQuerySet
from bookings.services import todo
from bookings.services.recording import reading

LOOK_BACK = timedelta(days=30)
DUE_AFTER = timedelta(days=2)  # the local midnight that ends the day after


def unrecorded() -> AppointmentQuerySet:
    """Sessions that are done and have no signed record, the oldest first."""
    rows = reading.sessions().filter(status=AppointmentStatus.DONE, records=None)
    return rows.order_by("completed_at", "pk")


def reconcile(*, now: datetime) -> None:
    """Make the open tasks those of the records that are overdue at `now`."""
    open_ones = Task.objects.open().filter(kind=TaskKind.RECORD)
    asked = open_ones.values("appointment")
    late = Q(completed_at__gte=now - LOOK_BACK, completed_at__lte=now)
    rows = unrecorded().filter(late | Q(pk__in=asked))
    wanted = {
        task.key: task
        for row in rows
        if is_overdue(row, now=now)
        for task in [_task(row, now)]
    }
    todo.keep_up(Task.objects.filter(kind=TaskKind.RECORD), wanted, actor=None, now=now)


def is_overdue(session: Appointment, *, now: datetime) -> bool:
    """Whether the local day after the session's is over."""
    today = now.astimezone(session.location.zone).date()
    return today - session.anchor_date >= DUE_AFTER


def _task(session: Appointment, now: datetime) -> Task:
    return Task(
        kind=TaskKind.RECORD,
        key=f"{TaskKind.RECORD}:{session.pk}",
        words=_("%(patient)s: session %(number)s on %(day)s has no record yet.")
        % {
            "patient": session.patient,
            "number": session.number,
            "day": date_format(session.anchor_date, "D j M Y"),
        },
        opened_at=now,
        patient=session.patient,
        plan=session.plan,
        appointment=session,
    )
