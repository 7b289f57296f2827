"""A held series in a real browser: the clock, what it says, and the way without it."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import SeriesBooking, SeriesHold
from bookings.tests.browser.clinic import signed_plan, waiting_plan
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults

pytestmark = pytest.mark.browser


def series_page(page: Page, plan) -> None:
    page.goto(f"/desk/plans/{plan.pk}/series/")


def held_page(page: Page, plan) -> None:
    """Hold the best match, on a clock that only the test moves from here on."""
    series_page(page, plan)
    page.get_by_role("button", name="Hold for 15 minutes").click()
    expect(page.get_by_role("heading", name="Held until")).to_be_visible()
    page.clock.install(time=timezone.now())
    page.reload()


def said(page: Page):
    return page.locator("[data-cd-say]")


def test_the_clock_ticks_and_speaks_at_five_two_and_one_minutes(open_page, staff):
    page = open_page(staff["Boyer"])
    held_page(page, signed_plan(staff))
    left, ask = page.locator("[data-cd-left]"), page.locator("[data-cd-ask]")

    expect(left).to_have_text(re.compile(r"14:\d\d"))
    page.clock.run_for(60_000)
    expect(left).to_have_text(re.compile(r"13:\d\d"))
    expect(said(page)).to_be_empty()
    for minutes, words in (
        (9, "five more"),
        (3, "Two minutes left"),
        (1, "One minute"),
    ):
        page.clock.run_for(minutes * 60_000)
        expect(said(page)).to_contain_text(words)
        expect(ask).to_be_visible(visible=minutes < 9)


def test_at_the_end_the_buttons_give_way_to_the_way_on(open_page, staff):
    page, plan = open_page(staff["Boyer"]), signed_plan(staff)
    held_page(page, plan)
    page.get_by_role("button", name="Book all 3 sessions").focus()

    page.clock.run_for(15 * 60_000)

    expect(said(page)).to_contain_text("The hold has ended")
    expect(page.get_by_role("heading", name="This hold has ended")).to_be_focused()
    expect(page.get_by_role("button", name="Book all 3 sessions")).to_be_hidden()
    assert faults(page) == []
    expect(page.get_by_role("link", name="See what is free now")).to_have_attribute(
        "href", f"/desk/plans/{plan.pk}/series/"
    )


def test_a_series_is_held_extended_and_booked_by_keyboard(open_page, staff):
    page = open_page(staff["Boyer"])
    series_page(page, signed_plan(staff))
    expect(page.get_by_role("button", name="Hold for 15 minutes")).to_be_visible()

    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="Held until")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("e")
    expect(page.get_by_text("This hold was extended once already")).to_be_visible()
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()


def test_without_javascript_a_hold_says_until_when_and_is_booked(open_page, staff):
    page = open_page(staff["Boyer"], PHONE, java_script_enabled=False)
    series_page(page, signed_plan(staff))

    page.get_by_role("button", name="Hold for 15 minutes").click()
    expect(page.get_by_text("15 min", exact=True)).to_be_visible()
    held = SeriesHold.objects.get()
    until = held.until.astimezone(held.plan.location.zone)
    expect(
        page.get_by_role("heading", name=f"Held until {until:%H:%M}")
    ).to_be_visible()
    page.get_by_role("button", name="Book all 3 sessions").click()

    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    assert SeriesBooking.objects.get().key == held.key


def test_a_plan_that_waits_is_pencilled_and_the_clinician_sees_it(open_page, staff):
    plan = waiting_plan(staff)
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{plan.pk}/")

    page.get_by_role("link", name="Pencil dates until the review").click()
    page.get_by_role("button", name="Pencil these dates until the review").click()
    expect(
        page.get_by_role("heading", name="Pencilled until the review")
    ).to_be_visible()
    assert faults(page) == []
    doctor = open_page(staff["Okafor"])
    doctor.goto(f"/review/plans/{plan.pk}/")

    expect(doctor.get_by_role("heading", name="Pencilled series")).to_be_visible()
    assert faults(doctor) == []
