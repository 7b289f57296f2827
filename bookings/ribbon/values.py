"""What a ribbon is told: sessions, spans of days, sizes and the words to use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from itertools import pairwise
from typing import NamedTuple, Protocol

PRE_CARE_DAYS = 7
STRONG_DAYS = 3
SETTLING_DAYS = 8
"""The day of the session and seven after it; the first three are drawn stronger."""

WEEK = timedelta(days=7)


class State(StrEnum):
    """How far a session has come; the marker's fill grows with it."""

    PROPOSED = "proposed"
    HELD = "held"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    IN_SESSION = "in_session"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    WAS = "was"

    @property
    def is_live(self) -> bool:
        """Whether the session counts for care, gaps and windows."""
        return self not in (State.NO_SHOW, State.CANCELLED, State.WAS)


class Treatment(StrEnum):
    """The mark a treatment wears: circle, drop or diamond."""

    MN = "mn"
    PRP = "prp"
    RF = "rf"

    @classmethod
    def of(cls, name: str) -> "Treatment":
        """The mark for a code (`rf`) or a shape (`diamond`); ValueError for others."""
        shapes = {"circle": cls.MN, "drop": cls.PRP, "diamond": cls.RF}
        return shapes.get(name) or cls(name)


@dataclass(frozen=True, slots=True)
class RibbonSession:
    """One session on its local day.

    `time` and `who` are ready to show. `lines` replaces the text under the marker;
    an empty tuple leaves it out.
    """

    number: int
    day: date
    state: State = State.BOOKED
    time: str = ""
    who: str = ""
    lines: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RibbonSpan:
    """Days from `first` to `last`, both inside, on which nobody is treated.

    `icon` is `trip`, `event`, `calendar` or nothing.
    """

    first: date
    last: date
    label: str = ""
    icon: str = ""


class NotBefore(NamedTuple):
    """The first day allowed and why."""

    day: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RibbonNote:
    """A sentence beside a session's label; a bad one may frame the `day` it is about.

    An `allowed` one tells of a rule that somebody set aside, with permission.
    """

    number: int
    text: str
    bad: bool = True
    day: date | None = None
    allowed: bool = False


class AllowedGap(NamedTuple):
    """Why the gap before session `number` may lie outside its window."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A series in time: all that a drawing of it depends on.

    `gap_days` are the fewest and the most local days between two sessions, both
    allowed (42 and 56 unless the protocol says otherwise). `awaited` is the number of
    a session without a day whose window is drawn all the same.
    """

    sessions: tuple[RibbonSession, ...]
    treatment: Treatment = Treatment.MN
    gap_days: tuple[int, int] = (42, 56)
    away: tuple[RibbonSpan, ...] = ()
    closed: tuple[RibbonSpan, ...] = ()
    not_before: NotBefore | None = None
    today: date | None = None
    notes: tuple[RibbonNote, ...] = ()
    allowed: tuple[AllowedGap, ...] = ()
    awaited: int | None = None

    @property
    def live(self) -> tuple[RibbonSession, ...]:
        """The sessions that count, in order of number."""
        counted = (s for s in self.sessions if s.state.is_live)
        return tuple(sorted(counted, key=lambda s: (s.number, s.day)))

    @property
    def numbers(self) -> frozenset[int]:
        """Every session number of the series; where a session was counts for nothing."""
        return frozenset(s.number for s in self.sessions if s.state is not State.WAS)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both inside."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Gap:
    """The days between one session and the next, and where the next may lie."""

    before: RibbonSession
    after: RibbonSession
    window: Span
    reason: str = ""

    @property
    def days(self) -> int:
        """Local calendar days from one session's day to the next."""
        return (self.after.day - self.before.day).days

    @property
    def fits(self) -> bool:
        """Whether the later session lies in its window."""
        return self.window.first <= self.after.day <= self.window.last

    @property
    def is_allowed(self) -> bool:
        """Whether it lies outside its window and somebody allowed that."""
        return bool(self.reason) and not self.fits

    @property
    def is_past(self) -> bool:
        """Whether the later session is done: its window was another one, or is over."""
        return self.after.state is State.DONE

    @property
    def is_bad(self) -> bool:
        """Whether it lies outside its window, to come, and nobody allowed that."""
        return not (self.fits or self.reason or self.is_past)


