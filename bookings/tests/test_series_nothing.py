"""Nothing fits: who is missing, what one click would change, and never a medical rule."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentKind, Claim, ClaimReason
from bookings.tests.factories import (
    make_answers,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_room,
)
from bookings.tests.series_desk import make_signed, propose
from clinic.models import Device, Practitioner

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    return make_signed()


def tomorrow():
    return timezone.now().date() + timedelta(days=1)


def asked(**changed):
    usual = {
        "earliest": tomorrow().isoformat(),
        "days": ["0", "1", "2", "3", "4"],
        "arrive_from": "09:00",
        "arrive_until": "11:00",
        "policy": "anyone",
    }
    return usual | changed


def nothing(client, plan, **changed):
    return propose(client, plan, **asked(**changed)).context["answer"].nothing


def out_of_use(resource):
    """It is taken for the next two years."""
    now = timezone.now()
    Claim.objects.create(
        resource=resource,
        during=(now, now + timedelta(days=800)),
        why=ClaimReason.ABSENCE,
    )


def test_the_one_who_is_taken_is_named(as_desk, plan):
    out_of_use(Practitioner.objects.get(location=plan.location))

    said = nothing(as_desk, plan)

    assert said.where.startswith("Session 1 fits nowhere from ")
    assert said.who == ["Dr Okafor is taken at every time asked for."]


def test_things_are_counted(as_desk, plan):
    make_hours(make_device(plan.location, name="Pen 2"))
    for device in Device.objects.filter(location=plan.location):
        out_of_use(device)

    said = nothing(as_desk, plan)

    assert said.who == ["Both needling devices are taken at every time asked for."]


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("licence_expires_on", "its licence 100001 is valid only until"),
        ("in_service_until", "it is in service only until"),
    ],
)
def test_a_device_that_may_not_be_used_any_more_says_so(as_desk, plan, field, why):
    today = timezone.localdate()
    Device.objects.update(**{field: today})

    said = nothing(as_desk, plan)

    assert said.who == [
        "No needling device is there at the days and times asked for.",
        f"Pen 1 may not be used then: {why} {date_format(today, 'D j M Y')}.",
    ]


def test_hours_when_nobody_is_there_are_called_that(as_desk, plan):
    said = nothing(as_desk, plan, days=["5"])

    assert said.who == ["Nobody is at Centretown then."]


def test_somebody_missing_for_good_is_said_plainly(as_desk):
    place = make_location(name="Westboro")
    for make in (make_doctor, make_room):
        make_hours(make(place))

    response = propose(as_desk, make_signed(place), **asked())

    said = response.context["answer"].nothing
    assert said.who == ["Westboro has no needling device for this treatment."]
    assert said.remedies == []
    assert "Try more days" not in response.content.decode()


def test_a_patient_who_comes_for_something_else_is_named(as_desk, plan):
    day = tomorrow() + timedelta(days=-tomorrow().weekday() % 7)
    for week in range(40):
        start = timezone.now().replace(hour=15, minute=0, second=0, microsecond=0)
        start += timedelta(days=(day - start.date()).days + 7 * week)
        Appointment.objects.create(
            kind=AppointmentKind.CONSULTATION,
            patient=plan.patient,
            location=plan.location,
            during=DateTimeTZRange(start, start + timedelta(minutes=30)),
        )

    said = nothing(as_desk, plan, days=["0"])

    assert said.who == [
        "Ada Lovelace has another appointment on every day that is left."
    ]


def test_each_remedy_is_one_click_and_keeps_its_promise(as_desk, plan):
    response = propose(as_desk, plan, **asked(days=["5"], policy="one"))

    remedies = response.context["answer"].nothing.remedies
    place = reverse("desk:series-propose", args=[plan.pk])
    assert remedies
    for remedy in remedies:
        assert f"{place}?{remedy.query}".replace("&", "&amp;") in (
            response.content.decode()
        )
        then = as_desk.get(f"{place}?{remedy.query}").context
        proposals = then["answer"].proposals
        finishes = {p.strategy: p.finish for p in proposals}
        assert remedy.effect.endswith(f"{finishes['earliest-finish']:%b}")
        assert then["form"]["policy"].value() == "one"


def test_dates_to_avoid_are_named_and_can_be_given_up(as_desk, plan):
    first = tomorrow()
    last = first + timedelta(days=500)
    dates = {
        "avoid_1_first": first.isoformat(),
        "avoid_1_last": last.isoformat(),
        "avoid_1_label": "The long trip",
    }

    said = nothing(as_desk, plan, **dates)

    assert said.who[0].startswith("The long trip, ")
    assert said.remedies[0].words.startswith("Give up The long trip, ")


def test_times_that_no_page_offers_are_no_remedy(as_desk):
    place = make_location()
    for make in (make_doctor, make_room, make_device):
        make_hours(make(place), opens="05:00", closes="06:30")
    plan = make_signed(place)

    said = nothing(as_desk, plan)

    assert said.remedies == []


def test_a_medical_rule_is_never_a_remedy(as_desk, plan):
    last_dose = timezone.now().date() - timedelta(days=30)
    make_answers(
        plan, isotretinoin="yes", on_date=last_dose, answered_at=timezone.now()
    )
    out_of_use(Practitioner.objects.get(location=plan.location))
    response = propose(as_desk, plan, **asked(days=["5"]))

    answer = response.context["answer"]
    for remedy in answer.nothing.remedies:
        assert "earliest" in remedy.query
        assert "not_before" not in remedy.query
    first = response.context["first_allowed"]
    assert f"earliest={first.isoformat()}" in answer.query


def test_nothing_by_hand_is_offered_where_nothing_fits(as_desk, plan):
    page = propose(as_desk, plan, **asked(days=["5"])).content.decode()

    assert "Choose each session by hand" not in page
    assert "Export this problem" in page
