"""Consultations and result reviews: booked and moved, whole or not at all."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ConsultationRequest,
    Message,
    MessageStatus,
    Outage,
    RequestStatus,
    Task,
    TaskKind,
)
from bookings.services import claims
from bookings.services.appointing import soonest, talks
from bookings.services.appointing.rules import Talk
from bookings.services.appointing.soonest import Sought
from bookings.services.holding import holds, lapses
from bookings.services.messages import reminders
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_doctor,
    make_hours,
    make_location,
    make_outage,
    make_patient,
    make_plan,
    make_practitioner,
    make_room,
    make_task,
    make_user,
)
from bookings.tests.test_series_book import make_approved, make_sessions
from clinic.models import Closure, Practitioner, Resource, Room, WeeklyHours

OTTAWA = ZoneInfo("America/Toronto")
TUESDAY = datetime(2026, 12, 1, 11, 0, tzinfo=OTTAWA)  # a week after NOW
HALF = timedelta(minutes=30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A location with one doctor and one room, open on weekdays from 8 to 18."""
    location = make_location()
    make_hours(make_doctor(location))
    make_hours(make_room(location))
    return location


def talk_at(place, start=TUESDAY, **changes):
    facts = {
        "kind": AppointmentKind.CONSULTATION,
        "patient": changes.get("patient") or make_patient(),
        "location": place,
        "starts_at": start,
        "practitioner": Practitioner.objects.filter(location=place).first().pk,
        "room": Room.objects.filter(location=place).first().pk,
    }
    return Talk(**facts | changes)


def book(talk, **changes):
    about = {"key": uuid4(), "actor": changes.pop("actor", None) or make_user()}
    return talks.book(talk, **about | {"now": NOW} | changes)


def move(row, start, **changes):
    about = {"actor": make_user(), "now": NOW, "version": row.version}
    return talks.move(row, start, **about | changes)


# --- Booking ------------------------------------------------------------------------


def test_a_consultation_takes_practitioner_and_room_for_half_an_hour(place):
    talk = talk_at(place)

    row = book(talk, note="Brings her own photos")

    assert (row.starts_at, row.ends_at) == (TUESDAY, TUESDAY + HALF)
    assert (row.kind, row.status) == ("consultation", AppointmentStatus.BOOKED)
    assert row.note == "Brings her own photos"
    taken = {
        (c.role, c.resource_id, c.during.lower, c.during.upper)
        for c in row.claims.all()
    }
    assert taken == {
        ("operator", talk.practitioner, TUESDAY, TUESDAY + HALF),
        ("room", talk.room, TUESDAY, TUESDAY + HALF),
    }


def test_its_length_is_set_for_each_kind(place, settings):
    settings.CONSULTATION_MINUTES, settings.RESULT_REVIEW_MINUTES = 45, 20

    first = book(talk_at(place))
    look = talk_at(place, TUESDAY + timedelta(hours=1))
    second = book(talk_at(place, look.starts_at, kind=AppointmentKind.RESULT_REVIEW))

    assert first.ends_at - first.starts_at == timedelta(minutes=45)
    assert second.ends_at - second.starts_at == timedelta(minutes=20)


def test_a_booking_promises_its_confirmation_and_the_notice_before(place):
    row = book(talk_at(place))

    due = dict(Message.objects.filter(appointment=row).values_list("rule", "status"))
    assert due == {"confirmation": "planned", "practical": "planned"}


def test_a_result_review_names_the_plan_it_looks_at(place):
    plan = make_plan(location=place)
    kind = AppointmentKind.RESULT_REVIEW

    row = book(talk_at(place, patient=plan.patient, plan=plan, kind=kind))

    assert (row.plan, row.number) == (plan, None)


def test_the_plan_of_somebody_else_is_refused(place):
    talk = talk_at(place, plan=make_plan(), kind=AppointmentKind.RESULT_REVIEW)

    with pytest.raises(BookingRefused, match="belongs to somebody else"):
        book(talk)


def test_a_session_is_no_talk(place):
    with pytest.raises(BookingRefused, match="booked with its plan"):
        book(talk_at(place, kind=AppointmentKind.SESSION))


def test_the_same_submit_twice_books_once_even_after_it_was_moved_or_cancelled(place):
    talk, key = talk_at(place), uuid4()
    first = book(talk, key=key)
    move(first, TUESDAY + timedelta(hours=2))
    Appointment.objects.filter(pk=first.pk).update(status=AppointmentStatus.CANCELLED)

    assert book(talk, key=key) == first
    assert Appointment.objects.count() == 1


