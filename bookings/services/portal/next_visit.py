"""A patient's next visit: when, for how long, where, with whom, and what may change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Appointment, AppointmentKind, AppointmentStatus
from bookings.services import shapes, steps, told
from bookings.services.portal import policy

OPERATOR = "operator"
NUMBING = "Numbing"
TOLD = (policy.Bar.LATE, policy.Bar.OFTEN, policy.Bar.CLINICIAN)
"""Why a visit cannot be moved alone, where that is said on the card.

Health questions are no bar: the page that moves leads to them.
"""


@dataclass(frozen=True, slots=True)
class NextVisit:
    """What the card about the next visit says; `when` is by the location's clocks.

    `own_when` is the same moment by the patient's own clock, where that shows another
    time; `own_place` names that clock. `moved_from` says where it was, if it was moved,
    and `why` why its patient cannot move it alone.
    """

    visit: Appointment
    title: str
    ahead: str
    when: str
    lasts: str
    who: str
    moved_from: str
    own_when: str
    own_place: str
    why: str
    may_move: bool
    may_cancel: bool
    can_ask: bool


def of(visits: Iterable[Appointment], *, now: datetime) -> NextVisit | None:
    """The first of `visits` that is not over, in words; None where nothing is ahead.

    Read them with their people, the claims and the phases of their protocol.
    """
    visit = min(_ahead(visits, now), key=lambda one: one.starts_at, default=None)
    return _in_words(visit, now) if visit else None


def _in_words(visit: Appointment, now: datetime) -> NextVisit:
    today = now.astimezone(visit.location.zone).date()
    bar = policy.against_moving(visit, now=now)
    own_start = elsewhere(visit.local_start, visit.patient.timezone)
    return NextVisit(
        visit=visit,
        title=title(visit),
        ahead=days_ahead(visit.local_date, today),
        when=told.moment(visit.local_start, today.year),
        lasts=lasts(visit),
        who=who(visit),
        moved_from=moved_from(visit, today.year),
        own_when=_own_when(own_start, visit, today.year) if own_start else "",
        own_place=place_of(visit.patient.timezone) if own_start else "",
        why=policy.words(bar) if bar in TOLD else "",
        may_move=bar in (None, policy.Bar.HEALTH),
        may_cancel=policy.against_cancelling(visit, now=now) is None,
        can_ask=policy.is_ahead(visit, now=now),
    )


def _ahead(visits: Iterable[Appointment], now: datetime) -> list[Appointment]:
    standing = (
        AppointmentStatus.BOOKED,
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.IN_SESSION,
    )
    return [one for one in visits if one.status in standing and one.ends_at > now]


def title(visit: Appointment) -> str:
    """ "Session 2 of 3", "Consultation"."""
    if visit.kind == AppointmentKind.SESSION and visit.plan:
        numbers = {"number": visit.number, "count": visit.plan.session_count}
        return _("session %(number)s of %(count)s") % numbers
    if visit.kind == AppointmentKind.RESULT_REVIEW:
        return _("a look at your result")
    return _("consultation")


def days_ahead(day: date, today: date) -> str:
    """ "today", "tomorrow", "in 6 days"."""
    days = (day - today).days
    if days <= 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}


def lasts(visit: Appointment) -> str:
    """When its patient may go: "Numbing cream first. Done by 10:30."."""
    if visit.kind != AppointmentKind.SESSION or visit.plan is None:
        return _("Done by %(time)s.") % {"time": told.hour(visit.local_end)}
    phases = shapes.phases_of(visit.plan)
    end = shapes.leaves_at(visit.plan, visit.starts_at) or visit.ends_at
    time = told.hour(end.astimezone(visit.location.zone))
    if phases and phases[0].name == NUMBING:
        return _("Numbing cream first. Done by %(time)s.") % {"time": time}
    return _("Done by %(time)s.") % {"time": time}


def who(visit: Appointment) -> str:
    """Who gives it, or nothing where nobody is named."""
    names = [
        claim.resource.name for claim in visit.claims.all() if claim.role == OPERATOR
    ]
    return min(names, default="")


def moved_from(visit: Appointment, this_year: int) -> str:
    """Where the visit stood before its last move, "" where it never moved.

    "as you asked" is said of a move that the patient made, and of no other.
    """
    rows = steps.history(visit)
    for before, row in reversed(list(pairwise(rows))):
        if row.during != before.during and before.status != AppointmentStatus.HELD:
            was = before.during.lower.astimezone(visit.location.zone)
            context = row.pgh_context.metadata if row.pgh_context else {}
            asked = context.get(policy.MOVED) == visit.pk
            return _moved(was, visit.local_start, this_year, asked)
    return ""


def _moved(was: datetime, at: datetime, this_year: int, asked: bool) -> str:
    is_same_day = was.date() == at.date()
    when = told.hour(was) if is_same_day else told.day(was.date(), this_year)
    words = (
        _("Moved from %(when)s, as you asked") if asked else _("Moved from %(when)s")
    )
    return words % {"when": when}


def _own_when(own: datetime, visit: Appointment, this_year: int) -> str:
    """The hour alone, where it is the same day there."""
    if own.date() == visit.local_date:
        return told.hour(own)
    return told.moment(own, this_year)


def elsewhere(at: datetime, zone: str) -> datetime | None:
    """`at` by the clocks of `zone`; None where they show the same."""
    own = at.astimezone(ZoneInfo(zone))
    return own if own.utcoffset() != at.utcoffset() else None


def place_of(zone: str) -> str:
    """The place a time zone is named for: "America/St_Johns" is "St Johns"."""
    return zone.rpartition("/")[2].replace("_", " ")
