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


def script(clinic: slots.Clinic, first_plan: int, location: int, actor: int) -> str:
    """A pgbench script whose every run inserts one more series."""
    at = (
        f"(timestamptz {literal(clinic.first + ' 13:00+00')} + interval '1 day' *"
        f" ({slots.start_day_in_sql(':n')} + {slots.GAP} * k)"
        f" + interval '1 minute' * {slots.APART} * (:n / {slots.GROUPS} % {slots.A_DAY}))"
    )
    during = f"tstzrange({at}, {at} + interval '{slots.MINUTES} minutes')"
    sessions = f"generate_series(0, {slots.SESSIONS - 1}) AS k"
    plan = f"{first_plan} + :n"
    statements = [
        insert(
            SeriesBooking,
            {
                "id": f"{FIRST_ID} + :n",
                "key": "gen_random_uuid()",
                "plan_id": plan,
                "strategy": "'earliest-finish'",
                "booked_by_id": str(actor),
                "booked_at": "now()",
            },
            "(SELECT) AS one",
        ),
        insert(
            Appointment,
            {
                "id": f"{FIRST_ID} + {slots.SESSIONS} * :n + k",
                "kind": literal(AppointmentKind.SESSION),
                "patient_id": plan,
                "plan_id": plan,
                "number": "k + 1",
                "location_id": str(location),
                "during": during,
                "booking_id": f"{FIRST_ID} + :n",
            },
            sessions,
        ),
        insert(
            Claim,
            {
                "resource_id": "resource",
                "during": during,
                "why": literal(ClaimReason.APPOINTMENT),
                "appointment_id": f"{FIRST_ID} + {slots.SESSIONS} * :n + k",
                "role": "role",
            },
            f"{sessions}, {_resources(clinic)} ORDER BY resource, k",
        ),
        _messages(plan, at, sessions),
    ]
    head = "\\set i :i + 1\n\\set n :i * :clients + :client_id\n"
    return head + ";\n".join(["BEGIN", *statements, "COMMIT"]) + ";\n"


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


def _messages(plan: str, at: str, sessions: str) -> str:
    """Three messages a session, and the one confirmation of the whole series."""
    appointment = f"{FIRST_ID} + {slots.SESSIONS} * :n + k"
    columns = {
        "patient_id": plan,
        "appointment_id": appointment,
        "rule": "rule",
        "due_at": f"{at} - interval '2 days'",
        "recipient": "'bench' || :n || '@example.org'",
        "dedupe_key": f"'appointment:' || {appointment} || ':v1:' || rule",
    }
    rules = "(VALUES ('confirmation'), ('pre-care'), ('practical'), ('after-care'))"
    source = f"{sessions}, {rules} AS owed (rule) WHERE k = 0 OR rule <> 'confirmation'"
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
