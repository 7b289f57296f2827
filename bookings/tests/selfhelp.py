"""Builders for a patient who helps herself: a booked series, her links, her browser.

Pages read the clock, services are told it: `soon` is a series from two weeks after the
clock of the pages on; the services' tests count from NOW.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from bookings.models import TreatmentPlan, WaitingOffer
from bookings.services import links, waiting
from bookings.services.links import Purpose
from bookings.services.portal import proposed, selfservice
from bookings.services.portal.accounts import account_of
from bookings.tests.conftest import signed_in
from bookings.tests.factories import NOW, make_answers, make_protocol
from bookings.tests.test_moving import on
from bookings.tests.test_series_book import (
    OTTAWA,
    book,
    make_approved,
    make_sessions,
)
from bookings.tests.waiting import keep_only, offered, wait

CALM = ()  # a protocol that asks nothing: health is out of the way


def make_series(
    *days: int, at: time = time(10), first: date | None = None, **fields: Any
):
    """A booked series of a protocol that asks nothing, unless another is given."""
    days = days or (0, 49, 98)
    fields.setdefault("protocol", make_protocol(rules=CALM))
    plan = make_approved(session_count=len(days), **fields)
    book(plan, make_sessions(plan, days, at=at, **({"first": first} if first else {})))
    return plan


def soon(weeks: int = 2) -> date:
    """The Monday that many weeks after this week's."""
    today = timezone.localdate()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def visit_of(plan: TreatmentPlan, number: int = 1):
    """The plan's latest row of that session."""
    rows = plan.appointments.filter(number=number).order_by("-pk")
    return rows.select_related("patient", "location", "plan__protocol").first()


def token(row, purpose: Purpose = Purpose.VISIT, *, now: datetime | None = None) -> str:
    return links.token(purpose, row, now=now or timezone.now())


def as_patient(patient) -> Client:
    """A browser signed in as `patient`."""
    return signed_in(account_of(patient))


def answer_now(plan: TreatmentPlan, **said: str) -> None:
    """Every health question answered this very day."""
    make_answers(plan, answered_at=timezone.now(), **said)


def moment(day: date, at: time = time(10)) -> datetime:
    return datetime.combine(day, at, tzinfo=OTTAWA)


def move(visit, days: int, at=time(10), *, now: datetime = NOW):
    """Move `visit` so many days after the first session, as its patient."""
    selfservice.move(visit, sealed(visit, days, at, now=now), now=now)


def sealed(visit, days: int, at=time(10), *, now: datetime = NOW):
    return proposed.propose(visit, on(days, at), now=now).sealed


def cancel(visit, *, now: datetime = NOW, **typed):
    return selfservice.cancel(visit, version=visit.version, now=now, **typed)


def make_offer(number=1, **fields) -> WaitingOffer:
    fields.setdefault("protocol", make_protocol(rules=CALM))
    plan = make_series(**fields)
    keep_only(plan.location, date(2026, 12, 4))
    entry = wait(plan, number)
    waiting.match(now=NOW)
    return offered(entry)
