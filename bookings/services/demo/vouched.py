"""What the demo's medical director has confirmed so far, and the draft on the table."""

from datetime import datetime

from bookings.services.demo.people import DIRECTOR
from bookings.services.demo.world import World
from treatments.models import Protocol, Treatment
from treatments.services import editing, publishing

CONFIRMED, DRAFTED = "microneedling", "scar-roller"
PARTS = (("care", "care_instructions"), ("rules", "rules"))
LINE, WORDS = (
    "tightness",
    "Your skin may feel warm, tight and itchy for a day or two.",
)


def write(world: World, *, now: datetime) -> None:
    """Names under the care and the rules of one treatment, and a change in another."""
    director = world.staff[DIRECTOR]
    protocol = world.protocols[CONFIRMED]
    if keys := _unconfirmed(protocol):
        publishing.confirm(protocol, keys, actor=director, now=now)
    roller = Treatment.objects.get(code=DRAFTED)
    draft = editing.begin(roller, actor=director, now=now)
    if line := draft.effects.filter(code=LINE).first():
        line.text = WORDS
        editing.keep(line, actor=director, now=now)


def _unconfirmed(protocol: Protocol) -> set[str]:
    return {
        f"{part}:{row.pk}"
        for part, rows in PARTS
        for row in getattr(protocol, rows).filter(approved_at=None)
    }
