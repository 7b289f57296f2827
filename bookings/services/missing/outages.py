"""Outages: declared, filled with absence wherever the diary is free, and lifted.

Three things keep anybody from booking what is missing: its hours end where an outage
stands (`hours.spans`), so nothing is proposed or accepted there; its free time is
claimed, so that a booking under way at that moment loses the race; and what is booked
already is listed for re-planning, with a task each.
"""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Claim,
    ClaimReason,
    Outage,
    OutageKind,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import todo
from bookings.services.missing.affected import Affected, affected
from bookings.services.refusals import BookingRefused
from clinic.models import Resource, User

LONGEST = timedelta(days=731)
TURNS = 50  # each turn that claims not everything has lost to a booking just written
PAST_SHOWN = 20


def moments(
    zone: ZoneInfo,
    first: date,
    last: date,
    opens: time | None = None,
    closes: time | None = None,
) -> tuple[datetime, datetime]:
    """From `opens` on `first` to `closes` on `last`, local; without times, whole days.

    Where clocks change, a time that comes twice or never is read so that more is
    covered, not less.
    """
    end_day = last if closes else last + timedelta(days=1)
    start = datetime.combine(first, opens or time.min, tzinfo=zone)
    end = datetime.combine(end_day, closes or time.min, tzinfo=zone)
    return _readings(start)[0], _readings(end)[1]


def _readings(local: datetime) -> tuple[datetime, datetime]:
    """The earliest and the latest instant that `local` can mean, in UTC."""
    readings = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(readings), max(readings)


@transaction.atomic
def declare(
    resource: Resource,
    start: datetime,
    end: datetime,
    *,
    kind: OutageKind,
    reason: str,
    actor: User,
    now: datetime,
) -> Outage:
    """Take `resource` out of the diary for [start, end), or refuse.

    Its free time is claimed, and each appointment that cannot take place opens a task.
    A booking that is being written at this moment is either affected or refused.
    """
    Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
    _judge(resource, start, end, now)
    during = DateTimeTZRange(start, end)
    facts = {"kind": kind, "reason": reason, "declared_by": actor, "declared_at": now}
    outage = Outage.objects.create(resource=resource, during=during, **facts)
    claim_free_time(outage)
    settle(outage, actor=actor, now=now)
    return outage


class _TakenBackError(Exception):
    """Ends the savepoint in which an outage was tried."""


def preview(
    resource: Resource, start: datetime, end: datetime, *, actor: User, now: datetime
) -> list[Affected]:
    """Whom `declare` would touch, in order of time; nothing is written.

    Raises BookingRefused for what `declare` would refuse.
    """
    _judge(resource, start, end, now)
    facts = {"kind": OutageKind.ABSENCE, "declared_by": actor, "declared_at": now}
    touched: list[Affected] = []
    with suppress(_TakenBackError), transaction.atomic():
        during = DateTimeTZRange(start, end)
        outage = Outage.objects.create(resource=resource, during=during, **facts)
        touched = affected(outage, now=now)
        raise _TakenBackError
    return sorted(touched, key=lambda one: one.appointment.starts_at)


@transaction.atomic
def lift(outage: Outage, *, actor: User, now: datetime) -> None:
    """Give the resource back. What was re-planned because of it stays as it is."""
    lifted = Outage.objects.standing().filter(pk=outage.pk)
    if not lifted.update(lifted_at=now, lifted_by=actor):
        raise BookingRefused(_("Someone has lifted this outage already."))
    outage.claims.all().delete()
    todo.close(Task.objects.filter(outage=outage), actor=actor, now=now)
    same = {"resource": outage.resource_id, "during__overlap": outage.during}
    for other in _standing().filter(**same):
        claim_free_time(other)


def claim_free_time(outage: Outage) -> None:
    """Claim as absence whatever nobody has of the outage's time.

    Call it again, in the same transaction, wherever a session makes way.
    """
    for _turn in range(TURNS):
        free = _free(outage)
        if not free:
            return
        Claim.objects.bulk_create(free, ignore_conflicts=True)
    raise BookingRefused(_("The diary is changing too fast. Try again."))


def reconcile(*, now: datetime) -> None:
    """Bring claims and tasks of every outage up to what the diary holds at `now`.

    It catches what no service is told about: a hold that ran out, a consultation that
    was cancelled, a session booked under a supervisor who was leaving at that moment.
    """
    _forget_lifted(now)
    to_come = Q(during__endswith__gt=now)
    waiting = Exists(Task.objects.open().filter(outage=OuterRef("pk")))
    for outage in _standing().filter(to_come | Q(waiting)):
        with transaction.atomic():
            if _locked(outage):
                claim_free_time(outage)
                settle(outage, actor=None, now=now)


def _forget_lifted(now: datetime) -> None:
    """Give back what was taken for an outage while somebody else was lifting it."""
    lifted = Outage.objects.exclude(lifted_at=None)
    Claim.objects.filter(outage__in=lifted).delete()
    todo.close(Task.objects.filter(outage__in=lifted), actor=None, now=now)


def follow(plan: TreatmentPlan, *, actor: User | None, now: datetime) -> None:
    """After a change of `plan`: claim what it left of an outage, close what is settled.

    Call it under the plan's lock, in the transaction of the change.
    """
    waiting = Task.objects.open().filter(plan=plan).exclude(outage=None)
    for outage in _standing().filter(pk__in=waiting.values("outage")):
        claim_free_time(outage)
        settle(outage, actor=actor, now=now, plan=plan)


