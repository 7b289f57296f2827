"""Rows become a planning problem: who is open, who is busy, what is kept."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from psycopg2.extras import DateTimeTZRange

from bookings.models import Claim, ClaimReason
from bookings.scheduling import instant
from bookings.services import diary
from bookings.tests.factories import (
    make_appointment,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_place_with_people,
    make_room,
)
from bookings.tests.test_series_book import OTTAWA, book, local, make_approved
from clinic.models import Closure, ClosureKind, Device, Practitioner, Room

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 12, 7)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def ask(**changes):
    return diary.Request(
        **{
            "earliest": MONDAY,
            "weekdays": frozenset(range(5)),
            "arrive_between": (time(8), time(17)),
        }
        | changes
    )


def the(resource, read):
    return next(r for r in read.problem.resources if r.id == str(resource.pk))


def minutes(day: date, *hours: int) -> tuple[int, int]:
    start, end = (instant(local(day, time(hour))) for hour in hours)
    return start, end


def test_hours_become_spans_of_local_time():
    plan = make_approved()

    read = diary.read(plan, ask(), now=NOW)

    spans = the(Room.objects.get(location=plan.location), read).open
    assert spans[0] == minutes(MONDAY, 8, 18)
    assert spans[5] == minutes(MONDAY + timedelta(days=7), 8, 18)


def test_hours_keep_their_wall_time_over_a_clock_change():
    place = make_place_with_people()

    spans = diary.open_spans(place, date(2027, 3, 12), date(2027, 3, 15))

    friday, monday = spans[Room.objects.get(location=place).pk]
    assert datetime.fromtimestamp(friday[0] * 60, UTC).hour == 13
    assert datetime.fromtimestamp(monday[0] * 60, UTC).hour == 12


@pytest.mark.parametrize("whose", ["clinic", "location", "resource"])
def test_a_closed_day_has_no_hours(whose):
    plan = make_approved()
    room = Room.objects.get(location=plan.location)
    target = {
        "clinic": {},
        "location": {"location": plan.location},
        "resource": {"resource": room},
    }[whose]
    Closure.objects.create(
        kind=ClosureKind.HOLIDAY,
        name="Stocktaking",
        first_day=MONDAY,
        last_day=MONDAY,
        **target,
    )

    read = diary.read(plan, ask(), now=NOW)

    assert the(room, read).open[0] == minutes(MONDAY + timedelta(days=1), 8, 18)


def test_a_closure_elsewhere_closes_nothing_here():
    plan = make_approved()
    Closure.objects.create(
        kind=ClosureKind.HOLIDAY,
        name="Flood",
        first_day=MONDAY,
        last_day=MONDAY,
        location=make_location(),
    )

    read = diary.read(plan, ask(), now=NOW)

    room = Room.objects.get(location=plan.location)
    assert the(room, read).open[0] == minutes(MONDAY, 8, 18)


def test_a_device_is_open_to_the_last_day_of_its_licence():
    plan = make_approved()
    Device.objects.update(licence_expires_on=MONDAY)

    read = diary.read(plan, ask(), now=NOW)

    device = Device.objects.get(location=plan.location)
    assert the(device, read).open == (minutes(MONDAY, 8, 18),)


def test_absences_and_appointments_are_busy_to_the_minute():
    plan = make_approved()
    who = Practitioner.objects.get(location=plan.location)
    start = local(MONDAY, time(9)) + timedelta(seconds=30)
    Claim.objects.create(
        resource=who,
        during=DateTimeTZRange(start, start + timedelta(minutes=10)),
        why=ClaimReason.ABSENCE,
    )

    read = diary.read(plan, ask(), now=NOW)

    nine = instant(local(MONDAY, time(9)))
    assert the(who, read).busy == ((nine, nine + 11),)


def test_people_of_another_location_are_not_in_the_problem():
    plan, elsewhere = make_approved(), make_place_with_people()

    read = diary.read(plan, ask(), now=NOW)

    assert str(Room.objects.get(location=elsewhere).pk) not in read.names


def make_visit(plan, day=MONDAY, place=None, *, zone=OTTAWA, at=9):
    """An hour's visit of the plan's patient, without a plan."""
    start = datetime.combine(day, time(at), tzinfo=zone)
    return make_appointment(
        patient=plan.patient,
        location=place or plan.location,
        during=DateTimeTZRange(start, start + timedelta(hours=1)),
    )


def own_time(read):
    return next(r for r in read.problem.resources if r.id == diary.PATIENT)


def midnights(first: date, last: date) -> tuple[int, int]:
    return instant(local(first, time())), instant(local(last, time()))


def test_another_visit_keeps_its_whole_day_free():
    plan = make_approved()
    make_visit(plan)

    read = diary.read(plan, ask(), now=NOW)

    assert midnights(MONDAY, MONDAY + timedelta(days=1)) in own_time(read).busy
    assert all(diary.PATIENT in phase.uses for phase in read.problem.phases)


def test_with_second_visits_asked_for_only_its_hours_are_taken():
    plan = make_approved()
    make_visit(plan)

    read = diary.read(plan, ask(second_visits=True), now=NOW)

    assert own_time(read).busy == (minutes(MONDAY, 9, 10),)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25)]
)
def test_a_day_on_which_the_clock_changes_is_taken_from_midnight_to_midnight(
    day, hours
):
    plan = make_approved()
    make_visit(plan, day)

    read = diary.read(plan, ask(earliest=day), now=NOW)

    start, end = midnights(day, day + timedelta(days=1))
    assert (start, end) in own_time(read).busy
    assert end - start == hours * 60


def test_a_visit_elsewhere_takes_the_day_it_is_at_the_plans_location():
    plan = make_approved()
    place = make_location(timezone="America/Vancouver")
    make_visit(plan, place=place, zone=place.zone, at=22)  # Tuesday, 1:00 in Ottawa

    read = diary.read(plan, ask(), now=NOW)

    tuesday = MONDAY + timedelta(days=1)
    assert midnights(tuesday, tuesday + timedelta(days=1)) in own_time(read).busy
    assert midnights(MONDAY, tuesday) not in own_time(read).busy


def test_sessions_that_stand_are_fixed_with_their_practitioner():
    plan = make_approved()
    book(plan)

    read = diary.read(plan, ask(), now=NOW)

    who = Practitioner.objects.get(location=plan.location)
    assert {n: f.operator for n, f in read.problem.series.fixed.items()} == {
        1: str(who.pk),
        2: str(who.pk),
        3: str(who.pk),
    }


def test_the_window_counts_from_the_day_really_performed():
    plan = make_approved()
    booking = book(plan)
    first = booking.appointments.get(number=1)
    first.completed_at = first.ends_at + timedelta(days=1)
    first.save(update_fields=["completed_at"])

    read = diary.read(plan, ask(), now=NOW)

    assert read.problem.series.fixed[1].date == first.local_date + timedelta(days=1)


@pytest.mark.parametrize("more", [0, 12])
def test_the_diary_is_read_in_two_queries(more, django_assert_num_queries):
    plan = make_approved()
    for _number in range(more):
        for make in (make_doctor, make_room, make_device):
            make_hours(make(plan.location))
    plan = type(plan).objects.with_people().get(pk=plan.pk)
    plan.protocol = type(plan.protocol).objects.with_contents().get(pk=plan.protocol.pk)

    with django_assert_num_queries(2):
        diary.read(plan, ask(), now=NOW)


def test_sessions_that_may_move_are_not_there():
    plan = make_approved()
    book(plan)
    room = Room.objects.get(location=plan.location)
    Claim.objects.create(
        resource=room,
        during=DateTimeTZRange(local(MONDAY, time(8)), local(MONDAY, time(9))),
        why=ClaimReason.ABSENCE,
    )

    read = diary.read(plan, ask(moving=frozenset({2, 3})), now=NOW)

    assert list(read.problem.series.fixed) == [1]
    first = plan.appointments.get(number=1)
    assert the(room, read).busy == (
        minutes(MONDAY, 8, 9),
        (instant(first.starts_at), instant(first.ends_at)),
    )
    own = next(r for r in read.problem.resources if r.id == diary.PATIENT)
    assert {span[0] // 1440 for span in own.busy} == {instant(first.starts_at) // 1440}


def test_the_diary_is_read_as_far_as_a_session_stands():
    plan = make_approved()
    far = date(2028, 12, 31)

    assert diary.read(plan, ask(until=far), now=NOW).problem.series.latest == far
