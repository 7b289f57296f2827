"""Published protocols in memory: their rows are sealed, so they are read only once.

A draft is read anew each time.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects

from treatments.care import Instruction
from treatments.composition import Effect, Fact
from treatments.models import (
    CareInstruction,
    Protocol,
    ProtocolEffect,
    ProtocolFact,
    SuitabilityRule,
)
from treatments.suitability import Rule

ROWS = ("phases", "roles")
FETCHED = "_prefetched_objects_cache"  # where Django keeps what was fetched ahead
PROTOCOLS = 256  # versions kept; a clinic has a few dozen


class Notes(NamedTuple):
    """What to expect after a session, and what else is worth knowing, as values."""

    effects: tuple[Effect, ...]
    facts: tuple[Fact, ...]


def open_up(protocol: Protocol) -> Protocol:
    """`protocol` with its phases and roles at hand."""
    if protocol.published_at is None:
        prefetch_related_objects([protocol], *ROWS)
    else:
        rows = _rows(protocol.pk, protocol.published_at)
        vars(protocol)[FETCHED] = dict(rows)
    return protocol


def rules(protocol: Protocol) -> tuple[Rule, ...]:
    """The suitability rules of `protocol` as values, in their order."""
    if protocol.published_at is None or _has(protocol, "rules"):
        return protocol.suitability_rules()
    return _rules(protocol.pk, protocol.published_at)


def care(protocol: Protocol) -> tuple[Instruction, ...]:
    """The care instructions of `protocol` as values, in their order."""
    if protocol.published_at is None or _has(protocol, "care_instructions"):
        return protocol.care()
    return _care(protocol.pk, protocol.published_at)


def notes(protocol: Protocol) -> Notes:
    """The effects and the facts of `protocol` as values, in their order."""
    if protocol.published_at is None:
        return _read_notes(protocol.pk)
    return _notes(protocol.pk, protocol.published_at)


def _has(protocol: Protocol, rows: str) -> bool:
    """Whether these rows were fetched with the protocol."""
    return rows in vars(protocol).get(FETCHED, {})


@lru_cache(maxsize=PROTOCOLS)
def _rows(pk: int, published_at: datetime) -> dict[str, Any]:
    """What fetching the rows ahead leaves on a protocol, to be shared by all of it."""
    protocol = Protocol.objects.get(pk=pk)
    prefetch_related_objects([protocol], *ROWS)
    found: dict[str, Any] = vars(protocol)[FETCHED]
    return found


@lru_cache(maxsize=PROTOCOLS)
def _rules(pk: int, published_at: datetime) -> tuple[Rule, ...]:
    rows = SuitabilityRule.objects.filter(protocol=pk)
    return tuple(row.as_rule() for row in rows)


@lru_cache(maxsize=PROTOCOLS)
def _care(pk: int, published_at: datetime) -> tuple[Instruction, ...]:
    rows = CareInstruction.objects.filter(protocol=pk)
    return tuple(row.as_instruction() for row in rows)


@lru_cache(maxsize=PROTOCOLS)
def _notes(pk: int, published_at: datetime) -> Notes:
    return _read_notes(pk)


def _read_notes(pk: int) -> Notes:
    effects = ProtocolEffect.objects.filter(protocol=pk)
    facts = ProtocolFact.objects.filter(protocol=pk)
    return Notes(
        tuple(row.as_value() for row in effects), tuple(row.as_value() for row in facts)
    )
