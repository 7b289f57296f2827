"""Who supervises is said where a session is looked at: drawer, diary, sheet, set-up."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import Appointment
from bookings.services.supervising import premises
from bookings.services.supervising.premises import Note
from bookings.tests.daybook import Clinic
from bookings.tests.factories import make_doctor, make_hours
from bookings.tests.supervised import (
    DOCTOR,
    at,
    make_dermal,
    make_dermal_protocol,
    make_place,
)
from bookings.tests.test_series_book import FIRST, book
from clinic.models import Device, Practitioner

pytestmark = pytest.mark.django_db


def notes(plan, hour=10, **changes):
    book(plan, [at(plan, hour, **changes)])
    return premises.notes(Appointment.objects.with_people().get())


# --- One session ----------------------------------------------------------------------


def test_a_dermal_session_says_who_supervises_and_when():
    plan = make_dermal()
    make_hours(make_doctor(plan.location, name="Dr Roy", skills=["doctor"]))

    assert notes(plan) == [
        Note("person-check", "Supervising from 10:30 to 11:00: Dr Beaulieu and Dr Roy")
    ]


def test_whoever_leaves_meanwhile_is_not_named():
    plan = make_dermal()
    roy = make_doctor(plan.location, name="Dr Roy", skills=["doctor"])
    make_hours(roy, closes=time(10, 59))

    assert notes(plan)[0].words == "Supervising from 10:30 to 11:00: Dr Beaulieu"


def test_a_session_that_nobody_supervises_says_so():
    plan = make_dermal()
    book(plan, [at(plan, 10)])
    Practitioner.objects.filter(name=DOCTOR).update(may_supervise=False)

    found = premises.notes(Appointment.objects.with_people().get())

    words = "Nobody who may supervise is there from 10:30 to 11:00."
    assert found == [Note("exclamation-triangle", words)]
    assert found[0].is_stop


def test_a_session_in_the_epidermis_needs_nobody():
    plan = make_dermal(target_layer="epidermis")

    words = "Epidermis only: no supervising doctor is needed."
    assert notes(plan, 15, supervisor=False) == [Note("person-check", words)]


def test_service_that_is_due_before_the_session_is_said_beside_it():
    plan = make_dermal()
    Device.objects.update(service_due_on=FIRST - timedelta(days=1))

    assert notes(plan)[1].words == (
        "Pen 1 is due for service by 7 Dec 2026, before this session."
    )


def test_the_drawer_says_it(as_desk):
    plan = make_dermal()
    book(plan, [at(plan, 10)])

    page = as_desk.get(reverse("desk:drawer", args=[Appointment.objects.get().pk]))

    words = "Supervising from 10:30 to 11:00: Dr Beaulieu"
    assert words in page.content.decode()


# --- The diary ------------------------------------------------------------------------


def dermal_day(**plan_fields):
    """A clinic whose nurse has a dermal session while its doctor is there."""
    clinic = Clinic()
    clinic._protocol = make_dermal_protocol()
    clinic.session(10, **plan_fields)
    return clinic


def flags(clinic):
    return [block["flags"] for block in clinic.look()["blocks"]]


def test_the_diary_flags_what_nobody_supervises():
    clinic = dermal_day()
    assert not any("alone" in found for found in flags(clinic))

    Practitioner.objects.filter(pk=clinic.doctor.pk).update(may_supervise=False)

    assert all("alone" in found for found in flags(clinic))


def test_the_agenda_names_who_supervises_with_their_hours(as_desk):
    place = make_place()
    plan = make_dermal(place)
    book(plan, [at(plan, 10)])

    page = day_page(as_desk, place)

    assert f"Supervising: {DOCTOR} 8:00–12:00" in page


def test_the_agenda_says_where_nobody_does(as_desk):
    place = make_place()
    plan = make_dermal(place, target_layer="epidermis")
    book(plan, [at(plan, 10, supervisor=False)])
    Practitioner.objects.filter(name=DOCTOR).update(may_supervise=False)

    words = "Nobody who may supervise is there: work in the epidermis only."
    assert words in day_page(as_desk, place)


def day_page(client, place):
    asked = {"date": FIRST.isoformat(), "location": place.slug, "view": "list"}
    return client.get(reverse("desk:day"), asked).content.decode()


def test_the_sheet_says_it_too(as_desk):
    place = make_place()
    plan = make_dermal(place)
    book(plan, [at(plan, 10)])
    asked = {"date": FIRST.isoformat(), "location": place.slug}

    page = as_desk.get(reverse("desk:day-sheet"), asked).content.decode()

    assert f"Supervising: {DOCTOR} 8:00–12:00" in page


# --- Setting it up --------------------------------------------------------------------


def test_the_overview_says_who_may_and_who_may_not(as_manager):
    make_place()

    page = as_manager.get(reverse("desk:setup")).content.decode()

    assert page.count("May supervise dermal work") == 1
    assert page.count("In the dermis only while a doctor is there") == 1


def test_taking_the_tick_away_lists_the_sessions_first(as_manager):
    plan = make_dermal()
    day = timezone.localdate() + timedelta(days=30)
    day += timedelta(days=-day.weekday())
    book(plan, [at(plan, 10, day=max(day, FIRST))])
    doctor = Practitioner.objects.get(name=DOCTOR)
    page = reverse("desk:setup-edit", args=["practitioners", doctor.pk])
    form = as_manager.get(page).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {k: v for k, v in data.items() if v not in (None, "", False)}
    del data["may_supervise"]

    answer = as_manager.post(page, data)

    shown = answer.content.decode()
    assert "1 booking would no longer stand" in shown
    assert "Nobody who may supervise is there then." in shown
    assert Practitioner.objects.get(pk=doctor.pk).may_supervise
