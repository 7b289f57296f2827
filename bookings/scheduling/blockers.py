"""Who or what leaves a session without a place, one by one."""

from dataclasses import dataclass

from bookings.scheduling.answer import Blocked
from bookings.scheduling.masks import between, ones
from bookings.scheduling.openings import asked
from bookings.scheduling.problem import OPERATOR, Kind, Problem, Resource
from bookings.scheduling.reach import keeps_operator
from bookings.scheduling.steps import steps
from bookings.scheduling.timeline import Timeline
from bookings.scheduling.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Blocker:
    """A role that a session lacks, and everyone who could have filled it, by id.

    Within the session's window, at the days and times asked for: `closed` are never
    at work for long enough, `taken` are, but always have something else booked, and
    `free` have an opening, only never together with the other roles, with this
    patient's other sessions or, under `one-practitioner`, for the whole series.

    Where nobody suits the role at all, `missing` are the skills that none of its kind
    has, alphabetically; it is empty where no one has them all together.
    """

    role: str
    kind: Kind
    taken: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether nobody here suits the role at all."""
        return not (self.taken or self.closed or self.free)


def who_blocks(
    problem: Problem, blocked: Blocked, *, workspace: Workspace | None = None
) -> tuple[Blocker, ...]:
    """Name who is in the way, for each of the roles that `blocked` lacks.

    Empty where dates and times alone leave no place.
    """
    workspace = workspace or Workspace(problem)
    times = _asked_in_window(problem, blocked, workspace.timeline)
    return tuple(
        _blocker(problem, blocked, workspace, role, times) for role in blocked.roles
    )


def _asked_in_window(problem: Problem, blocked: Blocked, line: Timeline) -> int:
    """The arrivals asked for within the session's window, by local time."""
    opens, closes = (day.toordinal() - line.first for day in blocked.window)
    days = between(opens, min(closes, len(line.days) - 1))
    first = (days & -days).bit_length() - 1
    if first < 0:
        return 0
    width = line.width
    return asked(problem, line) & ones(days.bit_length() * width) & ~ones(first * width)


def _blocker(
    problem: Problem, blocked: Blocked, workspace: Workspace, role: str, times: int
) -> Blocker:
    found: dict[str, list[str]] = {"taken": [], "closed": [], "free": []}
    for resource in _candidates(problem, blocked, workspace, role):
        state = _state(workspace, role, resource.id, times)
        found[state].append(resource.id)
    kind = problem.roles[role].kind
    named = {state: tuple(who) for state, who in found.items()}
    if any(found.values()):
        return Blocker(role, kind, **named)
    return Blocker(role, kind, missing=_missing(problem, role))


def _candidates(
    problem: Problem, blocked: Blocked, workspace: Workspace, role: str
) -> list[Resource]:
    """Who suits the role; beside a known operator who must go on, only they do."""
    suited = workspace.crew.suited[role]
    if role == OPERATOR and keeps_operator(problem):
        step = next(each for each in steps(problem) if each.number == blocked.session)
        known = set(step.operators)
        return [each for each in suited if not known or each.id in known]
    return suited


def _state(workspace: Workspace, role: str, resource: str, times: int) -> str:
    line, crew = workspace.timeline, workspace.crew
    if line.local(crew.starts[role].get(resource, 0)) & times:
        return "free"
    return "taken" if line.local(crew.staffed(role, [resource])) & times else "closed"


def _missing(problem: Problem, role: str) -> tuple[str, ...]:
    """The role's skills that no resource of its kind has."""
    kind, skills = problem.roles[role].kind, problem.roles[role].skills
    same = [each.skills for each in problem.resources if each.kind == kind]
    return tuple(sorted(skills.difference(*same)))
