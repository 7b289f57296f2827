"""Every list of the desk as a file: all rows, the page's filters, and who took it."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AccessLog, PlanStatus
from bookings.tests.factories import (
    make_appointment,
    make_location,
    make_outage,
    make_patient,
    make_plan,
    make_protocol,
    make_request,
    make_task,
    make_user,
)
from bookings.tests.letterbox import make_message
from bookings.tests.waiting import make_entry

pytestmark = pytest.mark.django_db


def make_signed(patient):
    now = timezone.now()
    return make_plan(
        patient=patient,
        status=PlanStatus.APPROVED,
        reviewed_by=make_user(),
        reviewed_at=now,
        protocol=make_protocol(),
    )


def make_coming(patient):
    return make_appointment(
        patient=patient, starts_at=timezone.now() + timedelta(hours=26)
    )


def make_letter(patient):
    visit = make_coming(patient)
    return make_message(visit, dedupe_key=f"letter {visit.pk}")


LISTS = {
    "desk:series-list": make_signed,
    "desk:confirmations": make_coming,
    "desk:requests": lambda patient: make_request(patient=patient),
    "desk:waiting": lambda patient: make_entry(plan=make_plan(patient=patient)),
    "desk:tasks": lambda patient: make_task(patient=patient),
    "desk:messages": make_letter,
}


def rows_of(client, name, **query):
    answer = client.get(reverse(name), {"format": "csv", **query})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_a_file_with_names_and_numbers(as_desk, name):
    patient = make_patient(first_name="Élodie", last_name="Roy", phone="+16135550142")
    LISTS[name](patient)

    head, *rows = rows_of(as_desk, name)

    assert len(rows) == 1
    assert len(rows[0]) == len(head)
    assert "Élodie Roy" in rows[0]
    if name != "desk:messages":
        assert rows[0][head.index("Phone")] == "(613) 555-0142"


@pytest.mark.parametrize("name", LISTS)
def test_who_took_the_names_is_remembered_once_a_patient(as_desk, desk, name):
    patient = make_patient()
    LISTS[name](patient)

    rows_of(as_desk, name)

    log = AccessLog.objects.get()
    assert (log.user, log.patient) == (desk, patient)


@pytest.mark.parametrize("name", LISTS)
def test_a_file_costs_the_same_for_one_row_and_three(as_desk, count_queries, name):
    address = f"{reverse(name)}?format=csv"
    LISTS[name](make_patient())
    as_desk.get(address)
    one = count_queries(as_desk, address)
    for number in range(2):
        LISTS[name](make_patient(last_name=f"Roy {number}"))

    assert count_queries(as_desk, address) == one
    assert len(rows_of(as_desk, name)) == 4


@pytest.mark.parametrize("name", [*LISTS, "desk:outages"])
def test_the_page_leads_to_its_file_and_keeps_the_filters(as_desk, name):
    place = make_location()

    page = as_desk.get(reverse(name), {"location": place.slug, "page": "2"})

    link = f'href="{reverse(name)}?location={place.slug}&amp;format=csv"'
    assert link in page.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_gets_no_file(as_stranger, name):
    assert as_stranger.get(reverse(name), {"format": "csv"}).status_code == 403


def test_all_rows_are_in_the_file_not_a_page(as_desk):
    for _number in range(30):
        make_request()

    assert len(rows_of(as_desk, "desk:requests")) == 31


def test_the_filters_of_the_page_hold_for_the_file(as_desk):
    place = make_location()
    make_request(location=place), make_request()

    assert len(rows_of(as_desk, "desk:requests", location=place.slug)) == 2
    assert len(rows_of(as_desk, "desk:requests", state="done")) == 1


def test_what_a_patient_wrote_cannot_act_as_a_formula(as_desk):
    make_request(words="=HYPERLINK(1)\nand é")

    head, row = rows_of(as_desk, "desk:requests")

    assert row[head.index("In their own words")] == "'=HYPERLINK(1)\nand é"


def test_outages_are_a_file_of_all_that_were(as_desk):
    for _number in range(22):
        make_outage()

    head, *rows = rows_of(as_desk, "desk:outages")

    assert len(rows) == 22
    assert rows[0][head.index("Reason")] == "Broken"
    assert not AccessLog.objects.exists()
