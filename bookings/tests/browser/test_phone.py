"""On a phone of 390 by 844 nothing is cut off, and the job's buttons are in reach."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Appointment
from bookings.tests.browser import job
from bookings.tests.browser.clinic import signed_plan, waiting_plan
from bookings.tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

# What sticks out to the right of the page, but for what scrolls in a box of its own.
TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 100))
  : []"""


def too_wide(page: Page, *addresses: str) -> dict[str, list[str]]:
    """What is cut off at each address where something is."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = page.evaluate(TOO_WIDE)
    return {address: cut for address, cut in found.items() if cut}


def test_no_page_scrolls_sideways(open_page, staff):
    waiting, signed = waiting_plan(staff), signed_plan(staff)
    patient = signed.patient_id
    desk = open_page(staff["Boyer"], viewport=PHONE)
    doctor = open_page(staff["Okafor"], viewport=PHONE)
    desk.goto(f"/desk/plans/{signed.pk}/series/")
    job.book_all(desk)
    expect(desk.get_by_text("All 3 sessions are booked.")).to_be_visible()
    booked = Appointment.objects.filter(plan=signed).earliest("number")

    found = [
        too_wide(desk, desk.url, f"/desk/day/?date={booked.local_date}"),
        too_wide(desk, "/desk/patients/", f"/desk/patients/{patient}/"),
        too_wide(desk, f"/desk/patients/{patient}/answers/?treatment=microneedling"),
        too_wide(desk, f"/desk/patients/{patient}/plans/new/", "/desk/patients/add/"),
        too_wide(desk, f"/desk/plans/{signed.pk}/", f"/desk/plans/{waiting.pk}/"),
        too_wide(desk, "/desk/series/", "/desk/messages/", "/review/to-confirm/"),
        too_wide(desk, "/desk/to-do/", "/desk/outages/", "/desk/outages/add/"),
        too_wide(desk, "/desk/confirmations/?days=7", "/desk/waiting/"),
        too_wide(desk, "/desk/requests/", "/desk/requests/add/"),
        too_wide(desk, f"/desk/messages/{booked.messages.earliest('due_at').pk}/"),
        too_wide(doctor, "/review/", f"/review/plans/{waiting.pk}/"),
        too_wide(open_page(viewport=PHONE), "/accounts/login/", "/no/such/page/"),
    ]

    assert found == [{}] * len(found)


def test_the_proposals_stand_upright_and_can_be_booked(open_page, staff):
    plan = signed_plan(staff)
    page = open_page(staff["Boyer"], viewport=PHONE, has_touch=True)
    page.goto(f"/desk/plans/{plan.pk}/series/")

    ribbons = job.proposals(page).locator("figure svg:visible")
    boxes = [ribbon.bounding_box() for ribbon in ribbons.all()]
    assert len(boxes) == 3
    assert all(box["height"] > box["width"] for box in boxes)
    expect(page.get_by_role("button", name="Book all 3 sessions")).to_be_in_viewport()
    job.book_all(page)

    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    first = Appointment.objects.filter(plan=plan).earliest("number")
    assert first.starts_at > timezone.now()
