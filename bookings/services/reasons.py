"""Why a series cannot end earlier, why nothing fits, and what would help: in words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from bookings.scheduling import Blocked, Infeasible, Optimal, Problem, Strategy, solve
from bookings.scheduling import Relaxation as SolverRelaxation
from bookings.services.wishes import Wishes

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change of the wishes that makes room, and the query that asks for it."""

    words: str
    query: str


def why_not_earlier(
    problem: Problem, strategy: Strategy, finish: date, wishes: Wishes
) -> str:
    """Say what stands in the way of ending before `finish`, or what it would cost.

    It asks the solver itself: the same problem, to be finished a day sooner. Where a
    session only waits for its window, the session before it is asked in turn.
    """
    keeps = strategy is Strategy.ONE_PRACTITIONER
    rule = strategy if keeps else Strategy.EARLIEST_FINISH
    count, until = problem.series.count, finish - ONE_DAY
    while until >= problem.series.earliest:
        answer = solve(_sooner(problem, rule, count, until))
        if isinstance(answer, Optimal):
            return _("An end on %(day)s is possible with other weekdays or times.") % {
                "day": _day(answer.plans[0].sessions[-1].start.date())
            }
        blocked = answer.blocked
        if blocked.window[0] <= until or blocked.session - 1 in problem.series.fixed:
            return blocked_words(blocked, wishes, until=until)
        count = blocked.session - 1
        until -= timedelta(days=problem.series.gap_days[0])
    return _("It starts on the first day asked for, %(day)s, and loses none.") % {
        "day": _day(wishes.earliest)
    }


def _sooner(problem: Problem, rule: Strategy, count: int, until: date) -> Problem:
    """The first `count` sessions of the problem, to be over on `until`."""
    fixed = {n: kept for n, kept in problem.series.fixed.items() if n <= count}
    series = replace(problem.series, count=count, latest=until, fixed=fixed)
    return replace(problem, strategy=rule, proposals=1, series=series)


def blocked_words(blocked: Blocked, wishes: Wishes, *, until: date) -> str:
    """Name the session that cannot be placed up to `until`, and what blocks it."""
    opens, closes = blocked.window
    last = min(closes, until)
    avoided = _avoided(wishes, opens, last)
    facts = {
        "number": blocked.session,
        "first": _day(opens),
        "last": _day(last),
        "span": _span(opens, last),
        "roles": get_text_list([role_words(role) for role in blocked.roles], _("and")),
        "dates": get_text_list(avoided, _("and")),
    }
    if opens > last:
        words = _("Session %(number)s’s window opens on %(first)s, and not before.")
    elif blocked.roles:
        words = _taken_words(bool(avoided))
    else:
        words = _no_day_words(bool(avoided))
    return words % facts


def _taken_words(away: bool) -> str:
    if away:
        return _(
            "Session %(number)s’s window opens on %(first)s. %(dates)s is in the way, "
            "and on the other days to %(last)s no %(roles)s is free at these times."
        )
    return _("Session %(number)s finds no free %(roles)s at these times %(span)s.")


def _no_day_words(away: bool) -> str:
    if away:
        return _(
            "Session %(number)s’s window opens on %(first)s, but %(dates)s and the "
            "days chosen leave nothing up to %(last)s."
        )
    return _("For session %(number)s none of the days chosen lies %(span)s.")


def _span(first: date, last: date) -> str:
    if first == last:
        return _("on %(day)s") % {"day": _day(first)}
    return _("from %(first)s to %(last)s") % {"first": _day(first), "last": _day(last)}


def relaxations(answer: Infeasible, wishes: Wishes) -> list[Relaxation]:
    """The single changes that make the series possible, best first."""
    found = (_relaxation(row, wishes) for row in answer.relaxations)
    return [relaxation for relaxation in found if relaxation]


def role_words(role: str) -> str:
    """A role as the desk calls it."""
    words = {
        "operator": _("practitioner"),
        "room": _("room"),
        "device": _("device"),
        "centrifuge": _("centrifuge"),
        "supervisor": _("supervising doctor"),
        "patient": _("time of the patient’s own"),
    }
    return words.get(role, role)


def query_of(wishes: Wishes) -> str:
    """The wishes as the series page's address carries them."""
    first, until = wishes.arrive_between
    pairs: list[tuple[str, Any]] = [
        ("earliest", wishes.earliest.isoformat()),
        ("arrive_from", f"{first:%H:%M}"),
        ("arrive_until", f"{until:%H:%M}"),
        ("policy", wishes.policy),
        *(("days", day) for day in sorted(wishes.weekdays)),
    ]
    for row, (start, end, label) in enumerate(wishes.avoid, start=1):
        pairs += [
            (f"avoid_{row}_first", start.isoformat()),
            (f"avoid_{row}_last", end.isoformat()),
            (f"avoid_{row}_label", label),
        ]
    return urlencode(pairs)


def _relaxation(row: SolverRelaxation, wishes: Wishes) -> Relaxation | None:
    """The solver's relaxation as wishes; None where the wishes cannot say it."""
    changed = _changed(row, wishes)
    if changed is None:
        return None
    relaxed, what = changed
    words = _("%(what)s: the series would end on %(day)s.") % {
        "what": what,
        "day": _day(date.fromordinal(row.objective[0])),
    }
    return Relaxation(words, query_of(relaxed))


def _changed(row: SolverRelaxation, wishes: Wishes) -> tuple[Wishes, str] | None:
    if row.field == "weekdays":
        added = min(row.series.weekdays - wishes.weekdays)
        what = _("Come on a %(weekday)s too") % {"weekday": WEEKDAYS[added]}
        return replace(wishes, weekdays=row.series.weekdays), what
    if row.field == "arrive_between":
        first, until = (_time(minute) for minute in row.series.arrive_between)
        what = _("Arrive between %(first)s and %(last)s") % {
            "first": f"{first:%H:%M}",
            "last": f"{until:%H:%M}",
        }
        return replace(wishes, arrive_between=(first, until)), what
    if row.field == "blackouts":
        left = list(row.series.blackouts)
        kept = [dates for dates in wishes.avoid if (dates[0], dates[1]) in left]
        given_up = [dates for dates in wishes.avoid if dates not in kept]
        what = _("Give up %(dates)s") % {
            "dates": get_text_list(_names(given_up), _("and"))
        }
        return replace(wishes, avoid=tuple(kept)), what
    return None  # a later end than we look at is no wish of the patient's


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _avoided(wishes: Wishes, first: date, last: date) -> list[str]:
    """The patient's dates inside [first, last], by name."""
    return _names(
        dates for dates in wishes.avoid if dates[0] <= last and dates[1] >= first
    )


def _names(avoided: Iterable[tuple[date, date, str]]) -> list[str]:
    return [
        label or _("%(first)s to %(last)s") % {"first": _day(start), "last": _day(end)}
        for start, end, label in avoided
    ]


def _day(day: date) -> str:
    return date_format(day, "D j M")
