"""Moving a session: what follows, in words and dates, and doing all of it or nothing."""

from datetime import date, datetime, time, timedelta

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    MessageStatus,
    RuleOverride,
    Task,
)
from bookings.ribbon import State
from bookings.services import overrides
from bookings.services.moves import changes, moving
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answer,
    make_appointment,
    make_hours,
    make_place_with_people,
    make_protocol,
    make_room,
    make_user,
)
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)
from clinic.models import Room

pytestmark = pytest.mark.django_db

WEEK_OF_CARE = {
    "code": "no-retinol",
    "phase": "pre",
    "kind": "stop",
    "text": "No retinol.",
    "starts": "days",
    "starts_offset": -7,
    "ends": "session",
}


def make_series(*days, at=time(10), **fields):
    """A booked series whose sessions lie so many days after Tuesday, 8 December."""
    days = days or (0, 49, 98)
    plan = make_approved(session_count=len(days), **fields)
    book(plan, make_sessions(plan, days, at=at))
    return plan


def session(plan, number):
    return plan.appointments.live().get(number=number)


def on(days, at=time(10)):
    return local(FIRST + timedelta(days=days), at)


def propose(plan, number, days, at=time(10), **changed):
    return moving.propose(session(plan, number), on(days, at), **{"now": NOW} | changed)


def accept(plan, proposal, actor=None, **changed):
    return moving.accept(
        plan,
        proposal.sealed(),
        actor=actor or make_user("Front desk"),
        **{"now": NOW, "why": "She asked."} | changed,
    )


def days_of(plan):
    """The sessions' days, counted from the first."""
    rows = plan.appointments.live().order_by("number")
    return [(row.local_date - FIRST).days for row in rows]


# --- What follows -------------------------------------------------------------------


def test_a_move_inside_both_windows_moves_nothing_else():
    plan = make_series()

    proposal = propose(plan, 2, 50)

    assert [change.number for change in proposal.changed] == [2]
    assert proposal.follows == []
    assert proposal.can_be_accepted


@pytest.mark.parametrize(("days", "follows"), [(42, []), (41, [3])])
def test_the_next_session_follows_from_the_57th_day_on(days, follows):
    plan = make_series(0, 49, 98)
    Appointment.objects.filter(number=1).update(status=AppointmentStatus.DONE)
    first_day = FIRST - timedelta(days=1)
    Appointment.objects.filter(number=1).update(
        during=(local(first_day), local(first_day, time(11, 10)))
    )

    proposal = propose(plan, 2, days, now=NOW)

    assert [change.number for change in proposal.follows] == follows


def test_the_reason_names_days_limit_and_window():
    plan = make_series(0, 49, 105)

    proposal = propose(plan, 2, 42)

    (follows,) = proposal.follows
    assert follows.why == (
        "On 23 Mar it would come 63 days after session 2. "
        "The limit is 56, so it must be between 2 and 16 Mar."
    )
    assert follows.gap == 56


def test_too_near_is_said_as_well():
    plan = make_series(0, 49, 91)

    proposal = propose(plan, 2, 52)

    (follows,) = proposal.follows
    assert follows.why == (
        "On 9 Mar it would come 39 days after session 2. "
        "At least 42 are needed, so it must be between 12 and 26 Mar."
    )


def test_a_session_before_stays_and_the_gap_to_it_needs_permission():
    plan = make_series(0, 49, 98)

    proposal = propose(plan, 2, 63)

    assert [change.number for change in proposal.follows] == [3]
    (breach,) = proposal.breaches
    assert (breach.number, breach.days) == (2, 63)


def test_alternatives_are_other_days_and_picking_one_plans_the_rest():
    plan = make_series(0, 49, 105, 147)

    first = propose(plan, 2, 42)
    follows = first.follows[0]
    other = follows.alternatives[-1]
    picked = propose(plan, 2, 42, chosen={3: datetime.fromisoformat(other.value)})

    assert follows.number == 3
    assert other.place.starts_at.date() != follows.after.starts_at.date()
    again = next(change for change in picked.changes if change.number == 3)
    assert again.after.starts_at == other.place.starts_at
    assert follows.after.starts_at in [a.place.starts_at for a in again.alternatives]


