"""Whom and which room a moved session should have: as roles, and why it cannot be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from bookings.scheduling import Hindrance, Kind, hindrance, moment, needed
from bookings.scheduling.problem import OPERATOR
from bookings.services.diary import PATIENT
from bookings.services.moves import move_words
from bookings.services.moves.standing import Scene
from bookings.services.spoken import day_words, listed

NEAREST = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """The keys of a practitioner and a room; None: whoever and whichever is free."""

    practitioner: int | None = None
    room: int | None = None


ANYONE = Wish()


def roles(scene: Scene, wish: Wish) -> dict[str, str]:
    """The wish as the planner takes it: a resource for each role that it names."""
    parts = scene.problem.roles
    rooms = [n for n, one in parts.items() if one.kind == Kind.ROOM and n != PATIENT]
    found = {}
    if wish.practitioner and OPERATOR in parts:
        found[OPERATOR] = str(wish.practitioner)
    if wish.room and rooms:
        found[rooms[0]] = str(wish.room)
    return found


def refusal(
    scene: Scene, number: int, start: datetime, wanted: Mapping[str, str]
) -> str:
    """Why session `number` cannot have what is `wanted` from `start`, and what fits."""
    why = " ".join(_hindrances(scene, start, wanted))
    why = why or move_words.nobody_free(scene, number, start)
    return f"{why} {_instead(scene, number, start, wanted)}".strip()


def _hindrances(
    scene: Scene, start: datetime, wanted: Mapping[str, str]
) -> Iterator[str]:
    """A sentence for each resource that stands in the way itself."""
    for role, who in wanted.items():
        if found := hindrance(scene.problem, role, who, start):
            yield _hindered(scene, role, who, start, found)


def _hindered(
    scene: Scene, role: str, who: str, start: datetime, found: Hindrance
) -> str:
    zone = scene.plan.location.zone
    runs = needed(scene.problem, role, start)
    opens, closes = (moment(at, zone) for at in (runs[0][0], runs[-1][1]))
    return _words(found) % {
        "who": scene.read.names.get(who, ""),
        "place": scene.plan.location,
        "day": day_words(opens),
        "opens": f"{opens:%H:%M}",
        "closes": f"{closes:%H:%M}",
    }


def _words(found: Hindrance) -> str:
    return {
        Hindrance.UNKNOWN: _("That cannot be booked at %(place)s."),
        Hindrance.UNSUITED: _("%(who)s cannot be booked for this treatment."),
        Hindrance.CLOSED: _(
            "%(who)s is not there on %(day)s from %(opens)s to %(closes)s."
        ),
        Hindrance.BUSY: _(
            "%(who)s is busy on %(day)s between %(opens)s and %(closes)s."
        ),
    }[found]


def _instead(
    scene: Scene, number: int, start: datetime, wanted: Mapping[str, str]
) -> str:
    """Who could give it then, and when those wanted could on that day."""
    said = []
    if wanted and (other := scene.replanner.place(number, start)):
        who = _names(scene, other.roles)
        said.append(_("At that time it fits with %(who)s.") % {"who": who})
    near = scene.replanner.places_near(number, start, wanted)
    to_come = (f"{one.start:%H:%M}" for one in near if one.start > scene.now)
    if times := sorted(islice(to_come, NEAREST)):
        facts = {"who": _names(scene, wanted), "times": listed(times)}
        said.append(_when(is_wished=bool(wanted)) % facts)
    return " ".join(said)


def _when(*, is_wished: bool) -> str:
    if is_wished:
        return _("With %(who)s it fits on that day at %(times)s.")
    return _("Free on that day: %(times)s.")


def _names(scene: Scene, filled: Mapping[str, str]) -> str:
    """The practitioner and the room among those that fill the roles."""
    parts, names = scene.problem.roles, scene.read.names
    shown = [
        names[who]
        for role, who in filled.items()
        if who in names
        and not parts[role].shared
        and parts[role].kind in (Kind.PRACTITIONER, Kind.ROOM)
    ]
    return listed(list(dict.fromkeys(shown)))
