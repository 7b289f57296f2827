"""What keeps a series from an earlier date: each cause, and the problem without it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bookings.scheduling.problem import (
    ANY_TIME,
    EVERY_WEEKDAY,
    Problem,
    Resource,
    Series,
    Span,
    instant,
)
from bookings.scheduling.spans import gaps

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Away:
    """The patient's own dates `first` to `last` keep session `number` from `start`."""

    number: int
    start: datetime
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Session `number` may not be before `date`. Medical: never offer to relax it."""

    number: int
    start: datetime
    date: date


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nobody who suits `role` can fill it for a session `number` from `start`.

    `taken` are open throughout and have something else booked; `closed` are not open
    throughout. Together they are all who suit the role or, where the plan keeps to
    one practitioner, that practitioner alone.
    """

    number: int
    start: datetime
    role: str
    taken: tuple[str, ...]
    closed: tuple[str, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """Everyone of whom one would have to be there."""
        return self.taken + self.closed


@dataclass(frozen=True, slots=True)
class Weekdays:
    """The weekdays asked for leave out that of `start`, for session `number`."""

    number: int
    start: datetime


@dataclass(frozen=True, slots=True)
class Times:
    """The arrival times asked for leave out that of `start`, for session `number`."""

    number: int
    start: datetime


@dataclass(frozen=True, slots=True)
class Earliest:
    """Nothing before `date` was asked for; `start` is in the week before.

    Who would be free then is unknown, and taken to be everyone.
    """

    number: int
    start: datetime
    date: date


Cause = Away | NotBefore | Unavailable | Weekdays | Times | Earliest
"""Each names the first session it holds up, and the earlier start that it denies."""


def without(problem: Problem, cause: Cause) -> Problem:
    """`problem` as it would be without `cause`, and otherwise the same."""
    series = problem.series
    match cause:
        case Unavailable():
            return _staffed(problem, cause)
        case Earliest():
            return _a_week_sooner(problem)
        case Away(first=first, last=last):
            kept = tuple(dates for dates in series.blackouts if dates != (first, last))
            series = replace(series, blackouts=kept)
        case NotBefore(number=number):
            series = replace(series, not_before=_less(series, number))
        case Weekdays():
            series = replace(series, weekdays=EVERY_WEEKDAY)
        case Times():
            series = replace(series, arrive_between=ANY_TIME)
    return replace(problem, series=series)


def _less(series: Series, number: int) -> dict[int, date]:
    return {at: day for at, day in series.not_before.items() if at != number}


def _staffed(problem: Problem, cause: Unavailable) -> Problem:
    """Everyone named is open and free whenever the session would use the role."""
    at = instant(cause.start)
    needed = [(at + start, at + end) for start, end in problem.runs(cause.role)]
    resources = tuple(
        _freed(resource, needed) if resource.id in cause.resources else resource
        for resource in problem.resources
    )
    return replace(problem, resources=resources)


def _freed(resource: Resource, needed: Iterable[Span]) -> Resource:
    """`resource`, open and not busy in each of the spans `needed`."""
    busy = resource.busy
    for start, end in needed:
        busy = tuple(_outside(busy, start, end))
    return replace(resource, open=(*resource.open, *needed), busy=busy)


def _outside(spans: Iterable[Span], start: int, end: int) -> Iterable[Span]:
    """What `spans` cover that is not in [start, end)."""
    for opens, closes in spans:
        yield from gaps([(start, end)], opens, closes)


def _a_week_sooner(problem: Problem) -> Problem:
    """One may start a week sooner, and everyone is free in that week."""
    series = problem.series
    earliest = series.earliest - WEEK
    first, last = (_midnight(problem, day) for day in (earliest, series.earliest))
    resources = tuple(_freed(each, [(first, last)]) for each in problem.resources)
    series = replace(series, earliest=earliest)
    return replace(problem, series=series, resources=resources)


def _midnight(problem: Problem, day: date) -> int:
    """The instant at which the clinic's `day` begins."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=problem.zone))
