"""Two people change one patient: both versions are shown, nothing typed is lost."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import Patient
from bookings.services import merging
from bookings.tests.conftest import signed_in
from bookings.tests.factories import NOW, make_patient, make_user
from bookings.tests.threads import at_once
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.django_db


def edit(patient):
    return reverse("desk:patient-edit", args=[patient.pk])


def open_form(client, patient):
    """What a browser would send back from the page as it is now."""
    form = client.get(edit(patient)).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in typed.items()}


def test_a_page_nobody_else_saved_after_is_saved_at_once(as_desk):
    ada = make_patient()

    response = as_desk.post(edit(ada), open_form(as_desk, ada) | {"first_name": "Adah"})

    assertRedirects(response, reverse("desk:patient", args=[ada.pk]))
    ada.refresh_from_db()
    assert ada.first_name == "Adah"


def test_a_stale_page_shows_both_versions_and_saves_nothing(as_desk, as_manager):
    ada = make_patient(phone="+16135550101")
    typed = open_form(as_desk, ada) | {"phone": "613-555-0103", "pronouns": "she/her"}
    as_manager.post(edit(ada), open_form(as_manager, ada) | {"phone": "613-555-0102"})

    response = as_desk.post(edit(ada), typed)

    assertContains(response, "Somebody else saved this meanwhile", status_code=422)
    (clash,) = response.context["form"].clashes
    assert (clash.label, clash.was_typed) == ("Phone", True)
    assert (clash.saved, clash.typed) == ("(613) 555-0102", "613-555-0103")
    assertContains(response, 'value="(613) 555-0103"', status_code=422)
    assertContains(response, 'value="she/her"', status_code=422)
    ada.refresh_from_db()
    assert (ada.phone, ada.pronouns) == ("+16135550102", "")


def test_saving_once_more_is_a_choice_and_goes_through(as_desk, as_manager):
    ada = make_patient(phone="+16135550101")
    typed = open_form(as_desk, ada) | {"phone": "613-555-0103"}
    as_manager.post(edit(ada), open_form(as_manager, ada) | {"phone": "613-555-0102"})
    shown = as_desk.post(edit(ada), typed).context["form"]

    response = as_desk.post(edit(ada), typed | {"seen": shown["seen"].value()})

    assert response.status_code == 302
    ada.refresh_from_db()
    assert ada.phone == "+16135550103"


def test_a_third_save_in_between_is_shown_again(as_desk, as_manager):
    ada = make_patient()
    typed = open_form(as_desk, ada) | {"first_name": "Adah"}
    as_manager.post(edit(ada), open_form(as_manager, ada) | {"first_name": "Bea"})
    shown = as_desk.post(edit(ada), typed).context["form"]
    as_manager.post(edit(ada), open_form(as_manager, ada) | {"first_name": "Cyd"})

    response = as_desk.post(edit(ada), typed | {"seen": shown["seen"].value()})

    assert [clash.saved for clash in response.context["form"].clashes] == ["Cyd"]
    assert Patient.objects.get().first_name == "Cyd"


def test_what_was_not_touched_takes_over_what_the_other_saved(as_desk, as_manager):
    """Or saving once more would quietly bring the old value back."""
    ada = make_patient(phone="+16135550101")
    typed = open_form(as_desk, ada) | {"first_name": "Adah"}
    as_manager.post(edit(ada), open_form(as_manager, ada) | {"phone": "613-555-0102"})

    response = as_desk.post(edit(ada), typed)

    assertContains(response, "Taken over: you had not changed it", status_code=422)
    again = {name: response.context["form"][name].value() or "" for name in typed}
    assert as_desk.post(edit(ada), again).status_code == 302
    ada.refresh_from_db()
    assert (ada.first_name, ada.phone) == ("Adah", "+16135550102")


def test_a_page_that_says_nothing_of_what_it_showed_is_asked_first(as_desk):
    ada = make_patient()
    typed = open_form(as_desk, ada) | {"first_name": "Adah", "seen": "forged"}

    assert as_desk.post(edit(ada), typed).status_code == 422
    assert Patient.objects.get().first_name == "Ada"


def test_a_birth_date_in_the_future_is_refused_and_the_typing_kept(as_desk):
    ada = make_patient()
    typed = open_form(as_desk, ada) | {"birth_date": "2999-01-01", "pronouns": "ze"}

    response = as_desk.post(edit(ada), typed)

    assertContains(response, "lies in the future", status_code=422)
    assertContains(response, 'value="ze"', status_code=422)
    assertNotContains(response, "Somebody else", status_code=422)


def test_a_page_of_a_record_that_was_merged_meanwhile_is_not_saved(as_desk, desk):
    kept, gone = make_patient(), make_patient()
    typed = open_form(as_desk, gone) | {"first_name": "Adah"}
    merging.merge(kept, gone, actor=desk, now=NOW)

    assert as_desk.post(edit(gone), typed).status_code == 404
    assert not Patient.objects.filter(first_name="Adah").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_one_moment_one_is_shown_both_versions():
    ada = make_patient()
    clients = [signed_in(make_user(FRONT_DESK)) for _turn in range(2)]
    forms = [open_form(client, ada) for client in clients]

    for turn in range(5):
        answers = at_once(
            *[
                lambda c=client, f=form, n=number, t=turn: (
                    c.post(edit(ada), f | {"first_name": f"Name {t}{n}"}).status_code
                )
                for number, (client, form) in enumerate(
                    zip(clients, forms, strict=True)
                )
            ]
        )
        assert sorted(answers) == [302, 422]
        forms = [open_form(client, ada) for client in clients]
