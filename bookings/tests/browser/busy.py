"""A busy day for the diary: seven practitioners in two rooms each, sixty sessions."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from bookings.models import Appointment, AppointmentStatus
from bookings.tests.daybook import Clinic
from bookings.tests.factories import (
    make_device,
    make_hours,
    make_location,
    make_patient,
    make_practitioner,
    make_protocol,
    make_room,
)

PEOPLE = 7
SESSIONS = 60
EIGHT = 8 * 60
# The practitioner is taken from the half hour on, so two rooms can take turns.
BETWEEN_MINUTES = 40
STATUSES = [AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED]


class Turn(NamedTuple):
    """Who sees somebody where, from `minutes` after midnight."""

    who: Any
    room: Any
    pen: Any
    minutes: int


class BusyClinic(Clinic):
    """A clinic of as many practitioners as asked for, each with two rooms and a pen."""

    def __init__(self, people: int = PEOPLE):
        self.place = make_location(slug="centretown")
        self._protocol = make_protocol()
        self.teams = [self._team(number) for number in range(people)]

    def _team(self, number: int) -> tuple[Any, list[Any], Any]:
        names = [f"Room {2 * number + lane + 1:02}" for lane in range(2)]
        who = make_practitioner(self.place, name=f"Dr Guest{number + 1}")
        rooms = [make_room(self.place, name=name) for name in names]
        pen = make_device(self.place, name=f"Pen {number + 1}")
        for one in (who, *rooms, pen):
            make_hours(one)
        return who, rooms, pen

    def turns(self) -> Iterator[Turn]:
        """Every turn there is, the first of everybody before the second of anybody."""
        for turn in range(10):
            for who, rooms, pen in self.teams:
                yield Turn(who, rooms[turn % 2], pen, EIGHT + turn * BETWEEN_MINUTES)


def next_weekday() -> date:
    """The next day on which the clinic is open; never today."""
    days = (timezone.localdate() + timedelta(days=ahead) for ahead in range(1, 4))
    return next(day for day in days if day.weekday() < 5)


def busy_day(sessions: int = SESSIONS, people: int = PEOPLE) -> list[Appointment]:
    """Book `sessions` on the next weekday, in two columns for each practitioner."""
    clinic = BusyClinic(people)
    turns = zip(range(sessions), clinic.turns(), strict=False)
    return [_session(clinic, number, turn) for number, turn in turns]


def _session(clinic: BusyClinic, number: int, turn: Turn) -> Appointment:
    clinic.pen = turn.pen
    return clinic.session(
        *divmod(turn.minutes, 60),
        day=next_weekday(),
        who=turn.who,
        room=turn.room,
        patient=make_patient(first_name=f"Guest{number:02}", last_name="Tremblay"),
        status=STATUSES[number % 2],
    )
