"""The words of the series ribbon: what its drawing says, and the same as a list."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.utils.dateformat import format as shown
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from bookings.ribbon import (
    Gap,
    Ribbon,
    RibbonSession,
    RibbonSpan,
    Span,
    State,
    gaps,
    windows,
)
from bookings.services import told

STATES = {
    State.PROPOSED: gettext_lazy("proposed"),
    State.HELD: gettext_lazy("held"),
    State.BOOKED: gettext_lazy("booked"),
    State.CONFIRMED: gettext_lazy("confirmed"),
    State.ARRIVED: gettext_lazy("arrived"),
    State.IN_SESSION: gettext_lazy("in session"),
    State.DONE: gettext_lazy("done"),
    State.NO_SHOW: gettext_lazy("no-show"),
    State.CANCELLED: gettext_lazy("cancelled"),
    State.WAS: gettext_lazy("was here before"),
}


class ShortWords:
    """The words on a drawing for the desk: short days, gaps in days."""

    def month(self, day: date, with_year: bool) -> str:
        """ "Oct 2026", or "Oct"."""
        month = pgettext("date format", "M")
        return shown(day, f"{month} Y" if with_year else month)

    def day(self, day: date) -> str:
        """ "17 Mar"."""
        return shown(day, pgettext("date format", "j M"))

    def days(self, span: Span) -> str:
        """ "13–21 Mar", "27 Nov–2 Dec", or one day."""
        first, last = span.first, span.last
        if first == last:
            return self.day(first)
        same = (first.year, first.month) == (last.year, last.month)
        return f"{first.day if same else self.day(first)}–{self.day(last)}"

    def week(self, number: int) -> str:
        """ "Week 0", then plain numbers."""
        return str(number) if number else _("Week 0")

    def gap(self, days: int) -> str:
        """ "48 days"."""
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}

    def apart(self, days: int) -> str:
        """ "48 days apart"."""
        text = ngettext("%(count)d day apart", "%(count)d days apart", days)
        return text % {"count": days}

    def allowed(self, days: int) -> str:
        """ "40 days, allowed"."""
        return _("%(gap)s, allowed") % {"gap": self.gap(days)}

    def reason(self, reason: str) -> str:
        """ "Allowed: she flies to Halifax"."""
        return _("Allowed: %(reason)s") % {"reason": reason}

    def today(self) -> str:
        """ "Today"."""
        return _("Today")

    def not_before(self, day: date) -> str:
        """ "Not before 3 Feb"."""
        return _("Not before %(day)s") % {"day": self.day(day)}

    def window_opens(self, day: date) -> str:
        """ "Window opens 11 Jan"."""
        return _("Window opens %(day)s") % {"day": self.day(day)}

    def away(self, span: RibbonSpan) -> str:
        """ "Halifax, 13–21 Mar"."""
        days = self.days(Span(span.first, span.last))
        return f"{span.label or _('Away')}, {days}"

    def closed(self, span: RibbonSpan) -> str:
        """ "Good Friday", or "Closed 25–28 Dec" where it takes several days."""
        name = span.label or _("Closed")
        several = span.first != span.last
        return f"{name} {self.days(Span(span.first, span.last))}" if several else name

    def lines(self, session: RibbonSession) -> tuple[str, ...]:
        """ "Wed 3 Feb, 16:15" and who gives it."""
        day = shown(session.day, "D j M")
        first = f"{day}, {session.time}" if session.time else day
        return (first, session.who) if session.who else (first,)

    def title(self, session: RibbonSession) -> str:
        """ "Session 1, done"."""
        return _("Session %(number)d, %(state)s") % {
            "number": session.number,
            "state": STATES[session.state],
        }

    def when(self, session: RibbonSession) -> str:
        """ "Mon 30 November, 9:30"."""
        day = shown(session.day, "D j F")
        return f"{day}, {session.time}" if session.time else day


class WeekWords(ShortWords):
    """The words where no date is meant: gaps in weeks, sessions by number."""

    def gap(self, days: int) -> str:
        """ "7 weeks"."""
        weeks = round(days / 7)
        return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}

    def apart(self, days: int) -> str:
        """ "7 weeks apart"."""
        weeks = round(days / 7)
        text = ngettext("%(count)d week apart", "%(count)d weeks apart", weeks)
        return text % {"count": weeks}

    def window_opens(self, day: date) -> str:
        """Where the next session goes, without its date."""
        return _("The next session goes in here")

    def away(self, span: RibbonSpan) -> str:
        """ "Your holiday", without its days."""
        return span.label or _("Away")

    def closed(self, span: RibbonSpan) -> str:
        """The closure's name, without its days."""
        return span.label or _("Closed")

    def lines(self, session: RibbonSession) -> tuple[str, ...]:
        """ "Session 1"."""
        return (_("Session %(number)d") % {"number": session.number},)

    def title(self, session: RibbonSession) -> str:
        """ "Session 1"."""
        return self.lines(session)[0]

    def when(self, session: RibbonSession) -> str:
        """Nothing: no date is meant."""
        return ""


