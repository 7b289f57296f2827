"""Single keys: everybody's own choice, kept by the server."""

import pytest

from bookings.tests.conftest import signed_in
from bookings.tests.factories import make_user
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.django_db


def test_single_keys_are_on_until_somebody_switches_them_off():
    user = make_user(FRONT_DESK)

    page = signed_in(user).get("/desk/patients/")

    assert user.single_keys
    assert 'data-cd-single-keys="on"' in page.content.decode()


@pytest.mark.parametrize(
    ("posted", "kept"), [({"single_keys": "on"}, True), ({}, False)]
)
def test_the_choice_is_kept_for_the_person_who_makes_it(posted, kept):
    user, colleague = make_user(FRONT_DESK), make_user(FRONT_DESK)
    client = signed_in(user)

    response = client.post("/desk/keys/", posted, headers={"HX-Request": "true"})

    user.refresh_from_db()
    colleague.refresh_from_db()
    assert (response.status_code, response.content) == (204, b"")
    assert (user.single_keys, colleague.single_keys) == (kept, True)
    word = "on" if kept else "off"
    page = client.get("/desk/patients/").content.decode()
    assert f'data-cd-single-keys="{word}"' in page


def test_without_a_script_the_answer_is_a_page():
    response = signed_in(make_user(FRONT_DESK)).post("/desk/keys/")

    assert (response.status_code, response.url) == (302, "/desk/")
