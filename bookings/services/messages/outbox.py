"""Sending what is due, at least once, and as close to once as mail allows.

A sender claims a small batch under a lease, commits, and only then sends: nothing
stays locked while mail is under way. Each result is recorded by itself. Whoever dies
leaves rows whose lease runs out, and the next sweep takes them up: of those, only the
one message that was out and not yet recorded can reach its reader twice.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bookings.models import Appointment, Message, MessageStatus
from bookings.models.messages import MessageQuerySet
from bookings.services import holding_back
from bookings.services.amendments import amendment_letters
from bookings.services.messages import (
    cancelled,
    letters,
    offer_letters,
    recall_letters,
    request_received,
    time_letters,
)
from bookings.services.messages.reminders import (
    AMENDED,
    CANCELLED,
    HEALING,
    OFFER,
    RECALL,
    REQUEST_RECEIVED,
    RULES,
    TIMES,
    confirmed_by,
    visit_of,
)

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

LEASE = timedelta(seconds=settings.MESSAGE_LEASE_SECONDS)
BATCH = 20
ROUNDS = 500  # a bug in the queue must not become a flood of mail
SWEEP = timedelta(seconds=50)  # a sweep ends before the next doorbell and task limit
TRIES = 8
FIRST_DELAY, GROWTH = timedelta(minutes=1), 5
LONGEST_DELAY = timedelta(hours=6)


ENDS: dict[str, Callable[[Message, datetime], tuple[MessageStatus, str] | None]] = {
    RECALL: recall_letters.too_late,
    TIMES: time_letters.too_late,
    CANCELLED: cancelled.too_late,
}
"""How messages end that are about no one visit that stands, by rule."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that one sender holds until its lease runs out."""

    token: UUID
    ids: deque[int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a message must not leave: the state it ends in, and words for the desk."""

    status: MessageStatus
    problem: str


def send_due(*, clock: Clock) -> int:
    """Send what is due, batch after batch, and say how many messages left.

    `clock` tells the time, for a sweep lasts: up to 50 seconds. Senders may run side
    by side. A message that cannot be sent waits for its next try; others go on.
    """
    ends_at = clock() + SWEEP
    sent = 0
    for _round in range(ROUNDS):
        batch = claim(now=clock())
        if not batch.ids:
            break
        sent += _work_through(batch, clock, ends_at)
        if clock() >= ends_at:
            break
    return sent


@transaction.atomic
def claim(*, now: datetime, size: int = BATCH) -> Batch:
    """Take the messages longest overdue that nobody else holds, under one lease."""
    due = Message.objects.due(now).select_for_update(skip_locked=True)
    batch = Batch(uuid4(), deque(due.values_list("pk", flat=True)[:size]))
    Message.objects.filter(pk__in=batch.ids).update(
        status=MessageStatus.SENDING,
        lease_token=batch.token,
        lease_until=now + LEASE,
        attempts=F("attempts") + 1,
    )
    return batch


def _work_through(batch: Batch, clock: Clock, ends_at: datetime) -> int:
    """Deliver a batch; hand back at once what there was no time for."""
    sent = 0
    try:
        while batch.ids and clock() < ends_at:
            sent += _deliver(batch.ids.popleft(), batch.token, clock)
    finally:
        _hand_back(batch)
    return sent


def _hand_back(batch: Batch) -> None:
    if batch.ids:
        _held(batch.token).filter(pk__in=batch.ids).update(
            status=MessageStatus.PLANNED,
            lease_token=None,
            lease_until=None,
            attempts=F("attempts") - 1,
        )


def _deliver(pk: int, token: UUID, clock: Clock) -> bool:
    """Send one message if it is still ours and still right; record what came of it."""
    held = _held(token).filter(pk=pk)
    message = held.with_people().first()
    if message is None or not _keep_lease(held, message, clock()):
        logger.info("Message %s is in other hands.", pk)
        return False
    if verdict := _verdict(message, clock()):
        _settle(held, verdict)
        return False
    try:
        letter = letters.write(message, now=clock())
        _send(message, letter)
    except Exception as error:  # one bad message must not hold up the others
        logger.error("Message %s put off: %s", pk, type(error).__name__)
        _put_off(held, message.attempts, error, clock())
        return False
    _record(message, letter, clock())
    return True


def _held(token: UUID) -> MessageQuerySet:
    """What the lease `token` still holds."""
    return Message.objects.filter(status=MessageStatus.SENDING, lease_token=token)


def _keep_lease(held: MessageQuerySet, message: Message, now: datetime) -> bool:
    """Whether the lease will outlast the sending; where it is short, renew it.

    A sender that was paused past its lease may find that another has taken over.
    """
    if message.lease_until and message.lease_until - now > LEASE / 2:
        return True
    return bool(held.update(lease_until=now + LEASE))


def _verdict(message: Message, now: datetime) -> Verdict | None:
    """Why `message` must not leave at `now`, or None where all is well."""
    if message.attempts > TRIES:
        return Verdict(MessageStatus.FAILED, _("Its senders stopped again and again."))
    if not message.patient.email:
        problem = _("The patient has no e-mail address.")
        return Verdict(MessageStatus.SUPPRESSED, problem)
    if message.rule == OFFER:
        problem = offer_letters.too_late(message, now)
        return Verdict(MessageStatus.SUPERSEDED, problem) if problem else None
    if message.rule == AMENDED:
        problem = amendment_letters.too_late(message, now)
        return Verdict(MessageStatus.MISSED, problem) if problem else None
    if message.rule == REQUEST_RECEIVED:
        problem = request_received.too_late(message)
        return Verdict(MessageStatus.SUPPRESSED, problem) if problem else None
    if too_late := ENDS.get(message.rule):
        end = too_late(message, now)
        return Verdict(*end) if end else None
    return _appointment_verdict(message, now)


def _appointment_verdict(message: Message, now: datetime) -> Verdict | None:
    appointment = message.appointment
    if appointment is None:
        return None
    if not appointment.is_live:
        problem = _("The appointment does not stand any more.")
        return Verdict(MessageStatus.SUPPRESSED, problem)
    if appointment.version != message.version:
        problem = _("The appointment has changed.")
        return Verdict(MessageStatus.SUPERSEDED, problem)
    if problem := _kept_back(message, appointment, now):
        return Verdict(MessageStatus.SUPPRESSED, problem)
    rule = RULES.get(message.rule)
    is_late = rule and now >= rule.helps_until(visit_of(appointment))
    if is_late and not _tells_of_later(message, now):
        return Verdict(MessageStatus.MISSED, _("It came too late to be of help."))
    return None


def _kept_back(message: Message, appointment: Appointment, now: datetime) -> str:
    """Why words about a session wait: an answer holds it, or it did not take place."""
    if message.rule in HEALING and appointment.status not in holding_back.TOOK_PLACE:
        return _("The session is not noted as done.")
    if holding_back.keeps_back(message, now=now):
        return holding_back.reason_kept()
    return ""


def _tells_of_later(message: Message, now: datetime) -> bool:
    """Whether it confirms other visits too, and one of those is still to come."""
    return any(visit.starts_at > now for visit in confirmed_by(message))


def _send(message: Message, letter: letters.Letter) -> None:
    """Hand one letter to the mail backend; a repeat carries the same Message-ID."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[message.patient.email],
        headers={
            "Message-ID": f"<{message.dedupe_key.replace(':', '-')}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    mail.send()


def _record(message: Message, letter: letters.Letter, now: datetime) -> None:
    """Keep the words, links masked. What has left has left, whoever holds the lease."""
    kept = letters.masked(letter)
    Message.objects.filter(pk=message.pk).exclude(status=MessageStatus.SENT).update(
        status=MessageStatus.SENT,
        sent_at=now,
        recipient=message.patient.email,
        subject=kept.subject,
        text=kept.text,
        html=kept.html,
        problem="",
        lease_token=None,
        lease_until=None,
    )


def _settle(held: MessageQuerySet, verdict: Verdict) -> None:
    """End a message that must not leave, if it is still ours."""
    held.update(
        status=verdict.status,
        problem=verdict.problem,
        lease_token=None,
        lease_until=None,
    )


def _put_off(
    held: MessageQuerySet, attempts: int, error: Exception, now: datetime
) -> None:
    """Plan the next try after a growing delay, or give up after the last one."""
    problem = _("Sending failed (%(error)s).") % {"error": type(error).__name__}
    if attempts >= TRIES:
        _settle(held, Verdict(MessageStatus.FAILED, problem))
        return
    held.update(
        status=MessageStatus.PLANNED,
        problem=problem,
        lease_token=None,
        lease_until=now + delay_after(attempts),
    )


def delay_after(attempts: int) -> timedelta:
    """How long a message waits after so many tries: 1, 5, 25 minutes, to 6 hours."""
    return min(FIRST_DELAY * int(GROWTH ** (attempts - 1)), LONGEST_DELAY)
