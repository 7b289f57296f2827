"""When words are due: moments counted from a visit, in elapsed time or local days.

Nothing leaves at once: for a few minutes a slip can be undone, and then nobody has
heard of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from treatments.care import Instruction, precare_begins

CARE_HOUR = time(9)
NOTICE = timedelta(hours=48)
AFTERCARE_HELPS = timedelta(days=2)  # redness lasts 24 to 48 hours (source: S2)
HEALING_SOON, HEALING_LATER = timedelta(hours=48), 7  # elapsed; local days
HEALING_HELPS, HEALING_LATER_HELPS = timedelta(days=6), timedelta(days=21)
QUIET_FROM, QUIET_UNTIL = time(20), time(8)
EVENING = time(19, 30)  # early enough for a late sweep to end before the quiet hours

GRACE = timedelta(seconds=settings.MESSAGE_GRACE_SECONDS)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a rule looks at: [starts_at, ends_at), days and hours of `zone`, the care.

    `care` is what the protocol asks for around this very session; `is_done` says that
    it took place, and ended at `ends_at`.
    """

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    care: tuple[Instruction, ...] = ()
    is_done: bool = False

    def at(self, day: date, hour: time) -> datetime:
        """The instant at which clocks there show `hour` on `day`, in UTC."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


Moment = Callable[[Visit, datetime], datetime | None]


def at_booking(visit: Visit, now: datetime) -> datetime | None:
    """At once, unless the visit has begun."""
    return now if now < visit.starts_at else None


def when_care_begins(visit: Visit, now: datetime) -> datetime | None:
    """9:00 on the local day pre-care begins, or at once where that has passed.

    Care that begins on the session's own day is told at 9:00 the day before, so that
    the words come before the session, however early it is.
    """
    session_day = visit.starts_at.astimezone(visit.zone).date()
    day_before = session_day - timedelta(days=1)
    day = min(precare_begins(visit.care, session_day), day_before)
    return max(now, visit.at(day, CARE_HOUR)) if now < visit.starts_at else None


def two_days_before(visit: Visit, now: datetime) -> datetime | None:
    """48 elapsed hours before, in waking hours; not at all for a visit that close.

    A moment in the quiet hours moves back to the evening before them, or, where that
    evening has passed, to the morning after.
    """
    moment = visit.starts_at - NOTICE
    if moment <= now:
        return None
    day, hour = _local(moment, visit.zone)
    if QUIET_UNTIL <= hour < QUIET_FROM:
        return moment
    if hour < QUIET_UNTIL:
        day -= timedelta(days=1)
    evening = visit.at(day, EVENING)
    return evening if now < evening else visit.at(day + timedelta(days=1), QUIET_UNTIL)


def at_planned_end(visit: Visit, now: datetime) -> datetime | None:
    """When the visit should end, unless it has.

    Of one that is known to have taken place it is told at once, while it helps.
    """
    if visit.is_done:
        return now if now < while_skin_settles(visit) else None
    return visit.ends_at if now < visit.ends_at else None


def two_days_after(visit: Visit, now: datetime) -> datetime | None:
    """48 elapsed hours after the end, or as soon after that as people are awake."""
    return _after(visit, visit.ends_at + HEALING_SOON, soon_after(visit), now)


def a_week_after(visit: Visit, now: datetime) -> datetime | None:
    """Seven local days after the end, at the same hour by the clocks there."""
    day, hour = _local(visit.ends_at, visit.zone)
    moment = visit.at(day + timedelta(days=HEALING_LATER), hour)
    return _after(visit, moment, later_after(visit), now)


def _after(
    visit: Visit, moment: datetime, helps_until: datetime, now: datetime
) -> datetime | None:
    """`moment` in waking hours, or at once where it has passed and still helps.

    Of a visit that should be over and is not known to have taken place: nothing.
    """
    if now >= (helps_until if visit.is_done else visit.ends_at):
        return None
    day, hour = _local(moment, visit.zone)
    if hour >= QUIET_FROM:
        moment = visit.at(day + timedelta(days=1), QUIET_UNTIL)
    elif hour < QUIET_UNTIL:
        moment = visit.at(day, QUIET_UNTIL)
    return max(now, moment)


def after_grace(due_at: datetime, now: datetime, helps_until: datetime) -> datetime:
    """`due_at`, but not before the grace is over that a slip made at `now` has.

    Where the words would come too late to help after it, they leave when they are due.
    """
    soonest = now + GRACE
    return soonest if due_at < soonest < helps_until else due_at


def _local(moment: datetime, zone: ZoneInfo) -> tuple[date, time]:
    local = moment.astimezone(zone)
    return local.date(), local.time()


def until_it_starts(visit: Visit) -> datetime:
    """The moment from which words about getting ready help nobody."""
    return visit.starts_at


def soon_after(visit: Visit) -> datetime:
    """The moment from which the question of the second day is put too late."""
    return visit.ends_at + HEALING_HELPS


def later_after(visit: Visit) -> datetime:
    """The moment from which the question of the first week is put too late."""
    return visit.ends_at + HEALING_LATER_HELPS


def while_skin_settles(visit: Visit) -> datetime:
    """The moment from which first words about after-care help nobody."""
    return visit.ends_at + AFTERCARE_HELPS
