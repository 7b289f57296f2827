"""The page of one appointment: what it is, what surrounds it, what became of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from psycopg2.extras import DateTimeTZRange

from bookings.models import AccessLog, AppointmentStatus
from bookings.tests.factories import NOW, make_appointment, make_plan

pytestmark = pytest.mark.django_db


def page(client, appointment):
    return client.get(reverse("desk:appointment", args=[appointment.pk]))


def test_it_names_the_session_and_draws_the_series(as_desk):
    visit = make_appointment(plan=make_plan(session_count=3), number=2)

    shown = page(as_desk, visit).content.decode()

    assert "session 2 of 3" in shown
    assert "cd-ribbon" in shown


def test_a_look_at_it_is_logged(as_desk):
    visit = make_appointment(plan=make_plan())

    page(as_desk, visit)

    assert AccessLog.objects.get().what == "appointment"


def test_a_consultation_has_no_series(as_desk):
    shown = page(as_desk, make_appointment())

    assert shown.context["series"] is None


def test_its_history_is_told_latest_first(as_desk):
    visit = make_appointment(plan=make_plan())
    later = NOW + timedelta(days=20)
    visit.during = DateTimeTZRange(later, later + timedelta(minutes=70))
    visit.reason = "She asked"
    visit.save()
    visit.status = AppointmentStatus.CANCELLED
    visit.save()

    told = page(as_desk, visit).context["history"]

    assert [(change.words, change.why) for change in told] == [
        ("Cancelled", ""),
        ("Moved to Mon 14 Dec 2026, 10:00", "She asked"),
        ("Booked for Tue 8 Dec 2026, 10:00", ""),
    ]


def test_it_costs_the_same_however_long_its_history(as_desk, count_queries):
    visit = make_appointment(plan=make_plan())
    address = reverse("desk:appointment", args=[visit.pk])
    page(as_desk, visit)
    changed(visit, "one")
    short = count_queries(as_desk, address)
    changed(visit, "two", "three", "four")

    assert count_queries(as_desk, address) == short


def changed(visit, *reasons):
    for reason in reasons:
        visit.reason = reason
        visit.save()
