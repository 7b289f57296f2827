"""The drawer and moving on the diary: by mouse, by keyboard, on a phone; Escape leaves."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import AppointmentStatus
from bookings.services import series
from bookings.tests.browser.busy import next_weekday
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults
from bookings.tests.factories import make_patient, make_user
from bookings.tests.test_series_book import make_approved, make_sessions
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(transactional_db):
    return make_user(FRONT_DESK)


@pytest.fixture
def visits(desk):
    """Three sessions at ten, seven weeks apart; the first is in two weeks."""
    patient = make_patient(first_name="Anouk", last_name="Desrosiers")
    plan = make_approved(patient=patient)
    first = next_weekday() + timedelta(days=14)
    first += timedelta(days=-first.weekday())  # a Monday
    rows = make_sessions(plan, (0, 49, 98), first=first)
    series.book(
        plan,
        rows,
        key=uuid4(),
        strategy="earliest-finish",
        actor=desk,
        now=timezone.now(),
    )
    return list(plan.appointments.order_by("number"))


def opened(page: Page, visit, day=None, query: str = "") -> Page:
    """The diary of the day of `visit`, drawn."""
    day = day or visit.local_date
    page.goto(f"/desk/day/?location={visit.location.slug}&date={day}{query}")
    expect(page.locator("#diary[data-drawn]")).to_be_attached()
    return page


def open_drawer(page: Page):
    page.locator(".di-block", has_text="Anouk").press("Enter")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", name="Anouk Desrosiers")).to_be_focused()
    return drawer


def dialog(page: Page):
    return page.locator("#move-dialog")


def pick(page: Page) -> None:
    """Click the first free time of the day."""
    page.locator(".di-gap").first.click(position={"x": 30, "y": 5})


def days(visits) -> list[int]:
    first = visits[0].local_date
    for visit in visits:
        visit.refresh_from_db()
    return [(visit.local_date - first).days for visit in visits]


# --- The drawer ---------------------------------------------------------------------------


def test_the_drawer_is_worked_by_keyboard_and_escape_leaves_the_innermost(
    open_page, desk, visits
):
    page = opened(open_page(desk), visits[0])
    drawer = open_drawer(page)

    drawer.get_by_role("button", name="Cancel").press("Enter")
    expect(drawer.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("She is ill")
    page.keyboard.press("Escape")
    expect(drawer.get_by_role("button", name="Cancel")).to_be_focused()
    drawer.locator("summary[aria-label=More]").press("Enter")
    expect(drawer.get_by_role("link", name="Open the page")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer.get_by_role("link", name="Open the page")).to_be_hidden()
    page.keyboard.press("Escape")

    expect(drawer).to_be_hidden()
    expect(page.locator(".di-block", has_text="Anouk")).to_be_focused()


def test_a_step_forward_changes_drawer_and_diary(open_page, desk, visits):
    page = opened(open_page(desk), visits[0])
    drawer = open_drawer(page)

    drawer.get_by_role("button", name="Confirm").click()

    expect(drawer.locator(".cd-drawer-top .cd-status-confirmed")).to_be_visible()
    expect(page.locator(".di-block.is-confirmed")).to_have_count(1)
    visits[0].refresh_from_db()
    assert visits[0].status == AppointmentStatus.CONFIRMED


def test_cancelling_without_a_reason_keeps_the_sheet_open(open_page, desk, visits):
    page = opened(open_page(desk), visits[0])
    drawer = open_drawer(page)

    drawer.get_by_role("button", name="Cancel").click()
    drawer.get_by_role("button", name="Cancel the appointment").click()

    expect(drawer.get_by_text("Say why").first).to_be_visible()
    drawer.get_by_label("Reason").fill("She is ill")
    drawer.get_by_role("button", name="Cancel the appointment").click()
    expect(drawer.locator(".cd-drawer-top .cd-status-cancelled")).to_be_visible()


def test_on_a_phone_the_drawer_is_the_screen(open_page, desk, visits):
    page = open_page(desk, viewport=PHONE)
    visit = visits[0]
    page.goto(f"/desk/day/?location={visit.location.slug}&date={visit.local_date}")
    page.get_by_role("link", name="10:00").click()
    drawer = page.locator("#drawer")

    expect(drawer.get_by_role("heading", name="Anouk Desrosiers")).to_be_focused()

    assert drawer.bounding_box()["width"] == PHONE["width"]
    drawer.get_by_role("button", name="Close").click()
    expect(page.get_by_role("link", name="10:00")).to_be_focused()


# --- Moving --------------------------------------------------------------------------------


def test_a_move_with_what_follows_through_the_strip(open_page, desk, visits):
    page = opened(open_page(desk), visits[0])
    open_drawer(page)
    page.keyboard.press("m")
    dialog(page).get_by_role("link", name="Place it in the diary").click()
    strip = page.get_by_role("region", name="Moving")
    expect(strip).to_contain_text("Moving Anouk Desrosiers, session 1 of 3")

    page.get_by_role("link", name="Next day").click()
    expect(page).to_have_url(re.compile(f"moving={visits[0].pk}"))
    later = visits[0].local_date + timedelta(days=10)
    opened(page, visits[0], later, f"&moving={visits[0].pk}")
    expect(strip).to_be_visible()
    pick(page)

    expect(dialog(page)).to_contain_text("Session 2 has to move too")
    assert days(visits) == [0, 49, 98]
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_text("sessions moved.")).to_be_visible()
    assert "/desk/day/" in page.url
    expect(strip).to_be_hidden()
    expect(page.locator(".di-block", has_text="Anouk")).to_be_visible()
    assert visits[0].version < type(visits[0]).objects.get(pk=visits[0].pk).version


def test_escape_leaves_the_dialog_then_the_strip_and_moves_nothing(
    open_page, desk, visits
):
    later = visits[1].local_date + timedelta(days=1)
    moving = f"&moving={visits[1].pk}"
    page = opened(open_page(desk), visits[1], later, moving)
    pick(page)
    expect(dialog(page)).to_contain_text("Nothing changes until you accept.")

    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_role("region", name="Moving")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("region", name="Moving")).to_be_hidden()
    assert "moving" not in page.url
    assert days(visits) == [0, 49, 98]


def test_the_strip_takes_a_day_and_a_time_by_keyboard(open_page, desk, visits):
    page = opened(open_page(desk), visits[1], query=f"&moving={visits[1].pk}")
    strip = page.get_by_role("region", name="Moving")
    strip.get_by_text("Or name the time").press("Enter")
    strip.get_by_label("Day").fill(str(visits[1].local_date + timedelta(days=1)))
    strip.get_by_label("Arrival").fill("06:00")

    strip.get_by_role("button", name="See what follows").press("Enter")
    expect(strip.get_by_role("alert")).to_contain_text("For session 2 no practitioner")
    strip.get_by_label("Arrival").fill("10:30")
    strip.get_by_role("button", name="See what follows").press("Enter")

    expect(dialog(page)).to_contain_text("To, 1 day later")


def test_axe_finds_nothing_in_drawer_dialog_and_strip(open_page, desk, visits):
    page = opened(open_page(desk), visits[0])
    open_drawer(page)
    found = faults(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#drawer [data-cd-move]").click()
    expect(dialog(page)).to_contain_text("Days in its window")
    found += faults(page)
    dialog(page).locator(".cd-times a").first.click()
    expect(dialog(page)).to_contain_text("Nothing changes until you accept.")
    found += faults(page)

    assert found == []
    assert "/desk/day/" in page.url
