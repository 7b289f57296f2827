"""What the solver answers: the best plans, or why there is none and what would help."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bookings.scheduling.problem import Series, Strategy


@dataclass(frozen=True, slots=True)
class Session:
    """One planned session, [start, end) in the clinic's zone; a resource per role."""

    number: int
    start: datetime
    end: datetime
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned sessions by number, and the tuple by which plans are compared."""

    objective: tuple[int, ...]
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Optimal:
    """The best plans, best first; no plan that is not here is better than one here."""

    strategy: Strategy
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """The first session that fits nowhere, the dates it had, and the roles it lacks.

    `reason` says it in one plain English sentence.
    """

    session: int
    window: tuple[date, date]
    roles: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change that would make it solvable: the series with `field` changed."""

    field: str
    series: Series
    objective: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No plan keeps every rule: where it ends, and every single change that helps."""

    blocked: Blocked
    relaxations: tuple[Relaxation, ...]


Answer = Optimal | Infeasible
