"""The messages a patient is owed about an appointment, written as rows.

A promise is made in the transaction that books or moves, so that it exists exactly
when the appointment does. Sending is the outbox's work.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Appointment, AppointmentKind, Message, MessageStatus
from bookings.models.messages import WAITING
from bookings.services.inserting import insert
from bookings.services.messages.moments import (
    GRACE,
    Moment,
    Visit,
    a_week_after,
    after_grace,
    at_booking,
    at_planned_end,
    later_after,
    soon_after,
    two_days_after,
    two_days_before,
    until_it_starts,
    when_care_begins,
    while_skin_settles,
)
from treatments.care import Instruction
from treatments.services import sealed

CONFIRMATION = "confirmation"
CANCELLED = "cancelled"
OFFER = "offer"
AMENDED = "amended"
HEALING = {"healing-48h": "48h", "healing-7d": "7d"}
"""Which moment of a check-in each rule asks about."""
TIMES = "request-times"
REQUEST_RECEIVED = "request-received"
RECALL = "recall"

EVERY_KIND = frozenset(AppointmentKind)
SESSIONS = frozenset({AppointmentKind.SESSION})


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of message: for which visits, when it is due, until when it helps."""

    code: str
    name: Promise
    icon: str
    kinds: frozenset[AppointmentKind]
    due_at: Moment
    helps_until: Callable[[Visit], datetime]


def _owed_elsewhere(code: str, name: Promise, icon: str) -> Rule:
    """A message that no booking promises: what owes it says when it is due."""
    return Rule(code, name, icon, frozenset(), at_booking, until_it_starts)


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
        Rule(
            "healing-48h",
            gettext_lazy("How is it healing? After 48 hours"),
            "heart-pulse",
            SESSIONS,
            two_days_after,
            soon_after,
        ),
        Rule(
            "healing-7d",
            gettext_lazy("How is it healing? After 7 days"),
            "heart-pulse",
            SESSIONS,
            a_week_after,
            later_after,
        ),
        # owed to a visit that is given up, so that no booking promises it
        _owed_elsewhere(CANCELLED, gettext_lazy("Cancelled"), "calendar-x"),
        # of no visit: it is owed to an offer from the waiting list
        _owed_elsewhere(OFFER, gettext_lazy("Offer of a freed time"), "calendar-plus"),
        # of no visit yet: it is owed to a request for a consultation
        _owed_elsewhere(
            TIMES, gettext_lazy("Times for a consultation"), "calendar2-week"
        ),
        # of no visit either: it answers a request sent on the site
        _owed_elsewhere(REQUEST_RECEIVED, gettext_lazy("Request received"), "inbox"),
        # of no visit yet: it is owed to a series that is over
        _owed_elsewhere(
            RECALL, gettext_lazy("Time for another session"), "arrow-repeat"
        ),
        # of no one visit: it is owed to an amended plan
        _owed_elsewhere(
            AMENDED, gettext_lazy("Dates that no longer stand"), "calendar-x"
        ),
    )
}


def promise(
    appointments: Iterable[Appointment], *, now: datetime, silently: bool = False
) -> list[Message]:
    """Plan every message still to come, in the transaction that books or moves.

    Promising twice is promising once: a key holds appointment, version and rule; what
    was taken back is promised again. Sessions promised together are confirmed
    together, in one message. A patient without an e-mail address gets rows that say
    why nothing is sent, and so does one whom the desk chose not to tell: `silently`
    keeps back what is news of this change, not what reminds of it later.
    """
    standing = (
        Appointment.objects.firm()
        .filter(pk__in=[appointment.pk for appointment in appointments])
        .select_related("patient", "location", "plan__protocol")
    )
    if silently:
        rows = [row for one in standing for row in owed(one, now)]
        _keep_back(rows, now)
        write(rows)
    else:
        rows = promise_new(standing, now=now)
    keys = [row.dedupe_key for row in rows]
    return list(Message.objects.with_people().filter(dedupe_key__in=keys))


