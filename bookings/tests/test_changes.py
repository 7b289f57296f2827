"""Done, cancelled, missed, late: what is written, freed, told and asked of the desk."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    MessageStatus,
    Task,
    TaskKind,
)
from bookings.services import todo
from bookings.services.holding import holds
from bookings.services.messages import reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves import changes, windows
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_appointment, make_user
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def make_series(*days: int, **fields):
    """A booked series whose sessions lie so many days after 8 December, at 10:00."""
    days = days or (0, 49, 98)
    plan = make_approved(session_count=len(days), **fields)
    book(plan, make_sessions(plan, days))
    return plan


def session(plan, number):
    return plan.appointments.get(number=number)


def complete(plan, number, at, **changed):
    return changes.complete(
        session(plan, number),
        performed_at=at,
        actor=make_user(),
        **{"now": at + MINUTE} | changed,
    )


def cancel(plan, number, *, now=NOW, **changed):
    return changes.cancel(
        session(plan, number),
        actor=make_user(),
        now=now,
        **{"reason": "She is ill."} | changed,
    )


def asked(kind):
    return [task.words for task in Task.objects.open().filter(kind=kind)]


# --- Done ---------------------------------------------------------------------------


def test_a_session_done_as_planned_asks_nothing():
    plan = make_series()

    row = complete(plan, 1, local(FIRST, time(11, 5)))

    assert row.status == AppointmentStatus.DONE
    assert session(plan, 1).anchor_date == FIRST
    assert not Task.objects.exists()


@pytest.mark.parametrize(("late", "gap"), [(0, 49), (7, 42)])
def test_a_window_that_still_holds_asks_nothing(late, gap):
    plan = make_series()

    complete(plan, 1, local(FIRST + timedelta(days=late), time(11)))

    before, after = session(plan, 1), session(plan, 2)
    assert (after.local_date - before.anchor_date).days == gap
    assert not Task.objects.exists()


@pytest.mark.parametrize(("moved", "gap"), [(8, 41), (-8, 57)])
def test_a_window_that_breaks_opens_a_task_for_what_follows(moved, gap):
    plan = make_series()

    complete(plan, 1, local(FIRST + timedelta(days=moved), time(11)))

    task = Task.objects.open().get()
    assert (task.kind, task.plan, task.appointment) == (
        TaskKind.WINDOW,
        plan,
        session(plan, 2),
    )
    assert f"session 2 comes {gap} days after session 1" in task.words


def test_the_window_counts_from_the_local_day_it_ended_on():
    plan = make_series(0, 42)
    night = datetime(2026, 12, 9, 4, 59, tzinfo=UTC)  # still 8 December in Ottawa

    complete(plan, 1, night)

    assert session(plan, 1).anchor_date == FIRST
    assert not Task.objects.exists()


def test_a_minute_past_local_midnight_is_the_next_day():
    plan = make_series(0, 42)

    complete(plan, 1, datetime(2026, 12, 9, 5, 0, tzinfo=UTC))

    assert session(plan, 1).anchor_date == FIRST + timedelta(days=1)
    assert asked(TaskKind.WINDOW)


def test_a_task_closes_when_its_window_holds_again():
    plan = make_series()
    complete(plan, 1, local(FIRST + timedelta(days=8), time(11)))
    held = make_sessions(plan, (0, 50, 98))[1]
    Appointment.objects.filter(pk=session(plan, 2).pk).update(
        during=(held.starts_at, held.ends_at)
    )

    windows.settle(plan, actor=make_user(), now=NOW)

    assert not Task.objects.open().exists()


def test_after_care_is_told_after_the_grace_when_it_is_done():
    plan = make_series()
    end = local(FIRST, time(10, 50))

    complete(plan, 1, end, now=end + 5 * MINUTE)

    told = Message.objects.get(
        appointment=session(plan, 1), rule="after-care", status=MessageStatus.PLANNED
    )
    assert told.due_at == end + 5 * MINUTE + GRACE


def test_after_care_told_on_the_day_is_not_told_again():
    plan = make_series()
    end = local(FIRST, time(11, 10))
    Message.objects.filter(appointment=session(plan, 1)).update(
        status=MessageStatus.SENT, sent_at=end
    )

    complete(plan, 1, end + 5 * MINUTE)

    assert not Message.objects.waiting().filter(appointment=session(plan, 1)).exists()
    assert session(plan, 1).version == 1


def test_after_care_is_told_again_for_another_day():
    plan = make_series()
    end = local(FIRST, time(11, 10))
    Message.objects.filter(appointment=session(plan, 1)).update(
        status=MessageStatus.SENT, sent_at=end
    )

    complete(plan, 1, end + timedelta(days=1))

    told = Message.objects.waiting().filter(appointment=session(plan, 1))
    assert {(one.rule, one.version) for one in told} == {
        ("after-care", 2),
        ("healing-48h", 2),
        ("healing-7d", 2),
    }


def test_what_was_still_to_come_is_free_when_it_was_done_before():
    plan = make_series()

    complete(plan, 1, local(FIRST - timedelta(days=1), time(11)))

    row = session(plan, 1)
    assert not Claim.objects.filter(appointment=row).exists()
    assert Claim.objects.filter(appointment=session(plan, 2)).exists()
    assert row.local_end == row.completed_at
    assert row.local_date == FIRST - timedelta(days=1)


def test_done_lies_not_in_the_future():
    plan = make_series()
    end = local(FIRST, time(11))

    with pytest.raises(BookingRefused, match="in the future"):
        complete(plan, 1, end, now=end - MINUTE)

    complete(plan, 1, end, now=end)


@pytest.mark.parametrize(("days", "refused"), [(0, True), (1, False)])
def test_sessions_are_performed_in_their_order(days, refused):
    plan = make_series()
    complete(plan, 1, local(FIRST, time(11)))
    at = local(FIRST + timedelta(days=days), time(15))

    if refused:
        with pytest.raises(BookingRefused, match="this one comes after it"):
            complete(plan, 2, at)
    else:
        complete(plan, 2, at)


def test_a_session_is_not_done_before_one_that_is_still_to_come():
    plan = make_series()

    with pytest.raises(BookingRefused, match="Session 1 is on Tue 8 Dec 2026"):
        complete(plan, 2, local(FIRST, time(9)))


def test_done_twice_is_refused():
    plan = make_series()
    complete(plan, 1, local(FIRST, time(11)))

    with pytest.raises(BookingRefused, match="Done"):
        complete(plan, 1, local(FIRST, time(11)))


def test_a_page_that_was_overtaken_is_refused():
    plan = make_series()

    with pytest.raises(BookingRefused, match="Look again"):
        cancel(plan, 1, version=2)

    assert cancel(plan, 1, version=1).status == AppointmentStatus.CANCELLED


# --- Cancelled ----------------------------------------------------------------------


def test_a_cancelled_session_frees_its_time_and_asks_for_another():
    plan = make_series()

    row = cancel(plan, 2)

    assert (row.status, row.reason) == (AppointmentStatus.CANCELLED, "She is ill.")
    assert not Claim.objects.filter(appointment=row).exists()
    assert Claim.objects.filter(appointment__plan=plan).count() == 6
    assert "session 2 needs a new time, between Tue 19 Jan 2027" in asked("place")[0]


@pytest.mark.parametrize(
    ("before", "status"),
    [
        (timedelta(hours=48), AppointmentStatus.CANCELLED),
        (timedelta(hours=48) - MINUTE, AppointmentStatus.LATE_CANCELLED),
    ],
)
def test_less_than_48_hours_before_is_late(before, status):
    plan = make_series()
    start = session(plan, 1).starts_at

    assert cancel(plan, 1, now=start - before).status == status


@pytest.mark.parametrize(
    ("minute", "status"),
    [(0, AppointmentStatus.CANCELLED), (1, AppointmentStatus.LATE_CANCELLED)],
)
def test_48_hours_are_elapsed_hours_over_a_clock_change(minute, status):
    plan = make_approved(session_count=1)
    book(plan, make_sessions(plan, (0,), first=date(2027, 3, 15)))  # Monday, 10:00

    saturday = local(date(2027, 3, 13), time(9, minute))

    assert cancel(plan, 1, now=saturday).status == status


def test_its_messages_are_withdrawn():
    plan = make_series()

    cancel(plan, 2)

    assert not Message.objects.waiting().filter(appointment=session(plan, 2)).exists()
    assert Message.objects.waiting().filter(appointment=session(plan, 3)).exists()


def test_the_rest_is_confirmed_again_where_that_was_owed():
    plan = make_series()

    cancel(plan, 1)

    owed = Message.objects.waiting().get(rule=reminders.CONFIRMATION)
    assert owed.appointment == session(plan, 2)
    assert [row.number for row in reminders.confirmed_by(owed)] == [2, 3]


def test_the_rest_is_confirmed_where_the_first_was_done_before_mail_left():
    plan = make_series()

    complete(plan, 1, local(FIRST, time(11, 5)), now=local(FIRST, time(12)))

    owed = Message.objects.waiting().get(rule=reminders.CONFIRMATION)
    assert [row.number for row in reminders.confirmed_by(owed)] == [2, 3]


def test_the_rest_is_not_confirmed_twice():
    plan = make_series()
    Message.objects.filter(rule=reminders.CONFIRMATION).update(
        status=MessageStatus.SENT, sent_at=NOW
    )

    cancel(plan, 1)

    assert not Message.objects.waiting().filter(rule=reminders.CONFIRMATION).exists()


def test_a_reason_is_asked_for():
    plan = make_series()

    with pytest.raises(BookingRefused, match="Say why"):
        cancel(plan, 1, reason="  ")


def test_cancelling_twice_is_refused():
    plan = make_series()
    cancel(plan, 1)

    with pytest.raises(BookingRefused, match="Cancelled"):
        cancel(plan, 1)


def test_a_consultation_is_cancelled_without_a_task():
    row = make_appointment(starts_at=NOW + timedelta(days=3))

    changes.cancel(row, reason="She is ill.", actor=make_user(), now=NOW)

    row.refresh_from_db()
    assert row.status == AppointmentStatus.CANCELLED
    assert not Task.objects.exists()


def test_the_history_keeps_what_was_and_why():
    plan = make_series()

    cancel(plan, 1)

    kept = list(session(plan, 1).events.order_by("pgh_id"))
    assert [(row.status, row.reason) for row in kept] == [
        ("booked", ""),
        ("cancelled", "She is ill."),
    ]


@pytest.mark.parametrize(
    ("module", "name"),
    [(reminders, "withdraw"), (reminders, "promise"), (windows, "settle")],
)
def test_a_cancellation_that_fails_half_way_changes_nothing(monkeypatch, module, name):
    plan = make_series()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(module, name, fail)

    with pytest.raises(RuntimeError):
        cancel(plan, 1)

    assert session(plan, 1).status == AppointmentStatus.BOOKED
    assert Claim.objects.filter(appointment=session(plan, 1)).count() == 3
    assert Message.objects.waiting().filter(appointment=session(plan, 1)).exists()
    assert not Task.objects.exists()


# --- Missed -------------------------------------------------------------------------


def test_a_no_show_is_noted_from_the_planned_start_on():
    plan = make_series()
    start = session(plan, 1).starts_at
    missed = {"actor": make_user(), "reason": "No answer."}

    with pytest.raises(BookingRefused, match="starts at 10:00"):
        changes.no_show(session(plan, 1), now=start - MINUTE, **missed)
    row = changes.no_show(session(plan, 1), now=start, **missed)

    assert (row.status, row.reason) == (AppointmentStatus.NO_SHOW, "No answer.")
    assert not Claim.objects.filter(appointment=row).exists()
    assert asked(TaskKind.PLACE) == ["Ada Lovelace: session 1 needs a new time."]


# --- Here, and late -----------------------------------------------------------------


def late(plan, minutes, **changed):
    row = session(plan, 1)
    return changes.arrive_late(
        row,
        minutes=minutes,
        actor=make_user(),
        **{"now": row.starts_at + minutes * MINUTE} | changed,
    )


def test_arrived_begun_and_done_follow_each_other():
    plan = make_series()
    start = session(plan, 1).starts_at
    note = {"actor": make_user(), "now": start}

    assert changes.arrive(session(plan, 1), **note).status == "arrived"
    assert changes.begin(session(plan, 1), **note).status == "in_session"
    with pytest.raises(BookingRefused, match="In session"):
        changes.arrive(session(plan, 1), **note)


def test_a_late_arrival_that_fits_shifts_the_session_and_its_claims():
    plan = make_series()
    before = {c.role: c.during.lower for c in session(plan, 1).claims.all()}

    row = late(plan, 20)

    shift = timedelta(minutes=20)
    assert (row.status, row.local_start.time()) == ("arrived", time(10, 20))
    after = {c.role: c.during.lower for c in session(plan, 1).claims.all()}
    assert after == {role: start + shift for role, start in before.items()}
    assert not Task.objects.exists()


@pytest.mark.parametrize(("minutes", "fits"), [(410, True), (411, False)])
def test_a_late_arrival_fits_up_to_closing_time(minutes, fits):
    plan = make_series()  # 10:00 to 11:10; the place closes at 18:00

    late(plan, minutes)

    assert bool(asked(TaskKind.LATE)) != fits


@pytest.mark.parametrize(("minutes", "fits"), [(50, True), (51, False)])
def test_a_late_arrival_fits_up_to_the_next_claim(minutes, fits):
    plan = make_series()
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    book(other, make_sessions(other, (0,), at=time(12)))

    late(plan, minutes)

    assert bool(asked(TaskKind.LATE)) != fits
    start = time(10, minutes) if fits else time(10)
    assert session(plan, 1).local_start.time() == start


@pytest.mark.parametrize(("minutes", "fits"), [(0, True), (1, False)])
def test_a_late_arrival_makes_way_for_a_hold_only_while_it_lasts(minutes, fits):
    plan = make_series()
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    start = session(plan, 1).starts_at
    then = start + timedelta(minutes=30)
    holds.hold(
        other,
        make_sessions(other, (0,), at=time(11, 15)),
        key=uuid4(),
        strategy="earliest-finish",
        actor=make_user(),
        now=then - timedelta(minutes=15) + minutes * MINUTE,
    )

    late(plan, 30, now=then)

    assert bool(asked(TaskKind.LATE)) != fits


def test_a_late_arrival_that_does_not_fit_names_who_is_not_free():
    plan = make_series()
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    book(other, make_sessions(other, (0,), at=time(11, 15)))

    row = late(plan, 40)

    assert row.status == AppointmentStatus.BOOKED
    assert asked(TaskKind.LATE) == [
        "Ada Lovelace comes 40 minutes late. Session 1 would last until 11:50. "
        "Room 1 and Pen 1 are not free for all of it. Find another time."
    ]


def test_a_late_task_closes_when_the_session_changes():
    plan = make_series()
    late(plan, 500)
    start = session(plan, 1).starts_at

    changes.no_show(session(plan, 1), actor=make_user(), now=start + 9 * 60 * MINUTE)

    assert not asked(TaskKind.LATE)
    assert todo.open_tasks()
