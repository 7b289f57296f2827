"""The catalogue as it stands: what a protocol holds, and what nobody vouched for yet."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import User
from treatments.composition import Composed, Figures
from treatments.models import (
    CareInstruction,
    Protocol,
    ProtocolEffect,
    ProtocolFact,
    ProtocolPart,
    ProtocolPhase,
    ProtocolRole,
    SessionCount,
    Source,
    SuitabilityRule,
    TargetLayer,
    Treatment,
)

# The rows of a protocol, by their name in a composed one.
PARTS: dict[str, type[ProtocolPart]] = {
    "session_counts": SessionCount,
    "phases": ProtocolPhase,
    "roles": ProtocolRole,
    "care": CareInstruction,
    "rules": SuitabilityRule,
    "effects": ProtocolEffect,
    "facts": ProtocolFact,
}


def contents(protocol: Protocol) -> Composed:
    """The rows of `protocol` as values."""
    figures = {f.name: getattr(protocol, f.name) for f in fields(Figures)}
    parts = {name: tuple(_values(protocol, PARTS[name])) for name in PARTS}
    return Composed(figures=Figures(**figures), **parts)


def _values(protocol: Protocol, part: type[ProtocolPart]) -> Iterator[Any]:
    rows: Any = part._default_manager.filter(protocol=protocol)
    if part is SessionCount:
        rows = rows.select_related("concern")
    return (row.as_value() for row in rows)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A medical value that nobody has vouched for yet."""

    treatment: Treatment
    what: str
    value: str
    source: str

    @property
    def is_clinic_default(self) -> bool:
        return self.source == Source.CLINIC


def unconfirmed() -> list[Unconfirmed]:
    """Every value of the current protocols that still waits for an approval.

    The clinic's own defaults come first, then what the documents say, each in the
    catalogue's order.
    """
    protocols = Protocol.objects.current().with_contents()
    waiting = [
        Unconfirmed(protocol.treatment, what, value, source)
        for protocol in protocols.order_by("treatment__position")
        for what, value, source in _waiting(protocol)
    ]
    return sorted(waiting, key=lambda line: not line.is_clinic_default)


@transaction.atomic
def approve(protocol: Protocol, *, actor: User, now: datetime) -> int:
    """Put `actor`'s name under every value of `protocol` not yet approved; count them."""
    approval = {"approved_by": actor, "approved_at": now}
    own = Protocol.objects.filter(pk=protocol.pk, approved_at=None).update(**approval)
    rows = [
        part._default_manager.filter(protocol=protocol, approved_at=None)
        for part in PARTS.values()
    ]
    return own + sum(row.update(**approval) for row in rows)


def _waiting(protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    """What, its value in words, and its source, of all that is not approved."""
    if not protocol.is_approved:
        yield from _figures(protocol)
    for part in (
        protocol.session_counts,
        protocol.phases,
        protocol.roles,
        protocol.care_instructions,
        protocol.rules,
        protocol.effects,
        protocol.facts,
    ):
        rows: Any = part.all()
        for row in rows:
            if not row.is_approved:
                yield f"{row._meta.verbose_name}: {row}", row.in_words(), row.source


def _figures(protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    p = protocol
    between = _("%(least)s to %(most)s")
    gap = between % {"least": p.gap_min_days, "most": p.gap_max_days}
    often = between % {"least": p.maintenance_min, "most": p.maintenance_max}
    passes = between % {"least": p.passes_min, "most": p.passes_max}
    single = _("Yes") if p.single_session_may_do else _("No")
    supervised = _("Yes") if p.needs_supervision else _("No")
    yield _("days between sessions"), gap, p.gap_source
    yield _("ideal days between sessions"), str(p.ideal_gap_days), p.ideal_gap_source
    yield _("maintenance sessions a year"), often, p.maintenance_source
    yield _("a single session a year suits some"), single, p.single_session_source
    yield _("needle depth, at most"), f"{p.max_depth_mm} mm", p.depth_source
    yield _("passes"), passes, p.passes_source
    yield _("skin layer"), str(TargetLayer(p.target_layer).label), p.layer_source
    yield _("supervision by a doctor"), supervised, p.supervision_source
