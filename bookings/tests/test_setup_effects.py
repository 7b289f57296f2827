"""Whom a change of the set-up touches: seen before it is saved, settled by re-planning."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentStatus, Claim, ClaimReason, Task
from bookings.scheduling import instant
from bookings.services import diary
from bookings.services.holding import holds
from bookings.services.missing import displaced, outages, stranded
from bookings.services.moves import moving
from bookings.services.refusals import BookingRefused
from bookings.services.setup import effects, weeks
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_appointment,
    make_device,
    make_hours,
    make_location,
    make_place_with_people,
    make_room,
    make_user,
)
from bookings.tests.test_outages import supervised
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)
from clinic.models import (
    Closure,
    ClosureKind,
    Device,
    Location,
    Practitioner,
    Resource,
    Room,
    WeeklyHours,
)

pytestmark = pytest.mark.django_db
supervised = supervised  # a fixture


@pytest.fixture
def plan():
    """A booked series on Tue 8 Dec, 26 Jan and 16 Mar, each from 10:00 to 11:10."""
    plan = make_approved(make_place_with_people())
    book(plan, make_sessions(plan))
    return plan


def touched(change, *, now=NOW):
    return [(one.appointment.number, one.why) for one in effects.of(change, now=now)]


def closing_at(closes, model=Practitioner):
    """A change of everybody's hours: from eight until `closes`."""
    return lambda: WeeklyHours.objects.filter(
        resource__in=model.objects.values("pk")
    ).update(closes=closes)


def week_of(opens, closes):
    return (((opens, closes),),) * 5 + ((), ())


# --- What is touched -----------------------------------------------------------------


def test_a_shift_that_ends_before_the_needling_does_touches_the_session(plan):
    assert touched(closing_at(time(10, 59))) == [
        (1, "Dr Okafor does not work then."),
        (2, "Dr Okafor does not work then."),
        (3, "Dr Okafor does not work then."),
    ]


def test_a_shift_that_ends_with_the_needling_touches_nothing(plan):
    assert touched(closing_at(time(11))) == []


def test_a_break_in_the_middle_of_a_claim_touches_it(plan):
    doctor = Practitioner.objects.get()
    split = (((time(8), time(10, 45)), (time(10, 46), time(18))),) * 5 + ((), ())

    def change():
        weeks.set_week(doctor, split, first=FIRST, last=FIRST, today=TODAY)

    assert touched(change) == [(1, "Dr Okafor does not work then.")]


def test_two_shifts_that_meet_are_no_break(plan):
    doctor = Practitioner.objects.get()
    joined = (((time(8), time(10, 45)), (time(10, 45), time(18))),) * 5 + ((), ())

    def change():
        weeks.set_week(doctor, joined, first=FIRST, last=FIRST, today=TODAY)

    assert touched(change) == []


def test_a_room_says_that_it_is_not_open(plan):
    assert touched(closing_at(time(11, 9), Room))[0] == (1, "Room 1 is not open then.")


def test_a_licence_touches_what_comes_after_its_last_day(plan):
    def expires(day):
        return lambda: Device.objects.update(licence_expires_on=day)

    second = FIRST + timedelta(days=49)
    words = "Pen 1 is not available then: its licence 100001 is valid only until {day}."
    assert touched(expires(second)) == [(3, words.format(day="Tue 26 Jan 2027"))]
    assert touched(expires(second - timedelta(days=1))) == [
        (2, words.format(day="Mon 25 Jan 2027")),
        (3, words.format(day="Mon 25 Jan 2027")),
    ]


def test_the_end_of_service_touches_what_comes_later(plan):
    until = FIRST + timedelta(days=48)

    assert touched(lambda: Device.objects.update(in_service_until=until)) == [
        (
            2,
            "Pen 1 is not available then: it is in service only until Mon 25 Jan 2027.",
        ),
        (
            3,
            "Pen 1 is not available then: it is in service only until Mon 25 Jan 2027.",
        ),
    ]


def test_a_closure_is_named(plan):
    def close():
        Closure.objects.create(
            kind=ClosureKind.HOLIDAY, name="Retreat", first_day=FIRST, last_day=FIRST
        )

    assert touched(close) == [(1, "Room 1 is not available then: closed for Retreat.")]


