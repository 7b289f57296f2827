"""The series problem given exactly to OR-Tools CP-SAT: one problem a line, whole.

Every session has an optional interval on every resource for every role it could fill
there; fixed intervals stand for all time at which a resource cannot be used. The
objective is that of `earliest-finish`, its five parts weighted so that comparing sums
is comparing tuples. Told apart are the clinics that the benchmarks make: nobody is
there at the hour the clock changes, and a series has neither wishes nor fixed sessions.

    python -m benchmarks.peers.cpsat < problems
"""

import itertools
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from ortools.sat.python import cp_model

from bookings.scheduling import Problem, Role, Span, moment, parse
from bookings.scheduling.spans import gaps, union

DAY = 1440
PATIENCE = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Taken:
    """When a resource cannot be used, in local minutes since the first day began."""

    always: tuple[Span, ...]
    when_closed: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A problem with all its time in local minutes, ready to be modelled."""

    problem: Problem
    days: int
    taken: dict[str, Taken]


def read(problem: Problem) -> Read:
    """Turn instants into local minutes; whoever works does so at plain hours."""
    series = problem.series
    origin = series.earliest.toordinal()
    days = series.latest.toordinal() - origin + 1
    taken = {}
    for resource in problem.resources:
        opens = list(_local(resource.open, problem.zone, origin))
        busy = list(_local(resource.busy, problem.zone, origin))
        closed = tuple(gaps(opens, 0, days * DAY))
        always = tuple(union([*closed, *busy], 0, days * DAY))
        taken[resource.id] = Taken(always, closed)
    return Read(problem, days, taken)


def _local(spans: Iterable[Span], zone: ZoneInfo, origin: int) -> Iterable[Span]:
    for span in spans:
        at = [moment(instant, zone) for instant in span]
        yield tuple(
            (one.toordinal() - origin) * DAY + one.hour * 60 + one.minute for one in at
        )


class Model:
    """The whole problem as one model."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.cp = cp_model.CpModel()
        self.days: list[Any] = []
        self.ticks: list[Any] = []  # arrivals, in grid steps since midnight
        self.starts: list[Any] = []  # grid steps since the first day began
        self.fills: list[dict[str, dict[str, Any]]] = []  # by session, role, resource
        self._uses: dict[str, list[Any]] = defaultdict(list)
        for number in range(read.problem.series.count):
            self._session(number)
        self._resources()
        self._gaps()
        self._aim()

    def _session(self, number: int) -> None:
        problem, cp = self.read.problem, self.cp
        steps = DAY // problem.grid_minutes
        latest = (DAY - problem.length) // problem.grid_minutes
        day = cp.new_int_var(0, self.read.days - 1, f"day{number}")
        tick = cp.new_int_var(0, latest, f"tick{number}")
        start = cp.new_int_var(0, self.read.days * steps, f"start{number}")
        cp.add(start == steps * day + tick)
        self.days.append(day)
        self.ticks.append(tick)
        self.starts.append(start)
        self.fills.append({})
        for name, role in problem.roles.items():
            self._role(number, name, role)

    def _role(self, number: int, name: str, role: Role) -> None:
        fills = {
            resource.id: self.cp.new_bool_var(f"{number}/{name}/{resource.id}")
            for resource in self.read.problem.resources
            if role.suits(resource)
        }
        self.cp.add_exactly_one(fills.values())
        self.fills[number][name] = fills
        for resource, fill in fills.items():
            intervals = list(self._intervals(number, name, fill))
            if role.shared:
                self._apart(intervals, self.read.taken[resource].when_closed)
            else:
                self._uses[resource] += intervals

    def _intervals(self, number: int, name: str, fill: Any) -> Iterable[Any]:
        problem = self.read.problem
        for begin, end in problem.runs(name):
            arrival = problem.grid_minutes * self.starts[number]
            yield self.cp.new_optional_fixed_size_interval_var(
                arrival + begin, end - begin, fill, f"{number}/{name}/{begin}"
            )

    def _apart(self, intervals: Iterable[Any], fixed: Iterable[Span]) -> None:
        walls = [
            self.cp.new_fixed_size_interval_var(start, end - start, "")
            for start, end in fixed
        ]
        self.cp.add_no_overlap([*intervals, *walls])

    def _resources(self) -> None:
        """A resource does one thing at a time, and one role in a session."""
        for resource, intervals in self._uses.items():
            self._apart(intervals, self.read.taken[resource].always)
        for fills in self.fills:
            filled: dict[str, list[Any]] = defaultdict(list)
            for name, by_resource in fills.items():
                if not self.read.problem.roles[name].shared:
                    for resource, fill in by_resource.items():
                        filled[resource].append(fill)
            for several in filled.values():
                self.cp.add_at_most_one(several)

    def _gaps(self) -> None:
        least, most = self.read.problem.series.gap_days
        for before, after in zip(self.days, self.days[1:], strict=False):
            self.cp.add_linear_constraint(after - before, least, most)

    def _aim(self) -> None:
        """The tuple of `earliest-finish`, each part outweighing all after it."""
        series = self.read.problem.series
        switches, off = self._switches(), self._off_rhythm()
        parts = [
            (self.days[-1], self.read.days),
            (sum(switches), len(switches)),
            (sum(off), len(off) * max(series.gap_days)),
            (sum(self.days), len(self.days) * self.read.days),
            (sum(self.ticks), len(self.ticks) * DAY),
        ]
        total, weight = 0, 1
        for part, most in reversed(parts):
            total = total + weight * part  # += would change `part` itself
            weight *= most + 1
        self.parts = [part for part, _most in parts]
        self.cp.minimize(total)

    def _switches(self) -> list[Any]:
        operators = [fills.get("operator", {}) for fills in self.fills]
        switches = []
        for before, after in itertools.pairwise(operators):
            switch = self.cp.new_bool_var("switch")
            for who in before:
                self.cp.add(switch >= before[who] - after[who])
            switches.append(switch)
        return switches

    def _off_rhythm(self) -> list[Any]:
        series = self.read.problem.series
        found = []
        for before, after in zip(self.days, self.days[1:], strict=False):
            off = self.cp.new_int_var(0, max(series.gap_days), "off")
            self.cp.add_abs_equality(off, after - before - series.ideal_gap_days)
            found.append(off)
        return found


def answer(problem: Problem) -> dict[str, Any]:
    """How it went: status, the tuple where there is one, milliseconds."""
    told = read(problem)
    start = perf_counter()
    model = Model(told)
    built = perf_counter()
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = PATIENCE
    status = solver.solve(model.cp)
    done = perf_counter()
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return {
        "status": solver.status_name(status).lower(),
        "objective": _objective(model, solver) if found else None,
        "build_ms": (built - start) * 1000,
        "solve_ms": (done - built) * 1000,
    }


def _objective(model: Model, solver: Any) -> list[int]:
    """The parts in the solver's own words: day ordinals, minutes."""
    problem = model.read.problem
    origin, count = problem.series.earliest.toordinal(), problem.series.count
    finish, switches, off, days, ticks = (int(solver.value(p)) for p in model.parts)
    arrivals = ticks * problem.grid_minutes
    return [finish + origin, switches, off, days + count * origin, arrivals]


def main() -> None:
    for line in sys.stdin:
        problem = parse(json.loads(line)["problem"])
        print(json.dumps(answer(problem)), flush=True)


if __name__ == "__main__":
    main()