class Measures(NamedTuple):
    """The lengths of one size, in CSS pixels."""

    scale: float
    track: float
    radius: float
    care: float
    ruler: float
    flag: float = 17
    flag_row: float = 20
    flag_font: float = 11
    label_font: float = 12


class Size(Enum):
    """Where the ribbon is shown decides its measures."""

    HERO = Measures(
        9.5, 64, 16, 16, 34, flag=20, flag_row=26, flag_font=13, label_font=15
    )
    REGULAR = Measures(8, 46, 11, 12, 34)
    COMPACT = Measures(3, 36, 9, 9, 20)
    VERTICAL = Measures(4, 40, 13, 11, 44, flag=21, flag_font=13, label_font=15)


class Rows(NamedTuple):
    """Which rows above the track are drawn with it."""

    ruler: bool = True
    flags: bool = True
    dates: bool = True


class Words(Protocol):
    """Every word a drawing shows, in the reader's language."""

    def month(self, day: date, with_year: bool) -> str: ...
    def day(self, day: date) -> str: ...
    def days(self, span: Span) -> str: ...
    def week(self, number: int) -> str: ...
    def gap(self, days: int) -> str: ...
    def apart(self, days: int) -> str: ...
    def allowed(self, days: int) -> str: ...
    def reason(self, reason: str) -> str: ...
    def today(self) -> str: ...
    def not_before(self, day: date) -> str: ...
    def window_opens(self, day: date) -> str: ...
    def away(self, span: RibbonSpan) -> str: ...
    def closed(self, span: RibbonSpan) -> str: ...
    def lines(self, session: RibbonSession) -> tuple[str, ...]: ...
    def title(self, session: RibbonSession) -> str: ...
    def when(self, session: RibbonSession) -> str: ...


def window_after(day: date, gap_days: tuple[int, int]) -> Span:
    """The days on which the session after the one on `day` may lie, both ends inside."""
    fewest, most = gap_days
    return Span(day + timedelta(days=fewest), day + timedelta(days=most))


def gaps(ribbon: Ribbon) -> tuple[Gap, ...]:
    """The gaps between live sessions whose numbers follow each other."""
    live, reasons = ribbon.live, dict(ribbon.allowed)
    return tuple(
        Gap(
            before,
            after,
            window_after(before.day, ribbon.gap_days),
            reasons.get(after.number, ""),
        )
        for before, after in pairwise(live)
        if after.number == before.number + 1
    )


def windows(ribbon: Ribbon) -> tuple[Span, ...]:
    """One window for each session that follows a live one, kept or not.

    A session that is done shows none that it does not lie in: it had its own.
    """
    over = {gap.before for gap in gaps(ribbon) if gap.is_past and not gap.fits}
    allowed = {gap.before for gap in gaps(ribbon) if gap.is_allowed}
    return tuple(
        window_after(session.day, ribbon.gap_days)
        for session in ribbon.live
        if session.number + 1 in (*ribbon.numbers, ribbon.awaited)
        and session not in over - allowed
    )


def monday(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def shared_range(ribbons: Iterable[Ribbon], *, weeks: int = 12) -> tuple[date, date]:
    """The Monday and the Sunday between which all `ribbons` can be compared.

    Care days and windows are inside; never fewer than `weeks`. ValueError where there
    is no session to draw.
    """
    spans = [span for ribbon in ribbons for span in _reach(ribbon)]
    if not spans:
        raise ValueError("A ribbon needs at least one session.")
    first = monday(min(span.first for span in spans))
    last = monday(max(span.last for span in spans)) + timedelta(days=6)
    return first, max(last, first + weeks * WEEK - timedelta(days=1))


def _reach(ribbon: Ribbon) -> Iterable[Span]:
    for session in ribbon.sessions:
        yield Span(
            session.day - timedelta(days=PRE_CARE_DAYS),
            session.day + timedelta(days=SETTLING_DAYS - 1),
        )
    yield from windows(ribbon)
