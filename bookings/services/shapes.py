"""The shape of a plan's sessions: its own minutes and layer over its protocol's.

Whatever places, claims, judges, draws or tells a session asks here, and never the
protocol itself. Nothing here queries where the protocol's rows were fetched ahead.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bookings.models import TreatmentPlan
from clinic.models import ResourceKind
from treatments.models import (
    DEPTH_LIMIT_MM,
    Protocol,
    ProtocolPhase,
    ProtocolRole,
    TargetLayer,
)

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
    own, rows = plan.phase_minutes, list(plan.protocol.phases.all())
    used: Callable[[Iterable[str]], tuple[str, ...]] = _without_supervisor
    if is_supervised(plan):
        used = tuple if _is_named(rows) else _with_supervisor
    return [
        SessionPhase(row.name, int(own.get(row.name, row.minutes)), used(row.roles))
        for row in rows
    ]


def roles_of(plan: TreatmentPlan) -> list[ProtocolRole]:
    """Who and what a session of `plan` needs; a supervisor only where it is dermal."""
    rows = list(plan.protocol.roles.all())
    if not is_supervised(plan):
        return [row for row in rows if row.name != SUPERVISOR]
    is_asked = any(row.name == SUPERVISOR for row in rows)
    return rows if is_asked else [*rows, _supervisor(plan.protocol)]


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

    Work in the dermis always does. What stays in the epidermis needs none, unless its
    protocol asks for one although it is epidermal itself.
    """
    if layer_of(plan) == TargetLayer.DERMIS:
        return True
    is_shallower = plan.protocol.target_layer == TargetLayer.DERMIS
    return plan.protocol.needs_supervision and not is_shallower


def depth_limit(plan: TreatmentPlan) -> Decimal:
    """The deepest that needles may go under `plan`, in mm, for its protocol and layer.

    Never beyond 2.0 mm (source: S2).
    """
    return depth_limit_of(plan.protocol, plan.target_layer)


def depth_limit_of(protocol: Protocol, layer: str) -> Decimal:
    """The same for a plan of `protocol` with a `layer` of its own; "" for none."""
    limit = min(protocol.max_depth_mm, DEPTH_LIMIT_MM)
    if layer == TargetLayer.EPIDERMIS:
        return min(limit, EPIDERMIS_LIMIT_MM)
    return limit


def _is_named(phases: Iterable[ProtocolPhase]) -> bool:
    """Whether the protocol says itself which phases are supervised."""
    return any(SUPERVISOR in row.roles for row in phases)


def _without_supervisor(roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(role for role in roles if role != SUPERVISOR)


def _with_supervisor(roles: Iterable[str]) -> tuple[str, ...]:
    """Somebody supervises while somebody works."""
    used = tuple(roles)
    return (*used, SUPERVISOR) if OPERATOR in used else used


def _supervisor(protocol: Protocol) -> ProtocolRole:
    """A doctor on the premises, for a protocol that names none; it is not saved."""
    return ProtocolRole(
        protocol=protocol,
        name=SUPERVISOR,
        kind=ResourceKind.PRACTITIONER,
        skills=["doctor"],
        shared=True,
    )
