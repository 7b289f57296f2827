"""Locations, people, rooms and devices: on one page, changed on their own, never deleted."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from bookings.models import AccessLog, Task
from bookings.services.setup import attention, overview
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_outage,
    make_place_with_people,
    make_practitioner,
    make_room,
    make_user,
)
from bookings.tests.test_series_book import book, make_approved, make_sessions
from clinic.models import Device, Location, Practitioner, Resource, Room
from clinic.roles import CLINICIAN

pytestmark = pytest.mark.django_db

SETUP = "/desk/setup/"


@pytest.fixture
def plan():
    """A series in the diary from a Monday to come on."""
    today = timezone.localdate()
    plan = make_approved(make_place_with_people())
    book(plan, make_sessions(plan, first=today + timedelta(days=21 - today.weekday())))
    return plan


def page_of(row):
    kind = "locations" if isinstance(row, Location) else f"{row.kind}s"
    return f"{SETUP}{kind}/{row.pk}/"


def typed(client, row, **changes):
    """What the form of `row` would post, but for the `changes`."""
    form = client.get(page_of(row)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    ticked = {name: "on" for name, value in shown.items() if value is True}
    values = {
        name: value
        for name, value in shown.items()
        if value not in (None, "", True, False)
    }
    data = values | ticked | changes
    return {name: value for name, value in data.items() if value is not None}


# --- What wants attention ---------------------------------------------------------------


def said(**fields):
    device = make_device(make_location(), **fields)
    make_hours(device)
    make_hours(make_practitioner(device.location))
    rows = list(overview.listed())
    return [
        one.words for one in attention.notices([device.location], rows, today=TODAY)
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (61, []),
        (
            60,
            [
                "Pen 1: its licence 100001 expires on Sat 23 Jan 2027. "
                "Nobody can book it for a later day."
            ],
        ),
        (
            0,
            [
                "Pen 1: its licence 100001 expires on Tue 24 Nov 2026. "
                "Nobody can book it for a later day."
            ],
        ),
        (
            -1,
            [
                "Pen 1: its licence 100001 expired on Mon 23 Nov 2026. "
                "Nobody can book it any more."
            ],
        ),
    ],
)
def test_a_licence_is_spoken_of_sixty_days_before(days, words):
    assert said(licence_expires_on=TODAY + timedelta(days=days)) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (61, []),
        (60, ["Pen 1 is due for service on Sat 23 Jan 2027."]),
        (0, ["Pen 1 is due for service on Tue 24 Nov 2026."]),
        (-1, ["Pen 1 was due for service on Mon 23 Nov 2026."]),
    ],
)
def test_service_is_spoken_of_sixty_days_before(days, words):
    assert said(service_due_on=TODAY + timedelta(days=days)) == words


def test_service_that_has_ended_is_spoken_of_the_day_after():
    assert said(in_service_until=TODAY) == []
    assert said(in_service_until=TODAY - timedelta(days=1)) == [
        "Pen 1 has been out of service since Mon 23 Nov 2026."
    ]


def test_what_is_out_of_use_wants_no_attention():
    assert said(licence_expires_on=date(2020, 1, 1), is_active=False) == []


def test_places_without_people_and_people_without_hours_are_named(as_manager):
    make_room(make_location(name="Westboro"))

    page = as_manager.get(SETUP).content.decode()

    assert "Nobody works at Westboro." in page
    assert "Room 1 has no hours, so nobody can book it." in page


# --- The overview -------------------------------------------------------------------


def test_the_overview_shows_who_and_what_is_there(as_manager):
    place = make_place_with_people()
    make_outage(resource=Device.objects.get(), declared_at=timezone.now())

    page = as_manager.get(SETUP).content.decode()

    for words in ("Centretown", "Dr Okafor", "Room 1", "Pen 1", "Mon–Fri 08:00–18:00"):
        assert words in page
    assert f"/desk/setup/locations/{place.pk}/" in page


def test_the_overview_costs_the_same_for_one_place_and_for_three(
    as_manager, count_queries
):
    make_place_with_people()
    one = count_queries(as_manager, SETUP)
    make_place_with_people()
    make_place_with_people()

    assert count_queries(as_manager, SETUP) == one


def test_absences_ahead_are_listed():
    make_outage()

    assert len(overview.of(now=NOW, today=TODAY).absences) == 1
    assert overview.of(now=NOW + timedelta(days=8), today=TODAY).absences == []


# --- Adding ---------------------------------------------------------------------------


def test_a_location_is_added(as_manager):
    data = {
        "name": "Kanata",
        "slug": "kanata",
        "address": "9 Teal Lane",
        "city": "Ottawa",
        "phone": "613-555-0144",
        "timezone": "America/Toronto",
        "is_active": "on",
    }

    answer = as_manager.post(f"{SETUP}locations/add/", data)

    assert answer.url == SETUP
    assert Location.objects.get().name == "Kanata"


def test_somebody_new_gets_hours_next(as_manager):
    place, account = make_location(), make_user(CLINICIAN)
    make_practitioner(place)
    data = {
        "name": "Dr Okafor",
        "credential": "MD",
        "location": place.pk,
        "user": account.pk,
        "skills": ["needling", "doctor"],
        "may_supervise": "on",
        "is_active": "on",
    }

    answer = as_manager.post(f"{SETUP}practitioners/add/", data)

    row = Practitioner.objects.get(user=account)
    assert answer.url == f"{SETUP}hours/{row.pk}/change/"
    assert (row.kind, row.code, row.skills, row.may_supervise) == (
        "practitioner",
        "dr-okafor",
        ["needling", "doctor"],
        True,
    )


def test_two_of_one_name_get_codes_of_their_own(as_manager):
    place = make_location()
    data = {"name": "Room 9", "location": place.pk, "is_active": "on"}

    for _turn in range(3):
        as_manager.post(f"{SETUP}rooms/add/", data)

    codes = Room.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["room-9", "room-9-2", "room-9-3"]


@pytest.mark.parametrize("kind", ["patients", "hours-of", "x"])
def test_there_is_no_page_for_other_kinds(as_manager, kind):
    assert as_manager.get(f"{SETUP}{kind}/add/").status_code == 404
    assert as_manager.get(f"{SETUP}{kind}/1/").status_code == 404


# --- Changing ----------------------------------------------------------------------------


def test_what_touches_nobody_is_saved_at_once(as_manager, plan):
    device = Device.objects.get()

    answer = as_manager.post(
        page_of(device), typed(as_manager, device, name="Pen One"), follow=True
    )

    assert "Saved. No booking is affected." in answer.content.decode()
    assert Device.objects.get().name == "Pen One"


def test_a_licence_that_ends_before_a_booking_shows_it_first(as_manager, plan):
    device = Device.objects.get()
    data = typed(as_manager, device, licence_expires_on=timezone.localdate())

    answer = as_manager.post(page_of(device), data)

    page = answer.content.decode()
    assert "3 bookings would no longer stand" in page
    assert "its licence 100001 is valid only until" in page
    assert Device.objects.get().licence_expires_on == date(2030, 12, 31)
    logged = AccessLog.objects.filter(what="set-up", patient=plan.patient)
    assert logged.count() == 1

    agreed = answer.context["saving"].agreement
    as_manager.post(page_of(device), data | {"agreed": agreed})

    assert Device.objects.get().licence_expires_on == timezone.localdate()
    assert Task.objects.open().count() == 3


def test_taking_a_room_out_of_use_keeps_it_and_opens_a_task_a_booking(as_manager, plan):
    room = Room.objects.get()
    data = typed(as_manager, room, is_active=None)
    agreed = as_manager.post(page_of(room), data).context["saving"].agreement

    as_manager.post(page_of(room), data | {"agreed": agreed})

    assert not Room.objects.get().is_active
    assert Task.objects.open().count() == 3
    page = as_manager.get(SETUP).content.decode()
    assert "Out of use" in page


def test_nothing_can_be_deleted(as_manager, plan):
    room = Room.objects.get()

    assert as_manager.delete(page_of(room)).status_code == 405
    assert (
        "Nothing is deleted: the history stays."
        in as_manager.get(page_of(room)).content.decode()
    )


def test_a_save_from_a_page_that_is_old_shows_both_versions(as_manager):
    room = make_room()
    data = typed(as_manager, room, name="Blue room")
    Resource.objects.filter(pk=room.pk).update(name="Green room")

    answer = as_manager.post(page_of(room), data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Green room" in page
    assert 'value="Blue room"' in page
    assert Room.objects.get().name == "Green room"
    sheets = [finders.find(name) for name in re.findall(r"css/\w+\.css", page)]
    assert any(".cd-stale {" in Path(sheet).read_text() for sheet in sheets if sheet)

    again = data | {"seen": answer.context["form"].data["seen"]}
    as_manager.post(page_of(room), again)

    assert Room.objects.get().name == "Blue room"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timezone": "Ottawa"}, "is no time zone; use a name such as"),
        ({"name": ""}, "This field is required."),
        ({"slug": "Centre Town"}, "Enter a valid “slug”"),
    ],
)
def test_a_location_is_refused_in_words(as_manager, changes, words):
    place = make_location()

    answer = as_manager.post(page_of(place), typed(as_manager, place, **changes))

    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"health_canada_class": "1"}, "must be registered as a Class 2"),
        ({"in_service_until": "2019-12-31"}, "Service cannot end before it starts."),
        ({"licence_expires_on": ""}, "This field is required."),
        ({"licence_expires_on": "1066-10-14"}, "Give a day between 2000 and 2099."),
    ],
)
def test_a_device_is_refused_in_words(as_manager, changes, words):
    device = make_device()

    answer = as_manager.post(page_of(device), typed(as_manager, device, **changes))

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_an_account_belongs_to_one_practitioner(as_manager):
    doctor = make_doctor(user=make_user(CLINICIAN))
    other = make_practitioner(doctor.location)

    data = typed(as_manager, other, user=doctor.user_id)
    answer = as_manager.post(page_of(other), data)

    assert answer.status_code == 422
    assert "Select a valid choice." in answer.content.decode()
    assert (
        as_manager.post(page_of(doctor), typed(as_manager, doctor)).status_code == 302
    )
