"""The care of a plan without a session to count from: what a paper says of each piece."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import TreatmentPlan
from bookings.services.messages import care_words
from clinic.words import said
from treatments.care import CarePhase, Edge, Instruction
from treatments.services import sealed


@dataclass(frozen=True, slots=True)
class Piece:
    """What to do, and when: "from 7 days before", "for 24 hours"; empty where always."""

    words: str
    when: str


def of_plan(plan: TreatmentPlan, phase: CarePhase) -> list[Piece]:
    """The care of one phase in the language now spoken, the allowed milder rules too."""
    return list(_pieces(plan, phase))


def _pieces(plan: TreatmentPlan, phase: CarePhase) -> Iterator[Piece]:
    offered = sealed.care(plan.protocol)
    allowed = care_words.allowed(plan, offered)
    for one in offered:
        if one.phase != phase:
            continue
        if one.code in allowed:
            yield Piece(
                said(one.milder_text or one.text), _hours(one.milder_hours or 0)
            )
        else:
            yield Piece(said(one.text), _when(one))


def _when(one: Instruction) -> str:
    for edge in (one.starts, one.ends):
        if edge in care_words.UNDATED:
            return str(care_words.UNDATED[edge]).lower()
    if one.ends == Edge.HOURS:
        return _hours(one.ends_offset or 0)
    if one.phase == CarePhase.PRE:
        return _days_before(-(one.starts_offset or 0))
    if one.starts == Edge.DAYS == one.ends:
        return _("%(first)s to %(last)s days afterwards") % {
            "first": one.starts_offset,
            "last": one.ends_offset,
        }
    return ""


def _hours(count: int) -> str:
    words = ngettext("for %(count)s hour", "for %(count)s hours", count)
    return words % {"count": count}


def _days_before(count: int) -> str:
    if not count:
        return ""
    words = ngettext("from %(count)s day before", "from %(count)s days before", count)
    return words % {"count": count}
