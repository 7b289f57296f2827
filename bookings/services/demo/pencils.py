"""The demo's pencilled series: dates kept free while a clinician has yet to sign."""

from datetime import time, timedelta
from uuid import NAMESPACE_URL, uuid5

from bookings.models import HoldKind, TreatmentPlan
from bookings.services.demo.world import World
from bookings.services.holding import holds
from bookings.services.proposing import proposals
from bookings.services.proposing.wishes import Wishes

WHO = "Hamelin"
AFTER_SENDING = timedelta(minutes=12)
SOONEST = timedelta(days=10)  # from today, so that the tour has time to sign
WEEKDAYS = frozenset({1, 2, 3})
ARRIVE = (time(9), time(16))


def write(world: World) -> None:
    """Pencil one waiting plan, by the services that the desk uses."""
    plan = (
        TreatmentPlan.objects.waiting()
        .with_people()
        .prefetch_related("protocol__phases", "protocol__roles")
        .get(patient__last_name=WHO)
    )
    at = (plan.submitted_at or world.midnight) + AFTER_SENDING
    wishes = Wishes(world.today + SOONEST, WEEKDAYS, ARRIVE)
    best = proposals.propose(plan, wishes, now=at).proposals[0]
    holds.hold(
        plan,
        [proposals.read_back(row) for row in best.sealed()],
        kind=HoldKind.PENCIL,
        key=uuid5(NAMESPACE_URL, f"pencilled series of {WHO}"),
        strategy=best.strategy,
        actor=world.staff["Boyer"],
        now=at,
        wishes=wishes.query(best.strategy),
    )
