"""The desk's pages of patients: find, add, look, change."""

from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import AccessLog, Patient
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_appointment,
    make_patient,
    make_plan,
    make_protocol,
)

pytestmark = pytest.mark.django_db

LIST = reverse("desk:patients")
ADD = reverse("desk:patient-add")
TYPED = {
    "first_name": "Zoé",
    "last_name": "Tremblay",
    "phone": "613-555-0142",
    "email": "",
    "birth_date": "1990-02-03",
    "pronouns": "",
    "language": "fr",
    "location": "",
    "treatment": "",
}


def make_booked(*, days=1, **fields):
    plan = make_plan(**fields)
    make_appointment(plan=plan, starts_at=NOW + timedelta(days=days))


def page(patient) -> str:
    return reverse("desk:patient", args=[patient.pk])


# --- Finding ------------------------------------------------------------------------


def test_the_list_finds_by_name_and_keeps_what_was_typed(as_desk):
    make_patient(first_name="Hélène", last_name="Côté")
    make_patient(first_name="Grant", last_name="Mowbray")

    response = as_desk.get(LIST, {"q": "helene"})

    assertContains(response, "Hélène Côté")
    assertNotContains(response, "Mowbray")
    assertContains(response, 'value="helene"')


def test_htmx_gets_the_same_results_alone(as_desk):
    make_patient(first_name="Hélène", last_name="Côté")
    headers = {"HX-Request": "true", "HX-Target": "results"}

    response = as_desk.get(LIST, {"q": "cote"}, headers=headers)

    assertContains(response, "Hélène Côté")
    assertContains(response, "1 patient found")
    assertNotContains(response, "<html")


def test_nobody_found_opens_the_form_for_somebody_new(as_desk):
    response = as_desk.get(LIST, {"q": "nobody"})

    assertContains(response, "Nobody is found under that name or number.")
    assertContains(response, 'id="new-patient" open')


def test_the_list_costs_the_same_for_one_patient_and_three(as_desk, count_queries):
    make_patient()
    one = count_queries(as_desk, LIST)
    make_patient()
    make_patient()

    assert count_queries(as_desk, LIST) == one


# --- Adding -------------------------------------------------------------------------


def test_somebody_new_goes_straight_to_the_planned_treatments_questions(as_desk):
    treatment = make_protocol().treatment

    response = as_desk.post(ADD, TYPED | {"treatment": treatment.code})

    zoe = Patient.objects.get()
    assert (zoe.first_name, str(zoe.phone.as_e164)) == ("Zoé", "+16135550142")
    assertRedirects(
        response,
        reverse("desk:answers-record", args=[zoe.pk]) + f"?treatment={treatment.code}",
    )


def test_a_patient_without_phone_and_email_is_not_added_and_nothing_is_lost(as_desk):
    response = as_desk.post(ADD, TYPED | {"phone": ""})

    assert response.status_code == 422
    assertContains(
        response, "Give a phone number or an e-mail address.", status_code=422
    )
    assertContains(response, 'value="Tremblay"', status_code=422)
    assert not Patient.objects.exists()


def test_a_person_who_may_be_known_is_shown_before_a_second_record_is_made(as_desk):
    known = make_patient(first_name="Zoe", last_name="Tremblay")

    asked = as_desk.post(ADD, TYPED)
    assertContains(asked, "We may know this person already", status_code=422)
    assertContains(asked, page(known), status_code=422)
    assert Patient.objects.get() == known

    as_desk.post(ADD, TYPED | {"is_someone_new": "on"})
    assert Patient.objects.count() == 2


# --- Looking and changing -----------------------------------------------------------


def test_the_page_shows_plans_appointments_and_answers_and_is_logged(as_desk, desk):
    plan = make_plan()
    make_answers(plan, keloid="yes")
    make_appointment(plan=plan)

    response = as_desk.get(page(plan.patient))

    assertContains(response, "Medical microneedling")
    assertContains(response, "Session 1")
    assertContains(response, "Have you ever had raised scars?")
    seen = AccessLog.objects.get(user=desk)
    assert (seen.patient, seen.what) == (plan.patient, "patient page")


def test_the_page_costs_the_same_for_one_plan_and_three(as_desk, count_queries):
    patient, protocol = make_patient(), make_protocol()
    make_booked(patient=patient, protocol=protocol)
    one = count_queries(as_desk, page(patient))
    make_booked(patient=patient, protocol=protocol, days=2)
    make_booked(patient=patient, protocol=protocol, days=3)

    assert count_queries(as_desk, page(patient)) == one


def test_a_change_of_contact_is_kept(as_desk):
    ada = make_patient()
    address = reverse("desk:patient-edit", args=[ada.pk])

    seen = as_desk.get(address).context["form"].initial["seen"]

    response = as_desk.post(address, TYPED | {"seen": seen})

    assertRedirects(response, page(ada))
    ada.refresh_from_db()
    assert (ada.last_name, ada.email) == ("Tremblay", "")


# --- Who may ------------------------------------------------------------------------


@pytest.mark.parametrize("address", [LIST, ADD])
def test_a_stranger_sees_no_patient(as_stranger, address):
    assert as_stranger.get(address).status_code == 403


def test_a_clinician_looks_but_does_not_add(as_clinician):
    ada = make_patient()

    assert as_clinician.get(page(ada)).status_code == 200
    assert as_clinician.post(ADD, TYPED).status_code == 403
    assert Patient.objects.get() == ada
