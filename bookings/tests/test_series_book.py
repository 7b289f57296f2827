"""Booking a whole series: what is written, what is refused, and that it is all or nothing."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from bookings.models import (
    Appointment,
    Claim,
    Message,
    OverriddenRule,
    PlanStatus,
    RuleOverride,
    SeriesBooking,
)
from bookings.services import claims, series
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.overrides import Override
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_place_with_people,
    make_plan,
    make_protocol,
    make_user,
)
from clinic.models import Device, Practitioner, Room

OTTAWA = ZoneInfo("America/Toronto")
FIRST = date(2026, 12, 8)
WEEKLY = (0, 49, 98)

pytestmark = pytest.mark.django_db


def local(day: date, at: time = time(10)) -> datetime:
    return datetime.combine(day, at, tzinfo=OTTAWA).astimezone(UTC)


def roles_at(place) -> dict[str, int]:
    return {
        "operator": Practitioner.objects.get(location=place).pk,
        "room": Room.objects.get(location=place).pk,
        "device": Device.objects.get(location=place).pk,
    }


def make_sessions(plan, days=WEEKLY, *, at=time(10), first=FIRST, **changes):
    minutes = sum(phase.minutes for phase in plan.protocol.phases.all())
    starts = [local(first + timedelta(days=gap), at) for gap in days]
    return [
        PlannedSession(
            number, start, start + timedelta(minutes=minutes), roles_at(plan.location)
        )
        for number, start in enumerate(starts, start=1)
    ]


def make_approved(place=None, **fields):
    place = place or make_place_with_people()
    plan = make_plan(
        location=place,
        protocol=fields.pop("protocol", None) or make_protocol(),
        status=PlanStatus.APPROVED,
        reviewed_by=make_user("Clinician"),
        reviewed_at=NOW,
        **fields,
    )
    make_answers(plan)
    return plan


def book(plan, sessions=None, *, key=None, actor=None, overrides=()):
    return series.book(
        plan,
        make_sessions(plan) if sessions is None else sessions,
        key=key or uuid4(),
        strategy="earliest-finish",
        actor=actor or make_user("Front desk"),
        now=NOW,
        overrides=overrides,
    )


def nothing_is_written() -> bool:
    tables = (SeriesBooking, Appointment, Claim, Message, RuleOverride)
    return not any(table.objects.exists() for table in tables)


def test_a_series_is_booked_with_its_claims_and_messages():
    plan = make_approved()

    booking = book(plan)

    dates = [a.local_date for a in booking.appointments.order_by("number")]
    assert dates == [FIRST + timedelta(days=gap) for gap in WEEKLY]
    assert Claim.objects.filter(appointment__booking=booking).count() == 9
    assert Message.objects.filter(appointment__booking=booking).exists()


def test_numbing_takes_the_room_and_not_the_practitioner():
    plan = make_approved()

    book(plan)

    room = Claim.objects.filter(role="room").earliest("during")
    operator = Claim.objects.filter(role="operator").earliest("during")
    assert room.during.lower == local(FIRST)
    assert operator.during.lower == local(FIRST) + timedelta(minutes=30)
    assert room.during.upper == operator.during.upper + timedelta(minutes=10)


def test_the_same_submit_again_books_nothing_more():
    plan, key = make_approved(), uuid4()

    first = book(plan, key=key)
    again = book(plan, key=key)

    assert again == first
    assert Appointment.objects.count() == 3


def test_a_key_of_another_plan_is_refused():
    place, protocol, key = make_place_with_people(), make_protocol(), uuid4()
    book(make_approved(place, protocol=protocol), key=key)

    with pytest.raises(BookingRefused, match="belongs to another booking"):
        book(make_approved(place, protocol=protocol), key=key)


@pytest.mark.parametrize("gap", [42, 56])
def test_the_window_includes_both_its_ends(gap):
    plan = make_approved(session_count=2)

    book(plan, make_sessions(plan, (0, gap)))

    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("gap", [41, 57])
def test_a_session_outside_its_window_is_refused(gap):
    plan = make_approved(session_count=2)

    with pytest.raises(BookingRefused, match="has to lie between"):
        book(plan, make_sessions(plan, (0, gap)))

    assert nothing_is_written()


@pytest.mark.parametrize(
    "status", [s for s in PlanStatus.values if s != PlanStatus.APPROVED]
)
def test_a_plan_nobody_signed_is_refused(status):
    plan = make_approved()
    type(plan).objects.filter(pk=plan.pk).update(status=status)

    with pytest.raises(BookingRefused, match="signed this plan"):
        book(plan)

    assert nothing_is_written()


def test_an_unsuitable_date_is_refused_with_its_reason():
    plan = make_approved()
    make_answers(plan, isotretinoin="yes", on_date=FIRST - timedelta(days=60))

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        book(plan)

    assert nothing_is_written()


def test_a_past_time_is_refused():
    plan = make_approved()

    with pytest.raises(BookingRefused, match="in the past"):
        book(plan, make_sessions(plan, first=date(2026, 11, 24), at=time(9, 45)))

    assert nothing_is_written()


def test_a_resource_of_another_location_is_refused():
    plan, elsewhere = make_approved(), make_place_with_people()
    sessions = make_sessions(plan)
    sessions[1] = PlannedSession(
        2,
        sessions[1].starts_at,
        sessions[1].ends_at,
        sessions[1].roles | {"room": roles_at(elsewhere)["room"]},
    )

    with pytest.raises(BookingRefused, match="is not at"):
        book(plan, sessions)

    assert nothing_is_written()


def test_a_time_outside_opening_hours_is_refused():
    plan = make_approved()

    with pytest.raises(BookingRefused, match="is not available"):
        book(plan, make_sessions(plan, at=time(17, 30)))

    assert nothing_is_written()


def test_an_expired_licence_closes_the_device():
    plan = make_approved()
    Device.objects.update(licence_expires_on=FIRST + timedelta(days=50))

    with pytest.raises(BookingRefused, match="Pen 1 is not available on Tue 16 Mar"):
        book(plan)

    assert nothing_is_written()


def test_half_a_series_is_refused():
    plan = make_approved()

    with pytest.raises(BookingRefused, match="has changed since"):
        book(plan, make_sessions(plan)[:2])

    assert nothing_is_written()


def test_a_taken_room_is_named_and_nothing_is_left_behind():
    place, protocol = make_place_with_people(), make_protocol()
    book(make_approved(place, protocol=protocol))
    other = make_approved(place, protocol=protocol)

    with pytest.raises(BookingRefused, match=r"just booked .+ on Tue 8 Dec at 10:\d\d"):
        book(other)

    assert Appointment.objects.count() == 3


def test_back_to_back_is_not_double_booked():
    place, protocol = make_place_with_people(), make_protocol()
    book(make_approved(place, protocol=protocol))
    other = make_approved(place, protocol=protocol)

    book(other, make_sessions(other, at=time(11, 10)))

    assert Appointment.objects.count() == 6


def test_a_patient_is_never_in_two_places():
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_approved(place, protocol=protocol)
    book(plan)
    elsewhere = make_approved(
        make_place_with_people(), protocol=protocol, patient=plan.patient
    )
    allowed = [
        Override(OverriddenRule.SAME_DAY, number, "Lives far away")
        for number in (1, 2, 3)
    ]

    with pytest.raises(BookingRefused, match="another appointment at that time"):
        book(elsewhere, overrides=allowed, actor=make_user("Manager"))

    assert Appointment.objects.count() == 3


def test_the_dates_to_avoid_are_kept_with_the_patient_once():
    plan = make_approved()
    trip = (date(2027, 3, 2), date(2027, 3, 9), "Halifax")

    series.book(
        plan,
        make_sessions(plan),
        key=uuid4(),
        strategy="steady",
        actor=make_user("Front desk"),
        now=NOW,
        avoid=[trip, trip],
    )

    kept = plan.patient.away_dates.values_list("first_day", "last_day", "label")
    assert list(kept) == [trip]


@pytest.mark.parametrize("count", [1, 5])
def test_booking_costs_as_many_queries_for_one_session_as_for_five(
    count, django_assert_num_queries
):
    protocol = make_protocol(gap_min_days=7, gap_max_days=7, ideal_gap_days=7)
    place = make_place_with_people()
    warm, plan = (
        make_approved(place, protocol=protocol, session_count=count) for _ in "12"
    )
    gaps = tuple(7 * number for number in range(count))
    actor = make_user("Front desk")
    told = {"strategy": "steady", "actor": actor, "now": NOW}
    series.book(warm, make_sessions(warm, gaps), key=uuid4(), **told)
    sessions = make_sessions(plan, gaps, at=time(13))

    with django_assert_num_queries(21):
        series.book(plan, sessions, key=uuid4(), **told)


STEPS = {
    "booking": (SeriesBooking.objects, "create"),
    "appointments": (series, "write"),
    "claims": (claims, "take"),
    "messages": (reminders, "promise_new"),
}


@pytest.mark.parametrize("step", STEPS)
def test_failing_after_any_step_leaves_nothing(step, monkeypatch):
    plan = make_approved()
    owner, name = STEPS[step]
    real = getattr(owner, name)

    def write_and_fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError(step)

    monkeypatch.setattr(owner, name, write_and_fail)
    with pytest.raises(RuntimeError, match=step):
        book(plan)

    assert nothing_is_written()