def test_a_closure_elsewhere_touches_nothing(plan):
    elsewhere = make_location()

    def close():
        Closure.objects.create(
            kind=ClosureKind.HOLIDAY,
            name="Retreat",
            first_day=FIRST,
            last_day=FIRST,
            location=elsewhere,
        )

    assert touched(close) == []


def test_whatever_is_taken_out_of_use_touches_all_its_bookings(plan):
    change = lambda: Resource.objects.filter(kind="room").update(is_active=False)  # noqa: E731

    assert touched(change) == [
        (number, "Room 1 is no longer in use.") for number in (1, 2, 3)
    ]


def test_somebody_who_moves_to_another_place_is_no_longer_here(plan):
    there = make_location(name="Westboro")
    change = lambda: Practitioner.objects.update(location=there)  # noqa: E731

    assert touched(change)[0] == (1, "Dr Okafor is no longer at Centretown.")


def test_a_skill_that_is_taken_away_touches_what_needs_it(plan):
    change = lambda: Practitioner.objects.update(skills=["consult"])  # noqa: E731

    assert touched(change)[0] == (1, "Dr Okafor no longer has the skill for it.")


def test_a_skill_that_no_session_needs_touches_nothing(plan):
    assert touched(lambda: Practitioner.objects.update(skills=["needling"])) == []


def test_a_place_out_of_use_touches_all_that_is_there(plan):
    change = lambda: Location.objects.update(is_active=False)  # noqa: E731

    assert touched(change)[0] == (1, "Centretown is no longer in use.")


def test_another_time_zone_touches_what_falls_out_of_the_hours(plan):
    # 10:00 in Ottawa is 07:00 in Vancouver, an hour before anybody opens.
    change = lambda: Location.objects.update(timezone="America/Vancouver")  # noqa: E731

    assert len(touched(change)) == 3


def test_a_supervisor_who_goes_home_touches_what_she_looks_over(supervised):
    _place, doctor, _plan = supervised

    def leaving_at(closes):
        return lambda: WeeklyHours.objects.filter(resource=doctor).update(closes=closes)

    assert touched(leaving_at(time(11))) == []
    assert touched(leaving_at(time(10, 59))) == [
        (1, "Nobody who may supervise is there then.")
    ]


def test_a_held_session_counts_while_its_hold_lasts():
    plan = make_approved(make_place_with_people(), session_count=1)
    hold = holds.hold(
        plan,
        make_sessions(plan, (0,)),
        key=uuid4(),
        strategy="earliest-finish",
        actor=make_user(),
        now=NOW,
    )
    until = hold.until

    assert touched(closing_at(time(9)), now=until - timedelta(minutes=1)) != []
    assert touched(closing_at(time(9)), now=until) == []


def test_what_is_cancelled_is_left_alone(plan):
    Appointment.objects.filter(number=1).update(status=AppointmentStatus.CANCELLED)

    assert [number for number, _why in touched(closing_at(time(9)))] == [2, 3]


def test_what_is_over_or_under_way_is_left_alone(plan):
    Appointment.objects.filter(number=2).update(status=AppointmentStatus.IN_SESSION)
    later = local(FIRST, time(12))

    assert [n for n, _why in touched(closing_at(time(9)), now=later)] == [3]


def test_what_did_not_stand_before_is_no_news(plan):
    closing_at(time(9))()

    assert touched(closing_at(time(8, 30))) == []


def test_an_outage_hides_nothing(plan):
    outages.declare(
        Practitioner.objects.get(),
        *outages.moments(plan.location.zone, FIRST, FIRST, None, None),
        kind="absence",
        reason="",
        actor=make_user(),
        now=NOW,
    )

    assert [number for number, _why in touched(closing_at(time(9)))] == [1, 2, 3]


def test_trying_a_change_writes_nothing(plan):
    effects.of(closing_at(time(9)), now=NOW)

    assert {row.closes for row in WeeklyHours.objects.all()} == {time(18)}
    assert not Task.objects.exists()