def test_another_submit_of_the_same_words_is_refused(place):
    talk = talk_at(place)
    book(talk)

    with pytest.raises(BookingRefused, match="has another appointment then"):
        book(talk)


@pytest.mark.parametrize("minutes", [0, -1])
def test_what_has_begun_cannot_be_booked(place, minutes):
    with pytest.raises(BookingRefused, match="has passed"):
        book(talk_at(place, NOW + timedelta(minutes=minutes)))


def test_a_minute_from_now_can(place):
    assert book(talk_at(place, NOW + timedelta(minutes=1))).pk


@pytest.mark.parametrize("role", ["practitioner", "room"])
def test_who_or_what_is_taken_is_refused_and_named(place, role):
    book(talk_at(place))
    other = {
        "practitioner": make_room(place, name="Room 9").pk,
        "room": make_practitioner(place, name="Dr Roy").pk,
    }
    for pk in other.values():
        make_hours(Resource.objects.get(pk=pk))
    beside = {
        "practitioner": {"room": other["practitioner"]},
        "room": {"practitioner": other["room"]},
    }

    with pytest.raises(BookingRefused, match="Somebody has just booked"):
        book(talk_at(place, **beside[role], patient=make_patient(first_name="Eve")))


@pytest.mark.parametrize("minutes", [-30, 30])
def test_back_to_back_is_not_double_booked(place, minutes):
    book(talk_at(place))

    row = book(talk_at(place, TUESDAY + timedelta(minutes=minutes)), reason="Brother")

    assert row.pk


@pytest.mark.parametrize(
    ("start", "is_open"),
    [
        (time(7, 59), False),
        (time(8), True),
        (time(17, 30), True),
        (time(17, 31), False),
    ],
)
def test_only_within_the_hours(place, start, is_open):
    talk = talk_at(place, datetime.combine(TUESDAY, start, OTTAWA))

    if is_open:
        assert book(talk).pk
    else:
        with pytest.raises(BookingRefused, match="is not available on Tue 1 Dec"):
            book(talk)


def test_not_over_a_break_between_two_shifts(place):
    WeeklyHours.objects.all().delete()
    for row in Resource.objects.filter(location=place):
        make_hours(row, opens=time(8), closes=time(12))
        make_hours(row, opens=time(13), closes=time(18))

    assert book(talk_at(place, TUESDAY.replace(hour=11, minute=30))).pk
    with pytest.raises(BookingRefused, match="not available"):
        book(talk_at(place, TUESDAY.replace(hour=11, minute=45)))


def test_not_on_a_closed_day_nor_with_somebody_absent(place):
    day = TUESDAY.date()
    Closure.objects.create(name="Training", kind="holiday", first_day=day, last_day=day)
    with pytest.raises(BookingRefused, match="not available"):
        book(talk_at(place))
    Closure.objects.all().delete()

    doctor = Practitioner.objects.get()
    make_outage(resource=doctor, during=DateTimeTZRange(TUESDAY, TUESDAY + HALF))
    with pytest.raises(BookingRefused, match="Dr Okafor is not available"):
        book(talk_at(place))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_active": False}, "can no longer be booked"),
        ({"skills": ["needling"]}, "not for consultations"),
    ],
)
def test_only_with_somebody_who_does_consultations(place, change, words):
    Resource.objects.filter(kind="practitioner").update(**change)

    with pytest.raises(BookingRefused, match=words):
        book(talk_at(place))


def test_only_with_somebody_of_that_place(place):
    elsewhere = make_doctor(make_location(name="Westboro"))

    with pytest.raises(BookingRefused, match="is not at Centretown"):
        book(talk_at(place, practitioner=elsewhere.pk))


def test_a_patient_is_never_in_two_places(place):
    patient = make_patient()
    make_appointment(patient=patient, starts_at=TUESDAY - timedelta(minutes=60))

    with pytest.raises(BookingRefused, match="has another appointment then"):
        book(talk_at(place, patient=patient))


def test_a_second_visit_on_one_day_needs_a_reason_which_is_kept(place):
    patient = make_patient()
    make_appointment(patient=patient, starts_at=TUESDAY + timedelta(hours=4))
    talk = talk_at(place, patient=patient)

    with pytest.raises(BookingRefused, match="comes on that day already"):
        book(talk)

    assert book(talk, reason="She lives far away").reason == "She lives far away"


