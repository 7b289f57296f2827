"""Care before and after one session, as a timeline with real dates.

Pure. Before the session, offsets count local calendar days: seven days before a
Tuesday is a Tuesday, whatever the clocks do. After it, hours are elapsed hours from
the moment the session ends, planned or performed, so a night on which the clocks change
neither adds an hour of care nor takes one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class CarePhase(StrEnum):
    PRE = "pre"
    POST = "post"


class CareKind(StrEnum):
    """What an instruction asks for; pages pick an icon by it."""

    STOP = "stop"
    AVOID = "avoid"
    KEEP = "keep"
    WASH = "wash"
    PROTECT = "protect"
    CONFIRM = "confirm"
    MEDICINE = "medicine"
    FOLLOW_UP = "follow-up"


class Edge(StrEnum):
    """What an instruction begins or ends with."""

    DAYS = "days"  # local calendar days from the session's day; negative before it
    HOURS = "hours"  # elapsed hours from the end of the session
    SESSION = "session"  # the session's start
    PLAN = "plan"  # the day the plan was made
    PRESCRIBED = "prescribed"  # as prescribed
    HEALED = "healed"  # when the skin has healed
    ONWARDS = "onwards"  # no end


@dataclass(frozen=True, slots=True)
class Instruction:
    """One piece of care: what, from when, until when, and who says so.

    Where the sources disagree the stricter is the rule and the milder end is kept
    beside it, in hours after the session, for a clinician to allow on a plan.
    """

    code: str
    phase: CarePhase
    kind: CareKind
    text: str
    starts: Edge
    ends: Edge
    source: str
    starts_offset: int | None = None
    ends_offset: int | None = None
    first_session_only: bool = False
    milder_hours: int | None = None
    milder_source: str = ""
    milder_text: str = ""


@dataclass(frozen=True, slots=True)
class CareItem:
    """An instruction with its dates, local to the clinic.

    `starts` and `ends` are a day (the whole of it), a moment, or None where no calendar
    knows: then `opens` and `closes` say what it depends on.
    """

    code: str
    phase: CarePhase
    kind: CareKind
    text: str
    source: str
    opens: Edge
    starts: date | datetime | None
    closes: Edge
    ends: date | datetime | None
    is_exception: bool = False

    @property
    def is_open_ended(self) -> bool:
        return self.ends is None


def timeline(
    instructions: Iterable[Instruction],
    starts_at: datetime,
    ends_at: datetime,
    tz: ZoneInfo,
    *,
    exceptions: Collection[str] = (),
    number: int = 1,
) -> tuple[CareItem, ...]:
    """The care around one session, in the order in which it begins.

    `ends_at` is when the session ended, or is planned to. `exceptions` are the codes of
    instructions for which the plan allows the milder end; `number` is the session's.
    Raises ValueError for an exception that no instruction offers.
    """
    offered = tuple(instructions)
    _refuse_unknown(exceptions, offered)
    chosen = [i for i in offered if number == 1 or not i.first_session_only]
    clock = _Clock(starts_at.astimezone(tz), ends_at.astimezone(tz), tz)
    items = [_item(i, clock, is_exception=i.code in exceptions) for i in chosen]
    return tuple(sorted(items, key=clock.order))


def precare_begins(instructions: Iterable[Instruction], session_date: date) -> date:
    """The first local day with something to do for a session on `session_date`.

    Counts what begins a number of days before; with none, the session's own day.
    """
    offsets = [
        i.starts_offset or 0
        for i in instructions
        if i.phase == CarePhase.PRE and i.starts == Edge.DAYS
    ]
    return session_date + timedelta(days=min(offsets, default=0))


@dataclass(frozen=True, slots=True)
class _Clock:
    """Turns an edge and its offset into a local day or moment."""

    starts_at: datetime
    ends_at: datetime
    tz: ZoneInfo

    def moment(self, edge: Edge, offset: int | None) -> date | datetime | None:
        if edge == Edge.DAYS:
            return self.starts_at.date() + timedelta(days=offset or 0)
        if edge == Edge.HOURS:
            elapsed = self.ends_at.astimezone(UTC) + timedelta(hours=offset or 0)
            return elapsed.astimezone(self.tz)
        return self.starts_at if edge == Edge.SESSION else None

    def order(self, item: CareItem) -> tuple[bool, datetime]:
        """Before care first; in each, what no calendar knows, then by its beginning."""
        start = item.starts or date.min
        if not isinstance(start, datetime):
            start = datetime(start.year, start.month, start.day, tzinfo=UTC)
        return item.phase == CarePhase.POST, start.astimezone(UTC)


def _item(chosen: Instruction, clock: _Clock, *, is_exception: bool) -> CareItem:
    text, source = chosen.text, chosen.source
    ends, offset = chosen.ends, chosen.ends_offset
    if is_exception:
        text = chosen.milder_text or text
        source = chosen.milder_source
        ends, offset = Edge.HOURS, chosen.milder_hours
    return CareItem(
        code=chosen.code,
        phase=chosen.phase,
        kind=chosen.kind,
        text=text,
        source=source,
        opens=chosen.starts,
        starts=clock.moment(chosen.starts, chosen.starts_offset),
        closes=ends,
        ends=clock.moment(ends, offset),
        is_exception=is_exception,
    )


def _refuse_unknown(
    codes: Collection[str], instructions: Iterable[Instruction]
) -> None:
    offered = {i.code for i in instructions if i.milder_hours is not None}
    if unknown := sorted(set(codes) - offered):
        raise ValueError(f"No milder rule is offered for: {', '.join(unknown)}")
