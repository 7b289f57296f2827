"""The boards in a real browser: by keyboard, on a phone, and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Appointment, AppointmentStatus, ConsultationRequest
from bookings.tests.browser.clinic import signed_plan
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults
from bookings.tests.factories import make_appointment, make_patient, make_request
from clinic.models import Location

pytestmark = pytest.mark.browser

CONFIRMATIONS = "/desk/confirmations/?days=1"


def make_visits(*names: str) -> list[Appointment]:
    """One visit an hour from now on, for patients of these last names."""
    Appointment.objects.filter(status=AppointmentStatus.BOOKED).update(
        status=AppointmentStatus.CONFIRMED
    )
    now = timezone.now()
    return [
        make_appointment(
            patient=make_patient(last_name=name, phone="+16135550142"),
            location=Location.objects.earliest("pk"),
            starts_at=now + timedelta(minutes=10 + 15 * number),
            minutes=15,
        )
        for number, name in enumerate(names)
    ]


def row(page: Page, name: str):
    return page.get_by_role("listitem").filter(has_text=name)


def test_a_morning_of_calls_by_keyboard(open_page, staff):
    first, second, third = make_visits("Abel", "Baker", "Carter")
    page = open_page(staff["Boyer"])
    page.goto(CONFIRMATIONS)
    expect(page.get_by_role("heading", name="3 visits to confirm")).to_be_visible()

    page.locator(f"#confirm-{first.pk}").focus()
    page.keyboard.press("Enter")

    expect(row(page, "Abel")).to_have_count(0)
    expect(page.locator(f"#confirm-{second.pk}")).to_be_focused()
    expect(page.get_by_role("status").first).to_contain_text("Ada Abel is confirmed")
    page.keyboard.press("Tab")
    expect(page.locator(f"#no-answer-{second.pk}")).to_be_focused()
    page.keyboard.press("Enter")

    expect(row(page, "Baker")).to_contain_text("No answer")
    expect(page.locator(f"#confirm-{third.pk}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#confirm-{second.pk}")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Everybody has confirmed.")).to_be_visible()
    expect(page.get_by_role("heading", name="0 visits to confirm")).to_be_focused()
    states = Appointment.objects.filter(pk__in=[first.pk, second.pk, third.pk])
    assert {one.status for one in states} == {AppointmentStatus.CONFIRMED}
    assert faults(page) == []


def test_what_a_colleague_has_done_meanwhile_is_told(open_page, staff):
    first, second = make_visits("Abel", "Baker")
    page = open_page(staff["Boyer"])
    page.goto(CONFIRMATIONS)
    Appointment.objects.filter(pk=first.pk).update(status=AppointmentStatus.CONFIRMED)

    page.locator(f"#confirm-{first.pk}").press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("Ada Abel:")
    expect(row(page, "Abel")).to_have_count(0)
    expect(page.locator(f"#confirm-{second.pk}")).to_be_visible()


def test_it_works_without_javascript(open_page, staff):
    first, second = make_visits("Abel", "Baker")
    page = open_page(staff["Boyer"], java_script_enabled=False)
    page.goto(CONFIRMATIONS)

    page.locator(f"#confirm-{first.pk}").press("Enter")

    expect(page.get_by_text("Ada Abel is confirmed")).to_be_visible()
    assert page.url.endswith(f"?days=1#visit-{second.pk}")
    page.get_by_label("Location").select_option(index=1)
    page.get_by_role("button", name="Show").press("Enter")
    expect(page).to_have_url(page.url.split("?")[0] + f"?days=1&location={place()}")


def place() -> str:
    return Location.objects.order_by("name")[0].slug


def test_a_filter_swaps_the_board_and_keeps_the_focus(open_page, staff):
    plan = signed_plan(staff)
    page = open_page(staff["Boyer"])
    page.goto("/desk/series/")
    expect(row(page, str(plan.patient))).to_be_visible()
    others = Location.objects.exclude(pk=plan.location_id)

    choice = page.get_by_label("Location")
    choice.focus()
    choice.select_option(others[0].slug)

    expect(page.get_by_text("No course is in this state.")).to_be_visible()
    expect(choice).to_be_focused()
    assert f"location={others[0].slug}" in page.url
    file = re.compile(rf"location={others[0].slug}&.*format=csv$")
    expect(page.get_by_role("link", name="CSV")).to_have_attribute("href", file)
    expect(page.get_by_role("link", name="All 0")).to_be_visible()


def test_every_place_is_in_reach_on_a_phone(open_page, staff):
    make_request()
    page = open_page(staff["Boyer"], viewport=PHONE, has_touch=True)
    page.goto("/desk/to-do/")
    more = page.locator(".cd-nav-more > summary")
    expect(more).to_contain_text("1")

    more.press("Enter")

    menu = page.locator(".cd-nav-more-menu")
    expect(menu.get_by_role("link", name="Messages")).to_be_in_viewport()
    more.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    more.press("Enter")
    menu.get_by_role("link", name="Requests").press("Enter")
    expect(page.get_by_role("heading", name="Requests", level=1)).to_be_visible()


def test_a_request_by_phone_is_noted_and_contacted(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto("/desk/requests/")
    page.get_by_role("link", name="Note a request").press("Enter")
    page.get_by_label("First name").fill("Noor")
    page.get_by_label("Last name").fill("Haddad")
    page.get_by_label("Phone", exact=True).fill("613-555-0177")
    page.get_by_label("In their own words").fill("Fine lines")

    page.get_by_label("In their own words").press("Control+Enter")
    page.get_by_role("button", name="Contacted").press("Enter")

    expect(page.get_by_text("The request is marked: Contacted.")).to_be_visible()
    assert str(ConsultationRequest.objects.get().patient) == "Noor Haddad"


@pytest.mark.parametrize("javascript", [True, False])
def test_looking_for_a_caller_loses_no_word(open_page, staff, javascript):
    make_patient(first_name="Élodie", last_name="Roy")
    page = open_page(staff["Boyer"], java_script_enabled=javascript)
    page.goto("/desk/requests/add/")
    page.get_by_label("In their own words").fill("Scars on my knee")

    page.get_by_label("Name or phone number").fill("elodie")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_role("button", name="Élodie Roy")).to_be_visible()
    page.get_by_role("button", name="Élodie Roy").click()
    expect(page.get_by_role("button", name="Somebody else")).to_be_visible()
    expect(page.get_by_label("In their own words")).to_have_value("Scars on my knee")
    page.get_by_role("button", name="Note the request").click()

    expect(page.get_by_role("heading", name="Élodie Roy")).to_be_visible()
    expect(page.get_by_text("Scars on my knee")).to_be_visible()
