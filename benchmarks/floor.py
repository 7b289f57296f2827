"""The floor under booking: pgbench inserting the rows of a series, and nothing else.

The rows are those that `series.book` writes, into the same tables, under the same
constraints, with the same triggers; nothing is asked, locked or judged.
"""

import re
import subprocess
from pathlib import Path

from benchmarks import databases, slots
from benchmarks.programs import pgbench
from benchmarks.rows import insert, literal
from bookings.models import (
    Appointment,
    AppointmentKind,
    Claim,
    ClaimReason,
    Message,
    SeriesBooking,
)
from clinic import servers

FIRST_ID = 1_000_000_000  # far from what the sequences give


PLAN = ":first_plan + :n"
BOOKING = f"{FIRST_ID} + :n"
APPOINTMENT = f"{FIRST_ID} + {slots.SESSIONS} * :n + k"
SESSIONS = f"generate_series(0, {slots.SESSIONS - 1}) AS k"


def script(clinic: slots.Clinic, first_plan: int, location: int, actor: int) -> str:
    """A pgbench script whose every run inserts one more series."""
    at = (
        f"(timestamptz {literal(clinic.first + ' 13:00+00')} + interval '1 day' *"
        f" ({slots.start_day_in_sql(':n')} + {slots.GAP} * k)"
        f" + interval '1 minute' * {slots.APART} * (:n / {slots.GROUPS} % {slots.A_DAY}))"
    )
    during = f"tstzrange({at}, {at} + interval '{slots.MINUTES} minutes')"
    statements = [
        "BEGIN",
        _booking(actor),
        _appointments(during, location),
        _claims(during, clinic),
        _messages(at),
        "COMMIT",
    ]
    head = f"\\set i :i + 1\n\\set n :i * :clients + :client_id\n\\set first_plan {first_plan}\n"
    return head + ";\n".join(statements) + ";\n"


def _booking(actor: int) -> str:
    columns = {
        "id": BOOKING,
        "key": "gen_random_uuid()",
        "plan_id": PLAN,
        "strategy": "'earliest-finish'",
        "booked_by_id": str(actor),
        "booked_at": "now()",
    }
    return insert(SeriesBooking, columns, "(SELECT) AS one")


def _appointments(during: str, location: int) -> str:
    columns = {
        "id": APPOINTMENT,
        "kind": literal(AppointmentKind.SESSION),
        "patient_id": PLAN,
        "plan_id": PLAN,
        "number": "k + 1",
        "location_id": str(location),
        "during": during,
        "booking_id": BOOKING,
    }
    return insert(Appointment, columns, SESSIONS)


def _claims(during: str, clinic: slots.Clinic) -> str:
    columns = {
        "resource_id": "resource",
        "during": during,
        "why": literal(ClaimReason.APPOINTMENT),
        "appointment_id": APPOINTMENT,
        "role": "role",
    }
    source = f"{SESSIONS}, {_resources(clinic)} ORDER BY resource, k"
    return insert(Claim, columns, source)


def _resources(clinic: slots.Clinic) -> str:
    group = f"1 + :n % {slots.GROUPS}"
    rows = ", ".join(
        f"((ARRAY{resources})[{group}], '{role}')"
        for role, resources in (
            ("operator", clinic.operators),
            ("room", clinic.rooms),
            ("device", clinic.devices),
        )
    )
    return f"(VALUES {rows}) AS taken (resource, role)"


def _messages(at: str) -> str:
    """Three messages a session, and the one confirmation of the whole series."""
    columns = {
        "patient_id": PLAN,
        "appointment_id": APPOINTMENT,
        "rule": "rule",
        "due_at": f"{at} - interval '2 days'",
        "recipient": "'bench' || :n || '@example.org'",
        "dedupe_key": f"'appointment:' || {APPOINTMENT} || ':v1:' || rule",
    }
    rules = "(VALUES ('confirmation'), ('pre-care'), ('practical'), ('after-care'))"
    source = f"{SESSIONS}, {rules} AS owed (rule) WHERE k = 0 OR rule <> 'confirmation'"
    return insert(Message, columns, source)


def rate(script: str, clients: int, seconds: float) -> float:
    """Series a second that so many pgbench clients insert; RuntimeError if one fails."""
    path = databases.HOME / "floor.sql"
    path.write_text(script)
    done = subprocess.run(
        _command(path, clients, seconds), capture_output=True, text=True, check=False
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip()}")
    return float(found[1])


def _command(path: Path, clients: int, seconds: float) -> list[str]:
    return [
        str(pgbench()),
        *("--no-vacuum", "--random-seed=1", f"--file={path}"),
        *(f"--client={clients}", f"--jobs={min(clients, 2)}"),
        *(f"--time={max(1, round(seconds))}", "--define=i=-1"),
        f"--define=clients={clients}",
        *(f"--host={servers.socket_dir(databases.HOME)}", "-U", servers.DATABASE),
        servers.DATABASE,
    ]
