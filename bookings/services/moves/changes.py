"""What becomes of an appointment: confirmed, here, begun, done, cancelled, missed.

Each is one transaction: the row, its claims, its messages, and tasks where the
windows of what follows break. `version` and `seen`, a status, are those that were on
the page; where one is another by now, the change is refused in words.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    Message,
    MessageStatus,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.services import holding_back, requests, series
from bookings.services.messages import cancelled, reminders
from bookings.services.moves import freed, given_up, placing, standing, windows
from bookings.services.moves.freed import FreedTime
from bookings.services.moves.lateness import arrive_late
from bookings.services.moves.standing import AWAITED, PRESENT, UNDER_WAY
from bookings.services.refusals import BookingRefused
from clinic.models import User

LATE = timedelta(hours=settings.LATE_CANCEL_HOURS)
AFTERCARE = "after-care"

__all__ = [
    "arrive",
    "arrive_late",
    "begin",
    "cancel",
    "complete",
    "confirm",
    "is_late",
    "no_show",
    "write_note",
]


@transaction.atomic
def confirm(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Note that the patient says to come."""
    row = standing.lock(appointment, [AppointmentStatus.BOOKED], version, seen)
    _set(row, AppointmentStatus.CONFIRMED)
    _settle(row, actor, now)
    return row


