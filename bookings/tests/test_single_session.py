"""One session of a signed plan, booked by itself under every rule of its series."""

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    PlanStatus,
    SeriesBooking,
    Task,
    TaskKind,
)
from bookings.services import claims, series
from bookings.services.appointing import single, soonest
from bookings.services.appointing.soonest import Sought
from bookings.services.holding import holds, lapses
from bookings.services.messages import reminders
from bookings.services.moves import changes, moving, windows
from bookings.services.proposing import by_hand, proposals
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_appointment,
    make_device,
    make_doctor,
    make_hours,
    make_room,
    make_user,
)
from bookings.tests.test_series_book import FIRST, make_approved, make_sessions
from clinic.models import Practitioner

pytestmark = pytest.mark.django_db


def start_of(plan, days=0, at=time(10)):
    return datetime.combine(FIRST + timedelta(days=days), at, plan.location.zone)


def book(plan, number=1, days=0, **changes):
    about = {"key": uuid4(), "actor": make_user(), "now": NOW}
    start = changes.pop("start", None) or start_of(plan, days)
    return single.book(plan, number, start, **about | changes)


def test_the_next_session_is_booked_with_all_it_takes_and_promises():
    plan = make_approved()

    row = book(plan, note="Parks behind the house")

    assert (row.number, row.status) == (1, AppointmentStatus.BOOKED)
    assert (row.starts_at, row.note) == (start_of(plan), "Parks behind the house")
    assert {claim.role for claim in row.claims.all()} == {"operator", "room", "device"}
    assert SeriesBooking.objects.get() == row.booking
    assert "confirmation" in row.messages.values_list("rule", flat=True)


def test_what_is_left_is_said_listed_and_can_be_booked_as_the_rest_of_the_series():
    plan = make_approved()
    book(plan)

    assert single.left_words(plan, now=NOW) == "Sessions 2 and 3 still need a time."
    assert [one.booked_count for one in proposals.unbooked(now=NOW)] == [1]
    rest = make_sessions(plan, (0, 49, 98))[1:]
    about = {"key": uuid4(), "strategy": "steady", "actor": make_user(), "now": NOW}
    series.book(plan, rest, **about)
    assert single.left_words(plan, now=NOW) == ""


def test_the_least_change_fills_a_series_that_is_booked_in_part():
    plan = make_approved()
    book(plan)

    proposal = moving.repair(plan, now=NOW)
    moving.accept(plan, proposal.sealed(), actor=make_user(), now=NOW, why="The rest")

    assert by_hand.missing(plan, now=NOW) == []


def test_a_series_booked_in_part_opens_no_task_of_its_own():
    book(make_approved())

    assert not Task.objects.open().exists()


def test_a_session_that_lost_its_time_has_one_again_and_its_task_closes():
    plan = make_approved()
    about = {"strategy": "steady", "actor": make_user(), "now": NOW}
    series.book(plan, make_sessions(plan), key=uuid4(), **about)
    lost = plan.appointments.get(number=2)
    changes.cancel(lost, reason="Ill", actor=make_user(), now=NOW)
    assert Task.objects.open().get().kind == TaskKind.PLACE

    book(plan, 2, days=50)

    assert not Task.objects.open().exists()
    assert plan.appointments.live().count() == 3


@pytest.mark.parametrize(
    ("days", "is_booked"), [(41, False), (42, True), (56, True), (57, False)]
)
def test_it_keeps_its_gap_to_the_session_before(days, is_booked):
    plan = make_approved()
    book(plan)

    if is_booked:
        assert book(plan, 2, days=days).number == 2
    else:
        with pytest.raises(BookingRefused, match="It has to lie between"):
            book(plan, 2, days=days)


@pytest.mark.parametrize(("days", "is_booked"), [(48, True), (49, False)])
def test_it_keeps_its_gap_to_the_session_after(days, is_booked):
    plan = make_approved()
    about = {"strategy": "steady", "actor": make_user(), "now": NOW}
    series.book(plan, make_sessions(plan, (0, 45, 90)), key=uuid4(), **about)
    lost = plan.appointments.get(number=2)
    changes.cancel(lost, reason="Ill", actor=make_user(), now=NOW)

    if is_booked:
        assert book(plan, 2, days=days).number == 2
    else:
        with pytest.raises(BookingRefused, match="Session 3 would come 41 days"):
            book(plan, 2, days=days)


def test_only_the_next_session_without_a_time_may_be_booked():
    plan = make_approved()

    with pytest.raises(BookingRefused, match="Session 1 has no time yet"):
        book(plan, 2)
    book(plan)
    with pytest.raises(BookingRefused, match="is booked already"):
        book(plan, days=1)


def test_a_plan_nobody_signed_is_refused():
    plan = make_approved()
    plan.status = PlanStatus.SUBMITTED
    plan.save()

    with pytest.raises(BookingRefused, match="No clinician has signed"):
        book(plan)


