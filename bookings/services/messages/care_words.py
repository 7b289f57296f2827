"""The care around one session, in words fit for a patient."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from bookings.models import Appointment, DecisionKind, TreatmentPlan
from bookings.services import told
from clinic.words import said
from treatments.care import (
    CareItem,
    CareKind,
    CarePhase,
    Edge,
    Instruction,
    timeline,
)

# What to leave off comes first.
HEADINGS: dict[CareKind, Promise] = {
    CareKind.STOP: pgettext_lazy("care", "Stop"),
    CareKind.AVOID: pgettext_lazy("care", "Avoid"),
    CareKind.MEDICINE: pgettext_lazy("care", "Medicine"),
    CareKind.WASH: pgettext_lazy("care", "Wash"),
    CareKind.PROTECT: pgettext_lazy("care", "Protect"),
    CareKind.KEEP: pgettext_lazy("care", "Keep on"),
    CareKind.CONFIRM: pgettext_lazy("care", "Check"),
    CareKind.FOLLOW_UP: pgettext_lazy("care", "Afterwards"),
}
ORDER = list(HEADINGS)

UNDATED: dict[Edge, Promise] = {
    Edge.PRESCRIBED: gettext_lazy("As prescribed"),
    Edge.HEALED: gettext_lazy("Until your skin has healed"),
    Edge.ONWARDS: gettext_lazy("From now on"),
}


@dataclass(frozen=True, slots=True)
class CareLine:
    """One piece of care: what to do in a word, the instruction, and when it holds."""

    heading: str
    words: str
    when: str


def care_before(appointment: Appointment) -> list[CareLine]:
    """What to do before the session."""
    return lines(dated(appointment), CarePhase.PRE)


def care_after(appointment: Appointment) -> list[CareLine]:
    """What to do after the session, counted from its end, planned or real."""
    return lines(dated(appointment), CarePhase.POST)


def lines(items: Iterable[CareItem], phase: CarePhase) -> list[CareLine]:
    """The items of one phase as lines, in the language now spoken."""
    chosen = [item for item in items if item.phase == phase]
    return [
        CareLine(str(HEADINGS[item.kind]), said(item.text), when(item))
        for item in sorted(chosen, key=lambda item: ORDER.index(item.kind))
    ]


def when(item: CareItem) -> str:
    """When `item` holds: "23 to 30 Nov", "Until Tue 1 Dec, 10:30", or in words."""
    for edge in (item.opens, item.closes):
        if edge in UNDATED:
            return str(UNDATED[edge])
    if item.ends is None:
        return ""
    if isinstance(item.ends, datetime) and item.phase == CarePhase.POST:
        moment = {"day": _short_day(item.ends), "time": told.hour(item.ends)}
        return _("Until %(end)s") % {"end": _("%(day)s, %(time)s") % moment}
    if item.starts is None:
        return _("Until %(end)s") % {"end": date_format(item.ends, _day_format())}
    return _days(item.starts, item.ends)


def _day_format() -> str:
    """30 Nov; 30 nov."""
    return pgettext("date format", "j M")


def _short_day(at: datetime) -> str:
    """Tue 1 Dec; mar 1 déc."""
    return date_format(at, pgettext("date format", "D j M"))


def _days(first: date, last: date) -> str:
    """Two days as a range; the month is said once where it is the same."""
    in_one_month = (first.year, first.month) == (last.year, last.month)
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, "j" if in_one_month else _day_format()),
        "last": date_format(last, _day_format()),
    }


def dated(appointment: Appointment) -> tuple[CareItem, ...]:
    """The dated care of one session; of anything else, nothing.

    Where sources disagree the stricter end holds, unless a clinician allowed the milder
    one on the plan.
    """
    if appointment.plan is None:
        return ()
    instructions = appointment.plan.protocol.care()
    return timeline(
        instructions,
        *appointment.took_place,
        appointment.location.zone,
        exceptions=allowed(appointment.plan, instructions),
        number=appointment.number or 1,
    )


def allowed(plan: TreatmentPlan, instructions: Iterable[Instruction]) -> set[str]:
    """The instructions whose milder end a clinician's last word on this plan allows."""
    offered = {one.code for one in instructions if one.milder_hours is not None}
    if not offered:
        return offered
    last = {one.rule_code: one.kind for one in plan.decisions.all()}
    return {code for code in offered if last.get(code) == DecisionKind.OVERRIDE}
