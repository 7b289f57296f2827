"""Why a series cannot end earlier, in the desk's own words: names, days and counts.

The causes come from the solver, which knows only ids. Here they meet what the desk
calls things. Each is true by itself: were it not so, the series could end earlier.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.ribbon import RibbonSpan
from bookings.scheduling import Kind, Plan, Problem
from bookings.scheduling.causes import (
    Away,
    Cause,
    Earliest,
    NotBefore,
    Times,
    Unavailable,
    Weekdays,
)
from bookings.scheduling.why import Why
from bookings.services import unavailable
from bookings.services.diary import PATIENT
from bookings.services.proposing.waits import Waits
from bookings.services.proposing.wishes import Wishes
from bookings.services.spoken import (
    day_words,
    every_words,
    listed,
    moment_words,
    span_words,
    thing_words,
)
from clinic.models import Device

FEW = 3  # so many people are named; more are counted


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words draw on: the problem, and the names behind its ids and dates.

    `names` goes by resource id; `closed` are the days on which the place is closed,
    `devices` those that may not be used on every day, by resource id.
    """

    problem: Problem
    names: dict[str, str]
    wishes: Wishes
    patient: str
    place: str
    waits: Waits = field(default_factory=Waits)
    closed: tuple[RibbonSpan, ...] = ()
    devices: Mapping[str, Device] = field(default_factory=dict)

    def called(self, ids: Iterable[str]) -> str:
        """The names behind `ids`, in a row."""
        return listed([self.names.get(one, one) for one in ids])

    def closure(self, day: date) -> str:
        """What the place is closed for on `day`; empty where it is open."""
        return next((c.label for c in self.closed if c.first <= day <= c.last), "")


def why_words(why: Why, plan: Plan, scene: Scene) -> str:
    """What keeps `plan` from an earlier end, in at most two sentences."""
    said = list(dict.fromkeys(cause_words(cause, scene) for cause in why.causes))
    if why.sooner_otherwise:
        words = _("On other days or at other times it could end %(day)s.")
        said.insert(1, words % {"day": day_words(why.sooner_otherwise)})
    elif len(said) == 1:
        opens = _window(why.causes[0], plan, scene)
        said = [*opens, *said] if opens else [*said, *_otherwise(why)]
    return " ".join(said[:2]) or _nothing_in_the_way(why, scene)


def _window(cause: Cause, plan: Plan, scene: Scene) -> list[str]:
    """When the window of the session held up opens, where that is what it waited for."""
    dates = {number: fixed.date for number, fixed in scene.problem.series.fixed.items()}
    dates |= {session.number: session.start.date() for session in plan.sessions}
    if not (before := dates.get(cause.number - 1)):
        return []
    opens = before + timedelta(days=scene.problem.series.gap_days[0])
    if cause.start.date() < opens:
        return []
    words = _("Session %(number)s’s window opens %(day)s.")
    return [words % {"number": cause.number, "day": day_words(opens)}]


def _otherwise(why: Why) -> list[str]:
    """When the series could end, were the cause not there."""
    if why.sooner is None:
        return []
    return [_("But for that it could end %(day)s.") % {"day": day_words(why.sooner)}]


def _nothing_in_the_way(why: Why, scene: Scene) -> str:
    chosen = {pin.number: pin.at for pin in scene.wishes.pins}
    if at := chosen.get(why.kept or 0):
        words = _("Session %(number)s was chosen for %(day)s by hand.")
        return words % {"number": why.kept, "day": day_words(at)}
    if why.kept:
        words = _(
            "Session %(number)s stands, and each window after it opens no sooner."
        )
        return words % {"number": why.kept}
    return _("Every session is as early as its window allows.")


def cause_words(cause: Cause, scene: Scene) -> str:
    """One cause in a sentence, or in two where some are taken and some not there."""
    match cause:
        case Unavailable():
            return _unavailable(cause, scene)
        case Away():
            return _away(cause, scene.wishes)
        case NotBefore(date=day):
            return not_before_words(scene, day)
        case Earliest(date=day):
            return _earliest(scene, day)
        case Weekdays():
            return _weekday(cause)
        case Times():
            words = _("Session %(number)s could be %(when)s, outside the times asked.")
            return words % {
                "number": cause.number,
                "when": moment_words(cause.start),
            }


