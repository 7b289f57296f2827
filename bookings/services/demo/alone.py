"""The demo's series in the epidermis: by a nurse, in hours when no doctor is there."""

from datetime import time, timedelta
from uuid import NAMESPACE_URL, uuid5

from bookings.models import Message, TreatmentPlan
from bookings.services import series
from bookings.services.demo import letters
from bookings.services.demo.world import World
from bookings.services.proposing import proposals
from bookings.services.proposing.wishes import Wishes

WHO = "Gravel"
AFTER_SIGNING = timedelta(days=1)
SOONEST = timedelta(days=20)  # from today, later than what is sent before a session
SENT = ["subject", "text", "html", "status", "sent_at", "attempts"]
TUESDAYS = frozenset({1})
AFTERNOON = (time(13), time(15))


def write(world: World) -> None:
    """Book that series, by the services that the desk uses."""
    plan = (
        TreatmentPlan.objects.with_people()
        .prefetch_related("protocol__phases", "protocol__roles")
        .get(patient__last_name=WHO)
    )
    at = (plan.reviewed_at or world.midnight) + AFTER_SIGNING
    wishes = Wishes(world.today + SOONEST, TUESDAYS, AFTERNOON)
    best = proposals.propose(plan, wishes, now=at).proposals[0]
    series.book(
        plan,
        [proposals.read_back(row) for row in best.sealed()],
        key=uuid5(NAMESPACE_URL, f"series in the epidermis of {WHO}"),
        strategy=best.strategy,
        actor=world.staff["Boyer"],
        now=at,
    )
    _tell(plan, world)


def _tell(plan: TreatmentPlan, world: World) -> None:
    """Send what was due when it was booked: the demo has one message to send today."""
    for message in Message.objects.filter(
        appointment__plan=plan, due_at__lt=world.midnight
    ):
        letters.send(message)
        message.save(update_fields=SENT)
