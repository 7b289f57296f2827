"""The medical director changes a value, sees what it means, signs it; then axe."""

import pytest
from playwright.sync_api import expect

from bookings.tests.browser.clinic import signed_plan
from bookings.tests.browser.test_pages_are_accessible import faults_at
from treatments.models import Treatment

pytestmark = pytest.mark.browser

HOME = "/review/catalogue/microneedling"


def test_a_change_of_the_catalogue_is_drafted_weighed_and_signed(open_page, staff):
    plan = signed_plan(staff)
    plan.areas.update(depth_mm="2.0", passes=4)
    page = open_page(staff["Okafor"])
    page.goto("/review/catalogue/")
    page.get_by_role("link", name="Medical microneedling").click()
    page.get_by_role("button", name="Begin a new version").click()

    page.get_by_role("link", name="Change the figures").click()
    depth = page.get_by_label("Depth in mm, at most")
    depth.fill("2.4")
    page.get_by_role("button", name="Save in the draft").click()
    expect(page.locator(".invalid-feedback")).to_have_text(
        ["Needles go no deeper than 2.0 mm."]
    )
    depth.fill("1.5")
    source = page.get_by_label("Source, needle depth")
    source.select_option(label="Clinic default, confirm with the medical director")
    page.get_by_role("button", name="Save in the draft").click()

    expect(page.get_by_role("status")).to_contain_text("Saved in the draft.")
    expect(page.locator(".cd-cat-changes")).to_contain_text("1.5 mm")
    page.get_by_role("link", name="See the effect").click()
    expect(page.get_by_role("link", name=str(plan.patient))).to_contain_text(
        "Face: 2.0 mm deep, at most 1.5 mm in the draft."
    )
    page.get_by_role("link", name="Read and sign").click()
    page.get_by_label("Why this changes").fill("Shallower heals as well.")
    page.get_by_label("I have read every change").check()
    page.get_by_role("button", name="Sign and publish version 2").click()

    expect(page.get_by_text("Shallower heals as well.")).to_be_visible()
    current = Treatment.objects.get(code="microneedling").current_protocol()
    assert (current.version, str(current.max_depth_mm)) == (2, "1.5")
    plan.refresh_from_db()
    assert plan.protocol.version == 1


def test_axe_finds_nothing_in_the_catalogue(open_page, staff):
    page = open_page(staff["Okafor"])
    page.goto(f"{HOME}/")
    page.get_by_role("button", name="Begin a new version").click()
    page.get_by_role("link", name="Change: Avoid, Wear no make-up").click()
    page.get_by_label("In words", exact=True).first.fill("Wear no make-up at all.")
    page.get_by_label("Scar rejuvenation").check(force=True)
    page.get_by_role("button", name="Save in the draft").click()
    expect(page.get_by_text("No French yet")).to_be_visible()

    places = ("", "edit/", "edit/rules/add/", "publish/", "confirm/")
    addresses = [f"{HOME}/{place}" for place in places]

    assert faults_at(page, addresses) == {}
