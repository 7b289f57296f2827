"""The demo's waiting list: who would take an earlier or another time."""

from dataclasses import dataclass
from datetime import time, timedelta

from bookings.models import AppointmentKind, TreatmentPlan, WaitingEntry
from bookings.services.demo.world import World


@dataclass(frozen=True, slots=True)
class Wait:
    """Who waits for which session (0: the whole series), and since when, in days.

    `days` are the first and last day from today; a session that stands ends them.
    """

    first_name: str
    last_name: str
    number: int
    since: int
    days: tuple[int, int]
    weekdays: tuple[int, ...]
    arrive: tuple[time, time]
    note: str = ""


WAITS = (
    Wait(
        "Ines",
        "Cardoso",
        number=0,
        since=3,
        days=(1, 16),
        weekdays=(1, 3),
        arrive=(time(15), time(17)),
        note="Works until 14:30.",
    ),
    Wait(
        "Gwen",
        "Abara",
        number=3,
        since=9,
        days=(14, 120),
        weekdays=(0, 1, 2, 3, 4),
        arrive=(time(8), time(12)),
        note="Back from abroad sooner than she thought.",
    ),
    Wait(
        "Maya",
        "Tremblay",
        number=3,
        since=1,
        days=(30, 90),
        weekdays=(2, 4),
        arrive=(time(9), time(11, 30)),
        note="Can come at a day’s notice.",
    ),
)


def write(world: World) -> None:
    """Put the demo's people on the waiting list."""
    for wait in WAITS:
        plan = TreatmentPlan.objects.select_related("patient").get(
            patient__first_name=wait.first_name, patient__last_name=wait.last_name
        )
        WaitingEntry.objects.create(
            patient=plan.patient,
            plan=plan,
            number=wait.number or None,
            first_day=world.today + timedelta(days=wait.days[0]),
            last_day=world.today + timedelta(days=_last(world, plan, wait)),
            weekdays=list(wait.weekdays),
            arrive_from=wait.arrive[0],
            arrive_until=wait.arrive[1],
            note=wait.note,
            added_by=world.staff["Boyer"],
            added_at=world.moment(world.today - timedelta(days=wait.since), 11, 20),
        )


def _last(world: World, plan: TreatmentPlan, wait: Wait) -> int:
    """The last day from today: the day before the session, where it stands."""
    stands = plan.appointments.live().filter(
        kind=AppointmentKind.SESSION, number=wait.number
    )
    if row := stands.select_related("location").first():
        return max(wait.days[0], (row.local_date - world.today).days - 1)
    return wait.days[1]
