"""One device: the sessions to come and past, and what plans are told of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import AccessLog, Appointment, AppointmentStatus
from bookings.services.setup import devices
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_device,
    make_doctor,
    make_location,
    make_place_with_people,
    make_practitioner,
)
from bookings.tests.records import make_session, sign
from bookings.tests.test_series_book import FIRST, book, make_approved, make_sessions
from bookings.tests.test_setup_pages import typed
from clinic.models import Device, Practitioner

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    """A booked series on Tue 8 Dec, 26 Jan and 16 Mar with Pen 1."""
    plan = make_approved(make_place_with_people())
    book(plan)
    return plan


def pen():
    return Device.objects.get(name="Pen 1")


def page_of(device):
    return f"/desk/setup/devices/{device.pk}/sessions/"


def numbers(found):
    return [one.appointment.number for one in found]


# --- Which sessions -------------------------------------------------------------------


def test_the_sessions_that_use_a_device_are_listed_the_next_first(plan):
    uses = devices.uses(pen(), now=NOW)

    assert numbers(uses.to_come) == [1, 2, 3]
    assert (uses.past_count, uses.stopped) == (0, 0)


def test_another_device_has_none_of_them(plan):
    assert not devices.uses(make_device(plan.location), now=NOW).to_come


def test_what_lies_after_the_licence_is_marked(plan):
    Device.objects.update(licence_expires_on=FIRST + timedelta(days=49))

    uses = devices.uses(pen(), now=NOW)

    assert [bool(one.why) for one in uses.to_come] == [False, False, True]
    assert uses.to_come[2].why == (
        "its licence 100001 is valid only until Tue 26 Jan 2027"
    )


def test_a_session_that_was_done_has_used_what_it_was_booked_with(plan):
    Appointment.objects.filter(number=1).update(status=AppointmentStatus.DONE)

    uses = devices.uses(pen(), now=NOW)

    assert (numbers(uses.to_come), numbers(uses.past)) == ([2, 3], [1])


def test_what_the_record_says_counts_before_what_was_booked():
    session = make_session()
    booked = next(one for one in session.resources if one.kind == "device").device
    other = make_device(session.location, name="Pen 2")
    Appointment.objects.filter(pk=session.pk).update(status=AppointmentStatus.DONE)

    sign(session, device=other)

    assert devices.uses(booked, now=NOW).past_count == 0
    assert devices.uses(other, now=NOW).past_count == 1


def test_three_sessions_cost_as_many_queries_as_one(plan):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert devices.uses(pen(), now=NOW).patients
        return len(found)

    three = count()
    Appointment.objects.filter(number__gt=1).update(status=AppointmentStatus.CANCELLED)

    assert count() == three


def test_staff_see_the_sessions_and_the_look_is_kept(as_desk):
    today = timezone.localdate()
    first = today + timedelta(days=21 - today.weekday())
    plan = make_approved(make_place_with_people())
    book(plan, make_sessions(plan, first=first))
    Device.objects.update(licence_expires_on=first)

    page = as_desk.get(page_of(pen())).content.decode()

    assert "Ada Lovelace" in page
    assert "2 bookings lie on days on which it may not be used." in page
    assert AccessLog.objects.get().what == "device"
    assert f'/desk/setup/devices/{pen().pk}/"' not in page


def test_the_list_comes_as_a_file(as_manager, plan):
    answer = as_manager.get(page_of(pen()), {"format": "csv"})

    lines = answer.content.decode().splitlines()
    assert lines[0].endswith("When,Patient,What,With,Status,To mind")
    assert lines[1] == (
        "2026-12-08 10:00,Ada Lovelace,Session 1 of 3,Dr Okafor,Booked,"
    )


# --- What plans are told --------------------------------------------------------------


def told(plan):
    found = devices.of_plan(plan, now=NOW)
    return [(one.device.name, [note.words for note in one.notes]) for one in found]


def test_a_plan_is_told_of_the_devices_that_its_sessions_may_use(plan):
    make_device(plan.location, name="RF 1", skills=["rf"])
    make_device(make_location(), name="Pen 9")
    make_device(plan.location, name="Old pen", is_active=False)

    assert told(plan) == [("Pen 1", [])]


def test_a_licence_that_ends_before_the_series_does_is_said(plan):
    last = FIRST + timedelta(days=98)
    Device.objects.update(licence_expires_on=last)
    assert told(plan) == [("Pen 1", [])]

    Device.objects.update(licence_expires_on=last - timedelta(days=1))
    assert told(plan) == [
        (
            "Pen 1",
            [
                "Pen 1: its licence 100001 is valid only until Mon 15 Mar 2027, and "
                "the series goes on until 16 Mar 2027 or later."
            ],
        )
    ]


def test_service_that_is_overdue_is_said(plan):
    Device.objects.update(service_due_on=TODAY - timedelta(days=1))

    assert told(plan) == [("Pen 1", ["Pen 1 was due for service on Mon 23 Nov 2026."])]


@pytest.mark.parametrize(("days", "is_told"), [(-1, True), (0, False)])
def test_a_session_warns_of_service_that_is_due_before_it(plan, days, is_told):
    Device.objects.update(service_due_on=FIRST + timedelta(days=days))
    session = Appointment.objects.with_people().get(number=1)

    assert bool(devices.warnings(session)) == is_told


# --- Setting it up --------------------------------------------------------------------


def test_only_a_doctor_is_ticked_to_supervise(as_manager):
    nurse = make_practitioner(make_location())
    make_doctor()
    page = f"/desk/setup/practitioners/{nurse.pk}/"

    answer = as_manager.post(page, typed(as_manager, nurse, may_supervise="on"))

    assert answer.status_code == 422
    assert "Only a doctor may supervise" in answer.content.decode()
    assert not Practitioner.objects.get(pk=nurse.pk).may_supervise


def test_a_centrifuge_gets_no_skill_to_needle(as_manager):
    device = make_device(make_location())
    page = f"/desk/setup/devices/{device.pk}/"
    data = typed(as_manager, device, device_kind="centrifuge", health_canada_class="1")

    answer = as_manager.post(page, data)

    assert answer.status_code == 422
    assert "It cannot needle" in answer.content.decode()


def test_a_long_list_is_cut_but_for_what_may_not_be(plan):
    last = FIRST + timedelta(days=50)
    Device.objects.update(licence_expires_on=last)

    uses = devices.uses(pen(), now=NOW, most=1)

    assert (numbers(uses.to_come), uses.coming_count) == ([1, 3], 3)
