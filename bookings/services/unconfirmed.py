"""Medical values that no document states and nobody has vouched for yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

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
    Treatment,
)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """One value to confirm: what kind of fact it is, and what it says."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one treatment's current protocol that are still to confirm."""

    treatment: Treatment
    version: int
    values: tuple[Unconfirmed, ...]


def groups() -> list[Group]:
    """What to confirm, by treatment; as many queries for one treatment as for all."""
    protocols = Protocol.objects.current().with_contents()
    found = [
        Group(protocol.treatment, protocol.version, tuple(_values(protocol)))
        for protocol in protocols.order_by("treatment__position", "treatment__name")
    ]
    return [group for group in found if group.values]


def _values(protocol: Protocol) -> Iterator[Unconfirmed]:
    if not protocol.is_approved:
        yield from _figures(protocol)
    rows = chain(
        protocol.session_counts.all(),
        protocol.phases.all(),
        protocol.roles.all(),
        protocol.care_instructions.all(),
        protocol.rules.all(),
        protocol.effects.all(),
        protocol.facts.all(),
    )
    for row in rows:
        if row.source == Source.CLINIC and not row.is_approved:
            kind = capfirst(str(row._meta.verbose_name))
            yield Unconfirmed(kind, _words(row))


def _figures(protocol: Protocol) -> Iterator[Unconfirmed]:
    yes_no = {True: _("yes"), False: _("no")}
    figures: list[tuple[str, str, Any]] = [
        (
            protocol.gap_source,
            _("Gap between sessions, in days"),
            f"{protocol.gap_min_days}–{protocol.gap_max_days}",
        ),
        (
            protocol.ideal_gap_source,
            _("Ideal gap, in days"),
            protocol.ideal_gap_days,
        ),
        (
            protocol.maintenance_source,
            _("Maintenance sessions a year"),
            f"{protocol.maintenance_min}–{protocol.maintenance_max}",
        ),
        (
            protocol.single_session_source,
            _("A single session a year suits some"),
            yes_no[protocol.single_session_may_do],
        ),
        *_limits(protocol),
    ]
    for source, kind, value in figures:
        if source == Source.CLINIC:
            yield Unconfirmed(kind, str(value))


def _limits(protocol: Protocol) -> list[tuple[str, str, Any]]:
    doctor = _("a doctor on the premises")
    return [
        (protocol.depth_source, _("Greatest depth, in mm"), protocol.max_depth_mm),
        (
            protocol.passes_source,
            _("Passes"),
            f"{protocol.passes_min}–{protocol.passes_max}",
        ),
        (
            protocol.layer_source,
            _("Skin layer"),
            protocol.get_target_layer_display(),
        ),
        (
            protocol.supervision_source,
            _("Supervision"),
            doctor if protocol.needs_supervision else _("not needed"),
        ),
    ]


def _words(row: ProtocolPart) -> str:
    """What a row says, in words fit to be confirmed or struck out."""
    match row:
        case CareInstruction() | ProtocolEffect() | ProtocolFact():
            return _(row.text)
        case SuitabilityRule():
            return f"{_(row.question_text)} {_(row.reason)}"
        case ProtocolPhase():
            return _("%(name)s, %(minutes)s min") % {
                "name": row.name,
                "minutes": row.minutes,
            }
        case ProtocolRole():
            return f"{row.name}: {', '.join(row.skills)}"
        case SessionCount():
            return _("%(concern)s: usually %(count)s") % {
                "concern": row.concern or _("Any other concern"),
                "count": row.usual,
            }
    return str(row)
