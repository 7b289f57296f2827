"""Numbers of a protocol in words that anybody reads: how many, how far apart, how long."""

from collections.abc import Iterable, Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.words import said
from treatments.models import (
    CareInstruction,
    InstructionEdge,
    Protocol,
    ProtocolPhase,
    SessionCount,
    SuitabilityRule,
    WaitUnit,
)

WEEK = 7
HOUR = range(50, 71)  # minutes that people call an hour


def count(row: SessionCount) -> str:
    """How many sessions: "2 or 3", "2 to 4", "5 or more", "3"."""
    if row.maximum is None:
        return _("%(least)d or more") % {"least": row.minimum}
    if row.maximum == row.minimum:
        return str(row.minimum)
    ends = {"least": row.minimum, "most": row.maximum}
    if row.maximum == row.minimum + 1:
        return _("%(least)d or %(most)d") % ends
    return _("%(least)d to %(most)d") % ends


def sessions(protocol: Protocol) -> str:
    """How many sessions most people need; empty where only concerns are counted."""
    general = [row for row in protocol.session_counts.all() if row.concern is None]
    return count(general[0]) if general else ""


def exceptions(protocol: Protocol) -> list[str]:
    """The concerns that take another number: "5 or more for acne scars"."""
    return [
        capfirst(
            _("%(count)s for %(concern)s")
            % {"count": count(row), "concern": said(row.concern.name).lower()}
        )
        for row in protocol.session_counts.all()
        if row.concern
    ]


def sessions_for(protocol: Protocol, concern: str) -> str:
    """How many sessions the concern with this code takes."""
    rows = protocol.session_counts.all()
    own = next((r for r in rows if r.concern and r.concern.code == concern), None)
    return count(own) if own else sessions(protocol)


def span(least: int, most: int) -> str:
    """A stretch of days, in weeks where it is whole weeks: "6 to 8 weeks"."""
    if least % WEEK or most % WEEK:
        return _range(least, most, ngettext("%(n)s day", "%(n)s days", most))
    weeks = most // WEEK
    words = ngettext("%(n)s week", "%(n)s weeks", weeks)
    return _range(least // WEEK, weeks, words)


def gap(protocol: Protocol) -> str:
    """How far sessions lie apart: "6 to 8 weeks"."""
    return span(protocol.gap_min_days, protocol.gap_max_days)


def upkeep(protocol: Protocol) -> str:
    """How often people come back after a series: "1 to 3 times a year"."""
    least, most = protocol.maintenance_min, protocol.maintenance_max
    words = ngettext("%(n)s time a year", "%(n)s times a year", most)
    return _range(least, most, words)


def with_patient(protocol: Protocol) -> list[ProtocolPhase]:
    """The phases of a session in which the patient is there.

    What comes after the last one that takes a practitioner is cleaning up.
    """
    people = {
        role.name
        for role in protocol.roles.all()
        if role.kind == "practitioner" and not role.shared
    }
    phases = list(protocol.phases.all())
    working = [at for at, phase in enumerate(phases) if people & set(phase.roles)]
    return phases[: working[-1] + 1] if working else phases


def length(phases: Iterable[ProtocolPhase]) -> str:
    """How long they take together: "About an hour"."""
    minutes = sum(phase.minutes for phase in phases)
    if minutes in HOUR:
        return _("About an hour")
    near = max(5 * round(minutes / 5), 5)
    return _("About %(minutes)d minutes") % {"minutes": near}


def wait(rule: SuitabilityRule) -> str:
    """How long a wait lasts: "3 months"."""
    amount = rule.wait_amount or 0
    words = {
        WaitUnit.DAYS: ngettext("%(n)s day", "%(n)s days", amount),
        WaitUnit.MONTHS: ngettext("%(n)s month", "%(n)s months", amount),
        WaitUnit.YEARS: ngettext("%(n)s year", "%(n)s years", amount),
    }
    return words[WaitUnit(rule.wait_unit or WaitUnit.DAYS)] % {"n": amount}


def care_time(row: CareInstruction) -> str:
    """When a piece of care is due, without dates."""
    if row.phase == "pre":
        return _before(row)
    return _after(row)


def _before(row: CareInstruction) -> str:
    if row.first_session_only:
        return _("Before your first session")
    if row.starts == InstructionEdge.PLAN:
        return _("From the day your plan is made")
    if row.starts == InstructionEdge.PRESCRIBED:
        return _("As prescribed for you")
    days = -(row.starts_offset or 0)
    if not days:
        return _("On the day")
    words = ngettext("From %(n)d day before", "From %(n)d days before", days)
    return words % {"n": days}


def _after(row: CareInstruction) -> str:
    if row.ends == InstructionEdge.ONWARDS:
        return _("From then on")
    if row.ends == InstructionEdge.HEALED:
        return _("Until your skin has healed")
    starts, ends = row.starts_offset or 0, row.ends_offset or 0
    if row.ends == InstructionEdge.DAYS and starts:
        return capfirst(_("%(span)s later") % {"span": span(starts, ends)})
    if row.ends == InstructionEdge.DAYS:
        return ngettext("For %(n)d day", "For %(n)d days", ends) % {"n": ends}
    hours = ngettext("For %(n)d hour", "For %(n)d hours", ends)
    return hours % {"n": ends}


def listed(words: Sequence[str]) -> str:
    """Several things in one breath: "face, neck and arms"."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {
        "first": ", ".join(words[:-1]),
        "last": words[-1],
    }


def _range(least: int, most: int, words: str) -> str:
    if least == most:
        return words % {"n": most}
    return words % {"n": _("%(least)d to %(most)d") % {"least": least, "most": most}}
