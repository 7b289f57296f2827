"""Signing in, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model

PASSWORD = "a-long-enough-word"


@pytest.fixture
def person(transactional_db):
    """Someone of the staff, in no group yet."""
    return get_user_model().objects.create_user(
        email="ada@example.org", password=PASSWORD
    )


@pytest.mark.browser
def test_a_person_signs_in_with_the_keyboard_alone(page, live_server, person):
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("input[name=login]").focus()
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)

    assert [cookie["name"] for cookie in page.context.cookies()].count("sessionid") == 1


@pytest.mark.browser
def test_axe_finds_nothing_on_the_sign_in_page(page, live_server, transactional_db):
    page.goto(f"{live_server.url}/accounts/login/")

    found = Axe().run(page)

    assert found.response["violations"] == []
