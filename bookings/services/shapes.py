"""The shape of a plan's sessions: its own minutes and layer over its protocol's.

Whatever places, claims, judges, draws or tells a session asks here, and never the
protocol itself. Nothing here queries where the protocol's rows were fetched ahead.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bookings.models import TreatmentPlan
from treatments.models import DEPTH_LIMIT_MM, ProtocolRole, TargetLayer

SUPERVISOR = "supervisor"
OPERATOR = "operator"
EPIDERMIS_LIMIT_MM = Decimal("0.3")
"""Needles that go deeper leave the epidermis [clinic default: the medical director
confirms it]. Beyond the epidermis a doctor supervises (source: S1)."""


class SessionPhase(NamedTuple):
    """A stretch of a session, in minutes, and the roles in use during it."""

    name: str
    minutes: int
    roles: tuple[str, ...]


def phases_of(plan: TreatmentPlan) -> list[SessionPhase]:
    """The phases of a session of `plan`, in order, each with the plan's own minutes."""
    own, without = plan.phase_minutes, _unused(plan)
    return [
        SessionPhase(
            row.name,
            int(own.get(row.name, row.minutes)),
            tuple(role for role in row.roles if role not in without),
        )
        for row in plan.protocol.phases.all()
    ]


def roles_of(plan: TreatmentPlan) -> list[ProtocolRole]:
    """Who and what a session of `plan` needs; a supervisor only where it is dermal."""
    without = _unused(plan)
    return [row for row in plan.protocol.roles.all() if row.name not in without]


def minutes_of(plan: TreatmentPlan) -> int:
    """How long a session of `plan` takes, in minutes, all phases together."""
    return sum(phase.minutes for phase in phases_of(plan))


def with_patient(plan: TreatmentPlan) -> list[SessionPhase]:
    """The phases until nobody works on the patient any more; none where nobody does.

    After them the room is made ready for the next patient.
    """
    phases = phases_of(plan)
    while phases and OPERATOR not in phases[-1].roles:
        phases.pop()
    return phases


def leaves_at(plan: TreatmentPlan, start: datetime) -> datetime | None:
    """When the patient of a session that starts at `start` may go, if that is known."""
    minutes = sum(phase.minutes for phase in with_patient(plan))
    return start + timedelta(minutes=minutes) if minutes else None


def layer_of(plan: TreatmentPlan) -> TargetLayer:
    """The skin layer that the needles of `plan` reach: its own, else the protocol's."""
    return TargetLayer(plan.target_layer or plan.protocol.target_layer)


def is_supervised(plan: TreatmentPlan) -> bool:
    """Whether a doctor has to be on the premises (source: S1).

    Work that stays in the epidermis needs none, unless its protocol asks for one
    although it is epidermal itself.
    """
    protocol = plan.protocol
    lifted = protocol.target_layer == TargetLayer.DERMIS and (
        plan.target_layer == TargetLayer.EPIDERMIS
    )
    return protocol.needs_supervision and not lifted


def depth_limit(plan: TreatmentPlan) -> Decimal:
    """The deepest that needles may go under `plan`, in mm, for its protocol and layer.

    Never beyond 2.0 mm (source: S2).
    """
    limit = min(plan.protocol.max_depth_mm, DEPTH_LIMIT_MM)
    if plan.target_layer == TargetLayer.EPIDERMIS:
        return min(limit, EPIDERMIS_LIMIT_MM)
    return limit


def _unused(plan: TreatmentPlan) -> frozenset[str]:
    """Roles of the protocol that this plan's sessions do without."""
    return frozenset() if is_supervised(plan) else frozenset({SUPERVISOR})
