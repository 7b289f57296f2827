"""The messages a patient is owed about an appointment, written as rows.

A promise is made in the transaction that books or moves, so that it exists exactly
when the appointment does. Sending is the outbox's work.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Appointment, AppointmentKind, Message, MessageStatus
from bookings.services.inserting import insert
from treatments.care import Instruction, precare_begins
from treatments.services import sealed

CARE_HOUR = time(9)
NOTICE = timedelta(hours=48)
AFTERCARE_HELPS = timedelta(days=2)  # redness lasts 24 to 48 hours (source: S2)
QUIET_FROM, QUIET_UNTIL = time(20), time(8)
EVENING = time(19, 30)  # early enough for a late sweep to end before the quiet hours

CONFIRMATION = "confirmation"
OFFER = "offer"
AMENDED = "amended"

EVERY_KIND = frozenset(AppointmentKind)
SESSIONS = frozenset({AppointmentKind.SESSION})


@dataclass(frozen=True, slots=True)
class Visit:
    """What a rule looks at: [starts_at, ends_at), days and hours of `zone`, the care.

    `care` is what the protocol asks for around this very session; `is_done` says that
    it took place, and ended at `ends_at`.
    """

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    care: tuple[Instruction, ...] = ()
    is_done: bool = False

    def at(self, day: date, hour: time) -> datetime:
        """The instant at which clocks there show `hour` on `day`, in UTC."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


Moment = Callable[[Visit, datetime], datetime | None]


def at_booking(visit: Visit, now: datetime) -> datetime | None:
    """At once, unless the visit has begun."""
    return now if now < visit.starts_at else None


def when_care_begins(visit: Visit, now: datetime) -> datetime | None:
    """9:00 on the local day pre-care begins, or at once where that has passed.

    Care that begins on the session's own day is told at 9:00 the day before, so that
    the words come before the session, however early it is.
    """
    session_day = visit.starts_at.astimezone(visit.zone).date()
    day_before = session_day - timedelta(days=1)
    day = min(precare_begins(visit.care, session_day), day_before)
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
    """When the visit should end, unless it has.

    Of one that is known to have taken place it is told at once, while it helps.
    """
    if visit.is_done:
        return now if now < while_skin_settles(visit) else None
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
            CONFIRMATION,
            gettext_lazy("Confirmation of the booking"),
            "calendar-check",
            EVERY_KIND,
            at_booking,
            until_it_starts,
        ),
        Rule(
            "pre-care",
            gettext_lazy("Getting ready"),
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
        Rule(  # of no visit: it is owed to an offer from the waiting list
            OFFER,
            gettext_lazy("Offer of a freed time"),
            "calendar-plus",
            frozenset(),
            at_booking,
            until_it_starts,
        ),
        Rule(  # of no one visit: it is owed to an amended plan
            AMENDED,
            gettext_lazy("Dates that no longer stand"),
            "calendar-x",
            frozenset(),
            at_booking,
            until_it_starts,
        ),
    )
}


def promise(appointments: Iterable[Appointment], *, now: datetime) -> list[Message]:
    """Plan every message still to come, in the transaction that books or moves.

    Promising twice is promising once: a key holds appointment, version and rule.
    Sessions promised together are confirmed together, in one message. A patient without an e-mail address gets rows that say why nothing is sent.
    """
    standing = (
        Appointment.objects.firm()
        .filter(pk__in=[appointment.pk for appointment in appointments])
        .select_related("patient", "location", "plan__protocol")
    )
    keys = [row.dedupe_key for row in promise_new(standing, now=now)]
    return list(Message.objects.with_people().filter(dedupe_key__in=keys))


def promise_new(appointments: Iterable[Appointment], *, now: datetime) -> list[Message]:
    """As `promise`, for visits known to stand, with patient, location and plan at hand.

    The rows are those wanted, whether they went in now or were there before.
    """
    rows = confirmed_once(
        message for appointment in appointments for message in owed(appointment, now)
    )
    insert(rows, "id", skip_conflicts=True)
    return rows


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
    starts_at, ends_at = (at.astimezone(UTC) for at in appointment.took_place)
    is_done = appointment.completed_at is not None
    return Visit(starts_at, ends_at, appointment.location.zone, is_done=is_done)


def care_of(appointment: Appointment) -> tuple[Instruction, ...]:
    """What the plan's protocol asks for around this session; without a plan, nothing."""
    if appointment.plan is None:
        return ()
    is_first = (appointment.number or 1) == 1
    care = sealed.care(appointment.plan.protocol)
    return tuple(one for one in care if is_first or not one.first_session_only)


def owed(appointment: Appointment, now: datetime) -> list[Message]:
    """Unsaved rows for what a booking made at `now` promises about the visit.

    Reads the care of a protocol that is still a draft each time.
    """
    visit = replace(visit_of(appointment), care=care_of(appointment))
    return [
        _message(appointment, rule, due_at)
        for rule in RULES.values()
        if appointment.kind in rule.kinds and (due_at := rule.due_at(visit, now))
    ]


def confirmed_once(messages: Iterable[Message]) -> list[Message]:
    """`messages` without all but the first confirmation of each booking or move.

    The first is that of the earliest visit. Only visits at the same version share one:
    what was booked or moved in another act is told in a message of its own.
    """
    rows = list(messages)
    first: dict[_Act, Message] = {}
    for row in rows:
        if (key := _shared_by(row)) and (
            key not in first or _starts_at(row) < _starts_at(first[key])
        ):
            first[key] = row
    kept = {id(row) for row in first.values()}
    return [row for row in rows if not _shared_by(row) or id(row) in kept]


def confirmed_by(message: Message) -> list[Appointment]:
    """The visits that `message` confirms, in order; none for another rule's message.

    A visit that has no confirmation of its own is told in that of its booking, or of
    the act that moved it, and that one tells every visit that stands and was not over
    when it was due. Costs two queries at most, and none for a visit by itself.
    """
    visit = message.appointment
    if visit is None or message.rule != CONFIRMATION:
        return []
    act = _shared_by(message)
    if act is None:
        return [visit]
    field, key, version = act
    standing = (
        Appointment.objects.firm()
        .filter(**{field: key}, kind=visit.kind)
        .filter(Q(during__endswith__gt=message.due_at) | Q(pk=visit.pk))
        .select_related("location")
        .order_by("during")
    )
    others = standing.filter(~_has_its_own(), version=version)
    return list(standing) if others.exclude(pk=visit.pk).exists() else [visit]


def _has_its_own() -> Exists:
    """For a query of visits: whether each has a confirmation of its own."""
    own = Message.objects.filter(
        appointment=OuterRef("pk"), version=OuterRef("version"), rule=CONFIRMATION
    )
    return Exists(own)


_Act = tuple[str, int, int]
"""What is told in one message: the field and key its visits share, and their version."""


def _shared_by(message: Message) -> _Act | None:
    """The booking at its first version, or what of a plan was changed in one act."""
    visit = message.appointment
    if message.rule != CONFIRMATION or visit is None:
        return None
    if message.version > 1 and visit.plan_id and visit.number:
        return "plan", visit.plan_id, message.version
    if visit.booking_id is None:
        return None
    return "booking", visit.booking_id, message.version


def _starts_at(message: Message) -> datetime:
    visit = message.appointment
    return visit.starts_at if visit else message.due_at


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
