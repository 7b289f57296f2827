"""Rows by the hundred thousand: plain SQL, told by the models what a column defaults to.

Triggers rest while rows are poured in: what is measured afterwards does not read what
they would have written.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import Any
from uuid import UUID

from django.db import models

from benchmarks.databases import connection
from bookings.models import Appointment, AppointmentKind, Claim, ClaimReason, Patient
from clinic.models import Location

BUSY = "bench_busy"  # what is to be poured in: one row a claim, each of its appointment


def execute(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """Run one statement; its rows, if it has any."""
    with connection().cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def triggers_at_rest() -> Iterator[None]:
    """No trigger and no foreign key looks at what is written inside."""
    execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        execute("SET session_replication_role = origin")


def literal(value: Any) -> str:
    """`value` as it is written in SQL."""
    with connection().cursor() as cursor:
        adapted = str(value) if isinstance(value, UUID) else value
        written: str = cursor.mogrify("%s", (adapted,)).decode()
        return written


def insert(model: type[models.Model], columns: Mapping[str, str], source: str) -> str:
    """An INSERT of `columns`, as SQL over `source`; the rest as the model defaults.

    A primary key that is not named is left to its sequence.
    """
    given = dict(columns)
    for field in model._meta.concrete_fields:
        if field.column not in given and not field.primary_key:
            given[field.column] = _default(field)
    names = ", ".join(f'"{name}"' for name in given)
    values = ", ".join(given.values())
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {source}"


def _default(field: Any) -> str:
    is_now = getattr(field, "auto_now_add", False)
    return "now()" if is_now else literal(field.get_default())


def make_patients(count: int) -> list[int]:
    """The ids of so many new patients."""
    columns = {
        "first_name": "'Bench'",
        "last_name": "'Patient ' || n",
        "email": "'bench' || n || '@example.org'",
    }
    rows = insert(Patient, columns, f"generate_series(1, {count}) AS n")
    return [pk for (pk,) in execute(f"{rows} RETURNING id")]


def pour_busy(location: Location, busy: list[tuple[int, int, int]]) -> None:
    """Claims of one appointment each, from (resource, start, end) in minutes since 1970.

    Each resource has a patient who comes to nobody else, and so is never in two places.
    """
    resources = sorted({resource for resource, _start, _end in busy})
    patients = dict(zip(resources, make_patients(len(resources)), strict=True))
    lines = [f"{one}\t{patients[one]}\t{start}\t{end}\n" for one, start, end in busy]
    execute("CREATE TEMP TABLE lines (resource int, patient int, s bigint, e bigint)")
    with connection().cursor() as cursor:
        cursor.copy_expert("COPY lines FROM STDIN", StringIO("".join(lines)))
    pour(
        location,
        "SELECT row_number() OVER (), patient,"
        " tstzrange(to_timestamp(s * 60), to_timestamp(e * 60)), ARRAY[resource]"
        " FROM lines",
    )
    execute("DROP TABLE lines")


def pour(location: Location, source: str) -> None:
    """Appointments with their claims, from rows (number, patient, during, resources).

    The numbers count from 1, and the claims take all of their appointment's time.
    """
    key = f"{_last_appointment()} + n"
    appointment = {
        "id": key,
        "kind": literal(AppointmentKind.CONSULTATION),
        "patient_id": "patient",
        "location_id": str(location.pk),
        "during": "during",
    }
    claim = {
        "resource_id": "resource",
        "during": "during",
        "why": literal(ClaimReason.APPOINTMENT),
        "appointment_id": key,
    }
    execute(f"CREATE TEMP TABLE {BUSY} (n, patient, during, resources) AS {source}")
    with triggers_at_rest():
        execute(insert(Appointment, appointment, BUSY))
        execute(insert(Claim, claim, f"{BUSY}, unnest(resources) AS resource"))
    execute(f"DROP TABLE {BUSY}")
    execute(LET_THE_SEQUENCE_KNOW)


def _last_appointment() -> int:
    [(last,)] = execute("SELECT coalesce(max(id), 0) FROM bookings_appointment")
    return int(last)


LET_THE_SEQUENCE_KNOW = """
    SELECT setval(pg_get_serial_sequence('bookings_appointment', 'id'), max(id))
    FROM bookings_appointment
"""


def analyze() -> None:
    """Let the planner know what has been poured in."""
    execute("VACUUM ANALYZE bookings_claim, bookings_appointment")
