"""Finding free time for those who wait, entry by entry, the longest wait first."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TypeAlias

from django.db import transaction
from django.db.models import Q
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Claim,
    OfferStatus,
    PlanStatus,
    WaitingEntry,
    WaitingOffer,
)
from bookings.models.waiting import WaitingQuerySet
from bookings.services import series
from bookings.services.refusals import BookingRefused
from bookings.services.waitlist import fitting, offers
from clinic.models import Location

logger = logging.getLogger(__name__)

AT_ONCE = 5  # entries looked at right after a cancellation; beat comes to all of them

Freed: TypeAlias = Claim | DateTimeTZRange


def match(*, now: datetime) -> int:
    """Offer free time to everybody for whom there is some; say how many offers.

    Any number of these may run side by side: each entry is judged under its patient's
    and plan's locks, and the time is taken under the diary's own constraint.
    """
    waiting = _eligible().select_related("plan__location")
    by_day = [row.pk for row in waiting if _is_the_hour(row, now)]
    return _in_turn(by_day, now=now)


def _is_the_hour(entry: WaitingEntry, now: datetime) -> bool:
    return offers.is_the_hour(entry.plan.location, now)


def slot_freed(freed: Iterable[Freed], *, location: Location, now: datetime) -> None:
    """Time at `location` was freed: once that is committed, offer it to who waits.

    Costs the caller one query, and none at night or where nothing was freed. What
    goes wrong afterwards is logged and never reaches the caller; the next ring finds
    it again.
    """
    spans = [one.during if isinstance(one, Claim) else one for one in freed]
    if not (spans and offers.is_the_hour(location, now)):
        return
    first = min(span.lower for span in spans).astimezone(location.zone).date()
    last = max(span.upper for span in spans).astimezone(location.zone).date()
    waiting = _eligible().filter(
        plan__location=location, first_day__lte=last, last_day__gte=first
    )
    if found := list(waiting.values_list("pk", flat=True)[:AT_ONCE]):
        transaction.on_commit(partial(_in_turn, found, now=now), robust=True)


def _eligible() -> WaitingQuerySet:
    """Entries that could be offered something, the longest wait first."""
    answered = ~Q(patient__waiting__offers__status=OfferStatus.OFFERED)
    return (
        WaitingEntry.objects.open()
        .filter(plan__status=PlanStatus.APPROVED)
        .filter(answered)
    )


def _in_turn(entries: Iterable[int], *, now: datetime) -> int:
    return sum(_offer_to(pk, now=now) is not None for pk in entries)


def _offer_to(pk: int, *, now: datetime) -> WaitingOffer | None:
    """Make an offer to one entry, if a time fits it and nobody is faster."""
    try:
        with suppress(BookingRefused), transaction.atomic():
            return _offer(pk, now=now)
    except Exception as error:  # one bad entry must not hold up the others
        logger.error("Waiting entry %s passed over: %s", pk, type(error).__name__)
    return None


def _offer(pk: int, *, now: datetime) -> WaitingOffer | None:
    entry = WaitingEntry.objects.select_related("plan").get(pk=pk)
    plan = series.lock(entry.plan)
    if not (plan.is_approved and WaitingEntry.objects.open().filter(pk=pk).exists()):
        return None
    case = fitting.case_of(entry, plan, now=now)
    if not offers.may_be_offered(case):
        return None
    sessions = fitting.first_fit(case, after=offers.soonest_start(now))
    return offers.make(case, sessions) if sessions else None
