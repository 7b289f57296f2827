"""Each line of a protocol as facts in words: what pages show, and what a diff compares."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.services.setup import skills
from clinic.models import ResourceKind
from treatments.models import (
    AskAgain,
    CareInstruction,
    EffectKind,
    InstructionEdge,
    InstructionKind,
    InstructionPhase,
    Protocol,
    ProtocolEffect,
    ProtocolFact,
    ProtocolPhase,
    ProtocolRole,
    RuleKind,
    SessionCount,
    Source,
    SuitabilityRule,
    TargetLayer,
    WaitUnit,
)

Facets = dict[str, str]


def source(code: str) -> str:
    """Where a value comes from, as a person reads it."""
    if code == Source.CLINIC:
        return _("Clinic’s default")
    return str(Source(code).label) if code in Source.values else code


def of(row: Any) -> Facets:
    """What `row`, a line of a protocol, says: each fact by its label."""
    words: dict[type[Any], Callable[[Any], Facets]] = {
        SessionCount: _count,
        ProtocolPhase: _phase,
        ProtocolRole: _role,
        CareInstruction: _care,
        SuitabilityRule: _rule,
        ProtocolEffect: _effect,
        ProtocolFact: _fact,
    }
    return words[type(row)](row)


def figures(protocol: Protocol) -> list[tuple[str, str, str]]:
    """Label, words and source of each group of figures."""
    p = protocol
    gap = _span(p.gap_min_days, p.gap_max_days)
    often = _span(p.maintenance_min, p.maintenance_max)
    single = _yes(p.single_session_may_do)
    return [
        (_("Days between sessions"), gap, p.gap_source),
        (_("Ideal days between sessions"), str(p.ideal_gap_days), p.ideal_gap_source),
        (_("Maintenance sessions a year"), often, p.maintenance_source),
        (_("A single session a year suits some"), single, p.single_session_source),
        *_under_the_skin(p),
    ]


def _under_the_skin(p: Protocol) -> list[tuple[str, str, str]]:
    layer = str(TargetLayer(p.target_layer).label)
    doctor = _("Needed") if p.needs_supervision else _("Not needed")
    return [
        (_("Needle depth, at most"), f"{p.max_depth_mm} mm", p.depth_source),
        (_("Passes"), _span(p.passes_min, p.passes_max), p.passes_source),
        (_("Skin layer"), layer, p.layer_source),
        (_("Supervision by a doctor"), doctor, p.supervision_source),
    ]


# --- One line each ------------------------------------------------------------------


def _count(row: SessionCount) -> Facets:
    return {_("Sessions"): row.in_words()}


def _phase(row: ProtocolPhase) -> Facets:
    minutes = ngettext("%(count)s minute", "%(count)s minutes", row.minutes)
    return {
        _("Time"): minutes % {"count": row.minutes},
        _("In use"): ", ".join(role_name(name) for name in row.roles),
    }


def _role(row: ProtocolRole) -> Facets:
    return {
        _("Kind"): str(ResourceKind(row.kind).label),
        _("Skills"): _list(skills.called(code) for code in row.skills),
        _("For several sessions at once"): _yes(row.shared),
    }


def _care(row: CareInstruction) -> Facets:
    milder = ""
    if row.milder_hours is not None:
        milder = _("%(hours)s hours (%(source)s). %(words)s") % {
            "hours": row.milder_hours,
            "source": source(row.milder_source),
            "words": row.milder_text,
        }
    return {
        _("What"): str(InstructionKind(row.kind).label),
        _("Words"): row.text,
        _("When"): when(row),
        _("Milder rule a plan may allow"): milder.strip(),
        _("First session only"): _yes(row.first_session_only),
    }


def _rule(row: SuitabilityRule) -> Facets:
    return {
        _("Question"): row.question_text,
        _("A yes means"): str(RuleKind(row.kind).label),
        _("Wait"): wait(row),
        _("Date asked for"): row.date_text,
        _("Reason given"): row.reason,
        _("Asked again"): str(AskAgain(row.ask_again).label),
        _("A clinician may override"): _yes(row.may_be_overridden),
    }


def _effect(row: ProtocolEffect) -> Facets:
    return {
        _("How often"): str(EffectKind(row.kind).label),
        _("Words"): row.text,
    }


def _fact(row: ProtocolFact) -> Facets:
    return {_("Words"): row.text}


# --- Words --------------------------------------------------------------------------


def wait(row: SuitabilityRule) -> str:
    """How long a wait lasts: 3 months. Empty where the rule is none."""
    if row.wait_amount is None or row.wait_unit is None:
        return ""
    n = row.wait_amount
    return {
        WaitUnit.DAYS.value: ngettext("%(n)s day", "%(n)s days", n),
        WaitUnit.MONTHS.value: ngettext("%(n)s month", "%(n)s months", n),
        WaitUnit.YEARS.value: ngettext("%(n)s year", "%(n)s years", n),
    }[row.wait_unit] % {"n": n}


def when(row: CareInstruction) -> str:
    """From when until when care lasts, such as: from 7 days before until the session."""
    return _("From %(start)s until %(end)s") % {
        "start": _edge(row.starts, row.starts_offset),
        "end": _edge(row.ends, row.ends_offset),
    }


def phase(row: CareInstruction) -> str:
    """Before or after the session."""
    return str(InstructionPhase(row.phase).label)


def role_name(name: str) -> str:
    """A role of a session as the clinic calls it."""
    known = {
        "operator": _("Practitioner"),
        "supervisor": _("Supervising doctor"),
        "room": _("Room"),
        "device": _("Device"),
        "centrifuge": _("Centrifuge"),
    }
    return known.get(name, name.replace("-", " ").capitalize())


def _edge(edge: str, offset: int | None) -> str:
    if edge == InstructionEdge.DAYS:
        return _days(offset or 0)
    if edge == InstructionEdge.HOURS:
        if not offset:
            return _("the end of the session")
        words = ngettext("%(n)s hour after it", "%(n)s hours after it", offset)
        return words % {"n": offset}
    return {
        InstructionEdge.SESSION.value: _("the session"),
        InstructionEdge.PLAN.value: _("the day the plan is made"),
        InstructionEdge.PRESCRIBED.value: _("the day it is prescribed for"),
        InstructionEdge.HEALED.value: _("the skin has healed"),
        InstructionEdge.ONWARDS.value: _("further notice"),
    }[edge]


def _days(offset: int) -> str:
    if offset < 0:
        words = ngettext("%(n)s day before", "%(n)s days before", -offset)
    else:
        words = ngettext("%(n)s day after", "%(n)s days after", offset)
    return words % {"n": abs(offset)}


def _span(least: int, most: int) -> str:
    if least == most:
        return str(least)
    return _("%(least)s to %(most)s") % {"least": least, "most": most}


def _yes(fact: bool) -> str:
    return _("Yes") if fact else _("No")


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
