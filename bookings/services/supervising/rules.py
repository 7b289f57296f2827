"""Which sessions need a supervising doctor, and who may be one (source: S1).

Beyond the epidermis, needling is a medical procedure: somebody who may supervise has
to be on the premises while it is done, be it the one who does it. A provider without
such oversight stays in the epidermis.
"""

from typing import Any

from django.db.models import F

from bookings.models import TreatmentPlan
from treatments.models import ProtocolRole, TargetLayer

SUPERVISOR = "supervisor"
MAY_SUPERVISE = "may-supervise"
"""A skill that no protocol or person lists: it is the practitioner's own tick."""

MAY = F("practitioner__may_supervise")
"""Annotate resources with `may_supervise=MAY` before asking for their `skills_of`."""


def layer_of(plan: TreatmentPlan) -> TargetLayer:
    """The layer of skin that the plan aims at: its own, else its protocol's."""
    return TargetLayer(plan.target_layer or plan.protocol.target_layer)


def is_supervised(plan: TreatmentPlan) -> bool:
    """Whether a supervising doctor has to be on the premises for its sessions.

    The dermis always asks for one (source: S1). A plan that stays in the epidermis of
    a protocol for the dermis needs none; else its protocol decides.
    """
    layer = layer_of(plan)
    if layer == TargetLayer.DERMIS:
        return True
    is_shallower = layer != plan.protocol.target_layer
    return plan.protocol.needs_supervision and not is_shallower


def skills_asked(role: ProtocolRole) -> frozenset[str]:
    """The skills that `role` asks for; of a supervisor, that they may supervise."""
    asked = frozenset(role.skills)
    return asked | {MAY_SUPERVISE} if role.name == SUPERVISOR else asked


def skills_of(resource: Any) -> frozenset[str]:
    """What `resource` can do; with MAY_SUPERVISE where it may supervise."""
    own = frozenset(resource.skills) - {MAY_SUPERVISE}
    return own | {MAY_SUPERVISE} if resource.may_supervise else own
