"""What two patients of the demo have just told us: a worry, and a changed answer."""

from datetime import datetime, timedelta

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    CheckInMoment,
    HealingState,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.services.demo.stories import STORIES
from bookings.services.demo.world import World
from bookings.services.portal import checkins, rechecks
from bookings.services.screening import Given

EVENING = timedelta(hours=3)  # before midnight: last evening, while the clinic was shut


def write(world: World) -> None:
    """One worried check-in after a session, and one wound before another.

    Both are said last evening, by patients of whom no story is told.
    """
    _worry(world, world.midnight - EVENING)
    _change(world, world.midnight - EVENING + timedelta(minutes=20))


def _worry(world: World, now: datetime) -> None:
    since = (now - timedelta(days=5), now - timedelta(days=1))
    rows = _sessions(world).filter(
        status=AppointmentStatus.DONE, completed_at__range=since
    )
    if session := rows.last():
        checkins.say(
            session,
            moment=CheckInMoment.TWO_DAYS,
            state=HealingState.WORRIED,
            signs=["spreading-redness", "growing-pain"],
            words="My left cheek is hot, and redder than yesterday.",
            now=now,
        )


def _change(world: World, now: datetime) -> None:
    ahead = (now + timedelta(days=3), now + timedelta(days=9))
    rows = _sessions(world).filter(
        status=AppointmentStatus.BOOKED, during__startswith__range=ahead
    )
    if session := rows.first():
        wound = Given(
            "open-wound", AnswerValue.YES, None, "I fell off my bicycle", is_fresh=True
        )
        found = rechecks.check(session, now=now)
        rechecks.change(session, [wound], seen=found.seen, now=now)


def _sessions(world: World) -> AppointmentQuerySet:
    """Sessions of patients of whom no story is told, by time."""
    told = [patient.pk for patient in world.patients[: len(STORIES)]]
    return (
        Appointment.objects.with_people()
        .select_related("plan__location")
        .filter(kind=AppointmentKind.SESSION)
        .exclude(patient__in=told)
        .order_by("during", "pk")
    )
