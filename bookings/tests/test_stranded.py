"""A resource taken out of use with bookings: nobody is forgotten."""

from datetime import timedelta

import pytest

from bookings import tasks
from bookings.models import AppointmentStatus, Task
from bookings.services.missing import outages, stranded
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_place_with_people
from bookings.tests.test_outages import device_of
from bookings.tests.test_series_book import book, make_approved, make_sessions
from clinic.models import Resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def booked():
    """A booked series of two whose device is then set inactive."""
    plan = make_approved(make_place_with_people(), session_count=2)
    booking = book(plan, make_sessions(plan, (0, 49)))
    Resource.objects.filter(pk=device_of(plan.location).pk).update(is_active=False)
    return booking


def test_each_session_left_with_it_opens_a_task(booked):
    stranded.reconcile(now=NOW)

    assert [task.words for task in Task.objects.order_by("pk")] == [
        "Pen 1 is no longer in use: Ada Lovelace, session 1 of 2 on Tue 8 Dec, 10:00, "
        "needs another.",
        "Pen 1 is no longer in use: Ada Lovelace, session 2 of 2 on Tue 26 Jan, 10:00, "
        "needs another.",
    ]


def test_nobody_can_book_it_any_more(booked):
    plan = make_approved(booked.plan.location, protocol=booked.plan.protocol)

    with pytest.raises(BookingRefused, match="can no longer be booked"):
        book(plan, make_sessions(plan, (0, 49, 98), first=NOW.date() + timedelta(30)))


def test_a_session_that_is_cancelled_closes_its_task(booked):
    stranded.reconcile(now=NOW)
    booked.appointments.filter(number=1).update(status=AppointmentStatus.CANCELLED)

    stranded.reconcile(now=NOW)

    assert Task.objects.open().get().appointment.number == 2


def test_a_resource_that_returns_closes_them_all(booked):
    stranded.reconcile(now=NOW)
    Resource.objects.update(is_active=True)

    stranded.reconcile(now=NOW)

    assert not Task.objects.open().exists()


def test_what_is_over_strands_nobody(booked):
    stranded.reconcile(now=NOW + timedelta(days=365))

    assert not Task.objects.exists()


def test_the_sweep_keeps_up_with_both(monkeypatch):
    called = []
    for module in (outages, stranded):
        monkeypatch.setattr(module, "reconcile", lambda *, now: called.append(now))

    tasks.keep_up_with_outages()

    assert len(called) == 2
