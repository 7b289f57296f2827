"""Booking one session of a signed plan: the next that has no time, and no other.

Every rule of a series holds for it, but for the one that asks for all of them at once.
What the plan lacks then is booked later, by itself or as the rest of the series.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    SeriesBooking,
    TreatmentPlan,
)
from bookings.scheduling.problem import OPERATOR
from bookings.services import claims, judging, series, unavailable
from bookings.services.appointing import absent, soonest
from bookings.services.appointing.rules import ROOM
from bookings.services.appointing.soonest import Place, Sought
from bookings.services.holding import lapses
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.moves import windows
from bookings.services.proposing import by_hand
from bookings.services.refusals import BookingRefused
from bookings.services.spoken import day_words, listed
from clinic.models import User

STRATEGY = "single"


@transaction.atomic
def book(
    plan: TreatmentPlan,
    number: int,
    start: datetime,
    *,
    key: UUID,
    actor: User,
    now: datetime,
    practitioner: int | None = None,
    room: int | None = None,
    note: str = "",
) -> Appointment:
    """Book session `number` of `plan` at `start` (aware), or raise BookingRefused.

    It has to be with `practitioner` in `room`, where given. A `key` counts once.
    """
    plan = series.lock(plan)
    if booked := _booked_before(plan, key):
        return booked
    _judge_open(plan, now)
    session = _session(plan, number, start, (practitioner, room), now)
    _judge(plan, session, actor=actor, now=now)
    booking = SeriesBooking(key=key, plan=plan, strategy=STRATEGY)
    booking.booked_by, booking.booked_at = actor, now
    return _write(session, booking, note.strip())


def judge(plan: TreatmentPlan, number: int, place: Place, *, now: datetime) -> None:
    """Refuse where session `number` cannot be at `place`; nothing is written.

    `plan` comes with its protocol's phases, roles and rules at hand.
    """
    judging.judge_signature(plan)
    session = place.planned(number)
    judging.judge_sessions(plan, [session], now=now)


def place(
    plan: TreatmentPlan,
    number: int,
    start: datetime,
    *,
    now: datetime,
    practitioner: int | None = None,
    room: int | None = None,
) -> Place | None:
    """Who and what is free for session `number` at `start`, those wanted first.

    None where not everybody and everything it needs can be had.
    """
    wanted = {OPERATOR: practitioner, ROOM: room}
    prefer = {role: str(pk) for role, pk in wanted.items() if pk}
    sought = Sought(plan.location, AppointmentKind.SESSION, plan=plan, number=number)
    return soonest.at(sought, start, now=now, prefer=prefer)


def left_words(plan: TreatmentPlan, *, now: datetime) -> str:
    """Which sessions of `plan` still need a time; empty where none does."""
    numbers = [str(number) for number in by_hand.missing(plan, now=now)]
    words = ngettext(
        "Session %(numbers)s still needs a time.",
        "Sessions %(numbers)s still need a time.",
        len(numbers),
    )
    return words % {"numbers": listed(numbers)} if numbers else ""


def _session(
    plan: TreatmentPlan,
    number: int,
    start: datetime,
    wanted: tuple[int | None, int | None],
    now: datetime,
) -> PlannedSession:
    """The session with exactly the practitioner and the room wanted, or a refusal."""
    if start <= now:
        raise BookingRefused(_("That time has passed. Choose a later one."))
    who, where = wanted
    found = place(plan, number, start, now=now, practitioner=who, room=where)
    if found and who in (None, found.practitioner) and where in (None, found.room):
        return found.planned(number)
    raise _lost(plan, start, {OPERATOR: who, ROOM: where})


def _lost(
    plan: TreatmentPlan, start: datetime, wanted: dict[str, int | None]
) -> BookingRefused:
    """That the time cannot be had, and who or what is not even there."""
    local = start.astimezone(plan.location.zone)
    words = _("%(day)s, %(time)s is not free any more. Nothing was booked.") % {
        "day": day_words(local),
        "time": f"{local:%H:%M}",
    }
    why = absent.words(plan.location, absent.for_session(plan, start), wanted)
    return BookingRefused(f"{words} {why}".strip())


def _judge_open(plan: TreatmentPlan, now: datetime) -> None:
    """Refuse a plan that nobody signed, whose series is held, or whose place is shut."""
    unavailable.judge_place(plan.location)
    judging.judge_signature(plan)
    held = plan.holds.open().first()
    if held and held.lasts_at(now):
        raise BookingRefused(lapses.still_held(held))


def _judge(
    plan: TreatmentPlan, session: PlannedSession, *, actor: User, now: datetime
) -> None:
    """Make way for the session, then judge it by every rule of the series."""
    lapses.make_way(claims.wanted(plan, [session]), now=now, plan=plan)
    _judge_next(plan, session.number)
    judging.judge_sessions(plan, [session], now=now, actor=actor)


def _write(session: PlannedSession, booking: SeriesBooking, note: str) -> Appointment:
    plan, actor, now = booking.plan, booking.booked_by, booking.booked_at
    booking.save(force_insert=True)
    rows = series.take(plan, [session], booking=booking, note=note)
    reminders.promise_new(rows, now=now)
    lapses.settle_tasks(plan, actor=actor, now=now, booked=[session.number])
    windows.settle(plan, actor=actor, now=now)
    return rows[0]


def _judge_next(plan: TreatmentPlan, number: int) -> None:
    """Refuse all but the first session that has no time."""
    live = plan.appointments.live().filter(kind=AppointmentKind.SESSION)
    kept = set(live.values_list("number", flat=True))
    missing = [n for n in range(1, plan.session_count + 1) if n not in kept]
    if number not in missing:
        raise BookingRefused(_("That session of the plan is booked already."))
    if number != missing[0]:
        raise BookingRefused(
            _("Session %(number)s has no time yet. Book that one first.")
            % {"number": missing[0]}
        )


def _booked_before(plan: TreatmentPlan, key: UUID) -> Appointment | None:
    booked = SeriesBooking.objects.filter(key=key).first()
    if booked and booked.plan_id != plan.pk:
        raise BookingRefused(
            _("This page belongs to another booking. Open the plan again.")
        )
    return booked.appointments.order_by("number").first() if booked else None
