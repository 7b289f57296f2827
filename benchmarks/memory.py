"""What a web worker holds on to: its memory after proposal upon proposal."""

import gc
from pathlib import Path
from random import Random
from resource import getpagesize

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks import places
from benchmarks.clinics import Size, clinic, monday_after
from benchmarks.options import Options
from benchmarks.results import Results

SIZE = Size(practitioners=8, rooms=4, devices=3, weeks=26, sessions=3, full=0.8)
SETTLED, MOST = 100, 1000
GROWTH = 1.05


def run(options: Options) -> Results:
    """Open the page with proposals again and again, with a new first date each time."""
    results = Results("Memory of a web worker")
    now = timezone.now()
    first = monday_after(now.date())
    location = places.load(clinic(Random(7), SIZE, first))
    plan = places.make_plan(location, SIZE.sessions, now=now)
    client = Client(headers={"host": "localhost"})
    client.force_login(places.somebody())
    page = reverse("desk:series-propose", args=[plan.pk])
    rounds = MOST // 5 if options.quick else MOST
    at: dict[int, float] = {}
    for number in range(1, rounds + 1):
        asked = places.asked(first, number % 20)
        if client.get(page, asked).status_code != 200:
            raise RuntimeError("The page with proposals did not open.")
        if number in (SETTLED, rounds):
            at[number] = resident()
    _tell(results, at[SETTLED], at[rounds], rounds)
    return results


def resident() -> float:
    """Mebibytes of memory that this process has in use."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * getpagesize() / 2**20


def _tell(results: Results, settled: float, after: float, rounds: int) -> None:
    results.add(
        f"Resident after {rounds:,} pages of proposals",
        f"{after:.0f} MiB",
        f"{settled:.0f} MiB after {SETTLED}",
        f"{after / settled:.3f} ×",
        f"flat: ≤ {GROWTH} ×",
        after / settled <= GROWTH,
    )
