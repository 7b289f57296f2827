"""Who can fill the roles of a session that starts at a given cell.

Everything here works on all cells of the timeline at once: a mask is a set of starts.
"""

from collections.abc import Iterable, Mapping, Sequence

from bookings.scheduling.masks import leading_ones, run, trailing_ones
from bookings.scheduling.problem import OPERATOR, Problem, Resource
from bookings.scheduling.spans import gaps, union
from bookings.scheduling.timeline import Timeline

Starts = Mapping[str, int]
"""For each resource, the cells at which it could start filling one role."""

EVERY_CELL = -1


class Crew:
    """The resources of a problem, and where each could fill each of its roles."""

    def __init__(self, problem: Problem, timeline: Timeline) -> None:
        self._problem = problem
        self._timeline = timeline
        self.free = {item.id: self._free(item) for item in problem.resources}
        self.starts = {name: self._starts(name) for name in problem.roles}

    def _open(self, resource: Resource) -> int:
        line = self._timeline
        return line.mask(union(resource.open, line.start, line.end))

    def _free(self, resource: Resource) -> int:
        line = self._timeline
        not_busy = line.mask(gaps(resource.busy, line.start, line.end))
        return self._open(resource) & not_busy

    def _starts(self, name: str) -> dict[str, int]:
        role = self._problem.roles[name]
        starts = {}
        for resource in self._problem.resources:
            if role.suits(resource):
                usable = self._open(resource) if role.shared else self.free[resource.id]
                if cells := self._throughout(name, usable):
                    starts[resource.id] = cells
        return starts

    def _throughout(self, name: str, usable: int) -> int:
        """Starts at which `usable` covers every run of phases that use the role."""
        unit = self._timeline.unit
        cells = EVERY_CELL
        for start, end in self._problem.runs(name):
            cells &= run(usable, (end - start) // unit) >> start // unit
        return cells

    def candidates(self, name: str, cell: int) -> list[str]:
        """Who could fill the role in a session that starts at `cell`."""
        starts = self.starts[name]
        return [each for each, cells in starts.items() if cells >> cell & 1]

    def scraps(self, name: str, resource: str, cell: int) -> tuple[int, int]:
        """What the role would leave of the free time around it: (pieces, cells).

        Fewer and smaller pieces are better: the long free stretches stay whole.
        """
        if self._problem.roles[name].shared:
            return 0, 0
        free, unit = self.free[resource], self._timeline.unit
        left = []
        for start, end in self._problem.runs(name):
            left.append(trailing_ones(free >> cell + end // unit))
            left.append(leading_ones(free, cell + start // unit))
        return sum(map(bool, left)), sum(left)

    def together(self, names: Iterable[str]) -> int:
        """Starts at which the roles `names` can all be filled; every cell for none."""
        cells = EVERY_CELL
        for group in self._rivals(names):
            cells &= fill([self.starts[name] for name in group])
        return cells & (1 << self._timeline.cells) - 1

    def by_operator(self, names: Sequence[str]) -> dict[str, int]:
        """For each operator, starts at which it can lead and `names` be filled."""
        rivals, others = [OPERATOR], []
        for group in self._rivals(names):
            if OPERATOR in group:
                rivals = group
            else:
                others.extend(group)
        beside = [self.starts[name] for name in rivals if name != OPERATOR]
        rest = self.together(others)
        found = {}
        for operator, cells in self.starts[OPERATOR].items():
            if cells := cells & rest & fill(beside, without=operator):
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
