"""A request follows the consultation that was to answer it, in the same transaction."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from bookings.models import AppointmentKind, ConsultationRequest, RequestStatus
from bookings.services import requests
from bookings.services.appointing import rules, talks
from bookings.services.appointing.rules import Talk
from bookings.services.moves import backwards, changes, undo
from bookings.services.refusals import BookingRefused
from bookings.services.requests import Wanted
from bookings.services.triage import lines
from bookings.tests.factories import (
    NOW,
    make_doctor,
    make_hours,
    make_location,
    make_request,
    make_room,
    make_user,
)

TUESDAY = datetime(2026, 12, 1, 11, 0, tzinfo=ZoneInfo("America/Toronto"))
OVER = TUESDAY + timedelta(minutes=30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return make_user()


@pytest.fixture
def talk(actor):
    """A consultation that answers a request."""
    place = make_location()
    doctor, room = make_doctor(place), make_room(place)
    make_hours(doctor), make_hours(room)
    row = make_request()
    kind = AppointmentKind.CONSULTATION
    wanted = Talk(kind, row.patient, place, TUESDAY, doctor.pk, room.pk)
    return talks.book(wanted, key=uuid4(), actor=actor, now=NOW, request=row)


def on_wednesday(talk):
    return rules.moved(talk, TUESDAY + timedelta(days=1), None, None)


def stands():
    row = ConsultationRequest.objects.get()
    return row.status, row.appointment_id


def line():
    (row,) = requests.listed(Wanted(), now=NOW)
    return lines.sized_up([row], now=NOW)[0]


def cancel(talk, actor, now=NOW):
    return changes.cancel(talk, reason="Has a cold", actor=actor, now=now)


def complete(talk, actor):
    return changes.complete(talk, performed_at=OVER, actor=actor, now=OVER)


@pytest.mark.parametrize(
    "notice", [timedelta(hours=48), timedelta(hours=48, minutes=-1)]
)
def test_cancelled_in_time_or_late_it_is_to_be_answered_again(talk, actor, notice):
    cancel(talk, actor, TUESDAY - notice)

    assert stands() == (RequestStatus.CONTACTED, talk.pk)
    said = "The consultation on Tue 1 Dec, 11:00 was cancelled."
    assert line().fell_through == said


def test_missed_it_is_to_be_answered_again(talk, actor):
    changes.no_show(talk, actor=actor, now=TUESDAY)

    assert stands() == (RequestStatus.CONTACTED, talk.pk)
    said = "The consultation on Tue 1 Dec, 11:00 was missed."
    assert line().fell_through == said


def test_done_it_is_done_and_one_step_back_it_is_booked_again(talk, actor):
    complete(talk, actor)
    assert stands() == (RequestStatus.DONE, talk.pk)

    backwards.back(talk, actor=actor, now=OVER)

    assert stands() == (RequestStatus.BOOKED, talk.pk)


def test_taken_up_again_it_is_booked_again(talk, actor):
    cancel(talk, actor)

    backwards.reopen(talk, actor=actor, now=NOW)

    assert stands() == (RequestStatus.BOOKED, talk.pk)


def test_undone_it_stands_as_before(talk, actor):
    with undo.recording(talk, actor=actor, now=NOW) as record:
        cancel(talk, actor)

    undo.undo(record.token, actor=actor, now=NOW)

    assert stands() == (RequestStatus.BOOKED, talk.pk)


def test_a_booking_that_is_undone_leaves_a_request_to_answer(talk, actor):
    later = on_wednesday(talk)
    cancel(talk, actor)
    row = ConsultationRequest.objects.get()
    with undo.recording(talk, actor=actor, now=NOW) as record:
        talks.book(later, key=uuid4(), actor=actor, now=NOW, request=row)

    undo.undo(record.token, actor=actor, now=NOW)

    status, _talk = stands()
    assert status == RequestStatus.CONTACTED
    said = "The booking for Wed 2 Dec, 11:00 was taken back."
    assert line().fell_through == said


@pytest.mark.parametrize("step", [changes.confirm, changes.arrive])
def test_steps_between_leave_it_booked(talk, actor, step):
    step(talk, actor=actor, now=TUESDAY)

    assert stands() == (RequestStatus.BOOKED, talk.pk)


def test_what_a_person_said_of_it_meanwhile_stays(talk, actor):
    row = ConsultationRequest.objects.get()
    requests.move(row, RequestStatus.WITHDRAWN, seen="booked", actor=actor, now=NOW)

    cancel(talk, actor)

    assert stands() == (RequestStatus.WITHDRAWN, talk.pk)


def test_another_consultation_answers_it_and_the_old_one_no_longer_counts(talk, actor):
    wanted = on_wednesday(talk)
    cancel(talk, actor)
    row = ConsultationRequest.objects.get()
    other = talks.book(wanted, key=uuid4(), actor=actor, now=NOW, request=row)

    changes.complete(
        backwards.reopen(talk, actor=actor, now=NOW),
        performed_at=OVER,
        actor=actor,
        now=OVER,
    )

    assert stands() == (RequestStatus.BOOKED, other.pk)


def test_a_page_from_before_the_cancellation_is_told(talk, actor):
    row = ConsultationRequest.objects.get()
    cancel(talk, actor)

    with pytest.raises(BookingRefused, match="it is “Contacted” now"):
        requests.move(row, RequestStatus.DONE, seen="booked", actor=actor, now=NOW)


def test_page_and_inbox_say_what_became_of_it(as_desk, talk, actor):
    cancel(talk, actor)
    row = ConsultationRequest.objects.get()

    inbox = as_desk.get(reverse("desk:requests")).content.decode()
    page = as_desk.get(reverse("desk:request", args=[row.pk])).content.decode()

    said = "The consultation on Tue 1 Dec, 11:00 was cancelled."
    assert said in inbox
    assert said in page
    assert "Has a cold" in page
