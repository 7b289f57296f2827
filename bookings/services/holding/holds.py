"""Keeping a series free for a while: held, extended, confirmed, or let go.

Every act on one hold locks patient, plan and then the hold (see `lapses`). What it
keeps are appointments and claims like those of a booking, so that the same
constraints guard them and confirming takes nothing anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    HoldKind,
    HoldOutcome,
    SeriesBooking,
    SeriesHold,
    TreatmentPlan,
)
from bookings.models.claims import ClaimQuerySet
from bookings.services import claims, judging, series
from bookings.services.holding import lapses
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.overrides import Override
from bookings.services.proposing.wishes import Avoided
from bookings.services.refusals import BookingRefused
from clinic.models import User

JUDGES = {
    HoldKind.DESK: judging.judge_series,
    HoldKind.OFFER: judging.judge_series,
    HoldKind.PENCIL: judging.judge_pencil,
}


class Asked(TypedDict, total=False):
    """What may be said of a hold besides.

    It lasts until `until`: without one for HOLD_MINUTES, or, pencilled, to the start
    of its first session. `wishes` is what was asked for, as an address carries it.
    """

    until: datetime
    wishes: str
    avoid: Iterable[Avoided]
    overrides: Iterable[Override]


def usual_span() -> timedelta:
    """How long a series is held at the desk, and by how much that is extended."""
    return timedelta(minutes=settings.HOLD_MINUTES)


@transaction.atomic
def hold(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    key: UUID,
    strategy: str,
    actor: User | None,
    now: datetime,
    kind: HoldKind = HoldKind.DESK,
    **asked: Unpack[Asked],
) -> SeriesHold:
    """Keep all that `plan` lacks free, or raise BookingRefused; a `key` counts once."""
    plan = series.lock(plan)
    if before := _held_before(plan, key):
        return before
    lapses.make_way(claims.wanted(plan, sessions), now=now, plan=plan)
    allowed = asked.get("overrides", ())
    JUDGES[kind](plan, sessions, now=now, overrides=allowed, actor=actor)
    held = SeriesHold(key=key, plan=plan, kind=kind, strategy=strategy)
    held.held_by, held.held_at, held.wishes = actor, now, asked.get("wishes", "")
    held.expires_at = asked.get("until") or _end(kind, sessions, now)
    _write(held, sessions, asked.get("avoid", ()))
    return held


@transaction.atomic
def extend(hold: SeriesHold, actor: User, now: datetime) -> SeriesHold:
    """Keep the series free for HOLD_MINUTES more than it was, once, or refuse."""
    _plan, hold = _lock(hold)
    _judge_lasts(hold, now)
    if hold.kind != HoldKind.DESK:
        raise BookingRefused(_("Only what the desk holds can be extended."))
    if hold.extended_at:
        raise BookingRefused(
            _("This hold was extended once already. Confirm it, or let it go.")
        )
    hold.expires_at, hold.extended_at = hold.until + usual_span(), now
    hold.save(update_fields=["expires_at", "extended_at"])
    _claims_of(hold).update(expires_at=hold.expires_at)
    return hold


@transaction.atomic
def confirm(hold: SeriesHold, *, actor: User, now: datetime) -> SeriesBooking:
    """Book what is held, or refuse; confirming twice answers with the one booking.

    What the constraints guard is not looked at again. What may have changed since is:
    the signature, the number of sessions, the spacing, and the health answers, so that
    an answer given meanwhile still refuses a date.
    """
    plan, hold = _lock(hold)
    if booked := SeriesBooking.objects.filter(key=hold.key).first():
        return booked
    _judge_lasts(hold, now)
    judging.judge_held(plan, sessions_of(hold, plan), hold=hold, now=now)
    return book(hold, plan, actor=actor, now=now)


@transaction.atomic
def release(hold: SeriesHold, actor: User, now: datetime) -> SeriesHold:
    """Give back what is held; one that has ended stays as it is, booked it refuses."""
    _plan, hold = _lock(hold)
    if hold.outcome == HoldOutcome.CONFIRMED:
        raise BookingRefused(_("This series is booked. Cancel its sessions instead."))
    if hold.is_open:
        outcome = HoldOutcome.RELEASED if hold.lasts_at(now) else HoldOutcome.EXPIRED
        lapses.let_go(hold, outcome, now=now)
    return hold


def expire_overdue(*, now: datetime) -> int:
    """End every hold whose time ran out, each by itself; say how many that were.

    A hold that is being confirmed at this moment is left to whoever confirms it.
    """
    ended = 0
    for pk in SeriesHold.objects.overdue(now).values_list("pk", flat=True):
        with transaction.atomic():
            mine = SeriesHold.objects.overdue(now).filter(pk=pk)
            if hold := mine.select_for_update(skip_locked=True, no_key=True).first():
                lapses.lapse(hold, now=now)
                ended += 1
    return ended


def book(
    hold: SeriesHold, plan: TreatmentPlan, *, actor: User, now: datetime
) -> SeriesBooking:
    """Turn a hold that was judged into a booking; the caller holds all three locks."""
    booking = SeriesBooking.objects.create(
        key=hold.key,
        plan=plan,
        strategy=hold.strategy,
        booked_by=actor,
        booked_at=now,
    )
    _claims_of(hold).update(why=ClaimReason.APPOINTMENT, expires_at=None)
    held = list(hold.appointments.filter(status=AppointmentStatus.HELD))
    hold.appointments.filter(status=AppointmentStatus.HELD).update(
        status=AppointmentStatus.BOOKED, booking=booking
    )
    hold.ended_at, hold.outcome = now, HoldOutcome.CONFIRMED
    hold.save(update_fields=["ended_at", "outcome"])
    reminders.promise(held, now=now)
    booked = [row.number or 0 for row in held]
    lapses.settle_tasks(plan, actor=actor, now=now, booked=booked)
    return booking


def sessions_of(hold: SeriesHold, plan: TreatmentPlan) -> list[PlannedSession]:
    """What `hold` keeps, as it was chosen, by number.

    Shared roles claim nothing, so they are not among the roles.
    """
    rows = hold.appointments.filter(status=AppointmentStatus.HELD)
    return [
        PlannedSession(row.number or 0, row.starts_at, row.ends_at, _roles(row))
        for row in rows.prefetch_related("claims").order_by("number")
    ]


def _roles(row: Appointment) -> Mapping[str, int]:
    return {claim.role: claim.resource_id for claim in row.claims.all()}


def _lock(hold: SeriesHold) -> tuple[TreatmentPlan, SeriesHold]:
    plan = series.lock(hold.plan)
    return plan, SeriesHold.objects.select_for_update(no_key=True).get(pk=hold.pk)


def _held_before(plan: TreatmentPlan, key: UUID) -> SeriesHold | None:
    held = SeriesHold.objects.filter(key=key).first()
    booked = SeriesBooking.objects.filter(key=key).first()
    if any(other and other.plan_id != plan.pk for other in (held, booked)):
        raise BookingRefused(
            _("This page belongs to another booking. Open the plan again.")
        )
    return held


def _end(kind: HoldKind, sessions: Sequence[PlannedSession], now: datetime) -> datetime:
    """When it ends by itself: a pencilled series as soon as its first session starts."""
    if kind == HoldKind.PENCIL:
        return min(session.starts_at for session in sessions)
    return now + usual_span()


def _write(
    held: SeriesHold, sessions: Sequence[PlannedSession], avoid: Iterable[Avoided]
) -> None:
    held.save(force_insert=True)
    status, until = AppointmentStatus.HELD, held.expires_at
    series.take(held.plan, sessions, until=until, hold=held, status=status)
    series.keep(held.plan.patient, avoid)
    lapses.settle_tasks(held.plan, actor=held.held_by, now=held.held_at)


def _claims_of(hold: SeriesHold) -> ClaimQuerySet:
    held = hold.appointments.filter(status=AppointmentStatus.HELD)
    return Claim.objects.filter(appointment__in=held, why=ClaimReason.HOLD)


def _judge_lasts(hold: SeriesHold, now: datetime) -> None:
    """Refuse a hold that is over, and say since when."""
    if hold.lasts_at(now):
        return
    if hold.outcome == HoldOutcome.CONFIRMED:
        raise BookingRefused(_("This series is booked already."))
    ended = hold.ended_at if hold.outcome == HoldOutcome.RELEASED else hold.until
    local = (ended or now).astimezone(hold.plan.location.zone)
    raise BookingRefused(
        _("This hold ended at %(time)s. Look whether the dates are still free.")
        % {"time": date_format(local, "H:i")}
    )
