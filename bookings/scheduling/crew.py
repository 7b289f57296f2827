"""Who can fill the roles of a session that starts at a given cell.

Everything here works on all cells of the timeline at once: a mask is a set of starts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from functools import reduce
from operator import or_

from bookings.scheduling.masks import cut, leading_ones, run, trailing_ones
from bookings.scheduling.problem import OPERATOR, Problem, Span
from bookings.scheduling.spans import gaps
from bookings.scheduling.timeline import Timeline

Starts = Mapping[str, int]
"""For each resource, the cells at which it could start filling one role."""

EVERY_CELL = -1

_NEAR = 512
"""So many cells are read around a session before all of them are."""


class Crew:
    """The resources of a problem, and where each could fill each of its roles."""

    def __init__(self, problem: Problem, timeline: Timeline) -> None:
        self._problem = problem
        self._timeline = timeline
        self.suited = {
            name: [each for each in problem.resources if role.suits(each)]
            for name, role in problem.roles.items()
        }
        self.open = self._opens()
        self.free = {
            item.id: self.open[item.id] & timeline.outside(item.busy)
            for item in problem.resources
        }
        self.starts = {name: self._starts(name) for name in problem.roles}
        self._free_bytes: dict[str, bytes] = {}
        self._starts_bytes: dict[str, Mapping[str, bytes]] = {}

    def _opens(self) -> dict[str, int]:
        """The cells at which each resource is open; many keep the same hours."""
        known: dict[tuple[Span, ...], int] = {}
        opens = {}
        for resource in self._problem.resources:
            if resource.open not in known:
                known[resource.open] = self._timeline.within(resource.open)
            opens[resource.id] = known[resource.open]
        return opens

    def _starts(self, name: str) -> dict[str, int]:
        runs, usable = self._problem.runs(name), self._usable(name)
        found = (
            (each.id, self._throughout(runs, usable[each.id]))
            for each in self.suited[name]
        )
        return {resource: cells for resource, cells in found if cells}

    def _usable(self, name: str) -> Mapping[str, int]:
        """The cells at which each resource could be used in that role."""
        return self.open if self._problem.roles[name].shared else self.free

    def _throughout(self, runs: Iterable[Span], usable: int) -> int:
        """Starts at which `usable` covers every one of `runs`, in minutes from it."""
        unit = self._timeline.unit
        cells = EVERY_CELL
        for start, end in runs:
            cells &= run(usable, (end - start) // unit) >> start // unit
        return cells

    def staffed(self, name: str, resources: Iterable[str]) -> int:
        """Starts at which one of `resources` is open whenever the role is used."""
        runs = self._problem.runs(name)
        opens = {self.open[resource] for resource in resources}
        return reduce(or_, (self._throughout(runs, each) for each in opens), 0)

    def freeing(self, named: Mapping[str, Collection[str]]) -> "Crew":
        """The same crew, were those `named` for a role free whenever it is used."""
        other = copy(self)
        other._starts_bytes = {}
        other.starts = {
            name: self._starts_freed(name, named) for name in self._problem.roles
        }
        return other

    def _starts_freed(
        self, name: str, named: Mapping[str, Collection[str]]
    ) -> dict[str, int]:
        runs, usable = self._problem.runs(name), self._usable(name)
        freed = {role: self._problem.runs(role) for role in named}
        starts = {}
        for each in (resource.id for resource in self.suited[name]):
            spans = [
                span for role in named if each in named[role] for span in freed[role]
            ]
            cells = self.starts[name].get(each, 0)
            if spans:
                left = (gap for start, end in runs for gap in gaps(spans, start, end))
                cells = self._throughout(left, usable[each])
            if cells:
                starts[each] = cells
        return starts

    def candidates(self, name: str, cell: int) -> list[str]:
        """Who could fill the role in a session that starts at `cell`."""
        return [
            resource
            for resource, packed in self._packed_starts(name).items()
            if packed[cell >> 3] >> (cell & 7) & 1
        ]

    def scraps(self, name: str, resource: str, cell: int) -> tuple[int, int]:
        """What the role would leave of the free time around it: (pieces, cells).

        Fewer and smaller pieces are better: the long free stretches stay whole.
        """
        if self._problem.roles[name].shared:
            return 0, 0
        unit = self._timeline.unit
        left = []
        for start, end in self._problem.runs(name):
            left.append(self._free_from(resource, cell + end // unit))
            left.append(self._free_until(resource, cell + start // unit))
        return sum(map(bool, left)), sum(left)

    def _free_from(self, resource: str, cell: int) -> int:
        """How many cells from `cell` on are free in a row."""
        found = trailing_ones(cut(self._packed_free(resource), cell, _NEAR))
        return found if found < _NEAR else trailing_ones(self.free[resource] >> cell)

    def _free_until(self, resource: str, cell: int) -> int:
        """How many cells before `cell` are free in a row."""
        width = min(cell, _NEAR)
        near = cut(self._packed_free(resource), cell - width, width)
        found = leading_ones(near, width)
        return found if found < _NEAR else leading_ones(self.free[resource], cell)

    def _packed_free(self, resource: str) -> bytes:
        if resource not in self._free_bytes:
            self._free_bytes[resource] = self._timeline.pack(self.free[resource])
        return self._free_bytes[resource]

    def _packed_starts(self, name: str) -> Mapping[str, bytes]:
        if name not in self._starts_bytes:
            self._starts_bytes[name] = {
                resource: self._timeline.pack(cells)
                for resource, cells in self.starts[name].items()
            }
        return self._starts_bytes[name]

    def together(self, names: Iterable[str]) -> int:
        """Starts at which the roles `names` can all be filled; every cell for none."""
        cells = EVERY_CELL
        for group in self._rivals(names):
            cells &= fill([self.starts[name] for name in group])
        return cells & (1 << self._timeline.cells) - 1

    def by_operator(
        self, names: Iterable[str], among: Iterable[str] | None = None
    ) -> dict[str, int]:
        """For each operator, starts at which it can lead and `names` be filled.

        With `among`, only for those operators.
        """
        rivals, others = [OPERATOR], []
        for group in self._rivals(names):
            if OPERATOR in group:
                rivals = group
            else:
                others.extend(group)
        beside = [self.starts[name] for name in rivals if name != OPERATOR]
        rest = self.together(others)
        leads = self.starts[OPERATOR]
        found = {}
        for operator in leads if among is None else among:
            able = leads.get(operator, 0) & rest
            if cells := able & fill(beside, without=operator):
                found[operator] = cells
        return found

    def _rivals(self, names: Iterable[str]) -> list[list[str]]:
        """Group the roles that could want the same resource; a shared one is alone."""
        groups: list[list[str]] = []
        for name in names:
            rivals = [group for group in groups if self._compete(name, group)]
            groups = [group for group in groups if group not in rivals]
            groups.append([*(each for group in rivals for each in group), name])
        return groups

    def _compete(self, name: str, group: Iterable[str]) -> bool:
        roles = self._problem.roles
        return not roles[name].shared and any(
            not roles[other].shared and self.starts[name].keys() & self.starts[other]
            for other in group
        )


def fill(roles: Sequence[Starts], without: str | None = None) -> int:
    """Starts at which the roles can be filled by as many different resources.

    `filled[who]` are the starts at which the resources seen so far can fill the roles
    in the set of bits `who`; each further resource fills one more of them, or none.
    """
    filled = {0: EVERY_CELL}
    for resource in dict.fromkeys(each for starts in roles for each in starts):
        if resource == without:
            continue
        for who, cells in sorted(filled.items(), reverse=True):
            for at, starts in enumerate(roles):
                if not who >> at & 1 and (more := cells & starts.get(resource, 0)):
                    joined = who | 1 << at
                    filled[joined] = filled.get(joined, 0) | more
    return filled.get((1 << len(roles)) - 1, 0)