def test_a_day_is_that_of_the_place(place):
    patient = make_patient()
    late = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # Monday evening in Ottawa
    make_appointment(patient=patient, starts_at=late)

    assert book(talk_at(place, patient=patient)).pk


def test_a_merged_record_is_refused(place):
    kept = make_patient()
    gone = make_patient(merged_into=kept)

    with pytest.raises(BookingRefused, match="part of another one"):
        book(talk_at(place, patient=gone))


def test_a_hold_that_ran_out_makes_way_and_one_that_lasts_does_not(place):
    plan = make_approved()
    held = holds.hold(
        plan,
        make_sessions(plan),
        key=uuid4(),
        strategy="steady",
        actor=make_user(),
        now=NOW,
    )
    first = held.appointments.order_by("during").first()
    talk = talk_at(
        plan.location,
        first.starts_at,
        patient=make_patient(),
        practitioner=Practitioner.objects.get(location=plan.location).pk,
        room=first.claims.get(role="room").resource_id,
    )

    with pytest.raises(BookingRefused, match="held for somebody else"):
        book(talk)
    assert book(talk, now=NOW + timedelta(minutes=16)).pk
    assert not plan.holds.open().exists()


def test_a_patients_own_hold_that_ran_out_is_not_in_the_way(place):
    plan = make_approved()
    about = {"key": uuid4(), "strategy": "steady", "actor": make_user(), "now": NOW}
    held = holds.hold(plan, make_sessions(plan), **about)
    start = held.appointments.order_by("during").first().starts_at

    row = book(
        talk_at(place, start, patient=plan.patient), now=NOW + timedelta(minutes=16)
    )

    assert row.pk


# --- Requests -----------------------------------------------------------------------


def make_request(patient, **fields):
    return ConsultationRequest.objects.create(patient=patient, asked_at=NOW, **fields)


def test_it_answers_the_request_it_was_booked_for(place):
    talk = talk_at(place)
    request = make_request(talk.patient)

    row = book(talk, request=request)

    request.refresh_from_db()
    assert (request.appointment, request.status) == (row, RequestStatus.BOOKED)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "withdrawn"}, "closed"),
        ({"status": "closed", "close_reason": "Moved away"}, "closed"),
    ],
)
def test_a_request_that_is_over_is_refused(place, fields, words):
    talk = talk_at(place)

    with pytest.raises(BookingRefused, match=words):
        book(talk, request=make_request(talk.patient, **fields))


def test_a_request_is_answered_once_but_again_after_a_cancellation(place):
    talk = talk_at(place)
    request = make_request(talk.patient)
    first = book(talk, request=request)
    later = talk_at(place, TUESDAY + timedelta(days=1), patient=talk.patient)

    with pytest.raises(BookingRefused, match="answered already"):
        book(later, request=request)
    Appointment.objects.filter(pk=first.pk).update(status=AppointmentStatus.CANCELLED)

    assert book(later, request=request).requests.get() == request


def test_the_request_of_somebody_else_is_refused(place):
    with pytest.raises(BookingRefused, match="somebody else"):
        book(talk_at(place), request=make_request(make_patient(first_name="Eve")))


# --- All of it or nothing -----------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (talks, "_write"),
        (claims, "take"),
        (talks.requests, "answer"),
        (reminders, "promise_new"),
        (lapses, "make_way"),
    ],
)
def test_a_failure_after_any_write_of_a_booking_leaves_nothing(
    place, monkeypatch, module, name
):
    talk = talk_at(place)
    request = make_request(talk.patient)
    real = getattr(module, name)

    def fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(RuntimeError):
        book(talk, request=request)

    request.refresh_from_db()
    assert request.appointment is None
    assert not Appointment.objects.exists()
    assert not Claim.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "name", ["_rewrite", "_tell", "_settle", "freed.report", "placing.take_instead"]
)
def test_a_failure_after_any_write_of_a_move_leaves_it_where_it_was(
    place, monkeypatch, name
):
    row = book(talk_at(place))
    *path, last = name.split(".")
    module = getattr(talks, path[0]) if path else talks
    real = getattr(module, last)

    def fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError

    monkeypatch.setattr(module, last, fail)
    with pytest.raises(RuntimeError):
        move(row, TUESDAY + timedelta(days=1))

    row.refresh_from_db()
    assert (row.starts_at, row.version) == (TUESDAY, 1)
    assert {claim.during.lower for claim in Claim.objects.all()} == {TUESDAY}
    assert not Message.objects.filter(version=2).exists()


