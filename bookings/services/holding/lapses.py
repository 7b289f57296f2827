"""Ending holds: by name, or because they are over and somebody needs their time.

Locks. Whoever ends, extends or confirms one hold takes patient, plan and then that
hold; the sweep takes the hold alone and waits for nobody. Whoever needs the time of
other people's holds comes through `make_way` before writing anything, and

1.  refuses at once where something in the way still lasts;
2.  locks what is over in the order of its keys, and only then
3.  ends it all and goes on to insert its claims in their own order.

So nobody who waits for a hold has freed or taken a claim yet, and nobody who waits
for a claim still wants a hold. Freed claims are not in the order of taken ones, but
who could wait for them has either locked the hold first, or been refused by it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AppointmentStatus,
    Claim,
    ClaimReason,
    HoldOutcome,
    Patient,
    SeriesHold,
    Task,
    TaskKind,
    TreatmentPlan,
    WaitingOffer,
)
from bookings.services import todo
from bookings.services.refusals import BookingRefused
from clinic.models import User

Need = tuple[int, DateTimeTZRange]
"""A resource's key, and the time [start, end) it is needed for."""


def let_go(hold: SeriesHold, outcome: HoldOutcome, *, now: datetime) -> None:
    """End `hold` and free what it kept; the caller holds its row lock."""
    held = hold.appointments.filter(status=AppointmentStatus.HELD)
    Claim.objects.filter(appointment__in=held, why=ClaimReason.HOLD).delete()
    held.update(status=AppointmentStatus.RELEASED)
    hold.ended_at, hold.outcome = now, outcome
    hold.save(update_fields=["ended_at", "outcome"])


def lapse(hold: SeriesHold, *, now: datetime) -> None:
    """End `hold` because its time is up; a pencilled series leaves a task behind."""
    let_go(hold, HoldOutcome.EXPIRED, now=now)
    if hold.is_pencilled:
        _say_pencil_lapsed(hold, now)


def make_way(
    needs: Iterable[Need],
    *,
    now: datetime,
    plan: TreatmentPlan | None = None,
    patient: Patient | None = None,
) -> None:
    """End the holds that are over and lie in the way of `needs`, or that `plan` has.

    Those of `patient`, who may be wanted then, end too. Refuse where one in the way
    still lasts, or where `plan` has one that does. Call it with patient and plan
    locked and nothing written yet.
    """
    own = plan.holds.open().first() if plan else None
    if own and own.lasts_at(now):
        raise BookingRefused(still_held(own))
    in_the_way = list(_holding(needs))
    _judge_lasting(in_the_way, now)
    holds = {one.appointment.hold_id or 0 for one in in_the_way if one.appointment}
    holds |= {own.pk} if own else set()
    _end_over(holds | _over_of(patient, now), now)
    _free_offers({claim.offer_id for claim in in_the_way if claim.offer_id}, now)


def _over_of(patient: Patient | None, now: datetime) -> set[int]:
    """The holds of the patient's series that have run out."""
    if patient is None:
        return set()
    rows = SeriesHold.objects.overdue(now).filter(plan__patient=patient)
    return set(rows.values_list("pk", flat=True))


def _end_over(holds: set[int], now: datetime) -> None:
    """End those of `holds` that have run out, locked in the order of their keys."""
    if not holds:
        return
    over = SeriesHold.objects.overdue(now).filter(pk__in=holds).order_by("pk")
    for hold in list(over.select_for_update(no_key=True)):
        lapse(hold, now=now)


def still_held(hold: SeriesHold) -> str:
    """That the series of `hold` is kept already, in words."""
    if hold.is_pencilled:
        return _("This series is pencilled until the review. Let it go first.")
    until = hold.until.astimezone(hold.plan.location.zone)
    return _("This series is held until %(time)s. Confirm it, or let it go first.") % {
        "time": date_format(until, "H:i")
    }


def _judge_lasting(in_the_way: Iterable[Claim], now: datetime) -> None:
    for claim in in_the_way:
        if claim.expires_at is None or now < claim.expires_at:
            raise _held(claim)


def _holding(needs: Iterable[Need]) -> Iterable[Claim]:
    """The claims of holds that overlap `needs`: holds are few, so all are looked at."""
    wanted = defaultdict(list)
    for resource, during in needs:
        wanted[resource].append(during)
    holds = Claim.objects.filter(resource__in=wanted, why=ClaimReason.HOLD).order_by()
    near = holds.values_list("pk", "resource", "during")
    found = [
        key
        for key, resource, held in near
        if any(_overlap(held, during) for during in wanted[resource])
    ]
    if not found:
        return ()
    rows = Claim.objects.filter(pk__in=found).order_by("during")
    return rows.select_related("appointment", "resource__location")


def _overlap(one: DateTimeTZRange, other: DateTimeTZRange) -> bool:
    return bool(one.lower < other.upper and other.lower < one.upper)


def _free_offers(offers: set[int], now: datetime) -> None:
    """Free what offers that are over kept; whoever sweeps them ends them."""
    if not offers:
        return
    rows = WaitingOffer.objects.filter(pk__in=offers, expires_at__lte=now)
    over = list(rows.select_for_update(no_key=True).order_by("pk"))
    Claim.objects.filter(offer__in=over, why=ClaimReason.HOLD).delete()


def _held(claim: Claim) -> BookingRefused:
    when = claim.during.lower.astimezone(claim.resource.location.zone)
    return BookingRefused(
        _(
            "%(who)s is being held for somebody else on %(day)s at %(time)s. "
            "Nothing was booked; here are the next dates that fit."
        )
        % {
            "who": claim.resource.name,
            "day": date_format(when, "D j M"),
            "time": date_format(when, "H:i"),
        }
    )


def _say_pencil_lapsed(hold: SeriesHold, now: datetime) -> None:
    first = hold.expires_at or now  # a pencilled series lasts until its first session
    when = first.astimezone(hold.plan.location.zone)
    words = _(
        "Nobody signed the plan before its pencilled session of %(day)s, %(time)s, "
        "so every pencilled date was let go. Pencil or book it again."
    ) % {"day": date_format(when, "D j M"), "time": date_format(when, "H:i")}
    todo.open_task(
        TaskKind.HOLD,
        task_key(hold.plan_id),
        words,
        now=now,
        plan=hold.plan,
        patient=hold.plan.patient,
    )


def task_key(plan_id: int) -> str:
    """What a task about the dates of one plan is known by."""
    return f"plan:{plan_id}"


def settle_tasks(
    plan: TreatmentPlan,
    *,
    actor: User | None,
    now: datetime,
    booked: Iterable[int] = (),
) -> None:
    """Close what asked for new dates of `plan`: they are held or booked now.

    A session that lost its time has one again when it is `booked`, by number.
    """
    key, kinds = task_key(plan.pk), (TaskKind.HOLD, TaskKind.REVIEW)
    keys = [f"{kind}:{key}" for kind in kinds]
    keys += [f"{TaskKind.PLACE}:{key}:{number}" for number in booked]
    todo.close(Task.objects.filter(key__in=keys), actor=actor, now=now)
