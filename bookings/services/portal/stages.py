"""How far a patient's plan has come, from its status and its dates alone.

Pure. Days are local to the plan's location. A session settles on its own day and the
seven after it, as the ribbon draws it (source: S2); the result shows after six to eight
weeks (source: S0, S2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bookings.models import PlanStatus
from bookings.ribbon.values import SETTLING_DAYS, Span
from bookings.services.courses.states import CourseState, Sitting, Standing, judge

RESULT_DAYS = (42, 56)


class Stage(StrEnum):
    """What a patient most wants to know of a plan."""

    DRAFTED = "drafted"  # being written, or back with the desk
    IN_REVIEW = "in-review"  # a clinician reads it
    PENCILLED = "pencilled"  # read, and times are kept free meanwhile
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNBOOKED = "unbooked"
    HELD = "held"  # times are kept for a while and not booked
    PARTLY = "partly"
    ON_TRACK = "on-track"
    TODAY = "today"
    JUST_DONE = "just-done"
    RESULT_SOON = "result-soon"  # all done; the result does not show yet
    RESULT_DUE = "result-due"
    MAINTENANCE = "maintenance"


BEFORE = {
    PlanStatus.DRAFT: Stage.DRAFTED,
    PlanStatus.RETURNED: Stage.DRAFTED,
    PlanStatus.SUBMITTED: Stage.IN_REVIEW,
    PlanStatus.DECLINED: Stage.DECLINED,
    PlanStatus.WITHDRAWN: Stage.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Course:
    """A plan in figures. `gap_days` and `result_days` are the fewest and the most.

    `sittings` are the sessions that stand or took place; what is only held is none.
    `is_decided` says that a clinician has decided on the result.
    """

    status: str
    session_count: int
    gap_days: tuple[int, int]
    sittings: tuple[Sitting, ...] = ()
    is_held: bool = False
    result_days: tuple[int, int] = RESULT_DAYS
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a plan stands on one day.

    `missing` are the sessions without a time, `window` that of the first of them, if
    the session before it has a day. `result` is when the result is looked at, known
    once the last session is done.
    """

    stage: Stage
    missing: tuple[int, ...] = ()
    window: Span | None = None
    result: Span | None = None


def progress(course: Course, today: date) -> Progress:
    """Where `course` stands on `today`."""
    if stage := BEFORE.get(PlanStatus(course.status)):
        is_pencilled = stage is Stage.IN_REVIEW and course.is_held
        return Progress(Stage.PENCILLED if is_pencilled else stage)
    standing = judge(
        course.session_count, course.gap_days, course.sittings, today=today
    )
    result = _result(course)
    if standing is None or course.status == PlanStatus.COMPLETED:
        return Progress(_afterwards(course, result, today), result=result)
    stage = _going_on(course, standing, today)
    return Progress(stage, standing.missing, standing.window)


def settles_on(done: date, today: date) -> bool:
    """Whether skin treated on `done` still settles on `today`."""
    return 0 <= (today - done).days < SETTLING_DAYS


def _going_on(course: Course, standing: Standing, today: date) -> Stage:
    if any(one.day == today and not one.is_done for one in course.sittings):
        return Stage.TODAY
    if _has_settling(course.sittings, today):
        return Stage.JUST_DONE
    if course.is_held:
        return Stage.HELD
    if standing.state is CourseState.UNBOOKED:
        return Stage.UNBOOKED
    return Stage.PARTLY if standing.missing else Stage.ON_TRACK


def _afterwards(course: Course, result: Span | None, today: date) -> Stage:
    if _has_settling(course.sittings, today):
        return Stage.JUST_DONE
    if course.is_decided or result is None or today > result.last:
        return Stage.MAINTENANCE
    return Stage.RESULT_DUE if today >= result.first else Stage.RESULT_SOON


def _has_settling(sittings: Iterable[Sitting], today: date) -> bool:
    return any(one.is_done and settles_on(one.day, today) for one in sittings)


def _result(course: Course) -> Span | None:
    """When the result of the last session shows; None before the last is done."""
    days = [one.day for one in course.sittings if one.is_done]
    if len(days) < course.session_count:
        return None
    first, last = course.result_days
    return Span(max(days) + timedelta(days=first), max(days) + timedelta(days=last))