def test_the_same_people_and_room_are_kept():
    plan = make_series()
    before = {c.role: c.resource_id for c in session(plan, 2).claims.all()}
    for _more in range(3):
        make_hours(make_room(plan.location))

    proposal = propose(plan, 2, 50)

    (change,) = proposal.changed
    assert change.after.roles == before
    assert not change.is_exchanged


def test_another_room_takes_over_where_the_old_one_is_taken():
    plan = make_series()
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    book(other, make_sessions(other, (50,), at=time(10, 45)))  # needling from 11:15
    room = make_room(plan.location, name="Room 2")
    make_hours(room)

    proposal = propose(plan, 2, 50, time(9, 45))

    assert proposal.changed[0].after.roles["room"] == room.pk
    assert proposal.changed[0].is_exchanged


def test_both_ribbons_show_where_it_was():
    plan = make_series()

    proposal = propose(plan, 2, 50)

    assert [one.state for one in proposal.before.sessions] == [State.BOOKED] * 3
    was = [one for one in proposal.after.sessions if one.state is State.WAS]
    assert [(one.number, one.day) for one in was] == [(2, FIRST + timedelta(days=49))]
    assert len(proposal.after.live) == 3


# --- Messages and getting ready -----------------------------------------------------


def test_messages_move_with_the_session():
    plan = make_series(protocol=make_protocol(care=[WEEK_OF_CARE]))
    Message.objects.filter(rule="confirmation").update(
        status=MessageStatus.SENT, sent_at=NOW
    )

    proposal = propose(plan, 2, 51)

    told = {
        one.rule: (one.old_due and one.old_due.date(), one.new_due.date())
        for one in proposal.messages
    }
    day = FIRST + timedelta(days=49)
    later, week = timedelta(days=2), timedelta(days=7)
    assert told == {
        "confirmation": (None, NOW.date()),
        "pre-care": (day - timedelta(days=7), day - timedelta(days=7) + later),
        "practical": (day - timedelta(days=2), day),
        "after-care": (day, day + later),
        "healing-48h": (day + later, day + 2 * later),
        "healing-7d": (day + week, day + week + later),
    }
    assert {one.number for one in proposal.messages} == {2}


@pytest.mark.parametrize(("at", "is_sent"), [(time(10, 15), True), (time(10), False)])
def test_a_reminder_that_no_longer_helps_is_withdrawn(at, is_sent):
    plan = make_series(0)

    proposal = propose(plan, 1, -12, at)  # 48 hours from now

    (practical,) = [one for one in proposal.messages if one.rule == "practical"]
    assert practical.old_due.date() == FIRST - timedelta(days=2)
    assert (practical.new_due is not None) == is_sent


def test_a_patient_without_an_address_gets_no_messages():
    plan = make_series()
    type(plan.patient).objects.update(email="", phone="+16135550177")

    proposal = propose(plan, 2, 50)

    assert [one.new_due for one in proposal.messages if one.new_due] == []


def test_getting_ready_that_was_due_is_named():
    plan = make_series(0, 49, protocol=make_protocol(care=[WEEK_OF_CARE]))
    today = FIRST + timedelta(days=39)

    proposal = propose(plan, 2, 45, now=local(today, time(10)))

    assert proposal.care == [
        "The pre-care e-mail for session 2 was due yesterday, 15 Jan. "
        "Pre-care lasts 7 days and 6 are left. Ask what was used since then."
    ]
    assert [one.is_now for one in proposal.messages if one.rule == "pre-care"] == [True]


def test_getting_ready_still_to_come_is_not_named():
    plan = make_series(0, 49, protocol=make_protocol(care=[WEEK_OF_CARE]))
    today = FIRST + timedelta(days=38)

    assert propose(plan, 2, 45, now=local(today, time(8, 59))).care == []
    assert propose(plan, 2, 45, now=local(today, time(9, 1))).care != []


