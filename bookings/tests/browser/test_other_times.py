"""Another time for one session: picked, let go, chosen by hand, booked; keys suffice."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from bookings.tests.browser import job
from bookings.tests.browser.clinic import sessions, signed_plan
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.keyboard import press, tab_to

pytestmark = pytest.mark.browser

NAME = {"first_name": "Noor", "last_name": "Haidari", "email": "noor@example.org"}


def best(page: Page) -> Locator:
    return job.proposals(page).first


def others(page: Page, number: int) -> Locator:
    """The other times of one session of the first proposal."""
    return best(page).locator("ol.cd-sessions > li").nth(number - 1).get_by_role("link")


@pytest.mark.parametrize("has_javascript", [True, False])
def test_another_time_is_picked_and_let_go_again(open_page, staff, has_javascript):
    plan = signed_plan(staff, **NAME)
    page = open_page(staff["Boyer"], java_script_enabled=has_javascript)
    page.goto(f"/desk/plans/{plan.pk}/series/")
    before = job.times_of(best(page))
    job.choose(best(page), "Earliest finish")

    wanted = others(page, 2).last
    told = wanted.locator("b").inner_text()
    wanted.click()

    expect(best(page).get_by_text("Chosen by hand")).to_be_visible()
    expect(best(page).locator("ol.cd-sessions > li").nth(1)).to_contain_text(told)
    expect(page).to_have_url(re.compile("pin=2"))
    assert job.times_of(best(page)) != before

    others(page, 2).get_by_text("Let it move").click()

    expect(best(page).get_by_text("Chosen by hand")).to_have_count(0)
    assert job.times_of(best(page)) == before


def test_the_whole_choice_is_made_and_booked_by_keyboard(open_page, staff):
    plan = signed_plan(staff, **NAME)
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{plan.pk}/series/")

    press(others(page, 1).last)
    expect(best(page).get_by_text("Chosen by hand")).to_be_visible()
    focused = page.locator("ol.cd-sessions > li:focus")
    expect(focused).to_contain_text("Let it move")

    press(page.get_by_role("link", name="Choose each session by hand"))
    expect(page.get_by_role("heading", name="session 1 of 3")).to_be_visible()
    press(page.get_by_role("link", name="Session 3", exact=True))
    expect(page.get_by_role("heading", name="session 3 of 3")).to_be_visible()
    press(page.locator(".cd-byhand button").nth(2))

    expect(best(page).get_by_text("Chosen by hand")).to_have_count(2)
    promised = job.times_of(best(page))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    booked = sessions().filter(plan=plan)
    assert [visit.local_start for visit in booked] == promised


def test_dates_to_avoid_are_left_out_by_keyboard(open_page, staff):
    plan = signed_plan(staff, **NAME)
    plan.patient.away_dates.create(
        first_day="2030-01-07", last_day="2030-01-11", label="Halifax"
    )
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{plan.pk}/series/")

    summary = page.locator("summary", has_text="Halifax")
    press(summary)
    expect(page.get_by_role("group", name="Dates to avoid, 1")).to_be_visible()
    tab_to(page.get_by_role("link", name="Leave out Halifax"))
    page.keyboard.press("Enter")

    expect(page.locator("summary", has_text="Halifax")).to_have_count(0)


def test_a_time_is_chosen_by_hand_on_a_phone(open_page, staff):
    plan = signed_plan(staff, **NAME)
    page = open_page(staff["Boyer"], viewport=PHONE)
    page.goto(f"/desk/plans/{plan.pk}/series/sessions/2/")

    overflow = page.evaluate("document.body.scrollWidth - innerWidth")
    page.locator(".cd-byhand button").first.click()
    expect(page.get_by_role("heading", name="session 3 of 3")).to_be_visible()
    page.get_by_role("link", name="See the proposals").click()

    expect(best(page).get_by_text("Chosen by hand")).to_be_visible()
    assert overflow <= 0
