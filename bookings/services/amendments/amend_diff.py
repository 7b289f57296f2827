"""What amending a plan would do, as values: sessions, resources, messages, ribbons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentKind, Message, TreatmentPlan
from bookings.ribbon import Ribbon
from bookings.services.amendments.amended import Change, Fact
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves.move_proposal import MessageChange, Place


class Fate(StrEnum):
    """What becomes of one session."""

    KEPT = "kept"
    MOVED = "moved"
    EXCHANGED = "exchanged"
    CANCELLED = "cancelled"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Line:
    """One session, before and after: moved to another time, or given otherwise."""

    number: int
    fate: Fate
    before: Place | None
    after: Place | None
    appointment: Appointment | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether what stands now is cancelled, replaced or not."""
        return self.before is not None and self.fate is not Fate.KEPT

    @property
    def is_placed(self) -> bool:
        """Whether it is put into the diary anew."""
        return self.after is not None and self.fate is not Fate.KEPT

    @property
    def days(self) -> int:
        """Days by which it moves: below 0 it comes earlier."""
        if self.before is None or self.after is None:
            return 0
        return (self.after.starts_at.date() - self.before.starts_at.date()).days


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """The local arrivals that somebody or something loses and gains."""

    name: str
    freed: tuple[datetime, ...]
    taken: tuple[datetime, ...]


@dataclass(slots=True)
class Diff:
    """What saving would do. With a `refusal` there is nothing to save."""

    plan: TreatmentPlan
    amended: TreatmentPlan
    change: Change
    is_medical: bool
    facts: list[Fact] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    resources: list[ResourceChange] = field(default_factory=list)
    messages: list[MessageChange] = field(default_factory=list)
    before: Ribbon | None = None
    after: Ribbon | None = None
    refusal: str = ""
    key: UUID = field(default_factory=uuid4)

    @property
    def ribbons(self) -> list[Ribbon]:
        """Before and after, to share one ruler."""
        return [ribbon for ribbon in (self.before, self.after) if ribbon]

    @property
    def kept(self) -> list[Line]:
        """The sessions that nothing happens to."""
        return [line for line in self.lines if line.fate is Fate.KEPT]

    @property
    def changed(self) -> list[Line]:
        """The sessions that something happens to."""
        return [line for line in self.lines if line.fate is not Fate.KEPT]

    @property
    def given_up(self) -> list[Line]:
        """The sessions whose present date no longer stands."""
        return [line for line in self.lines if line.is_given_up]

    @property
    def placed(self) -> list[Line]:
        """The sessions that are put into the diary anew."""
        return [line for line in self.lines if line.is_placed]

    def sealed(self) -> dict[str, Any]:
        """Plain values, for the way through the browser (signed) and back."""
        return {
            "plan": self.plan.pk,
            "version": self.plan.version,
            "key": str(self.key),
            "change": self.change.sealed(),
            "standing": {
                str(line.appointment.pk): line.appointment.version
                for line in self.lines
                if line.appointment
            },
            "given_up": [line.number for line in self.given_up],
            "placed": [_sealed(line) for line in self.placed],
        }


def planned(sealed: Mapping[str, Any]) -> PlannedSession:
    """One sealed session as the services want it."""
    return PlannedSession(
        number=sealed["number"],
        starts_at=datetime.fromisoformat(sealed["start"]),
        ends_at=datetime.fromisoformat(sealed["end"]),
        roles=sealed["roles"],
    )


def as_planned(line: Line) -> PlannedSession:
    """A session that is put into the diary anew, as the services want it."""
    return planned(_sealed(line))


def _sealed(line: Line) -> dict[str, Any]:
    if line.after is None:
        raise ValueError("A session without a time is not put anywhere.")
    return {
        "number": line.number,
        "start": line.after.starts_at.isoformat(),
        "end": line.after.ends_at.isoformat(),
        "roles": line.after.roles,
    }


def resource_changes(lines: Iterable[Line]) -> list[ResourceChange]:
    """Who and what loses or gains which arrivals, by name."""
    freed: dict[str, set[datetime]] = {}
    taken: dict[str, set[datetime]] = {}
    for line in lines:
        if line.before and line.is_given_up:
            for name in line.before.names.split(", "):
                freed.setdefault(name, set()).add(line.before.starts_at)
        if line.after and line.is_placed:
            for name in line.after.names.split(", "):
                taken.setdefault(name, set()).add(line.after.starts_at)
    changes = []
    for name in sorted({*freed, *taken} - {""}):
        lost, won = freed.get(name, set()), taken.get(name, set())
        if lost != won:
            changes.append(
                ResourceChange(
                    name, tuple(sorted(lost - won)), tuple(sorted(won - lost))
                )
            )
    return changes


def message_changes(
    amended: TreatmentPlan, lines: Iterable[Line], *, now: datetime
) -> list[MessageChange]:
    """What is taken back, planned anew or new, by session and due time."""
    changed = [line for line in lines if line.fate is not Fate.KEPT]
    old = _waiting(changed)
    new = _owed(amended, changed, now)
    rows = [
        _message(key, old.get(key), new.get(key), now) for key in sorted({*old, *new})
    ]
    return sorted(rows, key=lambda row: (row.number, row.new_due or row.old_due or now))


def _waiting(lines: Iterable[Line]) -> dict[tuple[int, str], datetime]:
    rows = [line.appointment for line in lines if line.appointment]
    waiting = Message.objects.waiting().filter(appointment__in=rows)
    return {
        (row.appointment.number or 0, row.rule): row.due_at
        for row in waiting.select_related("appointment")
        if row.appointment
    }


def _owed(
    amended: TreatmentPlan, lines: Iterable[Line], now: datetime
) -> dict[tuple[int, str], datetime]:
    """What booking these sessions at `now` would promise; one confirmation for all."""
    found: dict[tuple[int, str], datetime] = {}
    for line in sorted(lines, key=lambda line: line.number):
        if not line.after or not line.is_placed:
            continue
        visit = Appointment(
            kind=AppointmentKind.SESSION,
            patient=amended.patient,
            plan=amended,
            number=line.number,
            location=amended.location,
            during=DateTimeTZRange(line.after.starts_at, line.after.ends_at),
        )
        for message in reminders.owed(visit, now):
            told = any(rule == reminders.CONFIRMATION for _number, rule in found)
            if message.rule != reminders.CONFIRMATION or not told:
                found[line.number, message.rule] = message.due_at
    return found


def _message(
    key: tuple[int, str], old: datetime | None, new: datetime | None, now: datetime
) -> MessageChange:
    number, code = key
    rule = reminders.RULES.get(code)
    return MessageChange(
        number=number,
        rule=code,
        name=str(rule.name) if rule else code,
        icon=rule.icon if rule else "envelope",
        old_due=old,
        new_due=new,
        is_now=new is not None and new <= now + GRACE,
    )