@transaction.atomic
def arrive(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Note that the patient is here."""
    row = standing.lock(appointment, AWAITED, version, seen)
    _set(row, AppointmentStatus.ARRIVED)
    _settle(row, actor, now)
    return row


@transaction.atomic
def begin(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Note that the visit has begun, unless a health answer holds it back."""
    row = standing.lock(appointment, PRESENT, version, seen)
    holding_back.judge(row, now=now)
    _set(row, AppointmentStatus.IN_SESSION)
    _settle(row, actor, now)
    return row


@transaction.atomic
def complete(
    appointment: Appointment,
    *,
    performed_at: datetime,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Note that it ended at `performed_at`; the next window counts from that local day.

    Where a window breaks, a task asks to re-plan. After-care is told after the grace,
    unless it was told that day. Time still to come is free again.
    """
    row = standing.lock(appointment, UNDER_WAY, version, seen)
    _judge_performed(row, performed_at, now)
    if not _is_cared_for(row, performed_at):
        row.version = _next_version(row)
    rest, left = _rest_to_confirm(row), _time_to_come(row, performed_at, now)
    _write_done(row, performed_at)
    freed.report(left, now=now)
    _tell_again(row, rest, now)
    _settle(row, actor, now)
    return row


@transaction.atomic
def cancel(
    appointment: Appointment,
    *,
    reason: str,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
    notify: bool = True,
) -> Appointment:
    """Give the time back. Less than LATE_CANCEL_HOURS before the start it is late.

    A session of a plan then needs another place, and a task says so. A reason is
    required. A patient who knows of the visit gets a letter, unless `notify` is off.
    What is left of a series is confirmed again where that was still owed.
    """
    if not reason.strip():
        raise BookingRefused(_("Say why: the reason is kept in the history."))
    row = standing.lock(appointment, PRESENT, version, seen)
    is_news = not cancelled.is_unheard_of(row)
    _give_up(row, _off(row, now), reason.strip(), actor, now)
    if is_news:
        cancelled.promise(row, now=now, notify=notify)
    return row


@transaction.atomic
def write_note(
    appointment: Appointment,
    *,
    note: str,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Keep `note` for the desk, in whatever state the visit is."""
    row = standing.lock(appointment, list(AppointmentStatus), None)
    row.note = note.strip()
    row.save(update_fields=["note"])
    return row


def _off(row: Appointment, now: datetime) -> AppointmentStatus:
    late = is_late(row, now=now)
    return AppointmentStatus.LATE_CANCELLED if late else AppointmentStatus.CANCELLED


def is_late(appointment: Appointment, *, now: datetime) -> bool:
    """Whether a cancellation at `now` counts as late."""
    return appointment.starts_at - now < LATE


@transaction.atomic
def no_show(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Note that the patient did not come; refused before the planned start.

    What is left of the time is free again, and a session needs another place. It is
    a call to make, so no letter says so.
    """
    row = standing.lock(appointment, AWAITED, version, seen)
    if now < row.starts_at:
        raise BookingRefused(
            _("It starts at %(time)s. Until then the patient may still come.")
            % {"time": date_format(row.local_start, "H:i")}
        )
    _give_up(row, AppointmentStatus.NO_SHOW, reason.strip(), actor, now)
    return row


def _judge_performed(row: Appointment, performed_at: datetime, now: datetime) -> None:
    if performed_at > now:
        raise BookingRefused(_("That lies in the future."))
    day = performed_at.astimezone(row.location.zone).date()
    if row.plan is None or row.kind != AppointmentKind.SESSION:
        _judge_talk_day(row, day)
        return
    _judge_signed(row.plan, day)
    others = standing.sessions_of(row.plan)
    before = others.get((row.number or 0) - 1)
    if before and day <= before.anchor_date:
        raise BookingRefused(
            _("Session %(before)s is on %(day)s, and this one comes after it.")
            % {
                "before": before.number,
                "day": date_format(before.anchor_date, "D j M Y"),
            }
        )


def _judge_talk_day(row: Appointment, day: date) -> None:
    """A talk of another day is another talk: a day is left for what began at night."""
    first = row.local_date - timedelta(days=1)
    if day < first:
        raise BookingRefused(
            _("It was planned for %(planned)s. Give a day from %(first)s on.")
            % {
                "planned": date_format(row.local_date, "D j M Y"),
                "first": date_format(first, "D j M Y"),
            }
        )


def _judge_signed(plan: TreatmentPlan, day: date) -> None:
    """Nothing of a plan is performed before a clinician signed it the first time.

    How much earlier than planned a session takes place is free: patients do come
    early, the next window then counts from there, and the time kept is given back.
    """
    approved = plan.reviews.filter(outcome=ReviewOutcome.APPROVED)
    signed = [review.at for review in approved]
    signed += [plan.reviewed_at] if plan.reviewed_at else []
    if not signed:
        return
    first = min(signed).astimezone(plan.location.zone).date()
    if day < first:
        raise BookingRefused(
            _("The plan was signed on %(day)s. Nothing of it took place before.")
            % {"day": date_format(first, "D j M Y")}
        )


def _is_cared_for(row: Appointment, performed_at: datetime) -> bool:
    """Whether the patient has after-care for the local day on which it took place."""
    if row.local_date != performed_at.astimezone(row.location.zone).date():
        return False
    told = Message.objects.filter(
        appointment=row,
        version=row.version,
        rule=AFTERCARE,
        status=MessageStatus.SENT,
    )
    return told.exists()


def _next_version(row: Appointment) -> int:
    is_session = row.plan and row.kind == AppointmentKind.SESSION
    return (
        placing.next_version(row.plan) if row.plan and is_session else row.version + 1
    )


def _time_to_come(
    row: Appointment, performed_at: datetime, now: datetime
) -> list[FreedTime]:
    """The time that a visit gives back which took place before it was planned."""
    if row.starts_at <= now:
        return []
    left = freed.of(row)
    start = performed_at - (row.ends_at - row.starts_at)
    row.during = DateTimeTZRange(start, performed_at)
    row.claims.all().delete()
    return [left]


def _tell_again(row: Appointment, rest: list[Appointment], now: datetime) -> None:
    reminders.withdraw([row], now=now)
    reminders.promise([row, *rest], now=now)


def _write_done(row: Appointment, performed_at: datetime) -> None:
    was = row.status
    row.completed_at, row.status = performed_at, AppointmentStatus.DONE
    try:
        row.save(update_fields=["during", "status", "completed_at", "version"])
    except IntegrityError as error:
        raise series.refusal(error) from error
    requests.follow(row, was=was)


def _give_up(
    row: Appointment, status: AppointmentStatus, reason: str, actor: User, now: datetime
) -> None:
    rest = _rest_to_confirm(row)
    left, was = freed.of(row), row.status
    row.reason = reason
    with given_up.remembered(row):
        _set(row, status, "reason")
    requests.follow(row, was=was)
    Claim.objects.filter(appointment=row).delete()
    reminders.withdraw([row], now=now)
    reminders.promise(rest, now=now)
    _settle(row, actor, now)
    freed.report([left], now=now)


def _rest_to_confirm(row: Appointment) -> list[Appointment]:
    """What else the row's confirmation would have told, if it is not out yet."""
    if row.booking_id is None:
        return []
    others = Appointment.objects.firm().filter(booking=row.booking_id)
    return placing.told_together([row], others)


def _set(row: Appointment, status: AppointmentStatus, *fields: str) -> None:
    row.status = status
    row.save(update_fields=["status", *fields])


def _settle(row: Appointment, actor: User, now: datetime) -> None:
    """Open and close the tasks of the series that `row` is of."""
    windows.settle_around(row, actor=actor, now=now)
