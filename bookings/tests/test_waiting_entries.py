"""Who may wait for what, and when an entry is done with."""

from datetime import date, time, timedelta

import pytest

from bookings.models import AppointmentStatus, PlanStatus, WaitingEntry
from bookings.services import waiting
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_plan
from bookings.tests.test_series_book import FIRST, book, make_approved
from bookings.tests.waiting import NEXT_DAY, make_booked, make_offer, wait

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def close_reason(entry):
    waiting.close_settled(now=NOW)
    entry.refresh_from_db()
    return entry.close_reason


def test_an_entry_keeps_what_was_asked_for():
    entry = wait(
        make_booked(),
        weekdays=[1, 3],
        arrive_from=time(9),
        arrive_until=time(12),
        note="Works on Mondays",
    )

    entry = WaitingEntry.objects.get(pk=entry.pk)
    assert (entry.first_day, entry.last_day) == (NEXT_DAY, FIRST - DAY)
    assert (entry.weekdays, entry.note) == ([1, 3], "Works on Mondays")
    assert (entry.arrive_from, entry.arrive_until) == (time(9), time(12))


def test_without_days_and_times_any_will_do():
    entry = wait(make_booked())

    entry = WaitingEntry.objects.get(pk=entry.pk)
    assert entry.weekdays == [0, 1, 2, 3, 4, 5, 6]
    assert (entry.arrive_from, entry.arrive_until) == (time(0), time(23, 59))


@pytest.mark.parametrize("number", [1, None])
def test_the_same_waits_once(number):
    plan = make_approved(session_count=1)
    wait(plan, number)

    with pytest.raises(BookingRefused, match="on the waiting list already"):
        wait(plan, number)


def test_what_was_closed_may_wait_again(desk):
    plan = make_booked()
    waiting.close(wait(plan), "A mistake", actor=desk, now=NOW)

    assert wait(plan).closed_at is None


def test_two_sessions_of_one_plan_may_wait():
    plan = make_booked()
    wait(plan, 1)
    second = wait(plan, 2, last_day=FIRST + 48 * DAY)

    assert second.number == 2


def test_a_plan_nobody_signed_cannot_wait():
    with pytest.raises(BookingRefused, match="No clinician has signed this plan"):
        wait(make_plan())


@pytest.mark.parametrize("number", [0, 4])
def test_a_session_the_plan_does_not_have_cannot_wait(number):
    with pytest.raises(BookingRefused, match=f"has no session {number}"):
        wait(make_booked(), number)


def test_a_session_waits_only_after_the_one_before_has_a_day():
    plan = make_booked()
    plan.appointments.filter(number__in=[1, 2]).update(status="cancelled")

    with pytest.raises(BookingRefused, match="Book session 1 first"):
        wait(plan, 2)


def test_one_session_of_a_series_without_any_time_cannot_wait_alone():
    with pytest.raises(BookingRefused, match="Let the whole series wait"):
        wait(make_approved(), 1)


def test_a_series_that_is_booked_whole_has_nothing_to_wait_for():
    with pytest.raises(BookingRefused, match="Choose the one that should be earlier"):
        wait(make_booked(), None)


@pytest.mark.parametrize(("days", "is_refused"), [(-1, True), (0, False)])
def test_the_last_day_may_be_today_and_not_before(days, is_refused):
    last = NOW.date() + days * DAY
    wish = {"first_day": last, "last_day": last}

    if is_refused:
        with pytest.raises(BookingRefused, match="These days have passed"):
            wait(make_approved(session_count=1), 1, **wish)
    else:
        assert wait(make_approved(session_count=1), 1, **wish).last_day == last


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(BookingRefused, match="The last day is before the first"):
        wait(make_booked(), first_day=FIRST - DAY, last_day=FIRST - 2 * DAY)


def test_no_weekday_at_all_is_refused():
    with pytest.raises(BookingRefused, match="at least one day of the week"):
        wait(make_booked(), weekdays=[])


@pytest.mark.parametrize(("days", "is_refused"), [(-1, False), (0, True)])
def test_the_first_day_lies_before_the_day_in_the_diary(days, is_refused):
    plan, first = make_booked(), FIRST + days * DAY

    if is_refused:
        with pytest.raises(BookingRefused, match="Choose days before that"):
            wait(plan, first_day=first, last_day=FIRST + DAY)
    else:
        assert wait(plan, first_day=first, last_day=FIRST + DAY)


def test_a_session_that_has_begun_cannot_wait():
    plan = make_booked()
    plan.appointments.filter(number=1).update(status=AppointmentStatus.ARRIVED)

    with pytest.raises(BookingRefused, match="cannot be moved any more"):
        wait(plan)


def test_closing_needs_a_reason_and_happens_once(desk):
    entry = wait(make_booked())
    with pytest.raises(BookingRefused, match="Say why"):
        waiting.close(entry, "  ", actor=desk, now=NOW)

    waiting.close(entry, "She called.", actor=desk, now=NOW)
    waiting.close(entry, "Again", actor=desk, now=NOW + DAY)

    entry.refresh_from_db()
    assert (entry.closed_at, entry.close_reason) == (NOW, "She called.")


@pytest.mark.parametrize(("days", "reason"), [(-1, "The days have passed."), (0, "")])
def test_an_entry_ends_after_its_last_local_day(days, reason):
    entry = wait(
        make_approved(session_count=1), first_day=date(2026, 11, 20), last_day=NEXT_DAY
    )
    last_day = NOW.date() + days * DAY
    WaitingEntry.objects.filter(pk=entry.pk).update(last_day=last_day)

    assert close_reason(entry) == reason


def test_an_entry_with_an_open_offer_is_not_ended():
    entry = wait(
        make_approved(session_count=1), first_day=date(2026, 11, 20), last_day=NEXT_DAY
    )
    WaitingEntry.objects.filter(pk=entry.pk).update(last_day=date(2026, 11, 23))
    make_offer(entry=entry)

    assert close_reason(entry) == ""


def test_a_series_that_was_booked_meanwhile_waits_no_more():
    plan = make_approved()
    entry = wait(plan, None)
    book(plan)

    assert close_reason(entry) == "Every session is booked."


def test_a_session_that_has_begun_waits_no_more():
    plan = make_booked()
    entry = wait(plan)
    plan.appointments.filter(number=1).update(status=AppointmentStatus.IN_SESSION)

    assert close_reason(entry) == "The session has begun or is over."


def test_a_plan_that_has_ended_waits_no_more():
    entry = wait(make_approved(session_count=1))
    type(entry.plan).objects.filter(pk=entry.plan_id).update(
        status=PlanStatus.WITHDRAWN
    )
    entry = WaitingEntry.objects.get(pk=entry.pk)

    assert close_reason(entry) == "The plan has ended."
