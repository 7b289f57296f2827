"""Outages: what is claimed, who is affected and how urgently, and what lifting undoes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    Outage,
    OutageKind,
    Task,
)
from bookings.scheduling import instant
from bookings.services import diary
from bookings.services.judging import PlannedSession
from bookings.services.missing import outages
from bookings.services.missing.affected import affected
from bookings.services.moves import moving
from bookings.services.refusals import BookingRefused
from bookings.tests import factories
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_device,
    make_doctor,
    make_hours,
    make_location,
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
    roles_at,
)
from clinic.models import Device, Practitioner, Room
from treatments.models import ProtocolPhase, ProtocolRole

pytestmark = pytest.mark.django_db


def declare(resource, first=FIRST, last=None, *, opens=None, closes=None, **changes):
    zone = resource.location.zone
    start, end = outages.moments(zone, first, last or first, opens, closes)
    facts = {"kind": OutageKind.OUT_OF_SERVICE, "reason": "Broken", "now": NOW}
    facts |= {"actor": changes.pop("actor", None) or make_user("Front desk")}
    return outages.declare(resource, start, end, **facts | changes)


def device_of(place):
    return Device.objects.get(location=place)


def absences(outage):
    rows = Claim.objects.filter(outage=outage, why=ClaimReason.ABSENCE)
    zone = outage.resource.location.zone
    return [
        tuple(
            f"{at.astimezone(zone):%d %H:%M}" for at in (c.during.lower, c.during.upper)
        )
        for c in rows.order_by("during")
    ]


# --- What is claimed ------------------------------------------------------------------


def test_a_whole_day_is_claimed_from_midnight_to_midnight():
    outage = declare(make_device())

    assert absences(outage) == [("08 00:00", "09 00:00")]


def test_absence_goes_around_the_sessions_that_stand():
    plan = make_approved()
    book(plan)

    outage = declare(device_of(plan.location))

    assert absences(outage) == [("08 00:00", "08 10:30"), ("08 11:10", "09 00:00")]


def test_a_part_of_a_day_is_claimed_and_no_more():
    outage = declare(make_device(), opens=time(9), closes=time(12))

    assert absences(outage) == [("08 09:00", "08 12:00")]


def test_an_outage_may_run_over_several_days():
    outage = declare(
        make_device(), last=FIRST + timedelta(days=1), opens=time(15), closes=time(10)
    )

    assert absences(outage) == [("08 15:00", "09 10:00")]


def test_nothing_is_open_while_an_outage_stands():
    place = make_place_with_people()
    declare(device_of(place), opens=time(9), closes=time(12))

    open_spans = diary.open_spans(place, FIRST, FIRST)

    assert open_spans[device_of(place).pk] == tuple(
        (instant(local(FIRST, time(a))), instant(local(FIRST, time(b))))
        for a, b in ((8, 9), (12, 18))
    )
    assert open_spans[Room.objects.get(location=place).pk] == (
        (instant(local(FIRST, time(8))), instant(local(FIRST, time(18)))),
    )


def test_nobody_can_book_what_is_out():
    plan = make_approved()
    declare(device_of(plan.location))

    with pytest.raises(BookingRefused, match="Pen 1 is not available on Tue 8 Dec"):
        book(plan)


def test_the_time_that_a_session_leaves_free_is_not_open_either():
    first = make_approved()
    second = make_approved(first.location, protocol=first.protocol)
    booked = book(first)
    declare(device_of(first.location))
    Claim.objects.filter(appointment__booking=booked).delete()
    booked.appointments.update(status=AppointmentStatus.CANCELLED)

    with pytest.raises(BookingRefused, match="Pen 1 is not available"):
        book(second)


def test_the_night_clocks_go_back_is_claimed_with_its_extra_hour():
    night = date(2027, 11, 7)

    outage = declare(make_device(), first=night)
    part = declare(make_room(), first=night, opens=time(1), closes=time(1, 30))

    assert outage.ends_at - outage.starts_at == timedelta(hours=25)
    assert part.ends_at - part.starts_at == timedelta(hours=1, minutes=30)


def test_the_night_clocks_go_forward_is_claimed_without_the_missing_hour():
    night = date(2027, 3, 14)

    outage = declare(make_device(), first=night)
    part = declare(make_room(), first=night, opens=time(2, 30), closes=time(3, 30))

    assert outage.ends_at - outage.starts_at == timedelta(hours=23)
    assert part.starts_at <= datetime(2027, 3, 14, 7, tzinfo=UTC) < part.ends_at


def test_days_are_those_of_the_location():
    vancouver = make_location(timezone="America/Vancouver")

    outage = declare(make_device(vancouver))

    midnight = datetime(2026, 12, 8, tzinfo=ZoneInfo("America/Vancouver"))
    assert outage.starts_at == midnight
    assert outage.ends_at == midnight + timedelta(days=1)


# --- What is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "opens", "closes", "words"),
    [
        (FIRST, FIRST, time(10), time(10), "has to come after the start"),
        (FIRST, FIRST - timedelta(days=1), None, None, "has to come after the start"),
        (date(2026, 11, 23), FIRST, None, None, "starts today or later"),
        (date(2026, 11, 24), date(2026, 11, 24), time(8), time(10), "time is over"),
        (FIRST, FIRST + timedelta(days=731), None, None, "Two years is the longest"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(first, last, opens, closes, words):
    with pytest.raises(BookingRefused, match=words):
        declare(make_device(), first, last, opens=opens, closes=closes)

    assert not Outage.objects.exists()


def test_today_may_be_declared_as_a_whole():
    outage = declare(make_device(), first=date(2026, 11, 24))

    assert outage.is_standing


def test_what_is_out_already_is_not_declared_twice():
    device = make_device()
    declare(device)

    with pytest.raises(BookingRefused, match="Pen 1 is already out"):
        declare(device, opens=time(9), closes=time(12))


# --- Who is affected ------------------------------------------------------------------


def test_the_least_slack_comes_first_and_a_first_session_last():
    place, protocol = make_place_with_people(), make_protocol()
    plans = [make_approved(place, protocol=protocol) for _ in range(3)]
    day = FIRST + timedelta(days=49)
    for plan, first, hour in zip(plans, (0, 7, 49), (9, 11, 13), strict=True):
        days = (first, 49, 98) if first < 49 else (49, 98, 147)
        book(plan, make_sessions(plan, days, at=time(hour)))

    left = affected(declare(device_of(place), first=day), now=NOW)

    assert [(one.appointment.plan, one.slack) for one in left] == [
        (plans[0], 7),
        (plans[1], 14),
        (plans[2], None),
    ]
    assert [one.what for one in left] == [
        "Session 2 of 3",
        "Session 2 of 3",
        "Session 1 of 3",
    ]


def test_the_window_counts_from_the_day_really_performed():
    plan = make_approved()
    first = book(plan).appointments.get(number=1)
    performed = first.starts_at + timedelta(days=2)
    Appointment.objects.filter(pk=first.pk).update(
        status=AppointmentStatus.DONE, completed_at=performed
    )

    outage = declare(device_of(plan.location), first=FIRST + timedelta(days=49))

    assert [one.slack for one in affected(outage, now=NOW)] == [9]


def test_consultations_are_affected_too():
    place = make_location()
    doctor = make_doctor(place)
    talk = make_appointment(location=place, starts_at=local(FIRST))
    claim(talk, doctor)

    left = affected(declare(doctor, kind=OutageKind.ABSENCE), now=NOW)

    assert [(one.appointment, one.slack, one.what) for one in left] == [
        (talk, None, "Consultation")
    ]


def claim(appointment, resource, **fields):
    defaults = {"why": ClaimReason.APPOINTMENT, "during": appointment.during}
    return Claim.objects.create(
        resource=resource, appointment=appointment, **defaults | fields
    )


def test_neighbours_in_time_are_not_affected():
    plan = make_approved()
    book(plan)

    device = device_of(plan.location)
    before = declare(device, opens=time(9), closes=time(10, 30))
    after = declare(device, opens=time(11, 10), closes=time(12))

    assert affected(before, now=NOW) == affected(after, now=NOW) == []


@pytest.mark.parametrize("status", ["cancelled", "no_show", "done", "in_session"])
def test_what_is_over_or_given_up_is_not_affected(status):
    place = make_location()
    doctor = make_doctor(place)
    claim(make_appointment(location=place, starts_at=local(FIRST)), doctor)
    Appointment.objects.update(status=status)

    assert affected(declare(doctor), now=NOW) == []


def test_every_affected_appointment_opens_a_task_in_words():
    plan = make_approved()
    book(plan)

    declare(device_of(plan.location))

    task = Task.objects.open().get()
    assert str(task) == (
        "Pen 1 is out of service: Ada Lovelace, session 1 of 3 on Tue 8 Dec, 10:00, "
        "has to be re-planned."
    )
    assert (task.plan, task.appointment.number) == (plan, 1)


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    django_assert_num_queries,
):
    place, protocol = make_place_with_people(), make_protocol()
    for hour in (8, 10, 12, 14):
        plan = make_approved(place, protocol=protocol)
        book(plan, make_sessions(plan, at=time(hour)))
    few = declare(device_of(place), opens=time(8), closes=time(9))
    many = declare(device_of(place), opens=time(9), closes=time(18))

    for outage in (few, many):
        outage = Outage.objects.select_related("resource__location").get(pk=outage.pk)
        with django_assert_num_queries(5):
            affected(outage, now=NOW)


# --- A doctor on the premises claims nothing --------------------------------------------


def make_supervised_protocol():
    """Needling by a nurse, with a doctor on the premises."""
    protocol = factories.draft_protocol(needs_supervision=True)
    ProtocolRole.objects.create(
        protocol=protocol,
        name="supervisor",
        kind="practitioner",
        skills=["doctor"],
        shared=True,
        source="S1",
    )
    ProtocolPhase.objects.filter(protocol=protocol, name="needling").update(
        roles=["operator", "room", "device", "supervisor"]
    )
    protocol.published_at = NOW
    protocol.save(update_fields=["published_at"])
    return protocol


@pytest.fixture
def supervised():
    """A place, its doctor who only looks on, and a plan booked with a nurse."""
    place = make_place_with_people()
    roles = roles_at(place)
    doctor = make_doctor(place, name="Dr Beaulieu", skills=["doctor"])
    Practitioner.objects.filter(pk=roles["operator"]).update(skills=["needling"])
    make_hours(doctor)
    plan = make_approved(place, protocol=make_supervised_protocol(), session_count=1)
    ten, end = local(FIRST), local(FIRST, time(11, 10))
    book(plan, [PlannedSession(1, ten, end, roles | {"supervisor": doctor.pk})])
    return place, doctor, plan


def test_a_session_without_a_supervisor_is_affected(supervised):
    _place, doctor, plan = supervised

    left = affected(declare(doctor, kind=OutageKind.ABSENCE), now=NOW)

    assert [(one.appointment.plan, one.is_supervised) for one in left] == [(plan, True)]


def test_another_supervisor_on_the_premises_is_enough(supervised):
    place, doctor, _plan = supervised
    make_hours(make_doctor(place, name="Dr Roy", skills=["doctor"]))

    assert affected(declare(doctor), now=NOW) == []


def test_a_supervisor_may_leave_when_the_needling_is_over(supervised):
    _place, doctor, _plan = supervised

    outage = declare(doctor, opens=time(11), closes=time(18))

    assert affected(outage, now=NOW) == []


# --- Lifting and keeping up ---------------------------------------------------------------


def test_lifting_frees_the_time_and_closes_the_tasks():
    plan = make_approved()
    book(plan)
    outage = declare(device_of(plan.location))
    actor = make_user("Front desk")

    outages.lift(outage, actor=actor, now=NOW)

    outage.refresh_from_db()
    assert (outage.is_standing, outage.lifted_by) == (False, actor)
    assert absences(outage) == []
    assert not Task.objects.open().exists()
    assert book(make_approved(plan.location, protocol=plan.protocol), later(plan))


def later(plan):
    return make_sessions(plan, at=time(14))


def test_lifting_twice_is_refused():
    outage = declare(make_device())
    outages.lift(outage, actor=make_user(), now=NOW)

    with pytest.raises(BookingRefused, match="lifted this outage already"):
        outages.lift(outage, actor=make_user(), now=NOW)


def test_lifting_one_of_two_leaves_the_time_of_the_other_claimed():
    device = make_device()
    first = declare(device, opens=time(9), closes=time(12))
    second = declare(device, opens=time(11), closes=time(14))

    outages.lift(first, actor=make_user(), now=NOW)

    assert absences(second) == [("08 11:00", "08 12:00"), ("08 12:00", "08 14:00")]


def test_reconciling_claims_what_became_free_and_closes_its_task():
    plan = make_approved()
    booked = book(plan)
    outage = declare(device_of(plan.location))
    Claim.objects.filter(appointment__booking=booked).delete()
    booked.appointments.update(status=AppointmentStatus.CANCELLED)

    outages.reconcile(now=NOW)

    assert sum(1 for _ in absences(outage)) == 3
    assert not Task.objects.open().exists()


def test_reconciling_opens_no_task_twice_nor_one_that_was_closed_by_hand():
    plan = make_approved()
    book(plan)
    declare(device_of(plan.location))

    outages.reconcile(now=NOW)
    Task.objects.update(closed_at=NOW)
    outages.reconcile(now=NOW)

    assert Task.objects.count() == 1
    assert not Task.objects.open().exists()


def test_a_hold_that_ran_out_is_not_affected_and_its_time_is_not_open():
    place = make_place_with_people()
    device = device_of(place)
    visit = make_appointment(location=place, starts_at=local(FIRST))
    claim(visit, device, why=ClaimReason.HOLD, expires_at=NOW)

    outage = declare(device)

    assert affected(outage, now=NOW) == []
    assert diary.open_spans(place, FIRST, FIRST)[device.pk] == ()


def test_a_move_that_read_an_outage_before_it_was_lifted_keeps_none_of_its_time(
    monkeypatch,
):
    plan = make_approved()
    book(plan)
    outage = declare(device_of(plan.location))
    proposal = moving.repair(plan, now=NOW, must_move=[1])
    claim = outages.claim_free_time

    def lifted_meanwhile(read):
        monkeypatch.setattr(outages, "claim_free_time", claim)
        outages.lift(read, actor=make_user("Front desk"), now=NOW)
        claim(read)

    monkeypatch.setattr(outages, "claim_free_time", lifted_meanwhile)
    moving.accept(
        plan, proposal.sealed(), actor=make_user("Front desk"), now=NOW, why=""
    )
    assert absences(outage)

    outages.reconcile(now=NOW)

    assert not absences(outage)
    assert not Task.objects.open().filter(outage=outage)
