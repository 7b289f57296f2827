"""A clinic's day for the tests of the diary: people, rooms, and who comes when."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone
from psycopg2.extras import DateTimeTZRange

from bookings.forms.looking import asked_from
from bookings.models import (
    AppointmentStatus,
    Claim,
    ClaimReason,
    HoldKind,
    PlanStatus,
    SeriesHold,
)
from bookings.services import claims
from bookings.services.daybook import feed, reading
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_appointment,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_patient,
    make_plan,
    make_practitioner,
    make_protocol,
    make_room,
    make_user,
)

OTTAWA = ZoneInfo("America/Toronto")


class Clinic:
    """A doctor, two rooms and a pen, open Monday to Friday from 8 to 18."""

    def __init__(self, **fields):
        self.place = make_location(**fields)
        self.doctor = make_doctor(self.place)
        self.room = make_room(self.place)
        self.second_room = make_room(self.place, name="Room 2")
        self.pen = make_device(self.place)
        for one in (self.doctor, self.room, self.second_room, self.pen):
            make_hours(one)
        self._protocol = None

    @property
    def protocol(self):
        self._protocol = self._protocol or make_protocol()
        return self._protocol

    def nurse(self, **fields):
        """A second practitioner with the same hours."""
        row = make_practitioner(self.place, **{"name": "S. Lachance"} | fields)
        make_hours(row)
        return row

    def at(self, hour, minute=0, *, day=TODAY):
        local = datetime.combine(day, time(hour, minute), tzinfo=self.place.zone)
        return local.astimezone(UTC)

    def session(self, hour=11, minute=0, *, day=TODAY, who=None, room=None, **fields):
        """A session with its claims: numbing, needling, turnover."""
        plan = fields.pop("plan", None) or self.plan(fields.pop("patient", None))
        row = make_appointment(
            plan=plan, starts_at=self.at(hour, minute, day=day), **fields
        )
        roles = {
            "operator": (who or self.doctor).pk,
            "room": (room or self.room).pk,
            "device": self.pen.pk,
        }
        if row.is_live:
            claims.take(claims.for_appointment(row, plan, roles))
        return row

    def plan(self, patient=None, **fields):
        return make_plan(
            patient=patient,
            protocol=self.protocol,
            location=self.place,
            status=PlanStatus.APPROVED,
            reviewed_by=make_user(),
            reviewed_at=NOW,
            **fields,
        )

    def talk(self, hour=9, minute=0, *, day=TODAY, who=None, room=None, **fields):
        """A consultation of half an hour with its claims."""
        row = make_appointment(
            location=self.place,
            starts_at=self.at(hour, minute, day=day),
            minutes=30,
            **{"patient": make_patient()} | fields,
        )
        for resource in (who or self.doctor, room or self.second_room):
            self.claim(resource, row.during, appointment=row)
        return row

    def claim(self, resource, during, **fields):
        fields.setdefault("why", ClaimReason.APPOINTMENT)
        return Claim.objects.create(resource_id=resource.pk, during=during, **fields)

    def block(self, resource, opens, closes, label=""):
        """Time kept for something else than patients."""
        during = DateTimeTZRange(opens, closes)
        return self.claim(resource, during, why=ClaimReason.ABSENCE, label=label)

    def held(self, expires_at, *args, kind=HoldKind.DESK, **fields):
        """A session kept free for a while."""
        plan = self.plan()
        hold = SeriesHold.objects.create(
            key=uuid4(),
            plan=plan,
            kind=kind,
            held_by=make_user(),
            held_at=NOW - timedelta(minutes=5),
            expires_at=expires_at,
        )
        status = AppointmentStatus.HELD
        return self.session(*args, plan=plan, hold=hold, status=status, **fields)

    def look(self, *, now=NOW, day=TODAY, may_move=True, **query):
        """The diary as data, as an address with `query` shows it at `now`."""
        return feed.feed_of(
            self.book(now=now, day=day, may_move=may_move, **query), str
        )

    def book(self, *, now=NOW, day=TODAY, may_move=True, **query):
        words = {"date": day.isoformat()} | {k: str(v) for k, v in query.items()}
        asked = asked_from(words, {}, [self.place], now=now, may_move=may_move)
        return feed.daybook_of(reading.read(asked, now=now))


def local_today(clinic) -> date:
    return timezone.now().astimezone(clinic.place.zone).date()
