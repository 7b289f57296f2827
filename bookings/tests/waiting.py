"""Builders for the waiting list: somebody booked, somebody waiting, time that is free.

The clinic's one person, room and device work Monday to Friday from 8 to 18 in Ottawa;
it is Tuesday 24 November 2026, 10:00. Offers start 4 hours from now at the soonest.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Claim,
    ClaimReason,
    HoldKind,
    SeriesHold,
    WaitingEntry,
    WaitingOffer,
)
from bookings.services import waiting
from bookings.tests.factories import NOW, make_answers, make_plan, make_user
from bookings.tests.test_series_book import FIRST, book, local, make_approved
from clinic.models import Practitioner

NEXT_DAY = date(2026, 11, 25)


def make_booked(place=None, **fields: Any):
    """A signed plan whose three sessions are booked: 8 Dec, 26 Jan, 16 Mar at 10:00."""
    plan = make_approved(place, **fields)
    book(plan)
    return plan


def wait(plan, number: int | None = 1, *, now: datetime = NOW, **wish: Any):
    """An entry for any weekday and time from tomorrow to the day before session 1."""
    days = {"first_day": NEXT_DAY, "last_day": FIRST - timedelta(days=1)}
    return waiting.add(
        plan, number=number, actor=make_user("Front desk"), now=now, **days | wish
    )


def make_busy(place, start: datetime, end: datetime) -> Claim:
    """Take the clinic's one practitioner away for [start, end)."""
    return Claim.objects.create(
        resource=Practitioner.objects.get(location=place),
        during=DateTimeTZRange(start, end),
        why=ClaimReason.ABSENCE,
    )


def keep_only(
    place,
    *free: date,
    at: time = time(10),
    since: date = NEXT_DAY,
    until: date = FIRST,
) -> None:
    """From `since` to the day before `until`, leave one session from `at` on `free`."""
    edge = local(since, time(0))
    for day in sorted(free):
        make_busy(place, edge, local(day, at) + timedelta(minutes=30))
        edge = local(day, at) + timedelta(minutes=60)
    make_busy(place, edge, local(until, time(0)))


def offered(entry: WaitingEntry) -> WaitingOffer | None:
    return entry.offers.open().first()


def answer_afresh(plan, now: datetime = NOW, **said: str) -> None:
    """Every health question answered today."""
    make_answers(plan, answered_at=now, **said)


def make_entry(**fields: Any) -> WaitingEntry:
    """An entry as a row, whatever the services would say of it."""
    plan = fields.get("plan") or make_plan()
    defaults = {
        "plan": plan,
        "patient": plan.patient,
        "number": 1,
        "first_day": NEXT_DAY,
        "last_day": NEXT_DAY + timedelta(days=14),
        "added_at": NOW,
    }
    return WaitingEntry.objects.create(**defaults | fields)


def make_offer(**fields: Any) -> WaitingOffer:
    """An open offer as a row, without claims."""
    start = local(NEXT_DAY)
    defaults = {
        "during": DateTimeTZRange(start, start + timedelta(minutes=70)),
        "offered_at": NOW,
        "expires_at": NOW + timedelta(hours=2),
    }
    fields["entry"] = fields.get("entry") or make_entry()
    return WaitingOffer.objects.create(**defaults | fields)


def make_hold(plan) -> SeriesHold:
    """An open hold of the waiting list as a row, without appointments."""
    return SeriesHold.objects.create(
        key=uuid4(),
        plan=plan,
        kind=HoldKind.OFFER,
        held_at=NOW,
        expires_at=NOW + timedelta(hours=2),
    )