def test_getting_ready_begun_for_nothing_is_named():
    plan = make_series(0, 49, protocol=make_protocol(care=[WEEK_OF_CARE]))
    today = FIRST + timedelta(days=43)

    proposal = propose(plan, 2, 56, now=local(today))

    assert proposal.care == [
        "Getting ready for session 2 on Tue 26 Jan has begun already. "
        "For Tue 2 Feb it begins again on Tue 26 Jan."
    ]


# --- What cannot be -----------------------------------------------------------------


def test_a_time_that_somebody_has_is_refused_in_words():
    plan = make_series()
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    book(other, make_sessions(other, (50,)))

    proposal = propose(plan, 2, 50)

    assert proposal.refusal == (
        "For session 2 no practitioner, room or needling device is free "
        "on Wed 27 Jan at 10:00. Free on that day: 08:30, 08:45 and 11:15."
    )
    assert not proposal.can_be_accepted


def test_the_past_is_refused():
    plan = make_series()
    row = session(plan, 1)

    refused = moving.propose(row, NOW, now=NOW)
    allowed = moving.propose(row, NOW + timedelta(hours=2), now=NOW)

    assert "in the past" in refused.refusal
    assert allowed.refusal == ""


def test_health_answers_refuse_the_new_day():
    plan = make_series()
    make_answer(
        patient=plan.patient,
        question="isotretinoin",
        value="yes",
        on_date=date(2026, 11, 1),
        answered_at=NOW,
    )

    proposal = propose(plan, 2, 48)

    assert "cannot be on" in proposal.refusal


@pytest.mark.parametrize(
    ("days", "broken"), [(56, False), (57, True), (42, False), (41, True)]
)
def test_a_window_from_a_session_that_is_done_may_be_set_aside(days, broken):
    plan = make_series(0, 49)
    changes.complete(
        session(plan, 1),
        performed_at=on(0, time(11)),
        actor=make_user(),
        now=on(0, time(12)),
    )

    proposal = propose(plan, 2, days, now=on(0, time(12)))

    assert bool(proposal.breaches) == broken
    assert proposal.may_be_allowed == broken
    assert proposal.can_be_accepted != broken


def test_a_window_is_set_aside_with_permission_and_a_reason(clinician, desk):
    plan = make_series(0, 49)
    then = on(0, time(12))
    changes.complete(
        session(plan, 1), performed_at=on(0, time(11)), actor=desk, now=then
    )
    proposal = propose(plan, 2, 59, now=then)
    allowed = overrides.for_all(proposal.breaches, "She is at sea.")

    with pytest.raises(BookingRefused, match="clinician or a manager"):
        accept(plan, proposal, desk, overrides=allowed, now=then)
    accept(plan, proposal, clinician, overrides=allowed, now=then)

    assert RuleOverride.objects.get().days == 59
    assert not Task.objects.open().exists()


def test_a_second_visit_on_one_day_may_be_allowed():
    plan = make_series()
    make_appointment(
        patient=plan.patient, location=plan.location, starts_at=on(50, time(15))
    )

    proposal = propose(plan, 2, 50)

    assert [breach.rule for breach in proposal.breaches] == ["same-day"]
    assert proposal.may_be_allowed


def test_what_has_begun_stays():
    plan = make_series()
    changes.arrive(session(plan, 1), actor=make_user(), now=NOW)

    with pytest.raises(BookingRefused, match="has begun or is over"):
        propose(plan, 1, 1)


def test_a_consultation_is_not_moved_here():
    row = make_appointment()

    with pytest.raises(BookingRefused, match="Only a session"):
        moving.propose(row, NOW + timedelta(days=3), now=NOW)


# --- Where it could go --------------------------------------------------------------


def test_options_are_the_days_of_the_window_with_what_they_drag_along():
    plan = make_series(0, 49, 98)

    found = moving.options(session(plan, 2), now=NOW)

    days = [option.day for option in found]
    window = [FIRST + timedelta(days=n) for n in range(42, 57)]
    assert days == [day for day in window if day.weekday() < 5]
    assert {option.gap: option.drags for option in found}[42] == ()
    assert {option.words for option in found} == {"Nothing else moves."}
    assert session(plan, 2).local_start not in found[5].times


