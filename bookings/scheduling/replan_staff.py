"""Who fills the roles of a session that has people, a room and devices already.

As few as can be are exchanged; of equal choices the operator is exchanged last, and
the newcomer leaves the least scraps of free time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from bookings.scheduling.clock import instant_at
from bookings.scheduling.problem import OPERATOR, Problem, Resource
from bookings.scheduling.spans import gaps, union
from bookings.scheduling.workspace import Workspace

Roles = frozenset[tuple[str, str]]
NO_WISH: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Staffed:
    """A resource for each role, and how many roles had another one before."""

    exchanged: int
    roles: Mapping[str, str]


class Staff:
    """The resources of a problem, asked for one session at a time."""

    def __init__(self, problem: Problem, workspace: Workspace) -> None:
        self._problem = problem
        self._crew = workspace.crew
        self._line = workspace.timeline
        self._found: dict[tuple[int, Roles, Roles], Staffed | None] = {}
        self._names = sorted(problem.roles, key=lambda name: name == OPERATOR)

    def instant(self, index: int, minute: int) -> int:
        """The instant of an arrival on day number `index`."""
        return instant_at(self._problem.zone, self._line.first + index, minute)

    def at(
        self, start: int, before: Mapping[str, str], wanted: Mapping[str, str] = NO_WISH
    ) -> Staffed | None:
        """Fill every role from the instant `start`; None if that cannot be.

        `start` may lie between two arrivals of the grid. A role that `before` does not
        name had nobody to exchange; one in `wanted` is filled by that resource alone.
        """
        key = start, frozenset(before.items()), frozenset(wanted.items())
        if key not in self._found:
            self._found[key] = self._fewest(self.able(start, wanted), start, before)
        return self._found[key]

    def able(
        self, start: int, wanted: Mapping[str, str] = NO_WISH
    ) -> dict[str, list[str]]:
        """Who could fill each role from the instant `start`, were it the only one."""
        able = {name: self._able(name, start) for name in self._names}
        for name in wanted.keys() & able:
            able[name] = [one for one in able[name] if one == wanted[name]]
        return able

    def _fewest(
        self, able: dict[str, list[str]], start: int, before: Mapping[str, str]
    ) -> Staffed | None:
        known = [name for name in self._names if name in before]
        for count in range(len(known) + 1):
            for leaving in combinations(known, count):
                kept = {name: before[name] for name in known if name not in leaving}
                if not self._may_stay(able, kept):
                    continue
                filled = self._fill(able, kept, start)
                if filled is not None:
                    roles = {name: filled[name] for name in self._problem.roles}
                    return Staffed(count, roles)
        return None

    def _may_stay(self, able: dict[str, list[str]], kept: Mapping[str, str]) -> bool:
        alone = [one for name, one in kept.items() if not self._is_shared(name)]
        return len(alone) == len(set(alone)) and all(
            one in able[name] for name, one in kept.items()
        )

    def _fill(
        self, able: dict[str, list[str]], filled: Mapping[str, str], start: int
    ) -> dict[str, str] | None:
        """Fill the roles that `filled` lacks, the scarcest first; None if it fails."""
        names = [name for name in self._names if name not in filled]
        if not names:
            return dict(filled)
        name = min(names, key=lambda each: len(able[each]))
        taken = {one for other, one in filled.items() if not self._is_shared(other)}
        for one in self._tidiest(name, able[name], start):
            if one in taken and not self._is_shared(name):
                continue
            found = self._fill(able, {**filled, name: one}, start)
            if found is not None:
                return found
        return None

    def _tidiest(self, name: str, able: list[str], start: int) -> list[str]:
        """Those `able`, the one that leaves the least scraps first."""
        if len(able) < 2 or not self._is_a_cell(start):
            return able
        cell = self._line.cell(start)
        return sorted(able, key=lambda one: self._crew.scraps(name, one, cell))

    def _able(self, name: str, start: int) -> list[str]:
        if self._is_a_cell(start):
            return self._crew.candidates(name, self._line.cell(start))
        return [
            one.id
            for one in self._problem.resources
            if self._problem.roles[name].suits(one) and self._is_free(name, one, start)
        ]

    def _is_free(self, name: str, one: Resource, start: int) -> bool:
        """Whether `one` can fill the role from any minute, on the grid or off it."""
        for opens, closes in self._problem.runs(name):
            during = start + opens, start + closes
            if any(gaps(one.open, *during)):
                return False
            if not self._is_shared(name) and any(union(one.busy, *during)):
                return False
        return True

    def _is_a_cell(self, start: int) -> bool:
        line = self._line
        return not (start - line.start) % line.unit and line.start <= start < line.end

    def _is_shared(self, name: str) -> bool:
        return self._problem.roles[name].shared
