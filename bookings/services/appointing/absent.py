"""Who or what is not there at a time that was asked for: said by name, and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bookings.models import TreatmentPlan
from bookings.scheduling import Span, instant
from bookings.scheduling.spans import gaps
from bookings.services import claims, hours, shapes, unavailable
from bookings.services.appointing.rules import KINDS, SKILL
from bookings.services.supervising import able
from clinic.models import Location, Resource

FEW = 2  # so many sentences are read; more would be a list of everything
Block = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Need:
    """A role: what kind of resource with which skills, and for which times."""

    role: str
    kind: str
    skills: frozenset[str]
    blocks: tuple[Block, ...]


def for_session(plan: TreatmentPlan, start: datetime) -> list[Need]:
    """What a session of `plan` that starts at `start` needs."""
    return [
        Need(
            role.name,
            role.kind,
            able.skills_asked(role),
            tuple(claims.blocks(role.name, plan, start)),
        )
        for role in shapes.roles_of(plan)
    ]


def for_talk(start: datetime, end: datetime) -> list[Need]:
    """What a consultation or a result review needs."""
    skills = frozenset([SKILL])
    return [Need(role, kind, skills, ((start, end),)) for role, kind in KINDS.items()]


def words(
    place: Location, needs: Iterable[Need], wanted: Mapping[str, int | None]
) -> str:
    """Sentences about each role for which nobody who could fill it is there then.

    Where one is `wanted` for a role, by key, it is about that one. Empty where all are
    there: then they are taken. Hours, licences, service, closures and absences count.
    """
    rows = Resource.objects.filter(location=place, is_active=True)
    known = list(able.with_ticks(rows).order_by("name", "pk"))
    said: dict[str, None] = {}
    for need in needs:
        fit = [row for row in known if _can(row, need)]
        named = [row for row in fit if row.pk == wanted.get(need.role)] or fit
        away = list(_away(place, named, need))
        if len(away) == len(named):
            said |= dict.fromkeys(away)
    return " ".join(list(said)[:FEW])


def _can(row: Resource, need: Need) -> bool:
    return row.kind == need.kind and need.skills <= able.skills_of(row)


def _away(place: Location, rows: list[Resource], need: Need) -> Iterator[str]:
    """Yield why each of `rows` that is not there for all of it is not."""
    if not rows or not need.blocks:
        return
    first, last = (
        at.astimezone(place.zone) for at in (need.blocks[0][0], need.blocks[-1][1])
    )
    spans = hours.spans_of_few(rows, place, first.date(), last.date())
    for row in rows:
        if block := _uncovered(spans[row.pk], need.blocks):
            start, end = block
            yield str(unavailable.refusal(row, start.astimezone(place.zone), end))


def _uncovered(spans: tuple[Span, ...], blocks: Iterable[Block]) -> Block | None:
    """The first of `blocks` that `spans` do not cover."""
    for start, end in blocks:
        if any(gaps(spans, instant(start), instant(end))):
            return start, end
    return None
