"""A series before and after an amendment, as ribbons on the same days."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bookings.models import TreatmentPlan
from bookings.ribbon import Ribbon, RibbonSession, State
from bookings.services import ribbons
from bookings.services.amendments.amend_diff import Diff, Fate, Line


def both(diff: Diff, *, now: datetime) -> tuple[Ribbon, Ribbon]:
    """The series as it stands and as it would be; without dates, at ideal gaps."""
    if not diff.lines:
        return _unbooked(diff.plan, now), _unbooked(diff.amended, now)
    around = _around(diff, now)
    before = (_before(line) for line in diff.lines if line.before)
    after = (one for line in diff.lines for one in _after(line))
    return (
        ribbons.drawn(diff.plan, before, around),
        ribbons.drawn(diff.amended, after, around),
    )


def _around(diff: Diff, now: datetime) -> ribbons.Around:
    places = [p for line in diff.lines for p in (line.before, line.after) if p]
    days = [place.starts_at.date() for place in places]
    return ribbons.Around(
        today=now.astimezone(diff.plan.location.zone).date(),
        away=ribbons.away_dates(diff.plan, min(days), max(days)),
        closed=ribbons.closures(diff.plan, min(days), max(days)),
    )


def _before(line: Line) -> RibbonSession:
    row, place = line.appointment, line.before
    if row is None or place is None:
        raise ValueError("A session that does not stand has no place yet.")
    day, time = row.anchor_date, f"{place.starts_at:%H:%M}"
    return RibbonSession(line.number, day, State(row.status), time)


def _after(line: Line) -> Iterable[RibbonSession]:
    if line.fate is Fate.KEPT:
        yield _before(line)
        return
    if line.after:
        day, time = line.after.starts_at.date(), f"{line.after.starts_at:%H:%M}"
        yield RibbonSession(line.number, day, State.HELD, time)
    if line.before and line.fate in (Fate.MOVED, Fate.CANCELLED):
        yield RibbonSession(line.number, line.before.starts_at.date(), State.WAS)


def _unbooked(plan: TreatmentPlan, now: datetime) -> Ribbon:
    today = now.astimezone(plan.location.zone).date()
    gap = timedelta(days=plan.ideal_gap_days)
    first = today + timedelta(days=1)
    sessions = [
        RibbonSession(number, first + (number - 1) * gap, State.PROPOSED)
        for number in range(1, plan.session_count + 1)
    ]
    return ribbons.drawn(plan, sessions, ribbons.Around(today=today))
