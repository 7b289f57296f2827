"""The admin, for support: rows to look at, and every look logged."""

import pytest
from django.urls import reverse

from bookings.models import AccessLog
from bookings.tests.conftest import signed_in
from bookings.tests.factories import make_answer, make_patient, make_plan
from clinic.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def support():
    return signed_in(User.objects.create_superuser("support@example.org"))


@pytest.mark.parametrize("make", [make_patient, make_plan, make_answer])
def test_a_look_at_a_patients_row_is_logged(support, make):
    row = make()
    patient = getattr(row, "patient", row)
    model = row._meta.model_name

    support.get(reverse(f"admin:bookings_{model}_change", args=[row.pk]))

    seen = AccessLog.objects.values_list("patient", "what").get()
    assert seen == (patient.pk, f"admin: {model}")


def test_nothing_is_changed_from_the_admin(support):
    ada = make_patient(first_name="Ada")
    address = reverse("admin:bookings_patient_change", args=[ada.pk])

    assert support.post(address, {"first_name": "Eve"}).status_code == 403
    assert support.get(reverse("admin:bookings_patient_add")).status_code == 403

    ada.refresh_from_db()
    assert ada.first_name == "Ada"
