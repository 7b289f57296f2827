"""A treatment's protocol, composed from its parts; where they disagree the stricter wins.

Pure. A part is what one modality brings: needling, platelet-rich plasma, radiofrequency.
Stricter means, for each kind of fact:

gap and maintenance   what suits every part: the overlap of their ranges
depth and passes      the shallower; the overlap of their ranges
sessions              the larger number
supervision           wanted by one, wanted by all; the deeper skin layer counts
roles                 every skill any part asks for
care                  begins at the earliest, ends at the latest
suitability           what is harder to lift, then the longer wait; asked as often as any
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar
from typing import Protocol as Shape

from treatments.care import Edge, Instruction
from treatments.suitability import AskAgain, Rule, RuleKind, WaitUnit


class CompositionError(ValueError):
    """Parts that no single protocol can satisfy; the text says which fact."""


class SkinLayer(StrEnum):
    """How deep the needles reach, from shallow to deep."""

    EPIDERMIS = "epidermis"
    DERMIS = "dermis"


class EffectKind(StrEnum):
    RECOVERY = "recovery"
    POSSIBLE = "possible"
    RARE = "rare"
    VERY_RARE = "very-rare"
    URGENT = "urgent"  # a clinician looks at once


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a protocol, each group with its source; days are local days."""

    gap_min_days: int
    gap_max_days: int
    gap_source: str
    ideal_gap_days: int
    ideal_gap_source: str
    maintenance_min: int
    maintenance_max: int
    maintenance_source: str
    single_session_may_do: bool
    single_session_source: str
    max_depth_mm: Decimal
    depth_source: str
    passes_min: int
    passes_max: int
    passes_source: str
    target_layer: SkinLayer
    layer_source: str
    needs_supervision: bool
    supervision_source: str

    def __post_init__(self) -> None:
        for low, high in (
            ("gap_min_days", "gap_max_days"),
            ("maintenance_min", "maintenance_max"),
            ("passes_min", "passes_max"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} is more than {high}")


@dataclass(frozen=True, slots=True)
class SessionCount:
    """How many sessions a concern takes; no concern: any other. No maximum: or more."""

    concern: str | None
    minimum: int
    usual: int
    maximum: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a session and the roles it uses, in minutes."""

    name: str
    minutes: int
    roles: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PartPhase:
    """A phase of a part; with `within` it runs in the last minutes of that phase."""

    phase: Phase
    within: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """Who or what a session needs: of one kind, with every one of these skills."""

    name: str
    kind: str
    skills: tuple[str, ...]
    source: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What the skin may do afterwards."""

    code: str
    kind: EffectKind
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something worth knowing that no other table holds."""

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one modality, or a treatment's own tool, brings along."""

    code: str
    figures: Figures | None = None
    session_counts: tuple[SessionCount, ...] = ()
    phases: tuple[PartPhase, ...] = ()
    roles: tuple[Role, ...] = ()
    care: tuple[Instruction, ...] = ()
    rules: tuple[Rule, ...] = ()
    effects: tuple[Effect, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """A whole protocol as values: what is written, shown and compared."""

    figures: Figures
    session_counts: tuple[SessionCount, ...]
    phases: tuple[Phase, ...]
    roles: tuple[Role, ...]
    care: tuple[Instruction, ...]
    rules: tuple[Rule, ...]
    effects: tuple[Effect, ...]
    facts: tuple[Fact, ...]


class Coded(Shape):
    """What has a code, by which the same thing is found in two parts."""

    @property
    def code(self) -> str: ...


Item = TypeVar("Item")
CodedItem = TypeVar("CodedItem", bound=Coded)


def compose(parts: Sequence[Part]) -> Composed:
    """One protocol that is at least as strict as each of `parts`.

    Raises CompositionError where parts leave no common ground, where a phase uses an
    unknown role, or where work in the dermis would go unsupervised (source: S1).
    """
    figures = [part.figures for part in parts if part.figures]
    if not figures:
        raise CompositionError("no part says how far apart sessions lie")
    composed = Composed(
        figures=reduce(stricter_figures, figures),
        session_counts=_merge(
            chain.from_iterable(p.session_counts for p in parts),
            lambda count: count.concern or "",
            larger_count,
        ),
        phases=compose_phases(chain.from_iterable(p.phases for p in parts)),
        roles=compose_roles(chain.from_iterable(p.roles for p in parts)),
        care=_by_code((p.care for p in parts), stricter_care),
        rules=_by_code((p.rules for p in parts), stricter_rule),
        effects=_by_code((p.effects for p in parts), _first),
        facts=_by_code((p.facts for p in parts), _first),
    )
    _refuse_gaps(composed)
    return composed


# --- Which of two is the stricter ----------------------------------------------------


def stricter_figures(a: Figures, b: Figures) -> Figures:
    """The figures that satisfy both; each keeps the source of the value that won."""
    gap = _overlap("gap_days", a, b, "gap_min_days", "gap_max_days", "gap_source")
    often = _overlap(
        "maintenance", a, b, "maintenance_min", "maintenance_max", "maintenance_source"
    )
    passes = _overlap("passes", a, b, "passes_min", "passes_max", "passes_source")
    ideal = max(a, b, key=lambda f: f.ideal_gap_days)
    shallow = min(a, b, key=lambda f: f.max_depth_mm)
    deep = max(a, b, key=lambda f: tuple(SkinLayer).index(f.target_layer))
    careful = max(a, b, key=lambda f: f.needs_supervision)
    series = min(a, b, key=lambda f: f.single_session_may_do)
    facts: tuple[Any, ...] = (
        *gap,
        min(max(ideal.ideal_gap_days, gap[0]), gap[1]),
        ideal.ideal_gap_source,
        *often,
        *attrgetter("single_session_may_do", "single_session_source")(series),
        *attrgetter("max_depth_mm", "depth_source")(shallow),
        *passes,
        *attrgetter("target_layer", "layer_source")(deep),
        *attrgetter("needs_supervision", "supervision_source")(careful),
    )
    return Figures(*facts)


def larger_count(a: SessionCount, b: SessionCount) -> SessionCount:
    """The larger number of sessions, end by end; "or more" is larger than any."""
    source = b.source if b.usual > a.usual else a.source
    maximum = None
    if a.maximum is not None and b.maximum is not None:
        maximum = max(a.maximum, b.maximum)
    return SessionCount(
        a.concern, max(a.minimum, b.minimum), max(a.usual, b.usual), maximum, source
    )


def stricter_care(a: Instruction, b: Instruction) -> Instruction:
    """The instruction that begins at the earlier and ends at the later of both.

    What ends later decides the text, the source and any milder rule beside it.
    """
    if (a.phase, a.kind) != (b.phase, b.kind):
        raise CompositionError(f"care {a.code}: two parts mean different things by it")
    longer = max(a, b, key=_care_end)
    early = min(a, b, key=_care_start)
    return replace(
        longer,
        starts=early.starts,
        starts_offset=early.starts_offset,
        first_session_only=a.first_session_only and b.first_session_only,
    )


def stricter_rule(a: Rule, b: Rule) -> Rule:
    """What is harder to lift, then the longer wait; asked as often as either wants.

    A definite wait weighs more than a clinician's decision, which can be made today.
    """
    if a.question != b.question:
        raise CompositionError(f"rule {a.code}: two parts ask different questions")
    worse = max(a, b, key=_rule_weight)
    return replace(
        worse,
        ask_again=max(a.ask_again, b.ask_again, key=tuple(AskAgain).index),
        may_be_overridden=a.may_be_overridden and b.may_be_overridden,
    )


def _care_start(care: Instruction) -> tuple[int, int]:
    order = (Edge.PLAN, Edge.PRESCRIBED, Edge.DAYS, Edge.SESSION, Edge.HOURS)
    if care.starts == Edge.DAYS and (care.starts_offset or 0) > 0:
        return len(order), care.starts_offset or 0
    return order.index(care.starts), care.starts_offset or 0


def _care_end(care: Instruction) -> tuple[int, int]:
    order = (Edge.SESSION, Edge.HOURS, Edge.DAYS, Edge.HEALED, Edge.ONWARDS)
    if care.ends == Edge.DAYS:
        return order.index(Edge.HOURS), 24 * (care.ends_offset or 0)
    return order.index(care.ends), care.ends_offset or 0


def _rule_weight(rule: Rule) -> tuple[int, int]:
    order = (RuleKind.DECIDE, RuleKind.WAIT, RuleKind.DEFER, RuleKind.EXCLUDE)
    days = {WaitUnit.DAYS: 1, WaitUnit.MONTHS: 30, WaitUnit.YEARS: 365}
    wait = (rule.wait_amount or 0) * days[rule.wait_unit or WaitUnit.DAYS]
    return order.index(rule.kind), wait


def _overlap(
    what: str, a: Figures, b: Figures, low: str, high: str, source: str
) -> tuple[int, int, str]:
    """Both ranges' common part, with the source of the side that narrowed it."""
    least = max(getattr(a, low), getattr(b, low))
    most = min(getattr(a, high), getattr(b, high))
    if least > most:
        raise CompositionError(f"{what}: the parts leave nothing in common")
    b_narrows = (least, most) != (getattr(a, low), getattr(a, high))
    return least, most, getattr(b if b_narrows else a, source)


# --- Phases and roles ----------------------------------------------------------------


def compose_phases(parts: Iterable[PartPhase]) -> tuple[Phase, ...]:
    """The phases in order; what runs within another takes that one's last minutes.

    Both then use the roles of both. Work that takes longer than its host ends the host's
    lone minutes and stretches the session; nothing ever runs before the patient arrives.
    """
    offered = tuple(parts)
    own = [p.phase for p in offered if not p.within]
    phases = list(_merge(own, lambda p: p.name, _longer_phase))
    for part in (p for p in offered if p.within):
        at = next((i for i, p in enumerate(phases) if p.name == part.within), None)
        if at is None:
            raise CompositionError(f"phase {part.phase.name}: no phase {part.within}")
        phases[at : at + 1] = _run_within(phases[at], part.phase)
    return tuple(phases)


def compose_roles(parts: Iterable[Role]) -> tuple[Role, ...]:
    """Each role with every skill that any part asks for."""
    return _merge(parts, lambda role: role.name, _more_skilled)


def _run_within(host: Phase, work: Phase) -> tuple[Phase, ...]:
    together = replace(work, roles=_union(host.roles, work.roles))
    alone = host.minutes - work.minutes
    return (replace(host, minutes=alone), together) if alone > 0 else (together,)


def _longer_phase(a: Phase, b: Phase) -> Phase:
    longer = max(a, b, key=lambda p: p.minutes)
    return replace(longer, roles=_union(a.roles, b.roles))


def _more_skilled(a: Role, b: Role) -> Role:
    if a.kind != b.kind:
        raise CompositionError(f"role {a.name}: two parts want different kinds")
    skills = _union(a.skills, b.skills)
    return replace(a, skills=skills, shared=a.shared and b.shared)


def _refuse_gaps(composed: Composed) -> None:
    roles = {role.name for role in composed.roles}
    used = {name for phase in composed.phases for name in phase.roles}
    if odd := sorted(roles ^ used):
        raise CompositionError(f"roles: {odd[0]} is not both declared and used")
    if not composed.phases:
        raise CompositionError("phases: a session needs at least one")
    figures = composed.figures
    if figures.target_layer == SkinLayer.DERMIS and not figures.needs_supervision:
        raise CompositionError("needs_supervision: work in the dermis needs a doctor")
    if figures.needs_supervision and "supervisor" not in roles:
        raise CompositionError("roles: a supervised session needs a supervisor")


# --- Merging -------------------------------------------------------------------------


def _by_code(
    groups: Iterable[Iterable[CodedItem]],
    stricter: Callable[[CodedItem, CodedItem], CodedItem],
) -> tuple[CodedItem, ...]:
    return _merge(chain.from_iterable(groups), lambda item: item.code, stricter)


def _merge(
    items: Iterable[Item],
    key: Callable[[Item], str],
    stricter: Callable[[Item, Item], Item],
) -> tuple[Item, ...]:
    """Every item once, in the order first met; of two with one key, the stricter."""
    kept: dict[str, Item] = {}
    for item in items:
        name = key(item)
        kept[name] = stricter(kept[name], item) if name in kept else item
    return tuple(kept.values())


def _first(a: Item, b: Item) -> Item:
    return a


def _union(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a + b))
