"""The course board: how each series stands, to the day, and what comes first."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AccessLog, AppointmentStatus, Claim, ClaimReason, PlanStatus
from bookings.ribbon import windows
from bookings.ribbon.values import Span
from bookings.services.courses import board, words
from bookings.services.courses.board import Filters
from bookings.services.courses.states import CourseState, Sitting, judge
from bookings.tests.factories import (
    make_appointment,
    make_doctor,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_user,
)

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
GAPS = (42, 56)


def done(number, days_ago):
    return Sitting(number, TODAY - timedelta(days=days_ago), is_done=True)


def booked(number, days_ahead):
    return Sitting(number, TODAY + timedelta(days=days_ahead))


def state(*sittings, count=3):
    found = judge(count, GAPS, sittings, today=TODAY)
    return found and found.state


# --- One course, decided from dates ----------------------------------------------------


def test_a_plan_without_any_session_is_unbooked():
    found = judge(3, GAPS, [], today=TODAY)

    assert (found.state, found.number, found.missing) == ("unbooked", 1, (1, 2, 3))


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        (41, CourseState.PARTLY),  # 15 days are left
        (42, CourseState.CLOSING),  # 14 days are left
        (55, CourseState.CLOSING),
        (56, CourseState.CLOSING),  # the window's last day
        (57, CourseState.OVERDUE),  # the day after
    ],
)
def test_the_window_of_the_next_session_decides(days_ago, expected):
    assert state(done(1, days_ago)) is expected


def test_the_window_is_that_of_the_first_session_without_a_time():
    found = judge(3, GAPS, [done(1, 50), booked(2, 5)], today=TODAY)

    opens, closes = TODAY + timedelta(days=47), TODAY + timedelta(days=61)
    assert (found.state, found.number) == (CourseState.PARTLY, 3)
    assert found.window == Span(opens, closes)


def test_a_plan_may_have_gaps_of_its_own():
    found = judge(2, (20, 30), [done(1, 31)], today=TODAY)

    assert found.state is CourseState.OVERDUE


@pytest.mark.parametrize(
    ("day", "expected"), [(-1, CourseState.OVERDUE), (0, CourseState.ON_TRACK)]
)
def test_a_session_whose_day_has_passed_has_to_be_told_of(day, expected):
    found = judge(2, GAPS, [done(1, 50), booked(2, day)], today=TODAY)

    assert (found.state, found.number) == (expected, 2)
    assert found.is_unrecorded is (expected is CourseState.OVERDUE)


def test_a_session_that_nobody_told_of_does_not_press_while_another_is_booked():
    found = judge(2, GAPS, [booked(1, -1), booked(2, 45)], today=TODAY)

    assert (found.state, found.number) == (CourseState.ON_TRACK, 2)


def test_a_first_session_that_fell_out_leaves_a_series_partly_booked():
    found = judge(2, GAPS, [booked(2, 45)], today=TODAY)

    assert (found.state, found.number, found.window) == ("partly", 1, None)


def test_a_course_whose_sessions_are_all_done_is_not_on_the_board():
    assert state(done(1, 60), done(2, 10), count=2) is None


def test_a_session_beyond_the_plan_does_not_count():
    assert state(done(1, 60), done(2, 10), booked(3, 40), count=2) is None


# --- Many, from the database -----------------------------------------------------------


def at(days_ahead, hour=10):
    local = datetime.combine(TODAY + timedelta(days=days_ahead), time(hour))
    return local.replace(tzinfo=ZoneInfo("America/Toronto"))


def make_course(**fields):
    """A plan for two sessions, signed two days ago."""
    defaults = {
        "session_count": 2,
        "status": PlanStatus.APPROVED,
        "reviewed_by": make_user(),
        "reviewed_at": NOW - timedelta(days=2),
    }
    return make_plan(**defaults | fields)


def make_done(plan, number, days_ago, *, planned=None):
    """A session planned for a day and performed `days_ago`, at 10:30."""
    return make_appointment(
        plan=plan,
        number=number,
        starts_at=at(-(planned or days_ago)),
        status=AppointmentStatus.DONE,
        completed_at=at(-days_ago, 11),
    )


def make_booked(plan, number, days_ahead, **fields):
    return make_appointment(
        plan=plan, number=number, starts_at=at(days_ahead), **fields
    )


def entries(**filters):
    return board.board(Filters(**filters), now=NOW).entries


@pytest.mark.django_db
def test_the_window_counts_from_the_day_it_was_really_performed():
    plan = make_course()
    make_done(plan, 1, 50, planned=57)

    (entry,) = entries()

    assert entry.standing.state is CourseState.CLOSING
    assert entry.standing.window.last == TODAY + timedelta(days=6)
    assert words.said(entry) == "Window of session 2 closes in 6 days"


@pytest.mark.django_db
def test_days_are_those_of_the_location():
    far = make_location(timezone="Pacific/Auckland")  # already the 25th there
    plan = make_course(location=far)
    make_appointment(
        plan=plan,
        starts_at=NOW - timedelta(days=56),
        status=AppointmentStatus.DONE,
        completed_at=NOW - timedelta(days=56),
    )

    (entry,) = entries()

    assert entry.today == date(2026, 11, 25)
    assert words.said(entry) == "Window of session 2 closes today"


@pytest.mark.django_db
def test_only_signed_plans_that_are_going_on_are_on_the_board():
    for status in (PlanStatus.DRAFT, PlanStatus.SUBMITTED, PlanStatus.COMPLETED):
        make_plan(status=status)
    plan = make_course()

    assert [entry.plan_id for entry in entries()] == [plan.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["cancelled", "late_cancelled", "no_show"])
def test_a_session_that_was_given_up_leaves_none(status):
    plan = make_course()
    make_booked(plan, 1, 5, status=status)

    (entry,) = entries()

    assert entry.standing.state is CourseState.UNBOOKED


@pytest.mark.django_db
def test_what_presses_most_comes_first():
    protocol, place = make_protocol(), make_location()
    about = {"protocol": protocol, "location": place}
    on_track = make_course(**about)
    make_booked(on_track, 1, 3), make_booked(on_track, 2, 50)
    unbooked = make_course(**about)
    long_unbooked = make_course(reviewed_at=NOW - timedelta(days=9), **about)
    partly, closing, soon, overdue = (make_course(**about) for _ in range(4))
    for plan, days in ((partly, 20), (closing, 45), (soon, 55), (overdue, 70)):
        make_done(plan, 1, days)

    found = board.board(Filters(), now=NOW)

    expected = [overdue, soon, closing, long_unbooked, unbooked, partly, on_track]
    assert [entry.plan_id for entry in found.entries] == [row.pk for row in expected]
    assert list(found.counts.values()) == [1, 2, 2, 1, 1]
    assert found.total == 7


@pytest.mark.django_db
def test_filters_count_what_they_leave_whatever_the_state():
    here, there = make_course(), make_course()
    make_done(here, 1, 70)
    doctor = make_doctor(here.location)
    Claim.objects.create(
        resource=doctor,
        during=here.appointments.get().during,
        why=ClaimReason.APPOINTMENT,
        appointment=here.appointments.get(),
        role="operator",
    )

    for filters in (
        {"location": here.location},
        {"treatment": here.protocol.treatment},
        {"practitioner": doctor},
    ):
        assert [entry.plan_id for entry in entries(**filters)] == [here.pk]
    found = board.board(
        Filters(location=there.location, state=CourseState.OVERDUE), now=NOW
    )
    assert found.entries == []
    assert found.counts[CourseState.UNBOOKED] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days_ago", "said"),
    [
        (57, "Window of session 2 closed 1 day ago"),
        (56, "Window of session 2 closes today"),
        (55, "Window of session 2 closes in 1 day"),
        (41, "Window of session 2 opens in 1 day"),
    ],
)
def test_the_window_is_told_in_words(days_ago, said):
    make_done(make_course(), 1, days_ago)

    (entry,) = entries()

    assert words.said(entry) == said


# --- The page ---------------------------------------------------------------------------


def make_real(days_ago=None, **fields):
    """A course in the real present, for the page."""
    now = timezone.now()
    plan = make_course(reviewed_at=now - timedelta(days=2), **fields)
    if days_ago:
        make_appointment(
            plan=plan,
            starts_at=now - timedelta(days=days_ago),
            status=AppointmentStatus.DONE,
            completed_at=now - timedelta(days=days_ago),
        )
    return plan


BOARD = "desk:series-list"


def test_a_row_names_the_next_step_and_how_to_call(as_desk):
    patient = make_patient(phone="+16135550142")
    plan = make_real(45, patient=patient)

    page = as_desk.get(reverse(BOARD)).content.decode()

    assert "Window of session 2 closes in 11 days" in page
    assert "Book session 2" in page
    assert reverse("desk:series-propose", args=[plan.pk]) in page
    assert 'href="tel:+1-613-555-0142"' in page


def test_a_course_that_is_overdue_is_called_about(as_desk):
    make_real(80, patient=make_patient(phone="+16135550142"))

    page = as_desk.get(reverse(BOARD)).content.decode()

    assert "Window of session 2 closed 24 days ago" in page
    assert '<a class="btn btn-outline btn-sm" href="tel:' in page


def test_who_may_not_book_is_led_to_the_plan(as_clinician):
    plan = make_real()

    page = as_clinician.get(reverse(BOARD)).content.decode()

    assert "Book the series" not in page
    assert reverse("desk:plan", args=[plan.pk]) in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "overdue"}, 1),
        ({"state": "on-track"}, 0),
        ({"state": "nonsense", "location": "nowhere", "practitioner": "x"}, 2),
        ({"page": "99"}, 2),
    ],
)
def test_filters_stand_in_the_address_and_rubbish_filters_nothing(
    as_desk, query, expected
):
    make_real(), make_real(80)

    answer = as_desk.get(reverse(BOARD), query)

    assert len(answer.context["rows"]) == expected
    assert answer.context["board"].total == 2


def test_the_first_page_shows_the_most_urgent_and_the_counts_know_all(as_desk):
    protocol, place = make_protocol(), make_location()
    for _number in range(20):
        make_real(protocol=protocol, location=place)
    late = make_real(80, protocol=protocol, location=place)

    answer = as_desk.get(reverse(BOARD))

    assert len(answer.context["rows"]) == 20
    assert answer.context["rows"][0][0].plan == late
    assert answer.context["board"].counts[CourseState.UNBOOKED] == 20


def test_the_board_costs_the_same_for_one_and_three(as_desk, count_queries):
    about = {"protocol": make_protocol(), "location": make_location()}
    make_real(45, **about)
    as_desk.get(reverse(BOARD))
    one = count_queries(as_desk, reverse(BOARD))
    make_real(45, **about), make_real(45, **about)

    assert count_queries(as_desk, reverse(BOARD)) == one
    assert one < 25


def test_who_looked_at_whose_course_is_remembered(as_desk, desk):
    plan = make_real()

    as_desk.get(reverse(BOARD))

    row = AccessLog.objects.get()
    assert (row.user, row.patient, row.what) == (desk, plan.patient, "course board")


@pytest.mark.django_db
def test_the_ribbon_draws_the_window_of_the_session_without_a_time():
    plan = make_course()
    make_done(plan, 1, 50)

    (row,) = board.rows(entries(), now=NOW)

    opens, closes = TODAY - timedelta(days=8), TODAY + timedelta(days=6)
    assert windows(row.ribbon) == (Span(opens, closes),)
    assert [one.day for one in row.ribbon.sessions] == [TODAY - timedelta(days=50)]
