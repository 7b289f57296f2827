"""How long a proposal takes on a clinic-size diary: masks built, three proposals.

    python benchmarks/proposal.py [--instances 50] [--full 0.92] [--seed 1]

Prints median and 95th percentile in milliseconds for each strategy: the problem
object is ready, and the answer is as the web application gets it.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bookings.scheduling import (
    Kind,
    Optimal,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Span,
    Strategy,
    instant,
    solve,
)

ZONE = ZoneInfo("America/Toronto")
MONDAY = date(2027, 1, 4)
WEEKS = 40
OPENS, CLOSES = 8, 18
LENGTHS = (30, 45, 60, 75, 90)


def clinic(rng: random.Random, full: float) -> Problem:
    """20 practitioners, 8 rooms and 6 devices, booked to about `full` of their hours.

    Bookings run back to back from opening to closing; each is left out with the
    chance that makes the diary `full`.
    """
    crew = [("practitioner", 20), ("room", 8), ("device", 6)]
    resources = tuple(
        _resource(rng, Kind(kind), f"{kind}-{number:02}", full)
        for kind, count in crew
        for number in range(count)
    )
    return Problem(
        zone=ZONE,
        grid_minutes=15,
        resources=resources,
        roles={
            "operator": Role(Kind.PRACTITIONER, frozenset({"needling"})),
            "room": Role(Kind.ROOM),
            "device": Role(Kind.DEVICE),
            "supervisor": Role(Kind.PRACTITIONER, frozenset({"doctor"}), shared=True),
        },
        phases=(
            Phase("numbing", 30, ("room",)),
            Phase("needling", 30, ("operator", "room", "device", "supervisor")),
            Phase("turnover", 10, ("room", "device")),
        ),
        series=Series(
            count=5,
            gap_days=(42, 56),
            ideal_gap_days=49,
            earliest=MONDAY,
            latest=MONDAY + timedelta(weeks=WEEKS, days=-1),
        ),
        proposals=3,
    )


def _resource(rng: random.Random, kind: Kind, name: str, full: float) -> Resource:
    skills = {"needling"}
    if rng.random() < 0.3:
        skills.add("doctor")
    spans = [_day(MONDAY + timedelta(days=day)) for day in range(WEEKS * 7)]
    workdays = [span for day, span in enumerate(spans) if day % 7 < 5]
    busy = tuple(span for day in workdays for span in _bookings(rng, day, full))
    return Resource(name, kind, frozenset(skills), tuple(workdays), busy)


def _day(day: date) -> Span:
    local = [
        datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        for hour in (OPENS, CLOSES)
    ]
    return instant(local[0].astimezone(UTC)), instant(local[1].astimezone(UTC))


def _bookings(rng: random.Random, day: Span, full: float) -> Iterator[Span]:
    at, closes = day
    while at < closes:
        end = min(closes, at + rng.choice(LENGTHS))
        if rng.random() < full:
            yield at, end
        at = end


def measure(problem: Problem) -> tuple[float, bool]:
    """Milliseconds of work to answer (it never waits), and whether there is a plan."""
    start = process_time()
    answer = solve(problem)
    return (process_time() - start) * 1000, isinstance(answer, Optimal)


def main() -> None:
    """Measure each strategy on the same diaries, and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--instances", type=int, default=50)
    options.add_argument("--full", type=float, default=0.92)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    diaries = [clinic(rng, chosen.full) for _ in range(chosen.instances)]
    spans = median(sum(len(each.busy) for each in d.resources) for d in diaries)
    print(f"{chosen.instances} diaries, {spans:.0f} busy intervals each")
    for strategy in Strategy:
        results = [measure(replace(diary, strategy=strategy)) for diary in diaries]
        times = [milliseconds for milliseconds, _solved in results]
        solved = sum(found for _milliseconds, found in results)
        print(
            f"{strategy:18} median {median(times):6.1f} ms"
            f"   p95 {quantiles(times, n=20)[-1]:6.1f} ms   solvable {solved}"
        )


if __name__ == "__main__":
    main()
