"""What a visit had claimed when it was given up: its history keeps it.

Claims are deleted so that others can have the time. Who and what it was is written
beside the change, so that the visit can come back to the same people if they are free.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from copy import copy
from datetime import datetime
from typing import Any

import pghistory
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, Claim, ClaimReason
from bookings.services import steps

KEY = "gave_up"


def remembered(row: Appointment) -> AbstractContextManager[Any]:
    """Let the history of what is changed inside name the claims that `row` has now."""
    had = [
        [
            claim.resource_id,
            claim.role,
            claim.during.lower.isoformat(),
            claim.during.upper.isoformat(),
        ]
        for claim in row.claims.all()
    ]
    context: AbstractContextManager[Any] = pghistory.context(**{_key(row): had})
    return context


def before(row: Appointment) -> Any:
    """The line of the history from before `row` was given up; None without one."""
    earlier = [line for line in steps.history(row) if line.status != row.status]
    return earlier[-1] if earlier else None


def claims_of(row: Appointment) -> list[Claim] | None:
    """Unsaved claims as `row` had them when it was given up; None where nobody knows."""
    lines = steps.history(row)
    while len(lines) > 1 and lines[-2].status == row.status:
        lines.pop()
    context = lines[-1].pgh_context.metadata if lines[-1].pgh_context else {}
    if _key(row) not in context:
        return None
    return [
        Claim(
            resource_id=resource,
            role=role,
            during=DateTimeTZRange(
                datetime.fromisoformat(start), datetime.fromisoformat(end)
            ),
            why=ClaimReason.APPOINTMENT,
            appointment=row,
        )
        for resource, role, start, end in context[_key(row)]
    ]


def taken_by(
    rows: Iterable[Appointment],
) -> dict[int, list[tuple[int, datetime, datetime]]]:
    """What each of `rows` last gave up, by key: resource, from, until; one query.

    A visit of which nobody knows it is left out.
    """
    keys = [row.pk for row in rows]
    history: Any = Appointment._meta.get_field("events").related_model
    lines = history.objects.filter(pgh_obj__in=keys, pgh_context__isnull=False)
    found = {}
    for line in lines.select_related("pgh_context").order_by("pgh_id"):
        had = line.pgh_context.metadata.get(f"{KEY}-{line.pgh_obj_id}")
        if had is not None:
            found[line.pgh_obj_id] = [
                (resource, datetime.fromisoformat(start), datetime.fromisoformat(end))
                for resource, _role, start, end in had
            ]
    return found


def as_it_was(row: Appointment, during: DateTimeTZRange) -> Appointment:
    """A copy of `row` at another time, to judge whether it could stand there."""
    then = copy(row)
    then.during = during
    return then


def _key(row: Appointment) -> str:
    return f"{KEY}-{row.pk}"
