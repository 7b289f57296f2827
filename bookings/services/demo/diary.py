"""The demo's diary in memory: the free minutes of a resource's day are one integer."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bookings.scheduling import Span
from bookings.services import hours
from clinic.models import Location, Resource, ResourceKind
from treatments.models import Protocol

GRID_MINUTES = 15
ARRIVALS = range(0, 24 * 60, GRID_MINUTES)
GRID = sum(1 << minute for minute in ARRIVALS)
OPERATOR = "operator"

Part = tuple[int, int]  # minutes after the arrival; minutes long


@dataclass(frozen=True, slots=True)
class Need:
    """A role of a visit: what fills it, and in which parts of the visit."""

    role: str
    kind: str
    skills: frozenset[str]
    shared: bool
    parts: tuple[Part, ...]

    def is_met_by(self, resource: Resource) -> bool:
        return resource.kind == self.kind and self.skills <= set(resource.skills)


@dataclass(frozen=True, slots=True)
class Shape:
    """How long a visit takes and whom it needs."""

    minutes: int
    needs: tuple[Need, ...]

    @property
    def operator(self) -> Need:
        return next(need for need in self.needs if need.role == OPERATOR)

    @property
    def operator_minutes(self) -> int:
        return sum(minutes for _start, minutes in self.operator.parts)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the diary: local day, minute of arrival, who fills each role."""

    day: date
    minute: int
    place: Location
    roles: dict[str, int]

    def span(self, shape: Shape) -> tuple[datetime, datetime]:
        """The visit as [start, end) in UTC."""
        return self.moment(0), self.moment(shape.minutes)

    def moment(self, minutes: int) -> datetime:
        """The instant so many minutes after the arrival, in UTC."""
        midnight = datetime.combine(self.day, time(), self.place.zone)
        hour, minute = divmod(self.minute, 60)
        start = midnight.replace(hour=hour, minute=minute).astimezone(UTC)
        return start + timedelta(minutes=minutes)


def talk(minutes: int) -> Shape:
    """A visit that needs a practitioner and a room to talk in, all the time."""
    part = ((0, minutes),)
    skills = frozenset({"consult"})
    return Shape(
        minutes,
        (
            Need(OPERATOR, ResourceKind.PRACTITIONER, skills, False, part),
            Need("room", ResourceKind.ROOM, skills, False, part),
        ),
    )


def shape_of(protocol: Protocol) -> Shape:
    """The shape of one session under `protocol`."""
    phases = [(phase.minutes, phase.roles) for phase in protocol.phases.all()]
    return Shape(
        sum(minutes for minutes, _roles in phases),
        tuple(
            Need(
                role.name,
                role.kind,
                frozenset(role.skills),
                role.shared,
                tuple(_parts(role.name, phases)),
            )
            for role in protocol.roles.all()
        ),
    )


def _parts(role: str, phases: Iterable[tuple[int, Sequence[str]]]) -> list[Part]:
    parts: list[Part] = []
    start = 0
    for minutes, roles in phases:
        if role in roles:
            if parts and sum(parts[-1]) == start:
                parts[-1] = (parts[-1][0], parts[-1][1] + minutes)
            else:
                parts.append((start, minutes))
        start += minutes
    return parts


