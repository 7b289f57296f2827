"""A location that is out of use takes no more bookings; who is away is said by name."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from bookings.models import Appointment, OutageKind
from bookings.services.appointing import drafts, single, talk_moves, talks
from bookings.services.appointing.drafts import Draft, Option
from bookings.services.moves import moving
from bookings.services.moves.wishing import ANYONE
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_doctor,
    make_hours,
    make_outage,
    make_patient,
    make_place_with_people,
    make_user,
)
from bookings.tests.series_desk import make_signed, propose
from bookings.tests.test_series_book import FIRST, book, local, make_approved
from bookings.tests.test_series_nothing import asked
from bookings.tests.test_talks import HALF, TUESDAY, talk_at
from clinic.models import Device, Location, Practitioner, Room

pytestmark = pytest.mark.django_db

REFUSED = "Centretown is no longer in use, so nothing can be booked there"
DAY = timedelta(days=1)


@pytest.fixture
def place():
    return make_place_with_people()


def close(place):
    Location.objects.filter(pk=place.pk).update(is_active=False)
    place.refresh_from_db()


def booking(**about):
    return {"key": uuid4(), "actor": make_user(), "now": NOW} | about


def book_session(plan):
    return single.book(plan, 1, local(FIRST), **booking())


# --- A location out of use --------------------------------------------------------------


def test_no_series_is_booked_there(place):
    plan = make_approved(place)
    close(place)

    with pytest.raises(BookingRefused, match=REFUSED):
        book(plan)


def test_no_single_session_is_booked_there(place):
    plan = make_approved(place)
    close(place)

    with pytest.raises(BookingRefused, match=REFUSED):
        book_session(plan)


def test_no_talk_is_booked_there(place):
    talk = talk_at(place)
    close(place)

    with pytest.raises(BookingRefused, match=REFUSED):
        talks.book(talk, **booking())


def test_what_stands_there_moves_to_no_other_day(place):
    actor = make_user()
    session = book(make_approved(place)).appointments.get(number=1)
    talk = talks.book(talk_at(place), **booking())
    close(place)
    about = {"actor": actor, "now": NOW, "version": talk.version}
    there = TUESDAY + DAY

    for act in (
        lambda: moving.options(session, now=NOW),
        lambda: moving.propose(session, session.starts_at + DAY, now=NOW),
        lambda: talk_moves.propose(talk, there, ANYONE, now=NOW),
        lambda: talks.move(talk, there, **about),
    ):
        with pytest.raises(BookingRefused, match=REFUSED):
            act()

    assert Appointment.objects.get(pk=talk.pk).starts_at == TUESDAY
    assert moving.repair(session.plan, now=NOW).refusal.startswith(REFUSED)


def test_the_dialog_says_so_and_the_visit_can_be_cancelled(as_desk, place):
    talk = talks.book(talk_at(place), **booking())
    close(place)
    there = reverse("desk:appointment-move", args=[talk.pk])

    answer = as_desk.get(f"{there}?day={(TUESDAY + DAY).date()}&time=11:00")

    assert answer.status_code == 422
    assert REFUSED in answer.content.decode()


def test_the_search_for_a_series_says_so(as_desk):
    plan = make_signed()
    close(plan.location)

    said = propose(as_desk, plan, **asked()).context["answer"].nothing

    assert said.who == ["Centretown is no longer in use."]


# --- Who or what is not there -----------------------------------------------------------


def draft(place, plan=None, **changes):
    option = Option("consultation", "Consultation", 30)
    if plan:
        option = Option("session", "Session 1", 70, plan, 1, 3)
    facts = {"location": place, "option": option, "first": FIRST, "start": TUESDAY}
    return Draft(
        **facts | {"patient": plan.patient if plan else make_patient()} | changes
    )


def look(*about, **changes):
    return drafts.look(draft(*about, **changes), now=NOW)


def test_a_licence_that_ends_the_day_before_is_said_on_the_booking_page(place):
    plan = make_approved(place)
    Device.objects.update(licence_expires_on=FIRST - DAY)

    said = look(place, plan, start=local(FIRST)).refusal

    why = "its licence 100001 is valid only until Mon 7 Dec 2026."
    assert said.startswith("Not everybody and everything the session needs is free")
    assert f"Pen 1 is not available on Tue 8 Dec 2026 at 10:30: {why}" in said
    with pytest.raises(BookingRefused, match="its licence 100001 is valid only until"):
        book_session(plan)


def test_on_the_last_day_of_its_licence_nothing_is_refused(place):
    plan = make_approved(place)
    Device.objects.update(licence_expires_on=FIRST)

    assert look(place, plan, start=local(FIRST)).refusal == ""


def test_a_device_out_of_service_is_said_until_when(place):
    plan = make_approved(place)
    start = local(FIRST)
    make_outage(
        resource=Device.objects.get(),
        during=(start, start + DAY),
        kind=OutageKind.OUT_OF_SERVICE,
    )

    said = look(place, plan, start=start).refusal

    words = "Pen 1 is not available on Tue 8 Dec 2026 at 10:30: out of service until"
    assert f"{words} Wed 9 Dec, 10:00." in said


def test_a_doctor_who_is_away_is_said_until_when(place):
    doctor = Practitioner.objects.get()
    make_outage(
        resource=doctor, during=(TUESDAY, TUESDAY + HALF), kind=OutageKind.ABSENCE
    )

    said = look(place).refusal

    words = "Dr Okafor is not available on Tue 1 Dec 2026 at 11:00: absent until"
    assert f"{words} Tue 1 Dec, 11:30." in said
    with pytest.raises(BookingRefused, match="absent until Tue 1 Dec, 11:30"):
        talks.book(talk_at(place), **booking())


def test_who_is_away_beside_who_could_stand_in_is_said_too(place):
    away = Practitioner.objects.get()
    make_hours(make_doctor(place, name="Dr Roy"))
    make_outage(
        resource=away, during=(TUESDAY, TUESDAY + HALF), kind=OutageKind.ABSENCE
    )

    said = look(place, practitioner=away.pk)

    assert said.place.practitioner != away.pk
    assert "It would be with Dr Roy" in said.instead
    assert "absent until Tue 1 Dec, 11:30" in said.instead


def test_whoever_is_there_but_taken_is_not_called_away(place):
    talks.book(talk_at(place), **booking())

    said = look(place, room=Room.objects.get().pk).refusal

    assert said == "Nobody is free then who does consultations, or no room is."
