"""Sessions left with somebody or something that was taken out of use for good.

A person, room or device can be set inactive while bookings stand. Nobody can book it
from then on; what was booked before asks the desk for another one, a task each.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, Claim, Task, TaskKind
from bookings.services import todo
from bookings.services.missing.affected import UNDER_WAY, what
from clinic.models import Resource

KEY = f"{TaskKind.OUTAGE}:gone:"


def reconcile(*, now: datetime) -> None:
    """Open a task for each appointment that was left stranded, close what is settled."""
    lost = Claim.objects.standing(now).filter(resource__is_active=False)
    rows = (
        Appointment.objects.standing(now)
        .filter(during__endswith__gt=now, pk__in=lost.values("appointment"))
        .exclude(status__in=UNDER_WAY)
        .with_people()
        .order_by("during", "pk")
    )
    tasks = (_task(row, now) for row in rows)
    todo.keep_up(
        Task.objects.filter(key__startswith=KEY),
        {task.key: task for task in tasks},
        actor=None,
        now=now,
    )


def _task(row: Appointment, now: datetime) -> Task:
    return Task(
        kind=TaskKind.OUTAGE,
        key=f"{KEY}{row.pk}",
        words=_words(row, [one for one in row.resources if not one.is_active]),
        patient=row.patient,
        plan=row.plan,
        appointment=row,
        opened_at=now,
    )


def _words(row: Appointment, gone: list[Resource]) -> str:
    said = what(row)
    return _(
        "%(gone)s is no longer in use: %(patient)s, %(what)s on %(when)s, needs another."
    ) % {
        "gone": ", ".join(one.name for one in gone),
        "patient": row.patient,
        "what": said[:1].lower() + said[1:],
        "when": date_format(row.local_start, "D j M, H:i"),
    }
