"""What moving a consultation or a result review comes to, before anything is written."""

from datetime import date, datetime, timedelta
from itertools import groupby

from bookings.models import Appointment
from bookings.scheduling.problem import OPERATOR
from bookings.services.appointing import soonest, talks
from bookings.services.appointing.rules import ROOM, Talk
from bookings.services.appointing.soonest import Sought
from bookings.services.moves import standing
from bookings.services.moves.move_proposal import Place, SessionChange
from bookings.services.moves.moving import DayOption
from bookings.services.moves.wishing import Wish
from bookings.services.refusals import BookingRefused
from clinic.models import Resource

MINUTE = timedelta(minutes=1)


def options(appointment: Appointment, *, now: datetime) -> list[DayOption]:
    """The next days on which the talk finds a place, with their free arrivals.

    Raises BookingRefused for one that has begun or is over.
    """
    talks.judge_movable(appointment)
    today = now.astimezone(appointment.location.zone).date()
    found = soonest.free(_sought(appointment, Wish()), today, now=now)
    return [
        _option(day, [place.local_start for place in places])
        for day, places in groupby(found, key=lambda place: place.local_start.date())
    ]


def _option(day: date, times: list[datetime]) -> DayOption:
    return DayOption(day, tuple(times), None, (), "", is_possible=True)


def propose(
    appointment: Appointment, start: datetime, wish: Wish, *, now: datetime
) -> Talk:
    """The talk as it would be at `start` (aware); nothing is written.

    Who and where stay if they are free and nobody else is wished for. Raises
    BookingRefused, with what comes next where a time is lost.
    """
    talks.judge_movable(appointment)
    sought = _sought(appointment, wish)
    has = standing.roles_of(appointment)
    place = soonest.at(sought, start, now=now, prefer=has)
    try:
        return talks.judge(
            appointment,
            start,
            practitioner=place.practitioner if place else wish.practitioner,
            room=place.room if place else wish.room,
            now=now,
        )
    except BookingRefused as refused:
        near = soonest.nearest(sought, start, now=now)
        said = f"{refused} {soonest.next_words(near, start)}".strip()
        raise BookingRefused(said) from refused


def change(appointment: Appointment, talk: Talk) -> SessionChange:
    """From where to where: `appointment` as it stands and as `talk` would have it."""
    has = {role: int(who) for role, who in standing.roles_of(appointment).items()}
    return SessionChange(
        number=0,
        appointment=appointment,
        before=Place(
            appointment.local_start,
            appointment.local_end,
            has,
            ", ".join(one.name for one in appointment.resources),
        ),
        after=Place(talk.local_start, talk.ends_at, talk.roles, _names(talk)),
        is_target=True,
        is_moved=talk.starts_at != appointment.starts_at,
        is_exchanged=any(talk.roles.get(role) != who for role, who in has.items()),
        why="",
        gap=None,
    )


def _names(talk: Talk) -> str:
    names = dict(
        Resource.objects.filter(pk__in=talk.roles.values()).values_list("pk", "name")
    )
    return ", ".join(names[talk.roles[role]] for role in (OPERATOR, ROOM))


def _sought(appointment: Appointment, wish: Wish) -> Sought:
    return Sought(
        location=appointment.location,
        kind=appointment.kind,
        patient=appointment.patient,
        practitioner=wish.practitioner,
        room=wish.room,
        moving=appointment,
        minutes=(appointment.ends_at - appointment.starts_at) // MINUTE,
    )