class PatientWords(ShortWords):
    """The words for a patient: ranges spelled out, and the year where it is another."""

    def __init__(self, this_year: int) -> None:
        self.this_year = this_year

    def days(self, span: Span) -> str:
        """ "25 to 28 Dec", or one day."""
        first, last = span.first, span.last
        if first == last:
            return self.day(first)
        same = (first.year, first.month) == (last.year, last.month)
        ends = {
            "first": shown(first, "j") if same else self.day(first),
            "last": self.day(last),
        }
        return _("%(first)s to %(last)s") % ends

    def reason(self, reason: str) -> str:
        """ "Agreed with your clinician"."""
        return capfirst(reason)

    def when(self, session: RibbonSession) -> str:
        """ "Mon 18 January 2027, 9:30"."""
        day = told.day(session.day, self.this_year)
        if not session.time:
            return day
        return _("%(day)s, %(time)s") % {"day": day, "time": session.time}


class Fact(NamedTuple):
    """One sentence of the list, in the order of its day."""

    day: date
    rank: int
    words: str


def facts(ribbon: Ribbon, words: ShortWords | None = None) -> list[str]:
    """All that the ribbon shows, in sentences, in the order of time."""
    found = [
        *_sessions(ribbon, words or ShortWords()),
        *_limits(ribbon),
        *_spans(ribbon),
    ]
    return [fact.words for fact in sorted(found)]


def week_facts(ribbon: Ribbon) -> list[str]:
    """What a ribbon without dates shows, in sentences."""
    words = WeekWords()
    before = {gap.after.number: words.apart(gap.days) for gap in gaps(ribbon)}
    return [
        ", ".join(filter(None, (words.title(session), before.get(session.number))))
        for session in ribbon.live
    ] + [words.away(span) for span in ribbon.away]


def _sessions(ribbon: Ribbon, words: ShortWords) -> Iterator[Fact]:
    before = {id(gap.after): gap for gap in gaps(ribbon)}
    for session in ribbon.sessions:
        said = [_session(session)]
        if gap := before.get(id(session)):
            said.append(_gap(gap, words))
        if session.state.is_live:
            said += [f"{n.text}." for n in ribbon.notes if n.number == session.number]
        yield Fact(session.day, 2, " ".join(said))


def _session(session: RibbonSession) -> str:
    """ "Session 2: Tue 23 March 2027, 16:00, Dr Beaulieu, proposed."."""
    parts = (shown(session.day, "D j F Y"), session.time, session.who)
    return _("Session %(number)d: %(when)s, %(state)s.") % {
        "number": session.number,
        "when": ", ".join(filter(None, parts)),
        "state": STATES[session.state],
    }


def _gap(gap: Gap, words: ShortWords) -> str:
    said = _("%(gap)s after session %(number)d.") % {
        "gap": words.gap(gap.days),
        "number": gap.before.number,
    }
    if not (gap.is_bad or gap.is_allowed):
        return said
    outside = _("Outside its window, %(first)s to %(last)s.") % _ends(gap.window)
    if gap.is_allowed:
        outside = f"{outside} {words.reason(gap.reason)}"
    return f"{said} {outside}"


def _limits(ribbon: Ribbon) -> Iterator[Fact]:
    if ribbon.not_before:
        day, reason = ribbon.not_before
        said = _("Not before %(day)s.") % {"day": shown(day, "j F Y")}
        yield Fact(day, 0, f"{said} {reason}".strip())
    if ribbon.today:
        said = _("Today is %(day)s.") % {"day": shown(ribbon.today, "D j F Y")}
        yield Fact(ribbon.today, 0, said)
    for window in windows(ribbon):
        said = _("Window for the next session: %(first)s to %(last)s.")
        yield Fact(window.first, 1, said % _ends(window))


def _spans(ribbon: Ribbon) -> Iterator[Fact]:
    for spans, name in ((ribbon.away, _("Away")), (ribbon.closed, _("Closed"))):
        for span in spans:
            label = f"{name}: {span.label}" if span.label else name
            said = _("%(label)s, %(first)s to %(last)s.")
            if span.first == span.last:
                said = _("%(label)s, %(first)s.")
            ends = _ends(Span(span.first, span.last))
            yield Fact(span.first, 3, said % {"label": label, **ends})


def _ends(span: Span) -> dict[str, str]:
    return {"first": shown(span.first, "j F Y"), "last": shown(span.last, "j F Y")}
