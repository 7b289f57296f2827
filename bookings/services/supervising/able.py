"""What people and devices may do, beyond the skills they list.

Beyond the epidermis, needling is a medical procedure under a doctor's supervision
(source: S1): only who may supervise counts as supervising, be it the one who needles.
A device that needles is at least a Class 2 medical device (source: S1).
"""

from typing import Any

from django.db.models import F, QuerySet

from bookings.services.shapes import SUPERVISOR
from clinic.models import Device, DeviceKind, Resource
from treatments.models import ProtocolRole

MAY_SUPERVISE = "may-supervise"
"""A skill that nobody lists: it is the practitioner's own tick."""

NEEDLING = frozenset({"needling", "rf", "roller"})
NEEDLING_CLASS = 2


def skills_asked(role: ProtocolRole) -> frozenset[str]:
    """The skills that `role` asks for; of a supervisor, that they may supervise."""
    asked = frozenset(role.skills)
    return asked | {MAY_SUPERVISE} if role.name == SUPERVISOR else asked


def with_ticks(resources: QuerySet[Resource]) -> QuerySet[Any]:
    """The `resources` with what `skills_of` reads: no query more."""
    rows = resources.select_related("device")
    return rows.annotate(may_supervise=F("practitioner__may_supervise"))


def skills_of(resource: Any) -> frozenset[str]:
    """What `resource` can do and may do; it comes `with_ticks`."""
    skills = frozenset(resource.skills) - {MAY_SUPERVISE}
    if resource.may_supervise:
        skills |= {MAY_SUPERVISE}
    device = getattr(resource, "device", None)
    return skills if device is None or can_needle(device) else skills - NEEDLING


def can_needle(device: Device) -> bool:
    """Whether it is made for needling, and of the class that takes (source: S1)."""
    is_made_for_it = device.device_kind != DeviceKind.CENTRIFUGE
    return is_made_for_it and device.health_canada_class >= NEEDLING_CLASS


def can_fill(role: ProtocolRole, resource: Any) -> bool:
    """Whether `resource`, got `with_ticks`, is and can do all that `role` asks for."""
    fits: bool = resource.kind == role.kind
    return fits and skills_asked(role) <= skills_of(resource)
