"""Finding from anywhere: names, phone tails, birth dates, booking codes, the last ones."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from bookings.models import AppointmentStatus
from bookings.services import finding, patients
from bookings.services.people import birthdays
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_location,
    make_patient,
    make_plan,
)

pytestmark = pytest.mark.django_db

FIND = reverse("desk:find")
BORN = date(1985, 4, 12)


def people(words, user):
    found = finding.find(words, user=user, now=NOW)
    return [person.patient for person in found.people]


# --- Names and numbers ---------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["helene", "HÉLÈNE", "hel", "cote", "côté hél", "ele"]
)
def test_a_name_is_found_by_any_part_in_any_order_without_accents(desk, words):
    helene = make_patient(first_name="Hélène", last_name="Côté")
    make_patient(first_name="Grant", last_name="Mowbray")

    assert people(words, desk) == [helene]


def test_every_word_counts(desk):
    make_patient(first_name="Hélène", last_name="Côté")

    assert people("helene mowbray", desk) == []


def test_a_name_that_begins_with_the_words_comes_first(desk):
    inside = make_patient(first_name="Ada", last_name="Arnold")
    begins = make_patient(first_name="Nolan", last_name="Zorn")
    surname = make_patient(first_name="Una", last_name="Nolte")

    assert people("nol", desk) == [surname, begins, inside]


@pytest.mark.parametrize("words", ["142", "0142", "555-0142", "(613) 555 0142"])
def test_three_digits_of_a_phone_number_are_enough(desk, words):
    maya = make_patient(phone="+16135550142")
    make_patient(phone="+16135550199")

    assert people(words, desk) == [maya]


def test_two_digits_find_no_phone_number(desk):
    make_patient(phone="+16135550142")

    assert people("42", desk) == []


def test_a_name_and_a_phone_number_narrow_each_other(desk):
    make_patient(last_name="Tremblay", phone="+16135550111")
    maya = make_patient(last_name="Tremblay", phone="+16135550142")

    assert people("tremblay 0142", desk) == [maya]


def test_signs_of_a_pattern_are_only_signs(desk):
    make_patient()

    assert people("%", desk) == people("_", desk) == []


# --- Birth dates ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "1985-04-12",
        "1985/4/12",
        "12/4/1985",
        "12.04.1985",
        "12 Apr 1985",
        "12 april 1985",
        "April 12, 1985",
        "12 avril 1985",
        "12 avr. 1985",
    ],
)
def test_a_birth_date_is_found_as_people_say_it(desk, words):
    anouk = make_patient(birth_date=BORN)
    make_patient(birth_date=BORN + timedelta(days=1))

    assert people(words, desk) == [anouk]


def test_a_name_and_a_birth_date_narrow_each_other(desk):
    make_patient(first_name="Bea", birth_date=BORN)
    anouk = make_patient(first_name="Anouk", birth_date=BORN)

    assert people("anouk 12 Apr 1985", desk) == [anouk]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1er janvier 1990", date(1990, 1, 1)),
        ("2 août 1990", date(1990, 8, 2)),
        ("12 déc 1990", date(1990, 12, 12)),
        ("3 juin 1990", date(1990, 6, 3)),
        ("3 juillet 1990", date(1990, 7, 3)),
        ("4/13/1990", date(1990, 4, 13)),  # no 13th month: month first
        ("13/4/1990", date(1990, 4, 13)),
        ("31/2/1990", None),
        ("1985", None),
        ("12 foo 1985", None),
        ("12/4", None),
    ],
)
def test_dates_are_read_day_first_and_never_from_a_year_alone(text, found):
    assert birthdays.date_in(text)[0] == found


# --- Bookings --------------------------------------------------------------------------


def test_a_booking_is_found_by_its_code(desk):
    visit = make_appointment()
    make_appointment(starts_at=NOW + timedelta(days=20))

    for said in (visit.code, visit.code.lower(), visit.code.replace("-", " ")):
        found = finding.find(said, user=desk, now=NOW)
        assert found.visits == [visit]


def test_a_code_with_a_slip_finds_no_booking(desk):
    code = make_appointment().code
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")

    assert finding.find(slip, user=desk, now=NOW).visits == []


# --- What is shown ----------------------------------------------------------------------


def test_a_result_says_age_phone_place_and_the_next_visit(as_desk):
    place = make_location(name="Westboro")
    maya = make_patient(
        first_name="Maya", birth_date=BORN, phone="+16135550142", location=place
    )
    make_appointment(patient=maya, starts_at=NOW.replace(year=2096))
    make_appointment(
        patient=maya,
        starts_at=NOW.replace(year=2095),
        status=AppointmentStatus.CANCELLED,
    )

    response = as_desk.get(FIND, {"q": "maya"})

    for words in ("born 12 Apr 1985", "(613) 555-0142", "Westboro", "Next "):
        assertContains(response, words)
    assertContains(response, "24 Nov 2096, 10:00")
    assertNotContains(response, "2095")


def test_htmx_gets_the_results_alone(as_desk):
    make_patient()

    response = as_desk.get(
        FIND, {"q": "ada"}, headers={"HX-Request": "true", "HX-Target": "find-results"}
    )

    assertContains(response, 'data-cd-found="ada"')
    assertContains(response, "1 found")
    assertNotContains(response, "<html")


def test_more_than_eight_lead_on_to_the_list(as_desk):
    for _number in range(9):
        make_patient(last_name="Roy")

    assertContains(as_desk.get(FIND, {"q": "roy"}), "?q=roy")


def test_nobody_found_offers_somebody_new(as_desk):
    response = as_desk.get(FIND, {"q": "nobody"})

    assertContains(response, "Nobody and nothing is found.")
    assertContains(response, reverse("desk:patient-add"))


def test_it_costs_the_same_for_one_and_three(as_desk, count_queries):
    plan = make_plan()
    make_appointment(plan=plan)
    one = count_queries(as_desk, FIND + "?q=lovelace")
    for days in (2, 3):
        make_appointment(plan=make_plan(), starts_at=NOW + timedelta(days=days))

    assert count_queries(as_desk, FIND + "?q=lovelace") == one


# --- Without words ------------------------------------------------------------------------


def test_without_words_the_patients_opened_last_come_first_each_once(desk, clinician):
    one, two, other = (make_patient() for _turn in range(3))
    for patient in (one, two, one):
        patients.log_access(desk, patient, "patient page")
    patients.log_access(clinician, other, "patient page")
    patients.log_accesses(desk, [other], "outage")

    found = finding.find(" ", user=desk, now=NOW)

    assert found.is_recent
    assert [person.patient for person in found.people] == [one, two]


def test_at_most_eight_are_remembered(desk):
    for _turn in range(9):
        patients.log_access(desk, make_patient(), "patient page")

    assert len(people("", desk)) == 8


def test_a_merged_record_is_found_neither_by_words_nor_among_the_last(desk):
    gone = make_patient(merged_into=make_patient(first_name="Kept"))
    patients.log_access(desk, gone, "patient page")

    assert people("ada", desk) == people("", desk) == []


def test_every_page_of_the_desk_carries_the_search(as_desk, as_stranger):
    assertContains(as_desk.get(reverse("desk:tasks")), '<dialog id="find"')
    assertNotContains(
        as_stranger.get(reverse("desk:tasks")), "find-words", status_code=403
    )
