"""When a session could start, were everyone who suits a role free for it."""

from bookings.scheduling.crew import Crew
from bookings.scheduling.problem import OPERATOR, Problem
from bookings.scheduling.timeline import Timeline


class Freed:
    """Starts by local time, with roles freed: each worked out once, when asked for."""

    def __init__(self, problem: Problem, timeline: Timeline, crew: Crew) -> None:
        self._problem = problem
        self._timeline = timeline
        self._crew = crew
        self._starts: dict[tuple[tuple[str, ...], str | None], int] = {}
        self._staffed: dict[tuple[str, str | None], int] = {}

    def who(self, role: str, leader: str | None) -> tuple[str, ...]:
        """Who is meant by a role: everyone who suits it, or `leader` for operator."""
        if role == OPERATOR and leader is not None:
            return (leader,)
        return tuple(resource.id for resource in self._crew.suited[role])

    def starts(self, roles: tuple[str, ...], leader: str | None) -> int:
        """Starts for a session led by `leader`, or by anyone, with `roles` freed."""
        if (roles, leader) not in self._starts:
            cells = self._cells(roles, leader)
            self._starts[roles, leader] = self._timeline.local(cells)
        return self._starts[roles, leader]

    def _cells(self, roles: tuple[str, ...], leader: str | None) -> int:
        names = tuple(self._problem.roles)
        named = {role: self.who(role, leader) for role in roles}
        crew = self._crew.freeing(named) if named else self._crew
        if leader is None:
            return crew.together(names)
        return crew.by_operator(names, among=[leader]).get(leader, 0)

    def staffed(self, role: str, leader: str | None) -> int:
        """Starts at which somebody meant by the role is at work throughout."""
        if (role, leader) not in self._staffed:
            cells = self._crew.staffed(role, self.who(role, leader))
            self._staffed[role, leader] = self._timeline.local(cells)
        return self._staffed[role, leader]
