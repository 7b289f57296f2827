"""The plan editor in a real browser: what it does is told while somebody types."""

import pytest
from playwright.sync_api import Page, expect

from bookings.models import TreatmentPlan
from bookings.tests.browser.clinic import waiting_plan
from bookings.tests.browser.conftest import DESKTOP
from bookings.tests.browser.keyboard import press
from bookings.tests.browser.test_pages_are_accessible import faults_at

pytestmark = pytest.mark.browser


def told(page: Page):
    """Wait for the live effect of what is typed meanwhile."""
    return page.expect_response("**/preview/")


@pytest.fixture
def plan(staff) -> TreatmentPlan:
    return waiting_plan(staff, first_name="Ada", last_name="Roy")


def test_a_clinician_edits_a_plan_by_keyboard(open_page, staff, plan):
    page = open_page(staff["Okafor"], viewport=DESKTOP)
    page.goto(f"/review/plans/{plan.pk}/edit/")
    effect = page.get_by_role("complementary", name="What this does")
    expect(effect).to_contain_text("Nothing changes yet.")

    with told(page):
        press(page.get_by_role("button", name="Use all"))
    expect(page.get_by_label("Number of sessions")).to_have_value("5")
    expect(page.get_by_label("Depth in mm, Face")).to_have_value("1.5")
    expect(effect).to_contain_text("Face, depth")
    expect(page.get_by_text("Session 5").first).to_be_attached()

    with told(page):
        page.get_by_label("Needling, minutes").fill("40")
    expect(effect).to_contain_text("A session: 80 minutes, 10 more")

    page.get_by_text("Keep these values as a template").click()
    with told(page):
        page.get_by_label("Name of the template").fill("Scars")
    press(page.get_by_role("button", name="Keep template"))
    expect(page.get_by_text("Kept as your template “Scars”.")).to_be_visible()

    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    plan.refresh_from_db()
    assert (plan.session_count, plan.phase_minutes) == (5, {"Needling": 40})


def test_axe_finds_nothing_in_the_editor_and_beside_it(open_page, staff, plan):
    page = open_page(staff["Okafor"], viewport=DESKTOP)
    page.goto(f"/review/plans/{plan.pk}/edit/")
    page.get_by_text("Keep these values as a template").click()
    with told(page):
        page.get_by_label("Name of the template").fill("Scars")
    page.get_by_role("button", name="Keep template").click()
    with told(page):
        page.get_by_label("Number of sessions").fill("4")
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()

    place = f"/review/plans/{plan.pk}/"
    pages = [f"{place}edit/", f"{place}versions/", "/review/templates/"]
    assert faults_at(page, pages) == {}
