"""The public site in a real browser: for everyone, on a phone, without any script."""

import re

import pytest
from playwright.sync_api import Page, expect

from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.browser.test_phone import too_wide

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/treatments/",
    "/treatments/?concern=acne-scars",
    "/treatments/microneedling-rf-prp/",
    "/how-it-works/",
    "/doctors/",
    "/locations/",
    "/contact/",
    "/privacy/",
    "/accessibility/",
    "/after-care/",
)
SMALL = """() => [...document.querySelectorAll("header a, header summary, footer a, .btn")]
  .filter((one) => one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().height < 44)
  .map((one) => one.textContent.trim())"""
ASK = "Request a consultation"
TABS = 12  # at most so many until the main action


def addresses(language: str) -> list[str]:
    start = "/fr" if language == "fr" else ""
    return [f"{start}{address}" for address in PAGES]


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing_on_the_site(open_page, staff, language):
    assert faults_at(open_page(), addresses(language)) == {}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_sticks_out_on_a_phone(open_page, staff, language):
    page = open_page(viewport=PHONE)

    assert too_wide(page, *addresses(language)) == {}


def test_on_a_phone_what_is_pressed_is_large_enough(open_page, staff):
    page = open_page(viewport=PHONE)
    page.goto("/")

    assert page.evaluate(SMALL) == []


def test_without_scripts_the_way_to_a_treatment_is_the_same(open_page, staff):
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("navigation").get_by_role("link", name="Treatments").click()
    page.get_by_role("link", name="Medical microneedling").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Medical microneedling")
    page.get_by_text("Does it hurt?").click()
    expect(page.get_by_text("numbed with a cream")).to_be_visible()

    page.get_by_role("link", name="Français").click()

    expect(page).to_have_url("/fr/treatments/microneedling/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.parametrize("address", ["/", "/treatments/scar-roller/"])
def test_the_keyboard_alone_reaches_the_main_action(open_page, staff, address):
    page = open_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")

    reached = []
    while ASK not in reached and len(reached) < TABS:
        page.keyboard.press("Tab")
        reached.append(focused(page))

    assert ASK in reached
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/request/"))


def test_the_menu_opens_by_keyboard_and_leads_on(open_page, staff):
    page = open_page(viewport=PHONE)
    page.goto("/")
    page.get_by_text("Menu", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert focused(page) == "Treatments"


def test_the_ribbon_stands_upright_where_there_is_no_room(open_page, staff):
    page = open_page()
    page.goto("/how-it-works/")
    level, upright = page.locator(".rb-level").first, page.locator(".rb-upright")
    expect(level).to_be_visible()
    expect(upright).to_be_hidden()

    page.set_viewport_size(PHONE)

    expect(level).to_be_hidden()
    expect(upright).to_be_visible()
    expect(page.get_by_text("Your skin builds new collagen.").last).to_be_visible()
