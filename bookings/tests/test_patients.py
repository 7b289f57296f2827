"""Finding patients, adding them, and remembering who looked."""

from datetime import timedelta

import pytest

from bookings.models import AccessLog, Patient
from bookings.services import patients
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, TODAY, make_patient

pytestmark = pytest.mark.django_db


def add(actor, **fields) -> Patient:
    dull = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org"}
    return patients.add(**dull | fields, actor=actor, now=NOW)


@pytest.mark.parametrize("words", ["helene", "HÉLÈNE", "Hélène Côté", "cote hel"])
def test_a_name_is_found_whatever_its_accents_and_case(words):
    helene = make_patient(first_name="Hélène", last_name="Côté")
    make_patient(first_name="Helga", last_name="Cotton")

    assert list(patients.find(words)) == [helene]


@pytest.mark.parametrize("words", ["0123", "613-555-0123", "(613) 555 0123"])
def test_a_phone_number_is_found_by_its_end_or_whole(words):
    ada = make_patient(phone="+16135550123")
    make_patient(phone="+16135550199")

    assert list(patients.find(words)) == [ada]


def test_without_words_the_newest_patient_comes_first():
    older, newer = make_patient(), make_patient()

    assert list(patients.find("  ")) == [newer, older]


def test_names_sort_without_regard_to_accents():
    zoe = make_patient(first_name="Ann", last_name="Zorn")
    emond = make_patient(first_name="Ann", last_name="Émond")
    evans = make_patient(first_name="Ann", last_name="Evans")

    assert list(patients.find("ann")) == [emond, evans, zoe]


def test_adding_a_patient_leaves_a_trace(desk):
    ada = add(desk)

    assert Patient.objects.get() == ada
    assert AccessLog.objects.values_list("user", "patient", "what").get() == (
        desk.pk,
        ada.pk,
        "added",
    )


def test_a_patient_who_cannot_be_reached_is_refused(desk):
    with pytest.raises(BookingRefused, match="phone number or an e-mail"):
        add(desk, email="", phone="")

    assert not Patient.objects.exists()


@pytest.mark.parametrize("reach", [{"email": ""}, {"phone": "", "email": "a@b.ca"}])
def test_one_way_to_reach_somebody_is_enough(desk, reach):
    assert add(desk, **{"phone": "+16135550123"} | reach).pk


def test_somebody_may_be_born_today_but_not_tomorrow(desk):
    add(desk, birth_date=TODAY)

    with pytest.raises(BookingRefused, match="lies in the future"):
        add(desk, birth_date=TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    "same",
    [
        {"first_name": "ada", "last_name": "LOVELACE"},
        {"email": "ADA@example.org"},
        {"phone": "+16135550123"},
    ],
)
def test_a_person_who_may_be_known_is_pointed_out(same):
    ada = make_patient(phone="+16135550123")
    other = {"first_name": "Bea", "last_name": "Smith", "email": "", "phone": ""}

    assert patients.alike(**other | same) == [ada]


def test_somebody_else_is_not_pointed_out():
    make_patient(phone="+16135550123")

    assert not patients.alike(
        first_name="Bea", last_name="Smith", email="bea@example.org", phone=""
    )


def test_a_change_writes_the_given_facts_and_leaves_a_trace(desk):
    ada = make_patient(email="old@example.org")

    patients.change(ada, actor=desk, now=NOW, email="new@example.org")

    ada.refresh_from_db()
    assert ada.email == "new@example.org"
    assert AccessLog.objects.get().what == "changed"
