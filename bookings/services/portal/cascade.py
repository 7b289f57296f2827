"""What follows from a move, as the patient reads it: which sessions, why, what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import TreatmentPlan
from bookings.services import told
from bookings.services.moves.move_proposal import Alternative, SessionChange
from bookings.services.portal.proposed import Proposed

MOST_OTHERS = 2
WEEK = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One session, before and after (aware, local); `others` are other places for it.

    `who` is set where somebody else gives it; `why` is empty for what was asked for.
    """

    number: int
    before: datetime | None
    after: datetime
    ends_at: datetime
    title: str
    why: str
    who: str
    others: tuple[Alternative, ...]


def target(proposed: Proposed) -> Line:
    """The visit that was asked to move."""
    return _line(proposed.target, "", "")


def follows(proposed: Proposed, plan: TreatmentPlan, this_year: int) -> list[Line]:
    """The sessions that have to follow, in order, each with its reason."""
    after = {one.number: one.after.starts_at.date() for one in _changed(proposed)}
    return [
        _line(one, _title(one), _why(one, plan, after, this_year))
        for one in proposed.follows
    ]


def letters(proposed: Proposed, this_year: int) -> list[str]:
    """What we send anew, a sentence each."""
    due = [one for one in proposed.messages if one.new_due]
    said = [_("We confirm the new time by e-mail in a few minutes.")]
    if proposed.follows:
        said = [_("We confirm the new times by e-mail in a few minutes.")]
    for one in due:
        if one.rule == "pre-care" and one.new_due:
            said.append(_care(one.number, one.new_due, one.is_now, this_year))
    return said


def _care(number: int, due: datetime, is_now: bool, this_year: int) -> str:
    if is_now:
        return _(
            "How to get ready for session %(number)s: it comes at once, for getting "
            "ready begins now."
        ) % {"number": number}
    return _("How to get ready for session %(number)s: it comes on %(day)s.") % {
        "number": number,
        "day": told.day(due.date(), this_year),
    }


def _changed(proposed: Proposed) -> list[SessionChange]:
    return [proposed.target, *proposed.follows]


def _line(change: SessionChange, title: str, why: str) -> Line:
    return Line(
        number=change.number,
        before=change.before.starts_at if change.before else None,
        after=change.after.starts_at,
        ends_at=change.after.ends_at,
        title=title,
        why=why,
        who=_who(change),
        others=change.alternatives[:MOST_OTHERS],
    )


def _who(change: SessionChange) -> str:
    """Who gives it from now on, where that is somebody else than before."""
    operator = change.after.roles.get("operator")
    if change.before is None or operator == change.before.roles.get("operator"):
        return ""
    return change.after.names.partition(", ")[0]


def _title(change: SessionChange) -> str:
    facts = {"number": change.number}
    if change.is_moved:
        return _("Session %(number)s has to move too") % facts
    return _("Session %(number)s stays, with somebody else") % facts


def _why(
    change: SessionChange,
    plan: TreatmentPlan,
    after: Mapping[int, date],
    this_year: int,
) -> str:
    """Why it cannot stay: too close, too far, or somebody it needs is taken by then."""
    if change.before is None:
        return _("It has no time yet, and now it gets one.")
    other = after.get(change.number - 1)
    if other is None or not change.is_moved:
        return _("Whoever or whatever it needs is not free at its old time.")
    day = change.before.starts_at.date()
    days, (fewest, most) = (day - other).days, plan.gap_days
    if fewest <= days <= most:
        return _("Whoever or whatever it needs is not free at its old time.")
    facts = {"day": told.day(day, this_year), "before": change.number - 1}
    facts["days"] = max(days, 0)
    return f"{_gap(days, fewest) % facts} {spacing_words(plan)}"


def _gap(days: int, fewest: int) -> str:
    """That its old day comes too soon, or too late, after the session before it."""
    if days <= 0:
        return _("On %(day)s it would no longer come after session %(before)s.")
    if days < fewest:
        return ngettext(
            "On %(day)s it would come only %(days)s day after session %(before)s.",
            "On %(day)s it would come only %(days)s days after session %(before)s.",
            days,
        )
    return ngettext(
        "On %(day)s it would come %(days)s day after session %(before)s.",
        "On %(day)s it would come %(days)s days after session %(before)s.",
        days,
    )


def spacing_words(plan: TreatmentPlan) -> str:
    """How far apart the sessions of the plan have to be."""
    fewest, most = plan.gap_days
    if fewest % WEEK or most % WEEK:
        return _(
            "Your skin needs %(fewest)s to %(most)s days between two sessions."
        ) % {
            "fewest": fewest,
            "most": most,
        }
    if fewest == most:
        return ngettext(
            "Your skin needs %(weeks)s week between two sessions.",
            "Your skin needs %(weeks)s weeks between two sessions.",
            fewest // WEEK,
        ) % {"weeks": fewest // WEEK}
    return _("Your skin needs %(fewest)s to %(most)s weeks between two sessions.") % {
        "fewest": fewest // WEEK,
        "most": most // WEEK,
    }