@dataclass
class Diary:
    """Who is open and who is free, to the minute, from `first` to `last`."""

    first: date
    last: date
    rng: Random
    staff: dict[int, list[Resource]] = field(default_factory=dict)
    _open: dict[tuple[int, date], int] = field(default_factory=lambda: defaultdict(int))
    _free: dict[tuple[int, date], int] = field(default_factory=lambda: defaultdict(int))

    def learn(self, place: Location) -> None:
        """Read the hours of every resource of `place`."""
        rows = list(hours.resources_of(place, self.first, self.last))
        self.staff[place.pk] = rows
        for resource in rows:
            for span in hours.spans(resource, place.zone, self.first, self.last):
                key, mask = _minutes(resource.pk, span, place.zone)
                self._open[key] |= mask
                self._free[key] |= mask

    def practitioners(self, place: Location) -> list[Resource]:
        return [
            resource
            for resource in self.staff[place.pk]
            if resource.kind == ResourceKind.PRACTITIONER
        ]

    def open_minutes(self, resource: int, day: date) -> int:
        return self._open.get((resource, day), 0).bit_count()

    def taken_minutes(self, resource: int, day: date) -> int:
        key = (resource, day)
        return (self._open.get(key, 0) & ~self._free.get(key, 0)).bit_count()

    def shifts(self, resource: int, day: date) -> list[Part]:
        """The stretches the resource is open, as minute of the day and length."""
        mask = self._open.get((resource, day), 0)
        changes = mask ^ mask << 1
        edges = [minute for minute in range(24 * 60 + 1) if changes >> minute & 1]
        return [
            (opens, closes - opens)
            for opens, closes in zip(edges[::2], edges[1::2], strict=True)
        ]

    def find(
        self, shape: Shape, place: Location, day: date, operators: Iterable[int]
    ) -> Slot | None:
        """A slot with the first of `operators` who has one, packed to leave no gaps."""
        elsewhere = GRID
        for need in shape.needs:
            if need.role != OPERATOR:
                elsewhere &= self._any_start(need, place, day)
        for operator in operators if elsewhere else ():
            starts = elsewhere & self._starts(shape.operator, operator, day)
            if starts:
                free = self._free[operator, day]
                minute = self._choose(starts, shape.operator, free)
                return self._slot(shape, place, day, operator, minute)
        return None

    def take(self, shape: Shape, slot: Slot) -> None:
        """Take every resource of the slot for the parts of the visit that use it."""
        for resource, minute, minutes in _uses(shape, slot):
            self.block(resource, slot.day, minute, minutes)

    def give_back(self, shape: Shape, slot: Slot) -> None:
        """Undo `take`."""
        for resource, minute, minutes in _uses(shape, slot):
            self._free[resource, slot.day] |= _ones(minutes) << minute

    def block(self, resource: int, day: date, minute: int, minutes: int) -> None:
        """Take a resource from `minute` of `day` on."""
        self._free[resource, day] &= ~(_ones(minutes) << minute)

    def _any_start(self, need: Need, place: Location, day: date) -> int:
        starts = 0
        for resource in self.staff[place.pk]:
            if need.is_met_by(resource):
                starts |= self._starts(need, resource.pk, day)
        return starts

    def _starts(self, need: Need, resource: int, day: date) -> int:
        """Arrivals at which `resource` is free for every part of the need."""
        minutes = self._open if need.shared else self._free
        starts = GRID
        mask = minutes.get((resource, day), 0)
        for offset, length in need.parts:
            starts &= _runs(mask, length) >> offset
        return starts

    def _choose(self, starts: int, need: Need, free: int) -> int:
        """An arrival that starts or ends the operator's work next to other work."""
        offset, length = need.parts[0][0], sum(part[1] for part in need.parts)
        after_work = starts & ~(free << 1 >> offset)
        before_work = starts & ~(free >> (offset + length))
        pool = after_work or before_work or starts
        return self.rng.choice([n for n in ARRIVALS if pool >> n & 1])

    def _slot(
        self, shape: Shape, place: Location, day: date, operator: int, minute: int
    ) -> Slot:
        roles = {OPERATOR: operator}
        for need in shape.needs:
            if need.role != OPERATOR:
                roles[need.role] = next(
                    resource.pk
                    for resource in self.staff[place.pk]
                    if need.is_met_by(resource)
                    and self._starts(need, resource.pk, day) >> minute & 1
                )
        return Slot(day, minute, place, roles)


def _minutes(resource: int, span: Span, zone: ZoneInfo) -> tuple[tuple[int, date], int]:
    """The resource's local day and, as a mask, the minutes of it that `span` covers."""
    start, end = span
    local = datetime.fromtimestamp(start * 60, zone)
    minute = local.hour * 60 + local.minute
    return (resource, local.date()), _ones(end - start) << minute


def _uses(shape: Shape, slot: Slot) -> Iterator[tuple[int, int, int]]:
    """Resource, minute of the day and minutes of everything the visit takes."""
    for need in shape.needs:
        for start, minutes in () if need.shared else need.parts:
            yield slot.roles[need.role], slot.minute + start, minutes


def _ones(length: int) -> int:
    return (1 << length) - 1


def _runs(mask: int, length: int) -> int:
    """Minutes at which `length` free minutes begin, by doubling shifts."""
    covered = 1
    while covered < length:
        step = min(covered, length - covered)
        mask &= mask >> step
        covered += step
    return mask