# --- Nights the clocks change -------------------------------------------------------


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7)])
def test_on_days_the_clocks_change_it_lasts_as_long_as_on_others(place, day):
    for row in Resource.objects.filter(location=place):
        WeeklyHours.objects.create(
            resource=row, weekday=6, opens=time(0), closes=time(23)
        )
    start = datetime.combine(day, time(0, 45), OTTAWA)

    row = book(talk_at(place, start))

    assert row.ends_at - row.starts_at == HALF
    assert row.local_start.time() == time(0, 45)


# --- Moving -------------------------------------------------------------------------


def confirmation_left():
    Message.objects.filter(rule="confirmation").update(
        status=MessageStatus.SENT, sent_at=NOW
    )


def test_a_move_swaps_claims_and_messages_and_reports_what_it_leaves(
    place, monkeypatch
):
    row, freed = book(talk_at(place)), []
    monkeypatch.setattr(talks.freed, "report", lambda left, now: freed.extend(left))
    later = TUESDAY + timedelta(days=1)

    moved = move(row, later, why="She asked")

    assert (moved.starts_at, moved.version, moved.reason) == (later, 2, "She asked")
    assert {claim.during.lower for claim in Claim.objects.all()} == {later}
    assert [one.starts_at for one in freed] == [TUESDAY]
    live = Message.objects.exclude(status=MessageStatus.SUPERSEDED)
    assert set(live.values_list("version", "rule")) == {
        (2, "confirmation"),
        (2, "practical"),
    }


def test_a_move_by_a_quarter_over_its_own_time_works(place):
    row = book(talk_at(place))

    moved = move(row, TUESDAY + timedelta(minutes=15))

    assert moved.claims.count() == 2


def test_a_confirmed_talk_that_moves_is_no_longer_confirmed(place):
    row = book(talk_at(place))
    Appointment.objects.filter(pk=row.pk).update(status=AppointmentStatus.CONFIRMED)

    assert move(row, TUESDAY + HALF).status == AppointmentStatus.BOOKED


def test_another_room_alone_is_no_news_and_stays_confirmed(place):
    row = book(talk_at(place))
    Appointment.objects.filter(pk=row.pk).update(status=AppointmentStatus.CONFIRMED)
    confirmation_left()
    room = make_room(place, name="Room 9")
    make_hours(room)

    moved = move(row, TUESDAY, room=room.pk)

    told = Message.objects.get(version=2, rule="confirmation")
    assert moved.status == AppointmentStatus.CONFIRMED
    assert (moved.version, told.status) == (2, MessageStatus.SUPPRESSED)


def test_a_move_without_notice_sends_no_news_but_the_notice_before(place):
    row = book(talk_at(place))
    confirmation_left()

    move(row, TUESDAY + HALF, notify=False)

    found = dict(Message.objects.filter(version=2).values_list("rule", "status"))
    assert found == {"confirmation": "suppressed", "practical": "planned"}


def test_a_booking_never_told_of_is_told_after_a_silent_move(place):
    row = book(talk_at(place))

    move(row, TUESDAY + HALF, notify=False)

    assert Message.objects.get(version=2, rule="confirmation").status == "planned"


def test_a_move_to_where_it_is_is_no_news(place):
    row = book(talk_at(place))

    assert move(row, TUESDAY).version == 1


def test_a_stale_move_is_refused(place):
    row = book(talk_at(place))
    move(row, TUESDAY + HALF)

    with pytest.raises(BookingRefused, match=r"meantime|by now"):
        move(row, TUESDAY + timedelta(days=1), version=1)


def test_a_talk_that_has_begun_stays(place):
    row = book(talk_at(place))
    Appointment.objects.filter(pk=row.pk).update(status=AppointmentStatus.ARRIVED)

    with pytest.raises(BookingRefused, match="Arrived"):
        move(row, TUESDAY + HALF)
    with pytest.raises(BookingRefused, match="has begun or is over"):
        talks.judge(row, TUESDAY + HALF, now=NOW)


def test_a_move_obeys_the_rules_of_booking(place):
    row = book(talk_at(place))
    book(talk_at(place, TUESDAY + HALF, patient=make_patient(first_name="Eve")))

    with pytest.raises(
        BookingRefused, match="Dr Okafor is taken on Tue 1 Dec at 11:30"
    ):
        talks.judge(row, TUESDAY + HALF, now=NOW)
    with pytest.raises(BookingRefused, match="Somebody has just booked"):
        move(row, TUESDAY + HALF)
    with pytest.raises(BookingRefused, match="not available"):
        move(row, TUESDAY.replace(hour=19))
    assert talks.judge(row, TUESDAY + timedelta(minutes=60), now=NOW).minutes == 30


