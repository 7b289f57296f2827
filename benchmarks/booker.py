"""One client that books: a process of its own, told what to do one JSON line a time.

python -m benchmarks.booker
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import uuid4

import django

from benchmarks import databases

databases.point_the_settings()
django.setup()

from django.utils import timezone  # noqa: E402  (Django is set up now)

from benchmarks import slots  # noqa: E402
from bookings.models import TreatmentPlan  # noqa: E402
from bookings.services import series  # noqa: E402
from bookings.services.judging import PlannedSession  # noqa: E402
from bookings.services.refusals import BookingRefused  # noqa: E402
from clinic.models import User  # noqa: E402

Tally = Counter[str]


class Booker:
    """Books plan after plan: those numbered `own`, `own` + `of`, and so on."""

    def __init__(self, question: dict[str, Any]) -> None:
        self.clinic = slots.from_json(question["clinic"])
        self.first_plan = question["first_plan"]
        self.own, self.of = question["own"], question["of"]
        self.actor = User.objects.get(pk=question["actor"])
        self.now = timezone.now()
        self.rng = Random(self.own)
        self.times: list[float] = []
        self.tally: Tally = Counter()

    def series(self) -> None:
        """Book the next plan's series, which nobody else wants."""
        number = self.own + self.of * self.tally["booked"]
        self._book(number, self.clinic.planned(number))

    def race(self) -> None:
        """Try to book the next plan's series among slots that all others want too."""
        number = self.own + self.of * self.tally["booked"]
        attempt = sum(self.tally.values())
        self._book(number, self.clinic.contested(self.rng, attempt))

    def _book(self, number: int, sessions: list[PlannedSession]) -> None:
        plan = TreatmentPlan(pk=self.first_plan + number)
        plan.patient_id = self.first_plan + number  # they are numbered alike
        start = time.perf_counter()
        self.tally[self._outcome(plan, sessions)] += 1
        self.times.append((time.perf_counter() - start) * 1000)

    def _outcome(self, plan: TreatmentPlan, sessions: list[PlannedSession]) -> str:
        try:
            series.book(
                plan,
                sessions,
                key=uuid4(),
                strategy="earliest-finish",
                actor=self.actor,
                now=self.now,
            )
        except BookingRefused:
            return "refused"
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
        return "booked"


def work(question: dict[str, Any]) -> dict[str, Any]:
    """Begin together with all others, and go on until the time is over."""
    booker = Booker(question)
    act: Callable[[], None] = {"series": booker.series, "race": booker.race}[
        question["what"]
    ]
    time.sleep(max(0, question["at"] - time.time()))
    start, worked = time.perf_counter(), time.process_time()
    while time.perf_counter() - start < question["seconds"]:
        act()
    return {
        "seconds": time.perf_counter() - start,
        "work": time.process_time() - worked,
        "tally": booker.tally,
        "times": booker.times,
    }


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(work(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