def _away(cause: Away, wishes: Wishes) -> str:
    """Which of the patient's own dates are in the way, and of what."""
    named = zip(wishes.kept_free, wishes.avoid, strict=True)
    own = {(start, end): dates for (start, end, _what), dates in named}
    first, last, what = own.get(
        (cause.first, cause.last), (cause.first, cause.last, "")
    )
    facts = {"what": what, "dates": span_words(first, last), "number": cause.number}
    if wishes.settled:
        return _settled_words(facts)
    if what:
        return _("%(what)s, %(dates)s, is in the way of session %(number)s.") % facts
    return (
        _("The dates to avoid, %(dates)s, are in the way of session %(number)s.")
        % facts
    )


def _settled_words(facts: Mapping[str, object]) -> str:
    """The same where skin has to be settled before those dates."""
    if facts["what"]:
        words = _(
            "%(what)s, %(dates)s, and the week before it are in the way of session "
            "%(number)s."
        )
    else:
        words = _(
            "The dates to avoid, %(dates)s, and the week before them are in the way "
            "of session %(number)s."
        )
    return words % facts


def lacking_words(
    scene: Scene, role: str, taken: Sequence[str], closed: Sequence[str], when: str
) -> str:
    """Who or what of a role is taken, and who is not there, `when`.

    `taken` and `closed` together are all that could fill the role.
    """
    if not closed:
        return _taken(_who(scene, role, taken), len(taken), when)
    if not taken:
        return _absent(_who(scene, role, closed), len(closed), when)
    if len(taken) + len(closed) > FEW:
        thing = thing_words(role, scene.problem.roles[role])
        words = _("Every %(thing)s is taken or not there %(when)s.")
        return words % {"thing": thing, "when": when}
    return " ".join(
        [
            _taken(scene.called(taken), len(taken), when),
            _absent(scene.called(closed), len(closed), _("then")),
        ]
    )


def _who(scene: Scene, role: str, ids: Sequence[str]) -> str:
    """People by name as long as they are few; rooms and devices by their count."""
    asked = scene.problem.roles[role]
    if asked.kind == Kind.PRACTITIONER and len(ids) <= FEW:
        return scene.called(ids)
    return every_words(role, asked, len(ids))


def _taken(who: str, count: int, when: str) -> str:
    words = ngettext("%(who)s is taken %(when)s.", "%(who)s are taken %(when)s.", count)
    return words % {"who": who, "when": when}


def _absent(who: str, count: int, when: str) -> str:
    words = ngettext(
        "%(who)s is not there %(when)s.", "%(who)s are not there %(when)s.", count
    )
    return words % {"who": who, "when": when}


def _unavailable(cause: Unavailable, scene: Scene) -> str:
    day = cause.start.date()
    if cause.role == PATIENT:
        words = _("%(who)s has another appointment on %(day)s.")
        return words % {"who": scene.patient, "day": day_words(day)}
    closure = scene.closure(day)
    if closure and not cause.taken:
        words = _("%(what)s: closed on %(day)s.")
        return words % {"what": closure, "day": day_words(day)}
    when = moment_words(cause.start)
    said = lacking_words(scene, cause.role, cause.taken, cause.closed, when)
    return " ".join([said, *unusable_words(scene, cause.closed, day)])


def unusable_words(scene: Scene, ids: Iterable[str], day: date) -> Iterator[str]:
    """Yield a sentence for each device of `ids` without licence or service on `day`."""
    for one in ids:
        device = scene.devices.get(one)
        if device and (why := unavailable.why_not_used(device, day)):
            words = _("%(device)s may not be used then: %(why)s.")
            yield words % {"device": scene.called([one]), "why": why}


def not_before_words(scene: Scene, day: date) -> str:
    """Which answer keeps a session from a day before `day`."""
    what = listed(scene.waits.subjects) or _("The answers given")
    words = _("%(what)s: not before %(day)s.")
    return words % {"what": what, "day": date_format(day, "j F")}


def _earliest(scene: Scene, day: date) -> str:
    if scene.waits.until and day <= scene.waits.until:
        return not_before_words(scene, day)
    words = _("It starts from the first day asked for, %(day)s.")
    return words % {"day": day_words(day)}


def _weekday(cause: Weekdays) -> str:
    words = _(
        "Session %(number)s could be on %(day)s, but %(weekday)s was not asked for."
    )
    return words % {
        "number": cause.number,
        "day": day_words(cause.start.date()),
        "weekday": WEEKDAYS[cause.start.weekday()],
    }
