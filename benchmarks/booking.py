"""Booking whole series: how many a second, and what happens when bookers race."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.utils import timezone

from benchmarks import floor, places, programs, rows, slots
from benchmarks.clinics import SKILLS, ZONE, monday_after
from benchmarks.options import Options
from benchmarks.results import Results, ms
from benchmarks.timing import Sample
from bookings.models import HealthAnswer, PlanStatus, TreatmentPlan
from bookings.scheduling import Kind

CLIENTS = (1, 4, 8)
PLANS = 12_000
SHARE = 0.35
PATIENCE = 50  # ms
WRITTEN = (
    "bookings_seriesbooking, bookings_appointment, bookings_claim, bookings_message,"
    " bookings_appointmentevent"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where is booked, for whom and by whom."""

    clinic: slots.Clinic
    location: int
    first_plan: int
    actor: int


def run(options: Options) -> Results:
    """Book side by side with the floor, then race."""
    programs.pgbench()
    results = Results("Booking whole series")
    place = make_place()
    with bookers(max(CLIENTS)) as clients:
        _rates(options, results, place, clients)
        _race(options, results, place, clients)
    return results


# --- The clinic -----------------------------------------------------------------------


def make_place() -> Place:
    """Twenty groups, and signed plans whose numbers are those of their patients."""
    now = timezone.now()
    location = places.make_location(str(ZONE))

    def made(kind: Kind, count: int) -> list[int]:
        skills = [*SKILLS[kind], *(["doctor"] if kind is Kind.PRACTITIONER else [])]
        return [
            places.make_resource(location, kind, f"{kind}-{number}", skills).pk
            for number in range(count)
        ]

    operators = made(Kind.PRACTITIONER, slots.GROUPS + 1)
    clinic = slots.Clinic(
        zone=str(ZONE),
        first=monday_after(now.date() + timedelta(days=14)).isoformat(),
        operators=operators[:-1],
        rooms=made(Kind.ROOM, slots.GROUPS),
        devices=made(Kind.DEVICE, slots.GROUPS),
        supervisor=operators[-1],
    )
    actor = places.somebody().pk
    return Place(clinic, location.pk, _make_plans(location.pk, actor), actor)


def _make_plans(location: int, actor: int) -> int:
    """The number of the first plan; each patient has one, and answered every question."""
    patients, protocol = rows.make_patients(PLANS), places.protocol().pk
    plan = {
        "id": "n",
        "patient_id": "n",
        "protocol_id": str(protocol),
        "location_id": str(location),
        "session_count": str(slots.SESSIONS),
        "status": rows.literal(PlanStatus.APPROVED),
        "drafted_at": "now()",
        "reviewed_by_id": str(actor),
        "reviewed_at": "now()",
    }
    numbers = f"generate_series({patients[0]}, {patients[-1]}) AS n"
    with rows.triggers_at_rest():
        rows.execute(rows.insert(TreatmentPlan, plan, numbers))
        rows.execute(_answers(protocol, numbers))
    rows.execute("VACUUM ANALYZE")
    return patients[0]


def _answers(protocol: int, patients: str) -> str:
    """No to everything that the protocol asks, from each of `patients`, as SQL."""
    answer = {
        "patient_id": "n",
        "question": "question",
        "value": "'no'",
        "answered_at": "now() - interval '1 hour'",
    }
    questions = (
        "(SELECT DISTINCT question FROM treatments_suitabilityrule"
        f" WHERE protocol_id = {protocol}) AS asked"
    )
    return rows.insert(HealthAnswer, answer, f"{patients}, {questions}")


def forget() -> None:
    """Give up everything booked, and the space that it took."""
    rows.execute(f"TRUNCATE {WRITTEN} CASCADE")


# --- The clients ----------------------------------------------------------------------

Clients = list[subprocess.Popen[str]]


@contextmanager
def bookers(count: int) -> Iterator[Clients]:
    """So many processes that book, ready to be told what."""
    command = [sys.executable, "-m", "benchmarks.booker"]
    clients = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _number in range(count)
    ]
    try:
        yield clients
    finally:
        for client in clients:
            if client.stdin:
                client.stdin.close()
            client.wait()


def together(
    place: Place, clients: Clients, what: str, seconds: float
) -> list[dict[str, Any]]:
    """Have the clients do the same thing for so long, all from the same moment on."""
    start = time.time() + 0.5
    for own, client in enumerate(clients):
        question = {
            **asdict(place),
            **{"what": what, "seconds": seconds, "at": start},
            **{"own": own, "of": len(clients)},
        }
        assert client.stdin
        client.stdin.write(json.dumps(question) + "\n")
        client.stdin.flush()
    return [_answer(client) for client in clients]


def _answer(client: subprocess.Popen[str]) -> dict[str, Any]:
    assert client.stdout
    answer: dict[str, Any] = json.loads(client.stdout.readline())
    return answer


