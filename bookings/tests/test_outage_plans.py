"""Re-planning in bulk: least disturbance, no competing, each series whole, one message."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    Message,
    MessageStatus,
    Outage,
    OutageKind,
    Task,
)
from bookings.scheduling import instant
from bookings.services import diary
from bookings.services.holding import holds
from bookings.services.missing import outage_plans, outages
from bookings.services.moves import in_turn, moving, standing
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_device,
    make_doctor,
    make_hours,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_outages import (
    absences,
    claim,
    declare,
    device_of,
    supervised,
)
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)
from clinic.models import Device, Practitioner

__all__ = ["supervised"]
EACH = 12  # queries for what one proposal says of answers, messages and closures

pytestmark = pytest.mark.django_db


def make_booked(place, protocol, *, hour=10, first=FIRST, days=(0, 49, 98)):
    """A plan with its series in the diary, each day at `hour`."""
    plan = make_approved(place, protocol=protocol, session_count=len(days))
    book(plan, make_sessions(plan, days, at=time(hour), first=first))
    return plan


@pytest.fixture
def scene():
    """A place with one of each, and a protocol given there."""
    return make_place_with_people(), make_protocol()


def second_device(place, **fields):
    device = make_device(place, name="Pen 2", **fields)
    make_hours(device)
    return device


def propose(outage):
    outage = Outage.objects.select_related("resource__location").get(pk=outage.pk)
    return outage_plans.proposals(outage, now=NOW)


def apply(outage, chosen):
    return outage_plans.apply(
        outage,
        [one.proposal.sealed() for one in chosen],
        actor=make_user("Front desk"),
        now=NOW,
    )


def starts(plan):
    rows = plan.appointments.live().order_by("number")
    return [f"{row.local_start:%d %b %H:%M}" for row in rows]


# --- What is proposed -------------------------------------------------------------------


def test_another_device_at_the_same_time_is_less_change_than_another_time(scene):
    place, protocol = scene
    missing = device_of(place)
    plan = make_booked(place, protocol)
    spare = second_device(place)

    (found,) = propose(declare(missing)).series

    (change,) = found.proposal.changed
    assert (found.plan, found.moved, found.is_told) == (plan, [], False)
    assert change.number == 1
    assert change.after.roles["device"] == spare.pk
    assert change.why == "Pen 2 takes over from Pen 1."


def test_without_another_device_the_session_moves_as_little_as_can_be(scene):
    place, protocol = scene
    make_booked(place, protocol)

    (found,) = propose(declare(device_of(place))).series

    (change,) = found.proposal.changed
    assert found.moved == [1]
    assert found.is_told
    assert abs(change.days) == 1


def test_series_come_by_slack_and_do_not_compete(scene):
    place, protocol = scene
    day = FIRST + timedelta(days=49)
    missing = device_of(place)
    loose = make_booked(place, protocol, hour=10, days=(7, 49, 98))
    tight = make_booked(place, protocol, hour=12, days=(0, 49, 98))
    second_device(place)
    Device.objects.filter(name="Pen 2").update(
        in_service_from=day + timedelta(days=1),
        in_service_until=day + timedelta(days=1),
    )
    both = propose(declare(missing, first=day, last=day + timedelta(days=1)))

    assert [one.plan for one in both.series] == [tight, loose]
    assert [one.slack for one in both.series] == [7, 14]
    claims = [
        (change.after.starts_at, change.after.ends_at)
        for one in both.series
        for change in one.proposal.changed
    ]
    (first, second) = sorted(claims)
    assert first[1] <= second[0]
    applied = apply(Outage.objects.get(), both.possible)
    assert [one.refusal for one in applied] == ["", ""]


def test_what_one_series_leaves_is_free_for_the_next_and_what_it_takes_is_not(scene):
    place, protocol = scene
    scenes = [
        standing.of(make_booked(place, protocol, hour=hour), now=NOW)
        for hour in (9, 12)
    ]
    last = FIRST + timedelta(days=365)
    resources, names = diary.resources_of(place, scenes[0].today, last, now=NOW)
    visits = diary.visits_of([one.plan.patient_id for one in scenes], now=NOW)
    board = in_turn.Board(resources, names, visits)
    found = scenes[0].replanner.replan(must_move=[1])
    new = found.plans[0].sessions[0].start

    board.settle(scenes[0], found.plans[0].sessions)

    room = next(
        one for one in board.read(scenes[1]).problem.resources if one.kind == "room"
    )
    assert span(new) in room.busy
    assert span(local(FIRST, time(9))) not in room.busy
    assert span(local(FIRST, time(12))) not in room.busy


def span(start):
    """The time of a whole session in minutes."""
    return instant(start), instant(start) + 70


def test_a_series_that_nothing_fits_says_why(scene):
    place, protocol = scene
    make_booked(place, protocol, days=(0, 49))
    year = timedelta(days=365)

    bulk = propose(declare(device_of(place), last=FIRST + year))

    (found,) = bulk.impossible
    assert bulk.possible == []
    assert "device" in found.proposal.refusal


def test_consultations_and_held_sessions_are_settled_by_hand(scene):
    place, _protocol = scene
    doctor = Practitioner.objects.get(location=place)
    claim(make_appointment(location=place, starts_at=local(FIRST)), doctor)

    bulk = propose(declare(doctor, kind=OutageKind.ABSENCE))

    assert bulk.series == ()
    assert [one.what for one in bulk.by_hand] == ["Consultation"]
    assert bulk.sessions == 1


def test_a_held_session_is_listed_and_its_hold_stands(scene):
    place, protocol = scene
    plan = make_approved(place, protocol=protocol, session_count=2)
    held = holds.hold(
        plan,
        make_sessions(plan, (0, 49)),
        key=uuid4(),
        strategy="steady",
        actor=make_user("Front desk"),
        now=NOW,
    )
    outage = declare(device_of(place))

    bulk = propose(outage)

    assert bulk.series == ()
    assert [one.appointment.is_held for one in bulk.by_hand] == [True]
    assert held.appointments.filter(status=AppointmentStatus.HELD).count() == 2
    with pytest.raises(BookingRefused, match="Pen 1 is not available"):
        holds.confirm(held, actor=make_user("Front desk"), now=NOW)


def test_a_hold_that_runs_out_leaves_nothing_to_do_and_its_time_claimed(scene):
    place, protocol = scene
    plan = make_approved(place, protocol=protocol, session_count=2)
    holds.hold(
        plan,
        make_sessions(plan, (0, 49)),
        key=uuid4(),
        strategy="steady",
        actor=make_user("Front desk"),
        now=NOW,
    )
    outage = declare(device_of(place))
    later = NOW + timedelta(hours=1)

    holds.expire_overdue(now=later)
    outages.reconcile(now=later)

    assert not Task.objects.open().exists()
    assert sum(1 for _ in absences(outage)) == 3


def test_a_session_that_has_begun_is_settled_by_hand(scene):
    place, protocol = scene
    make_booked(place, protocol, days=(0, 49))
    outage = declare(device_of(place))
    outage = Outage.objects.select_related("resource__location").get(pk=outage.pk)

    bulk = outage_plans.proposals(outage, now=local(FIRST, time(10, 5)))

    assert bulk.series == ()
    assert [one.what for one in bulk.by_hand] == ["Session 1 of 2"]


def test_without_a_supervisor_a_session_moves_to_when_one_is_there(supervised):
    _place, doctor, _plan = supervised

    (found,) = propose(declare(doctor, kind=OutageKind.ABSENCE)).possible

    (change,) = found.proposal.changed
    assert abs(change.days) == 1
    assert change.after.roles["supervisor"] == doctor.pk


def test_nothing_is_proposed_for_an_outage_that_was_lifted(scene):
    place, protocol = scene
    make_booked(place, protocol)
    outage = declare(device_of(place))
    outages.lift(outage, actor=make_user(), now=NOW)

    assert propose(outage) == outage_plans.Bulk((), ())


def test_the_diary_is_read_once_for_all_series(scene):
    place, protocol = scene
    missing = device_of(place)
    for hour in (8, 10, 12, 14, 16):
        make_booked(place, protocol, hour=hour, days=(0, 49))
    one = declare(missing, opens=time(8), closes=time(9))
    many = declare(missing, opens=time(9, 10), closes=time(18))

    with CaptureQueriesContext(connection) as few:
        assert len(propose(one).series) == 1
    with CaptureQueriesContext(connection) as more:
        assert len(propose(many).series) == 4

    def diaries(queries):
        return sum("range_agg" in query["sql"] for query in queries)

    assert diaries(few) == diaries(more) == 1
    assert (len(more) - len(few)) / 3 <= EACH


# --- What is applied --------------------------------------------------------------------


def test_all_of_them_are_applied_and_their_tasks_close(scene):
    place, protocol = scene
    missing = device_of(place)
    plans = [make_booked(place, protocol, hour=hour) for hour in (9, 12, 15)]
    second_device(place)
    outage = declare(missing)

    applied = apply(outage, propose(outage).possible)

    assert [(one.plan, one.moved, one.refusal) for one in applied] == [
        (plan, 1, "") for plan in plans
    ]
    assert not Task.objects.open().exists()
    assert propose(outage).sessions == 0


def test_time_that_a_session_leaves_is_claimed_at_once(scene):
    place, protocol = scene
    missing = device_of(place)
    make_booked(place, protocol)
    second_device(place)
    outage = declare(missing)

    apply(outage, propose(outage).possible)

    assert absences(outage) == [
        ("08 00:00", "08 10:30"),
        ("08 10:30", "08 11:10"),
        ("08 11:10", "09 00:00"),
    ]


def test_only_some_are_applied_and_the_others_stay_on_the_list(scene):
    place, protocol = scene
    missing = device_of(place)
    first, second = (make_booked(place, protocol, hour=hour) for hour in (9, 12))
    second_device(place)
    outage = declare(missing)
    before = starts(second)

    apply(outage, propose(outage).possible[:1])

    assert [task.plan for task in Task.objects.open()] == [second]
    assert starts(second) == before
    assert [one.plan for one in propose(outage).series] == [second]
    assert (
        first.appointments.get(number=1).claims.get(role="device").resource != missing
    )


def test_a_patient_whose_sessions_move_gets_one_message(scene):
    place, protocol = scene
    plan = make_booked(place, protocol)
    Message.objects.update(status=MessageStatus.SENT, sent_at=NOW)
    outage = declare(device_of(place), last=FIRST + timedelta(days=6))
    found = propose(outage).possible

    apply(outage, found)

    told = Message.objects.filter(rule="confirmation", status=MessageStatus.PLANNED)
    assert [message.patient for message in told] == [plan.patient]
    moved = plan.appointments.filter(number__in=found[0].moved)
    assert len({row.version for row in moved}) == 1


def test_a_patient_who_keeps_time_and_practitioner_is_not_written_to(scene):
    place, protocol = scene
    missing = device_of(place)
    make_booked(place, protocol)
    Message.objects.update(status=MessageStatus.SENT, sent_at=NOW)
    second_device(place)
    outage = declare(missing)

    apply(outage, propose(outage).possible)

    assert not Message.objects.exclude(status=MessageStatus.SENT).exists()


def test_a_series_that_changed_in_the_meantime_is_left_and_said(scene):
    place, protocol = scene
    missing = device_of(place)
    first, second = (make_booked(place, protocol, hour=hour) for hour in (9, 12))
    second_device(place)
    outage = declare(missing)
    found = propose(outage).possible
    first.appointments.filter(number=2).update(status=AppointmentStatus.CONFIRMED)

    applied = apply(outage, found)

    assert [one.refusal for one in applied] == [
        "The series has changed since this was proposed. Look again.",
        "",
    ]
    assert [task.plan for task in Task.objects.open()] == [first]
    assert propose(outage).series[0].plan == first
    assert (
        second.appointments.get(number=1).claims.get(role="device").resource != missing
    )


def test_a_series_whose_new_place_was_taken_is_left_whole(scene):
    place, protocol = scene
    missing = device_of(place)
    plan = make_booked(place, protocol)
    spare = second_device(place)
    outage = declare(missing)
    found = propose(outage).possible
    taken = make_appointment(starts_at=local(FIRST), location=place)
    claim(taken, spare)
    before = starts(plan), list(Claim.objects.order_by("pk").values())

    (applied,) = apply(outage, found)

    assert "Pen 2" in applied.refusal
    assert (starts(plan), list(Claim.objects.order_by("pk").values())) == before


def test_nothing_moves_for_an_outage_that_was_lifted_in_the_meantime(scene):
    place, protocol = scene
    plan = make_booked(place, protocol)
    outage = declare(device_of(place))
    found, before = propose(outage).possible, starts(plan)
    outages.lift(outage, actor=make_user(), now=NOW)

    (applied,) = apply(outage, found)

    assert "The outage has been lifted" in applied.refusal
    assert starts(plan) == before


def test_applying_twice_changes_nothing_more(scene):
    place, protocol = scene
    plan = make_booked(place, protocol)
    outage = declare(device_of(place))
    found = propose(outage).possible
    apply(outage, found)
    once = starts(plan), Message.objects.count()

    (again,) = apply(outage, found)

    assert again.refusal == ""
    assert (starts(plan), Message.objects.count()) == once


def test_moving_a_session_by_hand_closes_its_task_and_keeps_the_time(scene):
    place, protocol = scene
    plan = make_booked(place, protocol)
    outage = declare(device_of(place))
    row = plan.appointments.get(number=1)
    proposal = moving.propose(row, row.starts_at + timedelta(days=1), now=NOW)

    moving.accept(plan, proposal.sealed(), actor=make_user(), now=NOW, why="She asked.")

    assert not Task.objects.open().exists()
    assert sum(1 for _ in absences(outage)) == 3


def test_a_doctor_who_is_away_is_replaced_by_another(scene):
    place, protocol = scene
    missing = Practitioner.objects.get(location=place)
    plan = make_booked(place, protocol)
    other = make_doctor(place, name="Dr Roy")
    make_hours(other)
    outage = declare(missing, kind=OutageKind.ABSENCE)

    (found,) = propose(outage).possible
    apply(outage, [found])

    assert found.is_told
    assert plan.appointments.get(number=1).claims.get(role="operator").resource_id == (
        other.pk
    )
    assert Claim.objects.filter(outage=outage, why=ClaimReason.ABSENCE).count() == 3
    assert Appointment.objects.live().count() == 3