def test_a_day_that_does_not_suit_is_refused():
    plan = make_approved()
    make_answers(plan, answered_at=NOW, pregnancy="yes")

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        book(plan)


def test_a_second_visit_on_one_day_is_refused():
    plan = make_approved()
    at = start_of(plan, at=time(16))
    make_appointment(patient=plan.patient, location=plan.location, starts_at=at)

    with pytest.raises(BookingRefused, match="second visit"):
        book(plan)


def test_a_taken_time_is_refused_and_nothing_is_written():
    book(make_approved())
    before = Claim.objects.count()
    plan = make_approved(Practitioner.objects.get().location)

    with pytest.raises(BookingRefused, match="is not free any more"):
        book(plan)
    assert Claim.objects.count() == before
    assert not plan.bookings.exists()


def test_the_practitioner_and_room_that_were_shown_are_the_ones_it_gets():
    plan = make_approved()
    other = make_doctor(plan.location, name="Dr Roy")
    room = make_room(plan.location, name="Room 9")
    make_hours(other)
    make_hours(room)

    row = book(plan, practitioner=other.pk, room=room.pk)

    has = {claim.role: claim.resource_id for claim in row.claims.all()}
    assert (has["operator"], has["room"]) == (other.pk, room.pk)


def test_somebody_wanted_who_cannot_is_told_before_and_refused_when_booking():
    plan = make_approved()
    other = make_doctor(plan.location, name="Dr Roy", skills=["consult"])
    make_hours(other)

    found = single.place(plan, 1, start_of(plan), practitioner=other.pk, now=NOW)

    assert found.practitioner != other.pk
    with pytest.raises(BookingRefused, match="not free any more"):
        book(plan, practitioner=other.pk)


def test_the_same_submit_twice_books_once():
    plan, key = make_approved(), uuid4()

    assert book(plan, key=key) == book(plan, key=key)
    assert Appointment.objects.count() == 1


def test_a_key_of_another_plan_is_refused():
    plan, key = make_approved(), uuid4()
    book(plan, key=key)

    with pytest.raises(BookingRefused, match="belongs to another booking"):
        book(make_approved(plan.location), key=key, days=1)


def test_a_series_that_is_held_is_not_booked_in_part():
    plan = make_approved()
    about = {"key": uuid4(), "strategy": "steady", "actor": make_user(), "now": NOW}
    holds.hold(plan, make_sessions(plan), **about)

    with pytest.raises(BookingRefused, match="This series is held until"):
        book(plan, days=1)
    assert book(plan, days=1, now=NOW + timedelta(minutes=16)).number == 1


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (claims, "take"),
        (series, "write"),
        (series, "take"),
        (reminders, "promise_new"),
        (lapses, "settle_tasks"),
        (windows, "settle"),
    ],
)
def test_a_failure_after_any_write_leaves_nothing(monkeypatch, module, name):
    plan, real = make_approved(), getattr(module, name)

    def fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(RuntimeError):
        book(plan)

    for model in (Appointment, Claim, Message, SeriesBooking):
        assert not model.objects.exists()


# --- Where it could be ---------------------------------------------------------------


def test_the_nearest_places_of_a_session_lie_in_its_window():
    plan = make_approved()
    book(plan)
    wish = Sought(plan.location, "session", patient=plan.patient, plan=plan, number=2)

    found = soonest.nearest(wish, start_of(plan, 20), now=NOW)
    days = {(one.local_start.date() - FIRST).days for one in found}

    assert len(found) == 3
    assert days == {42}
    for one in found:
        assert single.judge(plan, 2, one, now=NOW) is None


def test_the_nearest_places_need_a_device_whose_licence_is_valid():
    plan = make_approved()
    plan.location.resources.filter(kind="device").update(is_active=False)
    valid_until = FIRST + timedelta(days=2)
    device = make_device(plan.location, name="Pen 2", licence_expires_on=valid_until)
    make_hours(device)
    wish = Sought(plan.location, "session", patient=plan.patient, plan=plan, number=1)

    found = soonest.nearest(wish, start_of(plan, 30), now=NOW)

    assert max(one.local_start.date() for one in found) == valid_until
    with pytest.raises(BookingRefused, match="not free any more"):
        book(plan, days=3)
    assert book(plan, start=found[-1].local_start).number == 1


def test_dates_to_avoid_are_left_out_of_the_offers():
    plan = make_approved()
    first, last = FIRST - timedelta(days=3), FIRST + timedelta(days=3)
    plan.patient.away_dates.create(first_day=first, last_day=last)
    wish = Sought(plan.location, "session", patient=plan.patient, plan=plan, number=1)

    for one in soonest.nearest(wish, start_of(plan), now=NOW):
        assert not first <= one.local_start.date() <= last
