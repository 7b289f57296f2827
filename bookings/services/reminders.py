"""The messages a patient is owed about an appointment, written as rows.

A promise is made in the transaction that books or moves, so that it exists exactly
when the appointment does. Sending is the outbox's work.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Appointment, AppointmentKind, Message, MessageStatus

CARE_DAYS = 7  # pre-care begins so many local days before the session (source: S0)
CARE_HOUR = time(9)
NOTICE = timedelta(hours=48)
AFTERCARE_HELPS = timedelta(days=2)  # redness lasts 24 to 48 hours (source: S2)
QUIET_FROM, QUIET_UNTIL = time(20), time(8)
EVENING = time(19, 30)  # early enough for a late sweep to end before the quiet hours

EVERY_KIND = frozenset(AppointmentKind)
SESSIONS = frozenset({AppointmentKind.SESSION})


@dataclass(frozen=True, slots=True)
class Visit:
    """The time a rule looks at: [starts_at, ends_at), with days and hours of `zone`."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    def at(self, day: date, hour: time) -> datetime:
        """The instant at which clocks there show `hour` on `day`, in UTC."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


Moment = Callable[[Visit, datetime], datetime | None]


def at_booking(visit: Visit, now: datetime) -> datetime | None:
    """At once, unless the visit has begun."""
    return now if now < visit.starts_at else None


def when_care_begins(visit: Visit, now: datetime) -> datetime | None:
    """9:00 on the local day pre-care begins, or at once where that has passed."""
    day = visit.starts_at.astimezone(visit.zone).date() - timedelta(days=CARE_DAYS)
    return max(now, visit.at(day, CARE_HOUR)) if now < visit.starts_at else None


def two_days_before(visit: Visit, now: datetime) -> datetime | None:
    """48 elapsed hours before, in waking hours; not at all for a visit that close.

    A moment in the quiet hours moves back to the evening before them, or, where that
    evening has passed, to the morning after.
    """
    moment = visit.starts_at - NOTICE
    if moment <= now:
        return None
    day, hour = _local(moment, visit.zone)
    if QUIET_UNTIL <= hour < QUIET_FROM:
        return moment
    if hour < QUIET_UNTIL:
        day -= timedelta(days=1)
    evening = visit.at(day, EVENING)
    return evening if now < evening else visit.at(day + timedelta(days=1), QUIET_UNTIL)


def at_planned_end(visit: Visit, now: datetime) -> datetime | None:
    """When the visit should end, unless it has."""
    return visit.ends_at if now < visit.ends_at else None


def _local(moment: datetime, zone: ZoneInfo) -> tuple[date, time]:
    local = moment.astimezone(zone)
    return local.date(), local.time()


def until_it_starts(visit: Visit) -> datetime:
    """The moment from which words about getting ready help nobody."""
    return visit.starts_at


def while_skin_settles(visit: Visit) -> datetime:
    """The moment from which first words about after-care help nobody."""
    return visit.ends_at + AFTERCARE_HELPS


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of message: for which visits, when it is due, until when it helps."""

    code: str
    name: Promise
    icon: str
    kinds: frozenset[AppointmentKind]
    due_at: Moment
    helps_until: Callable[[Visit], datetime]


RULES = {
    rule.code: rule
    for rule in (
        Rule(
            "confirmation",
            gettext_lazy("Confirmation of the booking"),
            "calendar-check",
            EVERY_KIND,
            at_booking,
            until_it_starts,
        ),
        Rule(
            "pre-care",
            gettext_lazy("Getting ready, 7 days before"),
            "list-check",
            SESSIONS,
            when_care_begins,
            until_it_starts,
        ),
        Rule(
            "practical",
            gettext_lazy("Time and place, 48 hours before"),
            "geo-alt",
            EVERY_KIND,
            two_days_before,
            until_it_starts,
        ),
        Rule(
            "after-care",
            gettext_lazy("Looking after your skin, after the session"),
            "bandaid",
            SESSIONS,
            at_planned_end,
            while_skin_settles,
        ),
    )
}


def promise(appointments: Iterable[Appointment], *, now: datetime) -> list[Message]:
    """Plan every message still to come, in the transaction that books or moves.

    Promising twice is promising once: a key holds appointment, version and rule.
    A patient without an e-mail address gets rows that say why nothing is sent.
    """
    rows = [
        message
        for appointment in Appointment.objects.live()
        .filter(pk__in=[appointment.pk for appointment in appointments])
        .select_related("patient", "location")
        for message in owed(appointment, now)
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    keys = [row.dedupe_key for row in rows]
    return list(Message.objects.with_people().filter(dedupe_key__in=keys))


def withdraw(appointments: Iterable[Appointment], *, now: datetime) -> int:
    """Take back what has not left; say how many messages that were.

    A message in a sender's hands at `now` is judged by that sender, by the
    appointment's state and version, right before it would leave.
    """
    in_hand = Q(status=MessageStatus.SENDING, lease_until__gt=now)
    return (
        Message.objects.waiting()
        .filter(appointment__in=[appointment.pk for appointment in appointments])
        .exclude(in_hand)
        .update(
            status=MessageStatus.SUPERSEDED,
            problem=_("The appointment has changed."),
            lease_until=None,
            lease_token=None,
        )
    )


def visit_of(appointment: Appointment) -> Visit:
    """The times of `appointment`, for a rule to look at."""
    return Visit(appointment.starts_at, appointment.ends_at, appointment.location.zone)


def owed(appointment: Appointment, now: datetime) -> list[Message]:
    """Unsaved rows for what a booking made at `now` promises about the visit."""
    visit = visit_of(appointment)
    return [
        _message(appointment, rule, due_at)
        for rule in RULES.values()
        if appointment.kind in rule.kinds and (due_at := rule.due_at(visit, now))
    ]


def _message(appointment: Appointment, rule: Rule, due_at: datetime) -> Message:
    reachable = bool(appointment.patient.email)
    return Message(
        patient=appointment.patient,
        appointment=appointment,
        rule=rule.code,
        version=appointment.version,
        language=appointment.patient.language,
        due_at=due_at,
        status=MessageStatus.PLANNED if reachable else MessageStatus.SUPPRESSED,
        problem="" if reachable else _("The patient has no e-mail address."),
        recipient=appointment.patient.email,
        dedupe_key=f"appointment:{appointment.pk}:v{appointment.version}:{rule.code}",
    )
