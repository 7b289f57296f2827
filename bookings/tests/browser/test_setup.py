"""A manager changes somebody's hours: whom it touches first, then the list, then axe."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import Task
from bookings.tests.browser import job
from bookings.tests.browser.clinic import signed_plan
from bookings.tests.browser.test_pages_are_accessible import faults
from bookings.tests.factories import make_user
from clinic.models import Resource
from clinic.roles import MANAGER

pytestmark = pytest.mark.browser


def test_hours_from_a_day_on_show_the_bookings_then_fill_the_list(open_page, staff):
    plan = signed_plan(staff)
    desk = open_page(staff["Boyer"])
    desk.goto(f"/desk/plans/{plan.pk}/series/")
    job.book_all(desk)
    expect(desk.get_by_text("All 3 sessions are booked.")).to_be_visible()
    row = plan.appointments.order_by("during").first()
    room = next(one for one in row.resources if one.kind == "room")
    page = open_page(make_user(MANAGER, first_name="Mei", last_name="Tan"))

    page.goto("/desk/setup/")
    page.get_by_role("link", name=f"{room.name}:").click()
    page.get_by_role("link", name="Change the hours").click()
    page.get_by_label("From*", exact=True).fill(timezone.localdate().isoformat())
    until = row.local_start.strftime("%H:%M")
    page.get_by_label("Monday, shift 1, until").fill(until)
    others = page.get_by_role("group", name="Copy a day to others")
    for day in ("Tue", "Wed", "Thu", "Fri", "Sat"):
        others.get_by_label(day, exact=True).check(force=True)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_label("Saturday, shift 1, until")).to_have_value(until)
    page.get_by_role("button", name="Save", exact=True).click()

    effects = page.get_by_role("alert")
    expect(effects).to_contain_text("would no longer stand")
    expect(effects).to_contain_text(str(plan.patient))
    expect(effects).to_contain_text(f"{room.name} is not open then.")
    assert not Task.objects.exists()
    assert faults(page) == []

    page.get_by_role("button", name="Save and put").click()

    expect(page.get_by_role("heading", name="Now")).to_be_visible()
    page.goto("/desk/to-do/")
    expect(page.get_by_text(f"{room.name} is not open then.").first).to_be_visible()
    page.get_by_role("link", name="Put it right").first.click()
    page.wait_for_url(f"**/desk/plans/{plan.pk}/repair/")


def test_enter_in_the_grid_saves_and_copies_nothing(open_page, staff):
    page = open_page(make_user(MANAGER, first_name="Mei", last_name="Tan"))
    room = Resource.objects.filter(kind="room").first()
    page.goto(f"/desk/setup/hours/{room.pk}/change/")

    page.get_by_label("Sunday, shift 1, from").fill("9")
    page.get_by_label("Sunday, shift 1, until").fill("8")
    page.get_by_label("Sunday, shift 1, until").press("Enter")

    summary = page.get_by_role("group", name="This needs another look")
    expect(summary).to_contain_text("Sunday: 09:00–08:00 ends before it starts.")
    assert faults(page) == []
