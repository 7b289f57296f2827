"""The waiting list in a real browser: on the list, offered, answered, without a mouse."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import WaitingEntry, WaitingOffer
from bookings.services import waiting
from bookings.tests.browser.clinic import signed_plan
from bookings.tests.browser.test_pages_are_accessible import faults

pytestmark = pytest.mark.browser

LIST = "/desk/waiting/"


def put_on_the_list(page, plan):
    page.goto(f"/desk/plans/{plan.pk}/waiting/add/")
    page.locator("[name=last_day]").fill(
        (timezone.localdate() + timedelta(days=60)).isoformat()
    )
    page.get_by_role("button", name="Put on the list").press("Enter")
    expect(
        page.get_by_text("On the list. Free time is offered by itself.")
    ).to_be_visible()


def offer_something():
    """Ring as beat would tomorrow at 10:00 of the clinic's clock."""
    tomorrow = timezone.localtime() + timedelta(days=1)
    now = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
    assert waiting.match(now=now) == 1


def test_a_series_waits_is_offered_and_accepted_by_keyboard(open_page, staff):
    plan = signed_plan(staff)
    page = open_page(staff["Boyer"])
    put_on_the_list(page, plan)
    offer_something()

    page.goto(LIST)
    page.get_by_role("button", name="Accept and book the series").press("Enter")

    expect(page.get_by_text("Booked. The messages are planned anew.")).to_be_visible()
    assert plan.appointments.count() == plan.session_count


def test_axe_finds_nothing_on_the_list_with_an_offer(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto(LIST)
    assert faults(page) == []
    put_on_the_list(page, signed_plan(staff))
    assert faults(page) == []
    offer_something()

    page.goto(LIST)

    expect(page.get_by_text("Offered now")).to_be_visible()
    assert faults(page) == []


def test_axe_finds_nothing_on_what_was_refused(open_page, staff):
    page = open_page(staff["Boyer"])
    plan = signed_plan(staff)
    page.goto(f"/desk/plans/{plan.pk}/waiting/add/")
    assert faults(page) == []
    page.locator("[name=last_day]").fill("2020-01-01")
    page.get_by_role("button", name="Put on the list").press("Enter")
    expect(page.get_by_text("The last day is before the first.").first).to_be_visible()
    assert faults(page) == []
    put_on_the_list(page, plan)

    page.get_by_text("Take off the list").press("Enter")
    page.locator("form:has([name=reason])").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Take off", exact=True).press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("Say why")
    assert faults(page) == []
    assert WaitingEntry.objects.get().closed_at is None
    assert not WaitingOffer.objects.exists()
