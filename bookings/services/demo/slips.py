"""The demo's series that lost a session: what the course board is there for."""

from collections.abc import Iterable, Iterator
from itertools import islice

from bookings.models import AppointmentStatus
from bookings.services.demo.world import Course, Visit, World
from bookings.services.moves import windows

SOON = range(43, 56)  # days since the last session, of the 56 that are allowed
LATE = range(57, 72)
MOST_SOON, MOST_LATE = 3, 2


def let_slip(world: World, courses: Iterable[Course]) -> list[Course]:
    """Let three series lose their next session soon before its window closes, and two
    have missed theirs; what would have followed is called off. Say which they are.
    """
    running = [course for course in courses if len(course.kept()) > 1]
    closing = list(islice(_closing(world, running), MOST_SOON))
    overdue = [one for one in running if one not in closing and _is_late(world, one)]
    for course in closing:
        _call_off(_to_come(world, course))
    for course in overdue[:MOST_LATE]:
        missed = _done(course)[-1]
        missed.status = AppointmentStatus.NO_SHOW
        _call_off(_to_come(world, course))
    return [*closing, *overdue[:MOST_LATE]]


def open_tasks(world: World, courses: Iterable[Course]) -> None:
    """Tell the desk which sessions of `courses` have lost their time."""
    for course in courses:
        windows.settle(course.plan, actor=None, now=world.midnight)


def _closing(world: World, courses: Iterable[Course]) -> Iterator[Course]:
    """Series that wait for their next session, each for another number of days."""
    seen: set[int] = set()
    for course in courses:
        done = _done(course)
        waited = (world.today - done[-1].slot.day).days if done else 0
        if waited in SOON and waited not in seen and _to_come(world, course):
            seen.add(waited)
            yield course


def _is_late(world: World, course: Course) -> bool:
    """Whether the window would be over, had the last session not taken place."""
    done = _done(course)
    if len(done) < 2:
        return False
    days = (world.today - done[-2].slot.day).days
    return days in LATE and bool(_to_come(world, course))


def _done(course: Course) -> list[Visit]:
    return [one for one in course.kept() if one.status == AppointmentStatus.DONE]


def _to_come(world: World, course: Course) -> list[Visit]:
    """What stands after today; nothing where a session is today."""
    rest = [one for one in course.kept() if one.slot.day >= world.today]
    return [] if any(one.slot.day == world.today for one in rest) else rest


def _call_off(visits: Iterable[Visit]) -> None:
    for visit in visits:
        visit.status = AppointmentStatus.CANCELLED
