"""A booking and a change of the set-up at one moment: one sees the other, or a task does."""

from datetime import datetime, time, timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import tasks
from bookings.models import Appointment, Task
from bookings.services import claims
from bookings.services.appointing import talks
from bookings.services.setup import effects
from bookings.tests.factories import make_place_with_people, make_user
from bookings.tests.test_talks import talk_at
from bookings.tests.threads import at_once
from clinic.models import Practitioner, WeeklyHours

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 20  # seconds: whoever waits longer has lost the other


@pytest.fixture
def place():
    return make_place_with_people()


def at_noon(place):
    """A talk on a Tuesday to come, whatever today is."""
    today = timezone.localdate()
    day = today + timedelta(days=22 - today.weekday())
    return talk_at(place, datetime.combine(day, time(12), tzinfo=place.zone))


def book(talk, actor):
    now = timezone.now()
    return talks.book(talk, key=uuid4(), actor=actor, now=now)


def close_at(hour):
    def change():
        doctors = Practitioner.objects.values("pk")
        WeeklyHours.objects.filter(resource__in=doctors).update(closes=time(hour))

    return lambda: effects.save(change, agreed="", now=timezone.now())


def open_words():
    return list(Task.objects.open().values_list("words", flat=True))


def test_what_neither_saw_is_on_the_list_within_a_minute(place, monkeypatch):
    talk, actor = at_noon(place), make_user()
    judged, saved = Event(), Event()
    take = claims.take

    def take_late(wanted):
        """The change comes between the judging of the booking and its commit."""
        judged.set()
        assert saved.wait(LONG)
        take(wanted)

    def shorten():
        assert judged.wait(LONG)
        try:
            return close_at(11)()
        finally:
            saved.set()

    monkeypatch.setattr(claims, "take", take_late)
    booked, saving = at_once(lambda: book(talk, actor), shorten)
    assert (saving.is_saved, saving.effects) == (True, ())
    assert Appointment.objects.get() == booked
    assert open_words() == []

    tasks.keep_up_with_outages()
    tasks.keep_up_with_outages()

    (words,) = open_words()
    assert "has to be re-planned. Dr Okafor does not work then." in words


def test_put_right_its_task_closes_by_itself(place, monkeypatch):
    test_what_neither_saw_is_on_the_list_within_a_minute(place, monkeypatch)

    close_at(18)()

    assert open_words() == []


@pytest.mark.parametrize("_round", range(4))
def test_whoever_comes_first_nothing_is_lost(place, _round):
    talk, actor = at_noon(place), make_user()

    booked, saving = at_once(lambda: book(talk, actor), close_at(11))
    tasks.keep_up_with_outages()

    stands = Appointment.objects.exists()
    assert stands == isinstance(booked, Appointment)
    shortened = WeeklyHours.objects.filter(closes=time(11)).exists()
    assert shortened == saving.is_saved
    assert len(open_words()) == (stands and shortened)


def test_what_stands_in_order_opens_nothing(place):
    book(at_noon(place), make_user())

    tasks.keep_up_with_outages()

    assert open_words() == []


def test_it_costs_one_query_where_nothing_was_written_lately(place):
    book(at_noon(place), make_user())
    later = timezone.now() + effects.LATELY

    with CaptureQueriesContext(
        connection,
    ) as asked:
        effects.catch_up(now=later)

    assert len(asked) == 1


def test_it_costs_the_same_for_one_booking_and_for_three(place):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            effects.catch_up(now=timezone.now())
        return len(asked)

    actor, talk = make_user(), at_noon(place)
    book(talk, actor)
    one = cost()
    for hours in (1, 2):
        book(talk_at(place, talk.starts_at + timedelta(hours=hours)), actor)

    assert cost() == one
