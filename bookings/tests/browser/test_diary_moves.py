"""Picking a place in the diary: by dragging, by a click or by a key, from any time zone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment, AppointmentStatus
from bookings.tests.browser.busy import busy_day, next_weekday
from bookings.tests.browser.grid import HOUR_PX, block, changed, lift, opened
from bookings.tests.factories import make_user
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(transactional_db):
    return make_user(FRONT_DESK)


ZONES = [
    pytest.param(zone, marks=pytest.mark.browser_context_args(timezone_id=zone))
    for zone in ("Asia/Kolkata", "America/Vancouver")
]


@pytest.mark.parametrize("zone", ZONES)
def test_a_drag_means_the_clock_of_the_clinic_in_any_zone(open_page, desk, zone):
    busy_day(4, people=2)
    page = opened(open_page(desk))
    own_zone = "Intl.DateTimeFormat().resolvedOptions().timeZone"
    assert page.evaluate(own_zone) in {zone, zone.replace("Kolkata", "Calcutta")}
    expect(block(page, "Guest00")).to_contain_text("8:00 to 9:10")

    lift(page, block(page, "Guest00"), 5 * HOUR_PX + HOUR_PX / 4)
    expect(page.locator(".di-target")).to_have_text("13:15 · Room 01")
    with page.expect_request("**/move/**") as asked:
        page.mouse.up()

    query = parse_qs(urlsplit(asked.value.url).query)
    assert query["day"] == [str(next_weekday())]
    assert query["time"] == ["13:15"]
    assert query.keys() == {"day", "time", "practitioner", "room"}
    expect(block(page, "Guest00")).to_contain_text("8:00 to 9:10")


def test_escape_puts_a_dragged_block_back(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk))
    before = block(page, "Guest00").bounding_box()
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    lift(page, block(page, "Guest00"), 2 * HOUR_PX)
    page.keyboard.press("Escape")
    page.mouse.up()

    expect(page.locator("#diary-say")).to_have_text(
        "The move was cancelled. Nothing has changed."
    )
    assert page.locator(".ec-preview, .ec-ghost").count() == 0
    assert block(page, "Guest00").bounding_box() == before
    assert [url for url in asked if "/move/" in url or "/drawer/" in url] == []


def test_an_illegal_drop_springs_back_and_says_why(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk))
    before = block(page, "Guest00").bounding_box()

    lift(page, block(page, "Guest00"), 40 / 60 * HOUR_PX)
    with page.expect_response("**/move/**") as answer:
        page.mouse.up()

    assert answer.value.status == 422
    expect(page.locator("#messages .toast")).to_be_visible()
    expect(page.locator("#messages .toast p")).not_to_be_empty()
    assert block(page, "Guest00").bounding_box() == before


def test_a_free_time_leads_to_a_booking_there(open_page, desk):
    visits = busy_day(4, people=2)
    page = opened(open_page(desk))
    block(page, "Guest00").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")

    with page.expect_request("**/desk/book/**") as asked:
        page.keyboard.press("Enter")

    query = parse_qs(urlsplit(asked.value.url).query)
    room = visits[0].claims.get(role="room").resource_id
    who = visits[0].claims.get(role="operator").resource_id
    assert query == {
        "location": ["centretown"],
        "date": [str(next_weekday())],
        "time": ["09:30"],
        "practitioner": [str(who)],
        "room": [str(room)],
    }


def test_somebody_who_moves_something_hears_of_a_picked_place_first(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk))
    page.evaluate(
        """document.addEventListener("diary:slot", (event) => {
          event.preventDefault();
          window.picked = event.detail;
        })"""
    )
    gap = page.locator(".di-gap").last
    gap.hover(position={"x": 30, "y": 5})
    expect(gap.locator(".di-slot")).to_be_visible()

    gap.click(position={"x": 30, "y": 5})

    picked = page.evaluate("window.picked")
    assert picked["date"] == str(next_weekday())
    assert re.fullmatch(r"\d\d:(00|15|30|45)", picked["time"])
    assert "/desk/day/" in page.url


def test_a_refresh_waits_for_the_end_of_a_drag(open_page, desk):
    visits = busy_day(4, people=2)
    page = opened(open_page(desk))
    lift(page, block(page, "Guest00"), HOUR_PX)
    Appointment.objects.filter(pk=visits[1].pk).update(status=AppointmentStatus.BOOKED)

    changed(page)
    page.wait_for_timeout(300)

    expect(block(page, "Guest01")).to_have_class(re.compile("is-confirmed"))
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(block(page, "Guest01")).to_have_class(re.compile("is-booked"))
