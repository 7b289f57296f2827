"""What a patient cannot change alone becomes a wish on the desk's list, once a visit.

The desk reads it in its own language, and closes it once it has called.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentKind, Task, TaskKind, TreatmentPlan
from bookings.services import todo
from bookings.services.portal.selfservice import acting

LONGEST = 200  # characters of the patient's own words


class What(StrEnum):
    """What is wished."""

    MOVE = "move"
    CANCEL = "cancel"
    NEW = "new"  # a new time for what was given up


class PartOfDay(StrEnum):
    """When in the day it would suit."""

    MORNING = "morning"
    NOON = "noon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the patient would like, in their own words; weekdays from Monday = 0."""

    what: What
    words: str = ""
    weekdays: tuple[int, ...] = ()
    parts: tuple[PartOfDay, ...] = ()


def open_wish(visit: Appointment) -> Task | None:
    """The wish about `visit` that the desk has not answered yet."""
    return Task.objects.open().filter(key=f"{TaskKind.ASKS}:{_key(visit)}").first()


def may_ask(visit: Appointment, *, now: datetime) -> bool:
    """Whether there is anything to ask: it is ahead, or given up and not replaced."""
    if visit.can_be_moved:
        return visit.starts_at > now
    if visit.is_live or visit.is_held:
        return False
    plan = visit.plan
    if plan is None or visit.kind != AppointmentKind.SESSION:
        return True
    return plan.is_going_on and not _is_replaced(visit, plan)


def _is_replaced(visit: Appointment, plan: TreatmentPlan) -> bool:
    rows = plan.appointments.live().filter(kind=AppointmentKind.SESSION)
    return rows.filter(number=visit.number).exists()


def ask(visit: Appointment, wish: Wish, *, now: datetime) -> Task | None:
    """Put the wish on the desk's list, unless one about the visit is there already.

    The one that is open then; None where there is nothing to ask any more.
    """
    with acting(visit.patient):
        row = Appointment.objects.with_people().get(pk=visit.pk)
        if not may_ask(row, now=now):
            return None
        about = {"patient": row.patient, "plan": row.plan, "appointment": row}
        todo.open_task(TaskKind.ASKS, _key(row), _told(row, wish), now=now, **about)
        return open_wish(row)


def _key(visit: Appointment) -> str:
    return f"visit:{visit.pk}"


def _told(visit: Appointment, wish: Wish) -> str:
    """The wish as the desk reads it: who, what, about which visit, when would suit."""
    facts = {"patient": visit.patient, "visit": _named(visit)}
    parts = [_asked(wish.what) % facts, *when_words(wish)]
    if wish.words:
        parts.append(f"“{' '.join(wish.words.split())}”")
    return " ".join(parts)


def _asked(what: What) -> str:
    return {
        What.MOVE: _("%(patient)s asks for another time for %(visit)s."),
        What.CANCEL: _("%(patient)s cannot come to %(visit)s."),
        What.NEW: _("%(patient)s asks for a new time for %(visit)s."),
    }[what]


def _named(visit: Appointment) -> str:
    facts = {
        "number": visit.number,
        "kind": visit.get_kind_display().lower(),
        "when": date_format(visit.local_start, "D j M Y, H:i"),
    }
    if visit.number:
        return _("session %(number)s (%(when)s)") % facts
    return _("the %(kind)s of %(when)s") % facts


def when_words(wish: Wish) -> Iterable[str]:
    """When it would suit, in words for the desk: days, then times of day."""
    days = [str(WEEKDAYS[day]) for day in sorted(wish.weekdays)]
    times = [_part(one) for one in wish.parts]
    if days:
        yield _("Days: %(days)s.") % {"days": get_text_list(days, _("or"))}
    if times:
        yield _("Time: %(times)s.") % {"times": get_text_list(times, _("or"))}


def _part(part: PartOfDay) -> str:
    return {
        PartOfDay.MORNING: _("morning"),
        PartOfDay.NOON: _("around noon"),
        PartOfDay.LATE: _("late afternoon"),
    }[part]
