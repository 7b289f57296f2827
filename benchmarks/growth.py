"""How the cost of a proposal grows: with the past, the clinic, the series, the weeks."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from unittest.mock import patch

from django.utils import timezone

from benchmarks import databases, places, rows
from benchmarks.clinics import Size, clinic, monday_after
from benchmarks.fit import exponent
from benchmarks.options import Options
from benchmarks.plots import chart
from benchmarks.results import Results, ms
from benchmarks.timing import Measured, Sample, in_turns, timed
from bookings.models import TreatmentPlan
from bookings.scheduling import Problem, solve_each
from bookings.services import diary, hours, stretches
from clinic.models import Location, Resource

PAST = (1_000, 10_000, 100_000, 1_000_000)
PRACTITIONERS = (5, 10, 20, 50, 100)
SESSIONS = (3, 4, 5, 6, 8)
WEEKS = (26, 40, 52, 78, 104)
FLAT = 1.15
SIZED = Size()

ROWS, SOLVER = "rows to proposals", "solver alone"


def run(options: Options) -> Results:
    """Measure along each of the four ways in which a clinic can be larger."""
    results = Results("Growth")
    now = timezone.now()
    first = monday_after(now.date())
    past(options, results, first, now)
    rounds = 5 if options.quick else 9
    along_practitioners(results, rounds, first, now)
    along_sessions(results, rounds, first, now)
    along_weeks(results, rounds, first, now)
    return results


# --- The past -------------------------------------------------------------------------


def past(options: Options, results: Results, first: date, now: datetime) -> None:
    """The same diary over a longer and longer past, each in a database of its own."""
    sizes = PAST[:-1] if options.quick else PAST
    location = places.load(clinic(Random(1), SIZED, first))
    plan = places.make_plan(location, SIZED.sessions, now=now)
    patients = rows.make_patients(1000)
    names = {size: databases.create(f"past-{size}", like="cadence") for size in sizes}
    calls: dict[str, Measured] = {}
    for size, name in names.items():
        with databases.using(name):
            rows.pour(location, _past(location, patients[0], size, first))
            rows.analyze()
        calls[name] = _in(name, plan, first, now)
    samples = in_turns(9 if options.quick else 25, calls)
    _tell_past(results, {size: samples[name] for size, name in names.items()})
    path = _path(names[sizes[-1]], location, first, now)
    results.note(f"Among {sizes[-1]:,} past appointments claims are found by `{path}`.")


def _past(location: Location, patient: int, size: int, before: date) -> str:
    """Quarters of an hour without end, six sessions at a time, backwards in time."""
    groups = [
        list(
            Resource.objects.filter(location=location, kind=kind)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        for kind in ("practitioner", "room", "device")
    ]
    people, rooms, devices = (f"ARRAY{group}" for group in groups)
    return f"""
        SELECT n + 1, {patient} + n % 1000, tstzrange(at, at + interval '15 min'),
          ARRAY[({people})[1 + n % 6 + 6 * (n / 6 % 3)], ({rooms})[1 + n % 6],
                ({devices})[1 + n % 6]]
        FROM (SELECT n, timestamptz '{before}' - (n / 6 + 200) * interval '15 min' AS at
              FROM generate_series(0, {size} - 1) AS n) AS past
    """


def _in(name: str, plan: TreatmentPlan, first: date, now: datetime) -> Measured:
    def measured() -> float:
        with databases.using(name):
            return _from_rows(plan, first, now)()

    return measured


def _from_rows(plan: TreatmentPlan, first: date, now: datetime) -> Measured:
    request = places.request(first)
    return timed(lambda: solve_each(diary.read(plan, request, now=now).problem))


def _tell_past(results: Results, samples: dict[int, Sample]) -> None:
    least, most = min(samples), max(samples)
    ratio = samples[most].median / samples[least].median
    medians = [samples[size].median for size in samples]
    results.add(
        f"Rows to proposals with {most:,} past appointments",
        str(samples[most]),
        f"{samples[least]} with {least:,}",
        f"{ratio:.2f} ×, exponent {exponent(list(samples), medians):.2f}",
        f"≤ {FLAT} ×",
        ratio <= FLAT,
    )
    curve = list(zip(map(float, samples), medians, strict=True))
    line = {_fitted(ROWS, curve): curve}
    results.pictures["past.svg"] = chart(
        "A proposal over a longer past", "past appointments", "milliseconds", line
    )


def _path(name: str, location: Location, first: date, now: datetime) -> str:
    """The indexes by which the planner finds the claims among a long past."""
    last = first + timedelta(weeks=SIZED.weeks)
    within = hours.between(location.zone, first, last)
    resources = hours.resources_of(location, first, last)
    with databases.using(name):
        told = resources.annotate(busy=stretches.busy(within, now=now)).explain()
    used = re.findall(
        r"(?:using|Bitmap Index Scan on) (\w*claim\w*|resource_\w+)", told
    )
    return ", ".join(sorted(set(used))) or "no index at all"


# --- The clinic, the series, the weeks ------------------------------------------------


def along_practitioners(
    results: Results, rounds: int, first: date, now: datetime
) -> None:
    """More people in the same rooms with the same devices."""
    calls = {}
    for count in PRACTITIONERS:
        size = replace(SIZED, practitioners=count)
        problem = clinic(Random(count), size, first)
        plan = places.make_plan(places.load(problem), size.sessions, now=now)
        calls[count] = _both(plan, first, now)
    _tell(results, "practitioners", calls, rounds)


def along_sessions(results: Results, rounds: int, first: date, now: datetime) -> None:
    """Longer series, and so also further into the future."""
    longest = replace(SIZED, weeks=8 * max(SESSIONS) + 13)
    location = places.load(clinic(Random(3), longest, first))
    calls = {}
    for count in SESSIONS:
        plan = places.make_plan(location, count, now=now)
        calls[count] = _both(plan, first, now)
    _tell(results, "sessions", calls, rounds)


def along_weeks(results: Results, rounds: int, first: date, now: datetime) -> None:
    """The same series looked for over more weeks."""
    longest = replace(SIZED, sessions=4, weeks=max(WEEKS))
    location = places.load(clinic(Random(4), longest, first))
    plan = places.make_plan(location, longest.sessions, now=now)
    calls = {}
    for weeks in WEEKS:
        last = first + timedelta(weeks=weeks, days=-1)
        calls[weeks] = _both(plan, first, now, until=last)
    _tell(results, "weeks", calls, rounds)


def _both(
    plan: TreatmentPlan, first: date, now: datetime, until: date | None = None
) -> dict[str, Measured]:
    """From rows, and the solver alone on what these rows say; to `until`, if given."""
    request = places.request(first)

    def read() -> Problem:
        if until is None:
            return diary.read(plan, request, now=now).problem
        with patch.object(diary, "horizon", return_value=until):
            return diary.read(plan, request, now=now).problem

    problem = read()
    return {
        ROWS: timed(lambda: solve_each(read())),
        SOLVER: timed(lambda: solve_each(problem)),
    }


def _tell(
    results: Results, what: str, calls: dict[int, dict[str, Measured]], rounds: int
) -> None:
    together = {
        (size, name): call
        for size, each in calls.items()
        for name, call in each.items()
    }
    samples = in_turns(rounds, together)
    sizes = sorted(calls)
    lines = {
        name: [(float(size), samples[size, name].median) for size in sizes]
        for name in (ROWS, SOLVER)
    }
    for name, line in lines.items():
        told = ", ".join(f"{size:g}: {ms(cost)}" for size, cost in line)
        slope = exponent([x for x, _y in line], [y for _x, y in line])
        results.add(
            f"{sizes[0]} to {sizes[-1]} {what}, {name}",
            told,
            figure=f"exponent {slope:.2f}",
        )
    title = f"A proposal with more {what}"
    named = {_fitted(name, line): line for name, line in lines.items()}
    results.pictures[f"{what}.svg"] = chart(title, what, "milliseconds", named)


def _fitted(name: str, line: list[tuple[float, float]]) -> str:
    """The curve's name, with the power of n that fits it best."""
    slope = exponent([x for x, _y in line], [y for _x, y in line])
    return f"{name}, n^{slope:.2f}"
