"""Why one named resource cannot play a part in a session at a given time."""

from datetime import datetime
from enum import StrEnum

from bookings.scheduling.problem import Problem, Resource, Span, instant
from bookings.scheduling.spans import gaps, union


class Hindrance(StrEnum):
    """What stands in the way, from what no other time mends to what it does."""

    UNKNOWN = "unknown"  # it cannot be booked here at all
    UNSUITED = "unsuited"  # it lacks a skill
    CLOSED = "closed"  # it is not there for all of it
    BUSY = "busy"  # something else has it


def hindrance(
    problem: Problem, role: str, who: str, start: datetime
) -> Hindrance | None:
    """Why `who` cannot fill `role` of a session from `start` (aware); None if it can.

    Raises KeyError for a role that the session does not have.
    """
    part = problem.roles[role]
    found = {one.id: one for one in problem.resources}.get(who)
    if found is None:
        return Hindrance.UNKNOWN
    if not part.suits(found):
        return Hindrance.UNSUITED
    runs = needed(problem, role, start)
    if any(any(gaps(found.open, *run)) for run in runs):
        return Hindrance.CLOSED
    return Hindrance.BUSY if not part.shared and _is_taken(found, runs) else None


def needed(problem: Problem, role: str, start: datetime) -> list[Span]:
    """The stretches of a session from `start` that use `role`, in minutes since 1970."""
    at = instant(start)
    return [(at + opens, at + closes) for opens, closes in problem.runs(role)]


def _is_taken(who: Resource, runs: list[Span]) -> bool:
    return any(any(union(who.busy, *run)) for run in runs)
