"""What a session record says, as values: typed into a form, judged, then written."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from clinic.models import Device, Practitioner
from treatments.models import BodyArea


@dataclass(frozen=True, slots=True)
class AreaDone:
    """One area as performed: depth in mm, passes, and RF energy where there is any."""

    area: BodyArea
    depth_mm: Decimal
    passes: int
    rf_energy: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """A product that touched the skin, its lot, and how much of it."""

    name: str
    lot: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a signature covers; both times are instants.

    `confirmed` holds the codes of values outside the plan that somebody ticked.
    """

    device: Device
    started_at: datetime
    ended_at: datetime
    endpoint: str
    areas: tuple[AreaDone, ...]
    supervisor: Practitioner | None = None
    anaesthetic: str = ""
    prp_lot: str = ""
    prp_volume_ml: Decimal | None = None
    products: tuple[Used, ...] = ()
    reaction: str = ""
    note: str = ""
    confirmed: frozenset[str] = frozenset()
