"""The calendar's awkward days, from a proposal to the booking and its messages."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from bookings.models import Appointment, Claim
from bookings.scheduling import Optimal, solve
from bookings.services import diary, judging, series
from bookings.services.judging import PlannedSession
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_room,
    make_user,
)
from bookings.tests.test_series_book import make_approved, roles_at
from clinic.models import Room, WeeklyHours

OTTAWA = ZoneInfo("America/Toronto")
VANCOUVER = ZoneInfo("America/Vancouver")
SPRING_FORWARD = date(2027, 3, 14)
FALL_BACK = date(2027, 11, 7)
LEAP_DAY = date(2028, 2, 29)

pytestmark = pytest.mark.django_db


def open_always(timezone="America/Toronto"):
    """A place that is open every minute of every day but the last of each."""
    place = make_location(timezone=timezone)
    for make in (make_doctor, make_room, make_device):
        resource = make(place)
        make_hours(resource, opens=time(0), closes=time(23, 59))
        for weekday in (5, 6):
            WeeklyHours.objects.create(
                resource_id=resource.pk,
                weekday=weekday,
                opens=time(0),
                closes=time(23, 59),
            )
    return place


def at(day: date, hour: int, minute: int = 0, zone=OTTAWA, fold: int = 0) -> datetime:
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
    return local.astimezone(UTC)


def session(plan, number: int, start: datetime) -> PlannedSession:
    end = start + timedelta(minutes=70)
    return PlannedSession(number, start, end, roles_at(plan.location))


def book(plan, *starts: datetime, now: datetime):
    return series.book(
        plan,
        [session(plan, number, start) for number, start in enumerate(starts, start=1)],
        key=uuid4(),
        strategy="earliest-finish",
        actor=make_user("Front desk"),
        now=now,
    )


def propose(plan, earliest: date, first=time(0), until=time(23, 45)):
    """The best plan from `earliest` on, as the screen would ask for it."""
    request = diary.Request(earliest, frozenset(range(7)), (first, until))
    now = datetime.combine(earliest, time(0), OTTAWA) - timedelta(days=1)
    answer = solve(diary.read(plan, request, now=now).problem)
    assert isinstance(answer, Optimal)
    return [found.start for found in answer.plans[0].sessions]


def test_a_session_over_the_lost_hour_lasts_its_real_minutes():
    plan = make_approved(open_always(), session_count=1)

    booking = book(plan, at(SPRING_FORWARD, 1, 30), now=at(date(2027, 3, 1), 9))

    visit = booking.appointments.get()
    assert visit.ends_at - visit.starts_at == timedelta(minutes=70)
    assert f"{visit.local_start:%H:%M}–{visit.local_end:%H:%M}" == "01:30–03:40"


def test_a_session_in_the_repeated_hour_may_be_at_either_of_its_occurrences():
    for fold in (0, 1):
        plan = make_approved(open_always(), session_count=1)
        start = at(FALL_BACK, 1, 30, fold=fold)

        visit = book(plan, start, now=at(date(2027, 11, 1), 9)).appointments.get()

        assert visit.starts_at == start
        assert visit.local_date == FALL_BACK


def test_no_arrival_is_proposed_in_the_hour_that_does_not_exist():
    plan = make_approved(open_always(), session_count=1)

    (start,) = propose(plan, SPRING_FORWARD, time(2), time(3, 15))

    assert f"{start:%d %H:%M}" == "14 03:00"


@pytest.mark.parametrize("night", [SPRING_FORWARD, FALL_BACK])
@pytest.mark.parametrize(
    ("days", "fits"), [(41, False), (42, True), (56, True), (57, False)]
)
def test_windows_count_local_days_over_a_change_of_the_clock(night, days, fits):
    plan = make_approved(open_always(), session_count=2)
    first = night - timedelta(days=20)
    starts = at(first, 23 - 2), at(first + timedelta(days=days), 0, 15)

    expected = (
        nullcontext()
        if fits
        else pytest.raises(BookingRefused, match=f"{days} days after session 1")
    )

    with expected:
        book(plan, *starts, now=at(first - timedelta(days=9), 9))


def test_a_series_crosses_the_leap_day_and_may_lie_on_it():
    plan = make_approved(open_always(), session_count=3)

    starts = propose(plan, LEAP_DAY - timedelta(days=42))

    assert [start.date() for start in starts] == [
        date(2028, 1, 18),
        LEAP_DAY,
        date(2028, 4, 11),
    ]
    booking = book(plan, *starts, now=at(date(2028, 1, 10), 9))
    assert booking.appointments.get(number=2).local_date == LEAP_DAY


def test_a_series_crosses_the_years_end():
    plan = make_approved(open_always(), session_count=2)

    starts = propose(plan, date(2026, 12, 31))
    book(plan, *starts, now=at(date(2026, 12, 1), 9))

    assert [start.date() for start in starts] == [date(2026, 12, 31), date(2027, 2, 11)]


def closes_at_18():
    place = make_location()
    for make in (make_doctor, make_room, make_device):
        make_hours(make(place))
    return place


def test_a_session_may_end_at_closing_time_and_not_a_minute_later():
    monday = date(2027, 1, 11)
    in_time = at(monday, 16, 50)

    plan = make_approved(closes_at_18(), session_count=1)
    late = make_approved(closes_at_18(), session_count=1)
    book(plan, in_time, now=at(date(2027, 1, 1), 9))

    with pytest.raises(BookingRefused, match="is not available on Mon 11 Jan 2027"):
        book(late, in_time + timedelta(minutes=1), now=at(date(2027, 1, 1), 9))


def test_the_last_arrival_proposed_ends_by_closing_time():
    plan = make_approved(closes_at_18(), session_count=1)
    monday = date(2027, 1, 11)
    taken = session(plan, 1, at(monday, 8))
    for resource in taken.roles.values():
        Claim.objects.create(
            resource_id=resource,
            during=(at(monday, 8), at(monday, 16, 45)),
            why="absence",
        )

    (start,) = propose(plan, monday)

    assert f"{start:%a %H:%M}" == "Mon 16:45"


def test_a_place_in_another_zone_counts_its_own_days():
    plan = make_approved(open_always("America/Vancouver"), session_count=2)
    first = date(2027, 1, 11)
    evening = at(first, 22, 30, VANCOUVER)  # the next day in Ottawa and in UTC

    booking = book(
        plan,
        evening,
        at(first + timedelta(days=56), 22, 30, VANCOUVER),
        now=at(date(2027, 1, 1), 9),
    )

    dates = [visit.local_date for visit in booking.appointments.order_by("number")]
    assert dates == [first, first + timedelta(days=56)]


def test_the_day_after_the_window_in_another_zone_is_too_late_there():
    plan = make_approved(open_always("America/Vancouver"), session_count=2)
    first = date(2027, 1, 11)
    too_late = first + timedelta(days=57)

    with pytest.raises(BookingRefused, match="57 days after session 1"):
        book(
            plan,
            at(first, 22, 30, VANCOUVER),
            at(too_late, 0, 0, VANCOUVER),
            now=at(date(2027, 1, 1), 9),
        )


def test_messages_keep_their_hour_over_a_change_of_the_clock():
    plan = make_approved(open_always(), session_count=1)

    booking = book(plan, at(SPRING_FORWARD, 10), now=at(date(2027, 2, 1), 9))

    due = {
        message.rule: message.due_at.astimezone(OTTAWA)
        for message in booking.appointments.get().messages.all()
    }
    assert f"{due['pre-care']:%H:%M}" == "09:00"
    assert due["practical"] == at(SPRING_FORWARD, 10) - timedelta(hours=48)


def test_messages_count_elapsed_hours_in_whatever_zone_a_time_is_given():
    plan = make_approved(open_always(), session_count=1)
    start = at(SPRING_FORWARD + timedelta(days=1), 9).astimezone(UTC)

    booking = book(plan, start.astimezone(OTTAWA), now=at(date(2027, 2, 1), 9))

    message = booking.appointments.get().messages.get(rule="practical")
    assert message.due_at == start - timedelta(hours=48)


def test_a_resource_that_is_no_longer_active_takes_no_booking():
    plan = make_approved(open_always(), session_count=1)
    room = Room.objects.get(location=plan.location)
    room.is_active = False
    room.save()

    with pytest.raises(BookingRefused, match="can no longer be booked"):
        book(plan, at(date(2027, 1, 11), 10), now=at(date(2027, 1, 1), 9))

    assert not Appointment.objects.exists()


def test_what_is_proposed_is_what_may_be_booked_on_every_awkward_day():
    for day in (SPRING_FORWARD, FALL_BACK, LEAP_DAY, date(2027, 12, 31)):
        plan = make_approved(open_always(), session_count=3)
        starts = propose(plan, day)

        judging.judge_series(
            plan,
            [session(plan, number, at) for number, at in enumerate(starts, start=1)],
            now=starts[0] - timedelta(days=2),
        )