def settle(
    outage: Outage,
    *,
    actor: User | None,
    now: datetime,
    plan: TreatmentPlan | None = None,
) -> None:
    """Open a task for all that is affected, of `plan` only where it is given.

    Those of what no longer is close.
    """
    tasks = Task.objects.filter(outage=outage, kind=TaskKind.OUTAGE)
    left = affected(outage, now=now, plan=plan)
    todo.keep_up(
        tasks.filter(plan=plan) if plan else tasks,
        {task.key: task for task in (_task(outage, one, now) for one in left)},
        actor=actor,
        now=now,
    )


def _standing() -> QuerySet[Outage]:
    return Outage.objects.standing().select_related("resource__location")


def _task(outage: Outage, one: Affected, now: datetime) -> Task:
    """What is to do about one appointment, unsaved."""
    row = one.appointment
    return Task(
        kind=TaskKind.OUTAGE,
        key=f"{TaskKind.OUTAGE}:{outage.pk}:{row.pk}",
        words=_words(outage, one),
        patient=row.patient,
        plan=row.plan,
        appointment=row,
        outage=outage,
        opened_at=now,
    )


def _locked(outage: Outage) -> bool:
    """Hold the row if it stands and nobody else works on it."""
    rows = Outage.objects.standing().select_for_update(skip_locked=True)
    return rows.filter(pk=outage.pk).exists()


def _words(outage: Outage, one: Affected) -> str:
    return _(
        "%(missing)s: %(patient)s, %(what)s on %(when)s, has to be re-planned."
    ) % {
        "missing": missing(outage),
        "patient": one.appointment.patient,
        "what": one.what[:1].lower() + one.what[1:],
        "when": date_format(one.appointment.local_start, "D j M, H:i"),
    }


def missing(outage: Outage) -> str:
    """Who or what is missing, in a few words."""
    name = {"name": outage.resource.name}
    if outage.kind == OutageKind.OUT_OF_SERVICE:
        return _("%(name)s is out of service") % name
    return _("%(name)s is absent") % name


def when(outage: Outage) -> str:
    """The time in words, local: days where it is whole days, else days and times."""
    zone = outage.resource.location.zone
    start, end = (at.astimezone(zone) for at in (outage.starts_at, outage.ends_at))
    if start.time() == end.time() == time.min:
        last = end - timedelta(days=1)
        return _between(start, last, "D j M Y", "D j M Y")
    same_day = start.date() == end.date()
    return _between(start, end, "D j M Y, H:i", "H:i" if same_day else "D j M Y, H:i")


def _between(start: datetime, end: datetime, form: str, end_format: str) -> str:
    shown = {"start": date_format(start, form), "end": date_format(end, end_format)}
    if shown["start"] == shown["end"]:
        return shown["start"]
    return _("%(start)s to %(end)s") % shown


def _free(outage: Outage) -> list[Claim]:
    """Unsaved claims for every stretch of the outage that nobody has, in order."""
    taken = (
        Claim.objects.filter(resource=outage.resource_id, during__overlap=outage.during)
        .order_by("during")
        .values_list("during", flat=True)
    )
    start, free = outage.starts_at, []
    for span in taken:
        if start < span.lower:
            free.append((start, span.lower))
        start = max(start, span.upper)
    if start < outage.ends_at:
        free.append((start, outage.ends_at))
    return [_absence(outage, *span) for span in free]


def _absence(outage: Outage, start: datetime, end: datetime) -> Claim:
    return Claim(
        resource_id=outage.resource_id,
        during=DateTimeTZRange(start, end),
        why=ClaimReason.ABSENCE,
        outage=outage,
        label=(outage.reason or outage.get_kind_display())[:80],
    )


def _judge(resource: Resource, start: datetime, end: datetime, now: datetime) -> None:
    zone = resource.location.zone
    today = datetime.combine(now.astimezone(zone), time.min, tzinfo=zone)
    if end <= start:
        raise BookingRefused(_("The end has to come after the start."))
    if end <= now:
        raise BookingRefused(_("That time is over. Give an end that is still to come."))
    if start < min(today, now - timedelta(hours=1)):
        raise BookingRefused(_("An outage starts today or later, not in the past."))
    if end - start > LONGEST:
        raise BookingRefused(_("Two years is the longest. Check the dates."))
    covering = Outage.objects.standing().filter(
        resource=resource, during__contains=DateTimeTZRange(start, end)
    )
    if covering.exists():
        raise BookingRefused(
            _("%(who)s is already out for all of that time.") % {"who": resource.name}
        )


def listed(*, now: datetime, most: int | None = PAST_SHOWN) -> dict[str, list[Outage]]:
    """Outages `ahead` (standing, not over at `now`) and the latest `past` ones.

    Of those that are past, `most` are listed; None lists all.

    Each of those ahead knows its number of open tasks as `open_tasks`.
    """
    waiting = Count("tasks", filter=Q(tasks__closed_at=None, tasks__isnull=False))
    rows = Outage.objects.select_related("resource__location", "declared_by")
    ahead = Q(lifted_at=None, during__endswith__gt=now)
    return {
        "ahead": list(rows.filter(ahead).annotate(open_tasks=waiting)),
        "past": list(rows.exclude(ahead).order_by("-during")[:most]),
    }