def test_options_say_what_moves_too():
    plan = make_series(0, 49, 105)

    first = moving.options(session(plan, 2), now=NOW)[0]

    assert first.drags == (3,)
    assert first.words == "Session 3 moves too, to Tue 16 Mar."


# --- Putting a series right ---------------------------------------------------------


def test_nothing_has_to_change_in_a_whole_series():
    proposal = moving.repair(make_series(), now=NOW)

    assert proposal.changed == []
    assert proposal.refusal == ""


def test_a_broken_window_is_put_right_and_its_task_closes():
    plan = make_series()
    later = on(-8, time(11))
    changes.complete(session(plan, 1), performed_at=later, actor=make_user(), now=later)
    assert Task.objects.open().exists()

    proposal = moving.repair(plan, now=later)
    accept(plan, proposal, now=later)

    assert days_of(plan)[1:] == [48, 98]
    assert not Task.objects.open().exists()


def test_a_cancelled_session_gets_a_time_and_the_rest_stays():
    plan = make_series()
    changes.cancel(session(plan, 2), reason="x", actor=make_user(), now=NOW)

    proposal = moving.repair(plan, now=NOW)
    accept(plan, proposal)

    assert [change.number for change in proposal.changed] == [2]
    assert proposal.changed[0].why == "It has no time yet."
    assert days_of(plan) == [0, 42, 98]
    assert not Task.objects.open().exists()
    owed = Message.objects.waiting().filter(appointment=session(plan, 2))
    assert "practical" in {message.rule for message in owed}


def test_where_a_room_drops_out_another_takes_over_at_the_same_time():
    plan = make_series()
    spare = make_room(plan.location, name="Room 2")
    make_hours(spare)
    Room.objects.filter(name="Room 1").update(is_active=False)

    proposal = moving.repair(plan, now=NOW)
    accept(plan, proposal)

    assert {change.is_moved for change in proposal.changed} == {False}
    assert days_of(plan) == [0, 49, 98]
    assert Claim.objects.filter(resource=spare).count() == 3
    assert {row.version for row in plan.appointments.all()} == {1}


def test_where_nothing_fits_the_session_and_what_it_lacks_are_named():
    plan = make_series()
    Room.objects.update(is_active=False)

    proposal = moving.repair(plan, now=NOW)

    assert proposal.refusal.startswith("Session 1 finds no place: no room is free from")


def test_a_gap_that_was_allowed_stays(clinician):
    plan = make_series(0, 49)
    proposal = propose(plan, 2, 59)
    accept(
        plan,
        proposal,
        clinician,
        overrides=overrides.for_all(proposal.breaches, "She is at sea."),
    )

    assert moving.repair(plan, now=NOW).changed == []
    assert [one.number for one in propose(plan, 1, 1).changed] == [1]
    assert [one.number for one in propose(plan, 1, -1).changed] == [1, 2]


def test_a_second_visit_that_stands_stays():
    plan = make_series()
    make_appointment(
        patient=plan.patient, location=plan.location, starts_at=on(49, time(15))
    )

    assert moving.repair(plan, now=NOW).changed == []


# --- Time ---------------------------------------------------------------------------


def test_windows_count_local_days_over_a_night_of_the_clock_change():
    plan = make_series(0, 49)
    first = date(2027, 3, 13)  # the clocks go forward in the night after
    plan = make_approved(session_count=2)
    book(plan, make_sessions(plan, (0, 49), first=first - timedelta(days=1)))

    proposal = moving.propose(
        session(plan, 2), local(first + timedelta(days=55), time(8)), now=NOW
    )

    assert proposal.changed[0].gap == 56
    assert proposal.follows == []


def test_days_are_those_of_the_location():
    place = make_place_with_people()
    type(place).objects.filter(pk=place.pk).update(timezone="Asia/Tokyo")
    place.refresh_from_db()
    plan = make_approved(place, session_count=2)
    book(plan, make_sessions(plan, (0, 56), at=time(20)))  # 10:00 on the next day

    (change,) = propose(plan, 2, 42, time(18)).changed

    assert (change.gap, change.days) == (42, -14)
    assert change.before.starts_at.time() == time(10)
    assert change.after.starts_at.isoformat() == "2027-01-20T08:00:00+09:00"
