"""Why a session fits nowhere, as one plain English sentence."""

from collections.abc import Sequence
from datetime import date

from bookings.scheduling.problem import OPERATOR, Problem
from bookings.scheduling.reach import keeps_operator
from bookings.scheduling.steps import Step

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def reason(
    problem: Problem, step: Step, window: tuple[date, date], roles: Sequence[str]
) -> str:
    """Say which roles leave session `step` without an arrival in the window."""
    when = _between(*window)
    if not roles:
        return f"The days and times asked for leave no date for it {when}."
    if len(roles) == 1:
        return (
            f"No {_someone(problem, roles[0])} is free at the times asked for {when}."
        )
    listed = " and ".join([", the ".join(roles[:-1]), f"the {roles[-1]}"])
    return f"The {listed} are never free together at the times asked for {when}."


def _someone(problem: Problem, name: str) -> str:
    skills = sorted(problem.roles[name].skills)
    words = f"{name} for {' and '.join(skills)}" if skills else name
    if name == OPERATOR and keeps_operator(problem):
        words += " who could lead the whole series"
    return words


def _between(first: date, last: date) -> str:
    if first >= last:
        return f"on {_spoken(first)}"
    if first.year != last.year:
        return f"between {_spoken(first)} and {_spoken(last)}"
    if first.month != last.month:
        start = f"{first.day} {MONTHS[first.month - 1]}"
        return f"between {start} and {_spoken(last)}"
    return f"between {first.day} and {_spoken(last)}"


def _spoken(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
