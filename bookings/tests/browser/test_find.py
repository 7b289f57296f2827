"""Finding from any page with nothing but the keyboard, and the way back."""

import re

import pytest
from playwright.sync_api import Page, expect

from bookings.tests.browser.clinic import signed_plan
from bookings.tests.browser.keyboard import press, tab_to

pytestmark = pytest.mark.browser


def dialog(page: Page):
    return page.get_by_role("dialog", name="Find a patient or a booking")


def test_a_patient_is_found_and_opened_by_keys_alone(open_page, staff):
    signed_plan(staff, first_name="Hélène", last_name="Côté")
    other = signed_plan(staff, first_name="Helga", last_name="Cotton").patient
    page = open_page(staff["Boyer"])
    page.goto("/desk/to-do/")

    page.keyboard.press("/")
    expect(dialog(page).get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("hel co")
    links = dialog(page).get_by_role("link")
    expect(links).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # the last one stays the last
    expect(links.nth(1)).to_be_focused()
    expect(links.nth(1)).to_contain_text("Helga Cotton")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/desk/patients/{other.pk}/")
    page.keyboard.press("/")
    expect(dialog(page).get_by_role("link").first).to_contain_text("Helga Cotton")


def test_enter_opens_the_first_of_what_was_typed_never_of_what_stood_there(
    open_page, staff
):
    wanted = signed_plan(staff, first_name="Anouk", last_name="Roy").patient
    signed_plan(staff, first_name="Bea", last_name="Roy")
    page = open_page(staff["Boyer"])
    page.goto("/desk/to-do/")

    page.keyboard.press("/")
    page.keyboard.type("bea")
    expect(dialog(page).get_by_role("link")).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.type("anouk")
    page.keyboard.press("Enter")  # before the results of these words are there

    page.wait_for_url(f"**/desk/patients/{wanted.pk}/")


def test_escape_closes_and_gives_the_focus_back(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto("/desk/patients/add/")
    field = page.get_by_role("button", name="Add and ask")
    tab_to(field)

    page.keyboard.press("/")
    expect(dialog(page)).to_be_visible()
    page.keyboard.type("nobody at all")
    expect(dialog(page).get_by_role("status")).to_have_text("0 found")
    page.keyboard.press("Escape")

    expect(dialog(page)).not_to_be_visible()
    expect(field).to_be_focused()


def test_keys_of_the_page_below_do_nothing_meanwhile(open_page, staff):
    signed_plan(staff, first_name="Anouk", last_name="Roy")
    page = open_page(staff["Boyer"])
    page.goto("/desk/to-do/")

    page.keyboard.press("/")
    page.keyboard.type("rou")
    page.keyboard.press("Backspace")
    expect(dialog(page).get_by_role("link")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")  # typed on, though a result has the focus

    expect(dialog(page).get_by_role("searchbox")).to_be_focused()
    expect(dialog(page).get_by_role("searchbox")).to_have_value("rot")
    assert page.url.endswith("/desk/to-do/")


def test_the_link_in_the_nav_opens_it_too_and_without_a_script_a_page(open_page, staff):
    signed_plan(staff, first_name="Anouk", last_name="Roy")
    page = open_page(staff["Boyer"])
    page.goto("/desk/to-do/")
    press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Find"))
    expect(dialog(page)).to_be_visible()

    plain = open_page(staff["Boyer"], java_script_enabled=False)
    plain.goto("/desk/to-do/")
    plain.get_by_role("navigation", name="Main").get_by_role(
        "link", name="Find"
    ).click()
    plain.get_by_role("searchbox").fill("anouk")
    plain.keyboard.press("Enter")

    plain.wait_for_url(re.compile(r"/desk/find/\?q=anouk"))
    expect(plain.get_by_role("link", name=re.compile("Anouk Roy"))).to_be_visible()
