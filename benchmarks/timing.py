"""Taking turns: what is compared runs in the same rounds, so that drift hits all."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Any, TypeVar

from benchmarks.results import ms

Name = TypeVar("Name")
Measured = Callable[[], float]
"""Does something, and answers how many milliseconds that took."""


@dataclass(slots=True)
class Sample:
    """How long one thing took each time, in milliseconds."""

    times: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        tails = " · ".join(ms(self.percentile(which)) for which in (95, 99))
        return f"{ms(self.median)} ({tails})"

    @property
    def median(self) -> float:
        return median(self.times)

    def percentile(self, which: int) -> float:
        """The value that `which` percent of the times do not exceed."""
        if len(self.times) < 2:
            return self.times[0]
        return quantiles(self.times, n=100, method="inclusive")[which - 1]

    @property
    def tail(self) -> float:
        """How many medians the 99th percentile is."""
        return self.percentile(99) / self.median


def timed(call: Callable[[], Any]) -> Measured:
    """`call`, answering milliseconds of wall time."""

    def measured() -> float:
        start = perf_counter()
        call()
        return (perf_counter() - start) * 1000

    return measured


def in_turns(rounds: int, calls: Mapping[Name, Measured]) -> dict[Name, Sample]:
    """Run every call once a round, after one round that does not count."""
    samples = {name: Sample() for name in calls}
    for turn in range(rounds + 1):
        gc.collect()
        for name, call in calls.items():
            milliseconds = call()
            if turn:
                samples[name].times.append(milliseconds)
    return samples
