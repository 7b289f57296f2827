"""A clinician's day: today's sessions, records still owed, and what waits to be co-signed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.models import Appointment, AppointmentStatus, SessionRecord
from bookings.models.appointments import GIVEN_UP
from bookings.services import days, holding_back
from bookings.services.recording import cosigning, needs, owing, reading
from bookings.services.steps import AWAITED
from clinic.models import Location, Practitioner, Resource, ResourceKind, User

OPERATOR = "operator"
OWED = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One session of today: what it takes, its record, and what holds it back."""

    session: Appointment
    record: SessionRecord | None
    held_back: str
    who: tuple[Resource, ...]
    where: tuple[Resource, ...]
    is_next: bool = False

    @property
    def may_start(self) -> bool:
        """Whether it is still to begin, and may."""
        status = self.session.status
        is_to_come = status in (*AWAITED, AppointmentStatus.ARRIVED)
        return is_to_come and not self.held_back

    @property
    def may_record(self) -> bool:
        """Whether it is under way or over, and nothing is signed yet."""
        begun = (AppointmentStatus.IN_SESSION, AppointmentStatus.DONE)
        return self.record is None and self.session.status in begun

    @property
    def is_to_cosign(self) -> bool:
        return bool(self.record and reading.awaits_cosignature(self.record))


@dataclass(frozen=True, slots=True)
class Day:
    """All that the page shows."""

    rows: tuple[Row, ...]
    owed: tuple[Appointment, ...]
    to_cosign: tuple[SessionRecord, ...]
    is_mine: bool
    me: Practitioner | None


def of(user: User, *, everyone: bool, now: datetime) -> Day:
    """Today for `user`, or for everyone: in as many queries for much as for little."""
    me = needs.practitioner_of(user)
    mine = me if me and not everyone else None
    rows = _sessions(mine, now)
    return Day(
        rows=tuple(_rows(rows, now)),
        owed=tuple(_owed(mine, rows, now)),
        to_cosign=tuple(_to_cosign(user, everyone=mine is None)),
        is_mine=mine is not None,
        me=me,
    )


def _sessions(me: Practitioner | None, now: datetime) -> list[Appointment]:
    """The sessions on each location's own local day that stand or were kept, by time."""
    found: list[Appointment] = []
    for place in Location.objects.filter(is_active=True):
        start, end = days.bounds(place, now.astimezone(place.zone).date())
        today = reading.sessions().filter(location=place).between(start, end)
        today = today.exclude(status__in=[*GIVEN_UP, AppointmentStatus.HELD])
        found += _of(today, me) if me else today
    return sorted(found, key=lambda row: (row.starts_at, row.pk))


def _of(rows: Iterable[Appointment], me: Practitioner) -> list[Appointment]:
    """Those of `rows` that `me` is booked for."""
    return [
        row
        for row in rows
        if any(claim.resource_id == me.pk for claim in row.claims.all())
    ]


def _rows(sessions: Sequence[Appointment], now: datetime) -> Iterable[Row]:
    records = reading.recorded(sessions)
    stands = holding_back.stands({row.patient_id for row in sessions}, now=now)
    why = {one.session.pk: one.why for many in stands.values() for one in many}
    rows = [_row(one, records.get(one.pk), why.get(one.pk, "")) for one in sessions]
    following = next((row for row in rows if row.may_record or row.may_start), None)
    for row in rows:
        yield _lit(row) if row is following else row


def _row(session: Appointment, record: SessionRecord | None, why: str) -> Row:
    taken = session.resources
    is_person = ResourceKind.PRACTITIONER
    return Row(
        session,
        record,
        why,
        who=tuple(one for one in taken if one.kind == is_person),
        where=tuple(one for one in taken if one.kind != is_person),
    )


def _lit(row: Row) -> Row:
    return Row(row.session, row.record, row.held_back, row.who, row.where, is_next=True)


def _owed(
    me: Practitioner | None, today: Iterable[Appointment], now: datetime
) -> list[Appointment]:
    """Sessions of earlier days without a record, the oldest first."""
    shown = {row.pk for row in today}
    since = now - owing.LOOK_BACK
    rows = owing.unrecorded().filter(completed_at__gte=since, completed_at__lte=now)
    rows = rows.exclude(pk__in=shown)
    if me:
        rows = rows.filter(claims__resource=me.pk).distinct()
    return list(rows[:OWED])


def _to_cosign(user: User, *, everyone: bool) -> list[SessionRecord]:
    """What waits for the second signature of `user`: named for them, or for nobody."""
    if not cosigning.may(user):
        return []
    rows = reading.records().filter(
        needs_cosignature=True, cosignature=None, replaced_by=None
    )
    rows = rows.exclude(signed_by=user).order_by("signed_at", "pk")
    mine = [
        row
        for row in rows[:OWED]
        if everyone or row.supervisor is None or row.supervisor.user_id == user.pk
    ]
    return mine
