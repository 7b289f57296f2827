"""Appointments as values with their words: what blocks, agenda and sheets are made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bookings.models import AppointmentKind, AppointmentStatus
from bookings.models.appointments import GIVEN_UP
from bookings.services import shapes
from bookings.services.daybook import words
from bookings.services.daybook.flags import Flag, flags_of
from bookings.services.daybook.reading import Rows
from clinic.models import Resource, ResourceKind

OPERATOR = "operator"
MODALITY = {"circle": "mn", "drop": "prp", "diamond": "rf"}
TALK = "talk"


class Part(NamedTuple):
    """A phase of a session. `look` is white, tint (needling) or lines (turnover)."""

    name: str
    start: datetime
    end: datetime
    look: str


class Taken(NamedTuple):
    """A resource in use for an appointment, [start, end)."""

    resource: Resource
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment in words; times are in the location's zone.

    `name` is what the screen may show; `line` says which session it is.
    """

    row: Any
    start: datetime
    end: datetime
    name: str
    initials: str
    label: str
    modality: str
    line: str
    late: int
    held: str
    flags: tuple[Flag, ...]
    parts: tuple[Part, ...]
    taken: tuple[Taken, ...]
    is_movable: bool

    @property
    def status(self) -> str:
        status: str = self.row.status
        return status

    @property
    def word(self) -> str:
        """The status in words."""
        return str(AppointmentStatus(self.row.status).label)

    @property
    def late_words(self) -> str:
        return words.late(self.late)

    @property
    def is_session(self) -> bool:
        return bool(self.row.kind == AppointmentKind.SESSION)

    @property
    def is_given_up(self) -> bool:
        """Whether the time was given back: cancelled, or the patient did not come."""
        return self.row.status in GIVEN_UP

    @property
    def is_drawn(self) -> bool:
        """Whether it stands in the grid, as all do but those cancelled."""
        return not self.is_given_up or self.row.status == AppointmentStatus.NO_SHOW

    def resources(self, kind: str) -> list[Resource]:
        """Who or what of `kind` it takes, each once, in order of name."""
        found = {one.resource.pk: one.resource for one in self.taken}
        return sorted(
            (row for row in found.values() if row.kind == kind),
            key=lambda row: row.name,
        )

    @property
    def who(self) -> list[Resource]:
        return self.resources(ResourceKind.PRACTITIONER)

    @property
    def rooms(self) -> list[Resource]:
        return self.resources(ResourceKind.ROOM)

    @property
    def devices(self) -> list[Resource]:
        return self.resources(ResourceKind.DEVICE)


def entries_of(rows: Rows) -> list[Entry]:
    """Every appointment that was read, in order of time."""
    return [_entry(row, rows) for row in rows.visits]


def matching(entries: Iterable[Entry], rows: Rows) -> list[Entry]:
    """The entries that the filters of what is asked for leave."""
    asked = rows.asked
    return [
        entry
        for entry in entries
        if _has_treatment(entry, asked.treatment)
        and (asked.who is None or asked.who in {row.pk for row in entry.who})
    ]


def _has_treatment(entry: Entry, code: str) -> bool:
    if not code:
        return True
    plan = entry.row.plan
    return plan is not None and plan.protocol.treatment.code == code


def _entry(row: Any, rows: Rows) -> Entry:
    zone, today = rows.asked.location.zone, rows.local_now.date()
    short = words.initials(row.patient)
    return Entry(
        row=row,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        name=short if rows.asked.initials else str(row.patient),
        initials=short,
        label=_label(row),
        modality=_modality(row),
        line=_line(row),
        late=words.late_by(row, rows.now),
        held=words.held(row.hold, today, row),
        flags=tuple(flags_of(row, rows)),
        parts=tuple(parts_of(row, zone)),
        taken=tuple(_taken(row, rows)),
        is_movable=rows.asked.may_move and row.can_be_moved,
    )


def _is_session(row: Any) -> bool:
    return bool(row.kind == AppointmentKind.SESSION and row.plan)


def _label(row: Any) -> str:
    if _is_session(row):
        return str(row.plan.protocol.treatment.short_code)
    return str(AppointmentKind(row.kind).label)


def _modality(row: Any) -> str:
    return MODALITY[row.plan.protocol.treatment.shape] if _is_session(row) else TALK


def _line(row: Any) -> str:
    if not _is_session(row):
        return ""
    return words.session(row.number, row.plan.session_count)


def parts_of(row: Any, zone: Any) -> Iterator[Part]:
    """The phases of the plan's sessions, as far as the appointment lasts."""
    phases = shapes.phases_of(row.plan) if _is_session(row) else []
    with_operator = [n for n, one in enumerate(phases) if OPERATOR in one.roles]
    start = row.starts_at
    for number, phase in enumerate(phases):
        end = min(start + timedelta(minutes=phase.minutes), row.ends_at)
        if start < end:
            look = _look(number, with_operator)
            name = phase.name[:1].upper() + phase.name[1:]
            yield Part(name, start.astimezone(zone), end.astimezone(zone), look)
        start = end


def _look(number: int, with_operator: list[int]) -> str:
    if number in with_operator:
        return "tint"
    return "lines" if with_operator and number > with_operator[-1] else "white"


def _taken(row: Any, rows: Rows) -> list[Taken]:
    """Who and what the visit takes; of one given up, what its history says it had."""
    zone = rows.asked.location.zone
    known = {resource.pk: resource for resource in rows.resources}
    spans = [
        (claim.resource, claim.during.lower, claim.during.upper)
        for claim in row.claims.all()
    ] or [
        (known[key], lower, upper)
        for key, lower, upper in rows.given_up.get(row.pk, ())
        if key in known
    ]
    return [
        Taken(resource, lower.astimezone(zone), upper.astimezone(zone))
        for resource, lower, upper in sorted(spans, key=lambda span: span[1])
    ]