# --- How many a second ----------------------------------------------------------------


def _rates(options: Options, results: Results, place: Place, clients: Clients) -> None:
    rounds, seconds = (5, 1.0) if options.quick else (7, 2.0)
    script = floor.script(place.clinic, place.first_plan, place.location, place.actor)
    ours: dict[int, list[float]] = {count: [] for count in CLIENTS}
    theirs: dict[int, list[float]] = {count: [] for count in CLIENTS}
    together(place, clients, "series", 0.3)  # warms them up
    for _round in range(rounds):
        for count in CLIENTS:
            forget()
            ours[count].append(_rate(place, clients[:count], seconds))
            forget()
            theirs[count].append(floor.rate(script, count, seconds))
    forget()
    for count in CLIENTS:
        _tell_rate(results, count, ours[count], theirs[count])
    _tell_work(results, together(place, clients[:1], "series", seconds))
    forget()


def _rate(place: Place, clients: Clients, seconds: float) -> float:
    answers = together(place, clients, "series", seconds)
    for answer in answers:
        if set(answer["tally"]) != {"booked"}:
            raise RuntimeError(f"Not everything was booked: {answer['tally']}")
    return sum(each["tally"]["booked"] / each["seconds"] for each in answers)


def _tell_work(results: Results, answers: list[dict[str, Any]]) -> None:
    booked = sum(each["tally"]["booked"] for each in answers)
    work = 1000 * sum(each["work"] for each in answers) / booked
    results.note(
        f"A booked series costs {work:.1f} ms of processor time in the web process:"
        " its rules are judged there, which the floor does not do."
    )


def _tell_rate(
    results: Results, count: int, ours: list[float], theirs: list[float]
) -> None:
    share = median(mine / floor for mine, floor in zip(ours, theirs, strict=True))
    name = "client" if count == 1 else "clients"
    results.add(
        f"Series a second, {count} {name}",
        f"{median(ours):.0f}",
        f"{median(theirs):.0f} by pgbench",
        f"{share:.2f} of the floor",
        f"≥ {SHARE}" if count == max(CLIENTS) else "",
        share >= SHARE if count == max(CLIENTS) else None,
    )


# --- The race -------------------------------------------------------------------------


def _race(options: Options, results: Results, place: Place, clients: Clients) -> None:
    together(place, clients, "race", 0.3)
    forget()
    before = _deadlocks()
    answers = together(place, clients, "race", 5 if options.quick else 60)
    tally: Counter[str] = sum((Counter(each["tally"]) for each in answers), Counter())
    times = Sample([each for answer in answers for each in answer["times"]])
    attempts, booked = sum(tally.values()), tally["booked"]
    failed = attempts - booked - tally["refused"]
    for error in set(tally) - {"booked", "refused"}:
        results.note(f"{tally[error]} × {error}")
    p99 = times.percentile(99)
    results.add(
        f"{attempts:,} attempts of {len(clients)} bookers at the same slots",
        f"median {ms(times.median)}, p99 {ms(p99)}, worst {ms(max(times.times))}",
        figure=f"{booked:,} booked, {1 - booked / attempts:.0%} refused",
        target=f"p99 ≤ {PATIENCE} ms",
        is_met=p99 <= PATIENCE,
    )
    _tell_harm(results, failed, _deadlocks() - before)
    forget()


def _tell_harm(results: Results, failed: int, deadlocks: int) -> None:
    overlaps, halves = _overlaps(), _halves()
    results.add(
        "What it did harm to",
        f"{failed} errors, {overlaps} overlaps, {halves} half series",
        figure=f"{deadlocks} deadlocks in the database",
        target="none",
        is_met=not (failed or overlaps or halves),
    )


def _deadlocks() -> int:
    rows.execute("SELECT pg_stat_clear_snapshot()")
    sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(rows.execute(sql)[0][0])


def _overlaps() -> int:
    sql = """
        SELECT count(*) FROM bookings_claim a JOIN bookings_claim b
        ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
    """
    return int(rows.execute(sql)[0][0])


def _halves() -> int:
    """Bookings that lack a session, a claim or a message."""
    sql = f"""
        SELECT count(*) FROM bookings_seriesbooking b WHERE
          (SELECT count(*) FROM bookings_appointment a WHERE a.booking_id = b.id)
            <> {slots.SESSIONS}
          OR (SELECT count(*) FROM bookings_claim c JOIN bookings_appointment a
              ON a.id = c.appointment_id WHERE a.booking_id = b.id)
            <> {3 * slots.SESSIONS}
          OR (SELECT count(*) FROM bookings_message m JOIN bookings_appointment a
              ON a.id = m.appointment_id WHERE a.booking_id = b.id)
            <> {3 * slots.SESSIONS + 1}
    """
    return int(rows.execute(sql)[0][0])
