"""Booking by hand against the rules: what is shown, who may, and the reason kept."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from bookings.models import Appointment, RuleOverride, SeriesBooking
from bookings.services.proposing import by_hand
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_appointment,
    make_location,
)
from bookings.tests.test_amend_pages import words
from bookings.tests.test_series_book import FIRST, book, local, make_approved

OTTAWA = ZoneInfo("America/Toronto")

pytestmark = pytest.mark.django_db


def monday():
    """A Monday four weeks ahead of the clock that the pages look at."""
    today = timezone.localdate()
    return today + timedelta(days=28 - today.weekday())


def address(plan, *days, at="10:00"):
    asked = {}
    for number, ahead in enumerate(days, start=1):
        asked[f"day_{number}"] = (monday() + timedelta(days=ahead)).isoformat()
        asked[f"time_{number}"] = at
    return f"{reverse('desk:series-override', args=[plan.pk])}?{urlencode(asked)}"


def make_signed(**fields):
    plan = make_approved(**{"session_count": 2} | fields)
    make_answers(plan, answered_at=timezone.now() - timedelta(hours=1))
    return plan


def send(client, place, page, reason):
    key = page.context["allow"]["key"].value()
    return client.post(place, {"key": key, "allowed": reason})


def test_the_page_asks_for_a_day_and_a_time_of_each_session(as_manager):
    plan = make_signed()

    page = as_manager.get(reverse("desk:series-override", args=[plan.pk]))

    assert page.status_code == 200
    assert [row[0] for row in page.context["when"].rows()] == [1, 2]


def test_a_broken_gap_is_named_and_asks_for_a_reason(as_manager):
    plan = make_signed()

    page = as_manager.get(address(plan, 0, 36))

    assert "Session 2: 36 days after session 1" in words(page)
    assert "Why the rule may be broken" in words(page)
    assert not SeriesBooking.objects.exists()


def test_a_clinician_books_with_a_reason_and_it_is_kept(as_clinician, clinician):
    plan = make_signed()
    place = address(plan, 0, 36)

    answer = send(as_clinician, place, as_clinician.get(place), "Flies home in May")

    booking = SeriesBooking.objects.get()
    assert answer.url == reverse("desk:series-booked", args=[booking.key])
    kept = RuleOverride.objects.get()
    assert (kept.days, kept.reason, kept.by) == (36, "Flies home in May", clinician)
    assert "36 days, allowed" in as_clinician.get(answer.url).content.decode()


def test_without_a_reason_nothing_is_booked_and_the_page_says_so(as_manager):
    plan = make_signed()
    place = address(plan, 0, 36)

    answer = send(as_manager, place, as_manager.get(place), " ")

    assert answer.status_code == 422
    assert "Say why: the reason is kept with the plan." in words(answer)
    assert not Appointment.objects.exists()


def test_a_series_that_keeps_the_rules_needs_no_reason(as_manager):
    plan = make_signed()
    place = address(plan, 0, 42)
    page = as_manager.get(place)

    assert "No reason is needed." in words(page)
    assert send(as_manager, place, page, "").status_code == 302
    assert not RuleOverride.objects.exists()


def test_the_same_page_sent_twice_books_once(as_manager):
    plan = make_signed()
    place = address(plan, 0, 36)
    page = as_manager.get(place)

    answers = [send(as_manager, place, page, "Flies home") for _turn in range(2)]

    assert answers[0].url == answers[1].url
    assert SeriesBooking.objects.count() == 1


def test_sessions_out_of_order_cannot_be_allowed(as_manager):
    page = as_manager.get(address(make_signed(), 0, -7))

    assert "would come -7 days after session 1" in words(page)
    assert "Book 2 sessions" not in words(page)


def test_a_time_at_which_nobody_is_free_is_refused(as_manager):
    page = as_manager.get(address(make_signed(), 0, 36, at="06:00"))

    assert page.status_code == 422
    assert "session 1 needs is free" in words(page)
    assert "Free on that day: 08:00, 08:15 and 08:30." in words(page)


def test_a_time_that_cannot_be_read_keeps_what_was_typed(as_manager):
    plan = make_signed()

    page = as_manager.get(address(plan, 0, 36, at="noon"))

    assert page.status_code == 422
    assert page.context["when"]["time_1"].value() == "noon"


def test_a_series_that_is_booked_needs_nothing(as_manager):
    plan = make_approved()
    book(plan)

    page = as_manager.get(reverse("desk:series-override", args=[plan.pk]))

    assert "Every session of this plan is booked already." in words(page)


def test_a_second_visit_that_day_is_named(as_manager):
    plan = make_signed()
    start = datetime.combine(monday(), time(15), tzinfo=OTTAWA)
    make_appointment(patient=plan.patient, location=plan.location, starts_at=start)

    page = as_manager.get(address(plan, 0, 42))

    assert "a second visit on" in words(page)
    assert "the consultation starts at 15:00" in words(page)


def test_a_day_that_does_not_suit_is_refused_whoever_asks():
    plan = make_approved(session_count=1)
    make_answers(plan, isotretinoin="yes", on_date=FIRST - timedelta(days=60))

    chosen = by_hand.choose(plan, {1: local(FIRST)}, now=NOW)

    assert "Session 1 cannot be on" in chosen.refusal


def test_a_time_in_the_past_is_refused():
    plan = make_approved(session_count=1)

    chosen = by_hand.choose(plan, {1: NOW - timedelta(minutes=1)}, now=NOW)

    assert "in the past" in chosen.refusal


def test_times_are_those_of_the_plans_location(as_manager):
    plan = make_signed(place=make_location(timezone="America/Vancouver"))

    page = as_manager.get(address(plan, 0, 42))

    start = page.context["when"].starts()[1]
    assert start.utcoffset() in (timedelta(hours=-8), timedelta(hours=-7))