def test_a_consultation_is_touched_too(plan):
    row = make_appointment(location=plan.location, minutes=30, starts_at=local(FIRST))
    room = make_room(plan.location, name="Consult room")
    make_hours(room)
    Claim.objects.create(
        resource=room,
        appointment=row,
        why=ClaimReason.APPOINTMENT,
        during=DateTimeTZRange(row.starts_at, row.ends_at),
        role="room",
    )
    change = lambda: Room.objects.filter(pk=room.pk).update(is_active=False)  # noqa: E731

    assert [one.what for one in effects.of(change, now=NOW)] == ["Consultation"]


def test_it_costs_the_same_for_one_booking_and_for_three(plan):
    def cost():
        with CaptureQueriesContext(connection) as counted:
            effects.of(closing_at(time(9)), now=NOW)
        return len(counted)

    three = cost()
    Appointment.objects.filter(number__gt=1).update(status=AppointmentStatus.CANCELLED)

    assert cost() == three


# --- Saving --------------------------------------------------------------------------


def test_what_touches_nothing_is_saved_at_once(plan):
    saving = effects.save(closing_at(time(12)), agreed="", now=NOW)

    assert (saving.is_saved, saving.effects) == (True, ())
    assert WeeklyHours.objects.filter(closes=time(12)).exists()
    assert not Task.objects.exists()


def test_what_touches_bookings_waits_for_agreement(plan):
    saving = effects.save(closing_at(time(9)), agreed="", now=NOW)

    assert not saving.is_saved
    assert not WeeklyHours.objects.filter(closes=time(9)).exists()


def test_agreeing_saves_and_puts_each_booking_on_the_list(plan):
    seen = effects.save(closing_at(time(9)), agreed="", now=NOW)

    saving = effects.save(closing_at(time(9)), agreed=seen.agreement, now=NOW)

    assert saving.is_saved
    assert WeeklyHours.objects.filter(closes=time(9)).exists()
    assert [task.words for task in Task.objects.open()] == [
        "Ada Lovelace, session 1 of 3 on Tue 8 Dec, 10:00, has to be re-planned. "
        "Dr Okafor does not work then.",
        "Ada Lovelace, session 2 of 3 on Tue 26 Jan, 10:00, has to be re-planned. "
        "Dr Okafor does not work then.",
        "Ada Lovelace, session 3 of 3 on Tue 16 Mar, 10:00, has to be re-planned. "
        "Dr Okafor does not work then.",
    ]
    assert all(task.is_repaired for task in Task.objects.all())


def test_an_agreement_to_another_list_does_not_count(plan):
    seen = effects.save(closing_at(time(9)), agreed="", now=NOW)
    Appointment.objects.filter(number=3).update(status=AppointmentStatus.CANCELLED)

    saving = effects.save(closing_at(time(9)), agreed=seen.agreement, now=NOW)

    assert not saving.is_saved
    assert [one.appointment.number for one in saving.effects] == [1, 2]


def test_an_agreement_to_another_reason_does_not_count(plan):
    seen = effects.save(closing_at(time(9)), agreed="", now=NOW)

    def leaves():
        Practitioner.objects.update(skills=[])

    assert not effects.save(leaves, agreed=seen.agreement, now=NOW).is_saved


def saved(change):
    seen = effects.save(change, agreed="", now=NOW)
    return effects.save(change, agreed=seen.agreement, now=NOW)


def test_what_is_out_of_use_opens_one_task_a_booking(plan):
    saved(lambda: Resource.objects.filter(kind="room").update(is_active=False))
    stranded.reconcile(now=NOW)
    displaced.reconcile(now=NOW)

    assert [task.words.split(":")[0] for task in Task.objects.open()] == [
        "Room 1 is no longer in use"
    ] * 3


def test_the_sweep_leaves_the_tasks_of_a_change_open(plan):
    saved(closing_at(time(9)))

    stranded.reconcile(now=NOW)
    displaced.reconcile(now=NOW)

    assert Task.objects.open().count() == 3


def test_hours_that_return_close_the_tasks(plan):
    saved(closing_at(time(9)))

    saved(closing_at(time(18)))

    assert not Task.objects.open().exists()


