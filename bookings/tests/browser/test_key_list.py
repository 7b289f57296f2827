"""The list of keys, and the switch that turns single keys off."""

import pytest
from playwright.sync_api import expect

from bookings.tests.browser.busy import busy_day, next_weekday
from bookings.tests.browser.grid import opened
from bookings.tests.factories import make_user
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(transactional_db):
    return make_user(FRONT_DESK)


def test_a_question_mark_shows_every_key(open_page, desk):
    page = open_page(desk)
    page.goto("/desk/patients/")

    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog.get_by_role("heading", name="Keys")).to_be_focused()
    expect(dialog).to_contain_text("Mark the open appointment arrived")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_list_of_keys_is_in_the_account_menu_too(open_page, desk):
    page = open_page(desk)
    page.goto("/desk/patients/")

    page.locator("summary", has_text="Account of").click()
    page.get_by_role("button", name="Show all keys").click()

    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_whoever_switches_single_keys_off_has_none_anywhere(open_page, desk):
    busy_day(2, people=1)
    page = opened(open_page(desk))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    with page.expect_response("**/desk/keys/"):
        dialog.get_by_role("switch", name="Single-key shortcuts").click()
    page.keyboard.press("Escape")

    opened(page)  # the server has kept it
    for key in ("?", "j", "n", "t", "ArrowRight"):
        page.keyboard.press(key)

    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert page.evaluate("document.activeElement === document.body")
    assert f"date={next_weekday()}" in page.url