def test_a_move_closes_what_asked_for_it_and_claims_what_was_missing(place):
    row = book(talk_at(place))
    doctor = Practitioner.objects.get()
    outage = make_outage(
        resource=doctor, during=DateTimeTZRange(TUESDAY, TUESDAY + HALF)
    )
    make_task(kind=TaskKind.OUTAGE, appointment=row, outage=outage)

    move(row, TUESDAY + timedelta(days=1))

    assert not Task.objects.open().exists()
    assert Claim.objects.filter(outage=outage, during__contains=TUESDAY).exists()
    assert Outage.objects.count() == 1


# --- The nearest places, and the next ones ------------------------------------------


def sought(place, **changes):
    return Sought(place, AppointmentKind.CONSULTATION, **changes)


def at(*places):
    return [f"{one.local_start:%a %H:%M}" for one in places]


def test_the_nearest_three_lie_on_both_sides_of_a_lost_time(place):
    book(talk_at(place))

    found = soonest.nearest(sought(place), TUESDAY, now=NOW)

    assert at(*found) == ["Tue 10:30", "Tue 11:30", "Tue 11:45"]
    assert soonest.next_words(found, TUESDAY).endswith("Tue 1 Dec, 11:30.")


def test_nothing_before_now_is_offered(place):
    found = soonest.nearest(sought(place), NOW, now=NOW)

    assert at(*found) == ["Tue 10:15", "Tue 10:30", "Tue 10:45"]


def test_days_on_which_the_patient_comes_already_are_left_out(place):
    patient = make_patient()
    make_appointment(patient=patient, starts_at=TUESDAY + timedelta(hours=4))

    found = soonest.nearest(sought(place, patient=patient), TUESDAY, now=NOW)

    assert at(*found) == ["Mon 17:15", "Mon 17:30", "Wed 08:00"]


def test_they_are_with_the_one_who_is_wanted(place):
    roy = make_practitioner(place, name="Dr Roy", skills=["consult"])
    make_hours(roy, opens=time(14), closes=time(15))

    found = soonest.nearest(sought(place, practitioner=roy.pk), TUESDAY, now=NOW)

    assert at(*found) == ["Tue 14:00", "Tue 14:15", "Tue 14:30"]
    assert {one.with_whom for one in found} == {"Dr Roy, Room 1"}


def test_far_ahead_is_looked_at_where_the_month_is_full(place):
    WeeklyHours.objects.update(valid_from=date(2027, 1, 20))

    found = soonest.nearest(sought(place), TUESDAY, now=NOW)

    assert [f"{one.local_start:%d %b}" for one in found] == ["20 Jan"] * 3


def test_nowhere_is_said_in_words(place):
    WeeklyHours.objects.all().delete()

    found = soonest.nearest(sought(place), TUESDAY, now=NOW)

    assert found == []
    assert soonest.next_words(found, TUESDAY).startswith("Nothing near it is free")


def test_the_next_free_places_keep_to_the_days_and_times_asked_for(place):
    wish = sought(place, weekdays=frozenset({2}), arrive_between=(time(9), time(9, 30)))

    found = soonest.free(wish, TUESDAY.date(), now=NOW)

    assert at(*found)[:3] == ["Wed 09:00", "Wed 09:15", "Wed 09:30"]
    assert len({one.local_start.date() for one in found}) == 5


def test_each_place_can_be_booked_as_it_is_offered(place):
    for one in soonest.free(sought(place), TUESDAY.date(), now=NOW)[:3]:
        talk = talk_at(
            place,
            one.local_start,
            patient=make_patient(first_name=f"{one.local_start:%H%M}"),
            practitioner=one.practitioner,
            room=one.room,
        )
        assert book(talk).ends_at == one.local_end


def test_it_costs_the_same_for_a_day_as_for_a_quarter(
    place, django_assert_max_num_queries
):
    with django_assert_max_num_queries(2):
        soonest.free(sought(place), TUESDAY.date(), now=NOW)


def test_a_room_for_talks_alone_is_taken_before_one_for_sessions(place):
    talking = make_room(place, name="Consult room", skills=["consult"])
    make_hours(talking, opens=time(8), closes=time(12))

    early, late = (
        soonest.at(sought(place), TUESDAY.replace(hour=hour), now=NOW)
        for hour in (11, 15)
    )

    assert early.room == talking.pk
    assert late.with_whom == "Dr Okafor, Room 1"
