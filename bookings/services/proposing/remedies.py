"""Nothing fits: which session ends it, who or what is missing, what would help."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from bookings.scheduling import Blocked, Infeasible
from bookings.scheduling import Relaxation as SolverRelaxation
from bookings.scheduling.blockers import Blocker, who_blocks
from bookings.services.diary import PATIENT
from bookings.services.proposing.asking import Asked
from bookings.services.proposing.reasons import (
    Scene,
    lacking_words,
    not_before_words,
    unusable_words,
)
from bookings.services.proposing.wishes import (
    FIRST_ARRIVAL,
    LAST_ARRIVAL,
    Avoided,
    Wishes,
)
from bookings.services.spoken import day_words, listed, span_words, thing_words

SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change of the wishes that makes room, and the query that asks for it."""

    words: str
    effect: str
    query: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why there is no proposal: where the series ends, who is in the way, what helps.

    `is_hopeless` where the place lacks somebody or something altogether.
    """

    where: str
    who: list[str]
    remedies: list[Remedy]
    is_hopeless: bool


def nothing_fits(answer: Infeasible, asked: Asked, scene: Scene, way: str) -> Nothing:
    """Say where the series ends, who is in the way, and each change that helps."""
    blocked = answer.blocked
    blockers = who_blocks(asked.base, blocked, workspace=asked.workspace)
    who = _who(blockers, scene) or [_dates_alone(blocked, scene)]
    if not asked.plan.location.is_active:
        who = [_("%(place)s is no longer in use.") % {"place": scene.place}]
    elif blockers and _is_closed(asked, blocked):
        who = [_("Nobody is at %(place)s then.") % {"place": scene.place}]
    return Nothing(
        where=_where(blocked, scene),
        who=[*who, *_unusable(blockers, blocked, scene)],
        remedies=remedies(answer, asked.wishes, way),
        is_hopeless=any(blocker.is_nobody for blocker in blockers),
    )


def _unusable(
    blockers: Iterable[Blocker], blocked: Blocked, scene: Scene
) -> Iterator[str]:
    """Yield which devices are not there because they may not be used any more."""
    last = min(blocked.window[1], scene.problem.series.latest)
    for blocker in blockers:
        yield from unusable_words(scene, blocker.closed, last)


def _is_closed(asked: Asked, blocked: Blocked) -> bool:
    """Whether nobody and nothing is there at the days and times asked for."""
    every = replace(blocked, roles=tuple(asked.base.roles))
    found = who_blocks(asked.base, every, workspace=asked.workspace)
    return all(
        each.closed and not each.taken and not each.free
        for each in found
        if each.role != PATIENT
    )


def remedies(answer: Infeasible, wishes: Wishes, way: str = "") -> list[Remedy]:
    """The single changes that make the series possible, best first; never medical."""
    found = (_remedy(row, wishes, way) for row in answer.relaxations)
    return [remedy for remedy in found if remedy]


def _where(blocked: Blocked, scene: Scene) -> str:
    first, last = blocked.window
    last = min(last, scene.problem.series.latest)
    if first >= last:
        words = _("Session %(number)s fits nowhere on %(first)s.")
    else:
        words = _("Session %(number)s fits nowhere from %(first)s to %(last)s.")
    return words % {
        "number": blocked.session,
        "first": day_words(first),
        "last": day_words(last),
    }


def _who(blockers: Sequence[Blocker], scene: Scene) -> list[str]:
    """A sentence for each role that is in the way by itself, else one for all."""
    said = [_blocker(each, scene) for each in blockers if not each.free]
    if said or not blockers:
        return said
    things = [_thing(each.role, scene) for each in blockers]
    if len(things) == 1:
        words = _("%(who)s is free at times, but not where the windows lead.")
        return [words % {"who": scene.called(blockers[0].free)}]
    words = _("Free at times, but never all at once: %(things)s.")
    return [words % {"things": listed(things)}]


def _blocker(blocker: Blocker, scene: Scene) -> str:
    if blocker.role == PATIENT:
        words = _("%(who)s has another appointment on every day that is left.")
        return words % {"who": scene.patient}
    if blocker.is_nobody:
        words = _("%(place)s has no %(thing)s for this treatment.")
        thing = _thing(blocker.role, scene)
        return words % {"place": scene.place, "thing": thing}
    if not blocker.taken:
        words = _("No %(thing)s is there at the days and times asked for.")
        return words % {"thing": _thing(blocker.role, scene)}
    when = _("at every time asked for")
    return lacking_words(scene, blocker.role, blocker.taken, blocker.closed, when)


def _thing(role: str, scene: Scene) -> str:
    return thing_words(role, scene.problem.roles[role])


def _dates_alone(blocked: Blocked, scene: Scene) -> str:
    """What leaves no date although nobody is in the way."""
    opens, closes = blocked.window
    first = scene.problem.series.not_before.get(blocked.session)
    if first and first > closes:
        return not_before_words(scene, first)
    wishes = scene.wishes
    avoided = [
        dates
        for kept, dates in zip(wishes.kept_free, wishes.avoid, strict=True)
        if kept[0] <= closes and kept[1] >= opens
    ]
    if avoided:
        words = _("%(dates)s and the days asked for leave no date.")
        return words % {"dates": _named(avoided)}
    return _("The days and times asked for leave no date.")


def _remedy(row: SolverRelaxation, wishes: Wishes, way: str) -> Remedy | None:
    """The solver's relaxation as wishes; None where the wishes cannot say it."""
    if (changed := _changed(row, wishes)) is None:
        return None
    relaxed, words = changed
    finish = day_words(date.fromordinal(row.objective[0]))
    effect = _("finishes %(day)s") % {"day": finish}
    return Remedy(words, effect, relaxed.query(way))


def _changed(row: SolverRelaxation, wishes: Wishes) -> tuple[Wishes, str] | None:
    if row.field == "weekdays" and SUNDAY not in row.series.weekdays:
        added = min(row.series.weekdays - wishes.weekdays)
        words = _("Come on a %(weekday)s too") % {"weekday": WEEKDAYS[added]}
        return replace(wishes, weekdays=row.series.weekdays), words
    if row.field == "arrive_between" and _can_be_chosen(row.series.arrive_between):
        first, until = (_time(minute) for minute in row.series.arrive_between)
        words = _("Arrive between %(first)s and %(last)s") % {
            "first": f"{first:%H:%M}",
            "last": f"{until:%H:%M}",
        }
        return replace(wishes, arrive_between=(first, until)), words
    if row.field == "blackouts":
        kept = set(row.series.blackouts)
        both = list(zip(wishes.kept_free, wishes.avoid, strict=True))
        given_up = [dates for free, dates in both if free[:2] not in kept]
        avoid = tuple(dates for free, dates in both if free[:2] in kept)
        words = _("Give up %(dates)s") % {"dates": _named(given_up)}
        return replace(wishes, avoid=avoid), words
    return None  # a later end than we look at is no wish of the patient's


def _can_be_chosen(between: tuple[int, int]) -> bool:
    """Whether the page offers both times."""
    return _time(between[0]) >= FIRST_ARRIVAL and _time(between[1]) <= LAST_ARRIVAL


def _named(avoided: Iterable[Avoided]) -> str:
    """Dates to avoid by what they are for, where that is known."""
    return listed(
        [
            f"{what}, {span_words(first, last)}" if what else span_words(first, last)
            for first, last, what in avoided
        ]
    )


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