def promise_new(appointments: Iterable[Appointment], *, now: datetime) -> list[Message]:
    """As `promise`, for visits known to stand, with patient, location and plan at hand.

    The rows are those wanted, whether they went in now or were there before.
    """
    rows = confirmed_once(
        message for appointment in appointments for message in owed(appointment, now)
    )
    write(rows)
    return rows


def promise_again(appointment: Appointment, *, confirmed: bool, now: datetime) -> None:
    """Promise what a visit needs that stands again; `confirmed`: as it was told before.

    Then only what the patient has not heard of its time is confirmed.
    """
    if not (confirmed and is_confirmed(appointment)):
        promise([appointment], now=now)
        return
    rows = [row for row in owed(appointment, now) if row.rule != CONFIRMATION]
    write(rows)


def is_confirmed(appointment: Appointment) -> bool:
    """Whether a confirmation that left, or is to leave, tells of the visit as it is."""
    together = Q(appointment=appointment)
    if appointment.booking_id:
        together |= Q(appointment__booking=appointment.booking_id)
    if appointment.plan_id and appointment.number:
        together |= Q(appointment__plan=appointment.plan_id)
    about = Message.objects.filter(
        together,
        rule=CONFIRMATION,
        version=appointment.version,
        status__in=[*WAITING, MessageStatus.SENT],
    )
    return any(
        told.pk == appointment.pk
        for message in about.with_people()
        for told in confirmed_by(message)
    )


def write(rows: Sequence[Message]) -> None:
    """Insert promised `rows`; those that are there, but taken back, are due again."""
    if len(insert(rows, "id", skip_conflicts=True)) == len(rows):
        return
    known = Message.objects.filter(
        dedupe_key__in=[row.dedupe_key for row in rows],
        status=MessageStatus.SUPERSEDED,
    )
    wanted = {row.dedupe_key: row for row in rows}
    for taken_back in known:
        row = wanted[taken_back.dedupe_key]
        Message.objects.filter(pk=taken_back.pk).update(
            status=row.status, problem=row.problem, due_at=row.due_at, attempts=0
        )


def _keep_back(rows: Iterable[Message], now: datetime) -> None:
    """Mark what would be news: the confirmation, and what was told of the visit before."""
    rows = [row for row in rows if row.status == MessageStatus.PLANNED]
    sent = Message.objects.filter(
        appointment__in={row.appointment_id for row in rows}, status=MessageStatus.SENT
    )
    told = set(sent.values_list("appointment", "rule"))
    for row in rows:
        at_once = row.due_at <= now + GRACE
        again = at_once and (row.appointment_id, row.rule) in told
        if row.rule == CONFIRMATION or again:
            row.status, row.problem = MessageStatus.SUPPRESSED, not_to_tell()


def not_to_tell() -> str:
    """Why a message stays unsent that the desk kept back, in words."""
    return _("The desk chose not to tell.")


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
        message_of(appointment, rule.code, graced)
        for rule in RULES.values()
        if appointment.kind in rule.kinds and (due_at := rule.due_at(visit, now))
        for graced in [after_grace(due_at, now, rule.helps_until(visit))]
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


def message_of(appointment: Appointment, code: str, due_at: datetime) -> Message:
    """An unsaved row: the message of rule `code` about `appointment` as it stands."""
    reachable = bool(appointment.patient.email)
    return Message(
        patient=appointment.patient,
        appointment=appointment,
        rule=code,
        version=appointment.version,
        language=appointment.patient.language,
        due_at=due_at,
        status=MessageStatus.PLANNED if reachable else MessageStatus.SUPPRESSED,
        problem="" if reachable else _("The patient has no e-mail address."),
        recipient=appointment.patient.email,
        dedupe_key=f"appointment:{appointment.pk}:v{appointment.version}:{code}",
    )