def test_a_session_that_is_cancelled_closes_its_task_at_the_next_sweep(plan):
    saved(closing_at(time(9)))
    Appointment.objects.filter(number=1).update(status=AppointmentStatus.CANCELLED)

    displaced.reconcile(now=NOW)

    assert [task.appointment.number for task in Task.objects.open()] == [2, 3]


# --- Re-planning ----------------------------------------------------------------------


def test_re_planning_sees_that_a_session_out_of_hours_has_to_move(plan):
    saved(closing_at(time(10)))

    proposal = moving.repair(plan, now=NOW)

    assert [one.number for one in proposal.changed] == [1, 2, 3]


def test_accepting_the_new_times_closes_the_tasks_at_once(plan):
    saved(closing_at(time(10)))
    proposal = moving.repair(plan, now=NOW)

    moving.accept(plan, proposal.sealed(), actor=make_user(), now=NOW, why="Hours")

    assert displaced.found(now=NOW) == {}
    assert not Task.objects.open().filter(key__startswith=displaced.KEY).exists()


def test_re_planning_gives_another_device_where_a_licence_ends(plan):
    make_hours(make_device(plan.location, name="Pen 2"))
    saved(lambda: Device.objects.filter(name="Pen 1").update(licence_expires_on=FIRST))

    proposal = moving.repair(plan, now=NOW)

    assert [one.number for one in proposal.changed] == [2, 3]
    assert not any(one.is_moved for one in proposal.changed)


def test_the_diary_honours_new_hours_from_their_day(plan):
    doctor = Practitioner.objects.get()
    from_day = date(2027, 1, 4)
    before = diary.open_spans(plan.location, TODAY, date(2027, 2, 1))[doctor.pk]

    weeks.set_week(doctor, week_of(time(13), time(17)), first=from_day, today=TODAY)

    after = diary.open_spans(plan.location, TODAY, date(2027, 2, 1))[doctor.pk]
    cut = instant(local(from_day, time(0)))
    assert [span for span in after if span[0] < cut] == [
        s for s in before if s[0] < cut
    ]
    assert after[-1] == (
        instant(local(date(2027, 2, 1), time(13))),
        instant(local(date(2027, 2, 1), time(17))),
    )


# --- What booking says -----------------------------------------------------------------


def test_booking_past_a_licence_names_the_device_and_its_date():
    place = make_place_with_people()
    Device.objects.update(licence_expires_on=FIRST)
    plan = make_approved(place, session_count=2)

    with pytest.raises(BookingRefused) as refused:
        book(plan, make_sessions(plan, (0, 49)))

    assert str(refused.value) == (
        "Pen 1 is not available on Tue 26 Jan 2027 at 10:30: its licence 100001 is "
        "valid only until Tue 8 Dec 2026."
    )


def test_booking_on_the_last_day_of_a_licence_is_fine():
    place = make_place_with_people()
    Device.objects.update(licence_expires_on=FIRST)
    plan = make_approved(place, session_count=1)

    book(plan, make_sessions(plan, (0,)))

    assert plan.appointments.count() == 1


def test_booking_before_service_begins_says_when_it_does():
    place = make_place_with_people()
    Device.objects.update(in_service_from=FIRST + timedelta(days=1))
    plan = make_approved(place, session_count=1)

    with pytest.raises(BookingRefused, match="in service only from Wed 9 Dec 2026"):
        book(plan, make_sessions(plan, (0,)))


def test_booking_on_a_closed_day_names_the_closure():
    plan = make_approved(make_place_with_people(), session_count=1)
    Closure.objects.create(
        kind=ClosureKind.HOLIDAY, name="Retreat", first_day=FIRST, last_day=FIRST
    )

    with pytest.raises(BookingRefused, match="10:30: closed for Retreat"):
        book(plan, make_sessions(plan, (0,)))


def test_booking_what_is_out_of_use_names_it():
    plan = make_approved(make_place_with_people(), session_count=1)
    Room.objects.update(is_active=False)

    with pytest.raises(BookingRefused, match="Room 1 can no longer be booked"):
        book(plan, make_sessions(plan, (0,)))
