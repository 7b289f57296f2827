"""The diary as a grid: all of a busy day, read, walked through and kept fresh."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment, AppointmentStatus
from bookings.tests.browser.busy import SESSIONS, busy_day, next_weekday
from bookings.tests.browser.conftest import DESKTOP
from bookings.tests.browser.grid import block, changed, column_of, focused, opened
from bookings.tests.browser.keyboard import LOOK
from bookings.tests.browser.test_pages_are_accessible import faults
from bookings.tests.factories import make_user
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(transactional_db):
    return make_user(FRONT_DESK)


def test_a_busy_day_shows_every_appointment_in_its_room(open_page, desk):
    visits = busy_day()
    page = opened(open_page(desk))

    assert page.locator(".di-block").count() == SESSIONS
    assert page.locator("#diary .ec-col-head").count() == 14
    heads = page.locator(".di-name b").all_text_contents()
    assert heads == [f"Dr Guest{number}" for number in range(1, 8)]
    first = page.get_by_role("button", name=re.compile("Guest00 Tremblay"))
    expect(first).to_contain_text("8:00 to 9:10, Guest00 Tremblay, MN")
    expect(first).to_contain_text("Booked")
    assert visits[0].number == 1


def test_a_screen_reader_meets_buttons_in_a_region_and_no_table(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk))
    changed(page)
    page.wait_for_load_state("networkidle")

    roles = page.locator("#diary [role]").evaluate_all(
        "all => [...new Set(all.map(one => one.getAttribute('role')))].sort()"
    )

    assert roles == ["button", "presentation", "region"]
    expect(
        page.get_by_role("region", name="Appointments, by the clock")
    ).to_be_visible()


def test_each_column_is_one_tab_stop_and_the_arrows_walk_inside(open_page, desk):
    busy_day(8, people=2)
    page = opened(open_page(desk))
    stops = page.locator("#diary .ec-event[tabindex='0']")
    assert stops.count() == page.locator("#diary .ec-col-head").count() == 4

    stops.first.focus()
    first, seen = column_of(page), [focused(page)]
    for _press in range(3):
        page.keyboard.press("ArrowDown")
        assert page.evaluate(LOOK) == ""
        seen.append(focused(page))
    assert column_of(page) == first
    assert [words.strip()[:4] for words in seen] == ["8:00", "9:20", "Free", "Free"]
    page.keyboard.press("Tab")

    assert column_of(page) != first
    assert stops.count() == 4


def test_j_and_k_walk_through_the_day_by_the_clock(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk))

    said = []
    for key in ("j", "j", "j", "j", "k"):
        page.keyboard.press(key)
        said.append(re.search(r"Guest\d\d", focused(page))[0])

    assert said == ["Guest00", "Guest01", "Guest02", "Guest03", "Guest02"]


def test_the_arrows_lead_to_the_days_beside_it(open_page, desk):
    busy_day(2, people=1)
    page = opened(open_page(desk))
    day = next_weekday()

    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**date={day + timedelta(days=1)}*")
    page.keyboard.press("ArrowLeft")

    page.wait_for_url(f"**date={day}*")


def test_enter_opens_the_drawer_and_escape_gives_the_focus_back(open_page, desk):
    visits = busy_day(4, people=2)
    page = opened(open_page(desk))

    block(page, "Guest02").focus()
    page.keyboard.press("Enter")

    title = page.locator("#drawer").get_by_role("heading", name="Guest02 Tremblay")
    expect(title).to_be_focused()
    expect(page).to_have_url(re.compile(f"open={visits[2].pk}"))
    expect(block(page, "Guest02")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(block(page, "Guest02")).to_be_focused()
    assert "open=" not in page.url


def test_an_address_with_an_open_appointment_opens_its_drawer(open_page, desk):
    visits = busy_day(4, people=2)
    page = opened(open_page(desk), f"&open={visits[1].pk}")

    heading = page.locator("#drawer").get_by_role("heading", name="Guest01 Tremblay")
    expect(heading).to_be_visible()


def test_a_refresh_takes_nothing_from_under_the_hand(open_page, desk):
    visits = busy_day(8, people=2)
    page = opened(open_page(desk))
    main = page.locator("#diary .ec-main")
    main.evaluate("one => { one.scrollTop = 60; }")
    block(page, "Guest04").evaluate("one => one.focus({preventScroll: true})")
    before = main.evaluate("one => one.scrollTop")

    Appointment.objects.filter(pk__in=[visits[0].pk, visits[4].pk]).update(
        status=AppointmentStatus.CONFIRMED
    )
    changed(page)

    expect(block(page, "Guest04")).to_have_class(re.compile("is-confirmed"))
    expect(block(page, "Guest00")).to_have_class(re.compile("is-confirmed"))
    expect(block(page, "Guest04")).to_be_focused()
    assert main.evaluate("one => one.scrollTop") == before == 60


def test_a_diary_that_cannot_be_read_says_since_when(open_page, desk):
    busy_day(2, people=1)
    page = opened(open_page(desk))
    expect(page.locator("#diary-fresh")).to_contain_text(re.compile(r"^\s*Updated \d"))

    page.route("**/feed.json*", lambda route: route.fulfill(status=403))
    changed(page)

    expect(page.locator("#diary-fresh")).to_contain_text("Not updated since")
    assert page.locator(".di-block").count() == 2
    page.unroute("**/feed.json*")
    changed(page)
    expect(page.locator("#diary-fresh")).to_contain_text("Updated")


# --- Other columns ---------------------------------------------------------------------


def test_rooms_and_devices_have_columns_of_their_own(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk), "&by=rooms")

    heads = page.locator(".di-name b").all_text_contents()
    assert heads == ["Room 01", "Room 02", "Room 03", "Room 04", "Pen 1", "Pen 2"]
    drawn = page.locator(".di-block", has_text="Guest00")
    assert drawn.count() == 2
    expect(drawn.first).to_contain_text("8:00 to 9:10")
    expect(drawn.last).to_contain_text("8:30 to 9:10")
    assert drawn.last.locator(".di-phase-white").count() == 0


def test_a_week_has_a_column_for_each_day_of_one_person(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk), "&span=week")

    heads = page.locator(".di-name b").all_text_contents()
    assert [head[:3] for head in heads] == ["Mon", "Tue", "Wed", "Thu", "Fri"]
    names = page.locator(".di-block .di-r2").all_text_contents()
    assert names == ["Guest00 Tremblay", "Guest02 Tremblay"]
    days = page.locator(".di-block").evaluate_all(
        "all => [...new Set(all.map(one => one.dataset.column))]"
    )
    assert days == [f"d{next_weekday()}"]


VIEWS = ("&by=practitioners", "&by=rooms", "&by=practitioners&span=week")


def test_axe_finds_nothing_in_any_view_nor_in_the_list_of_keys(open_page, desk):
    busy_day(8, people=2)
    page, found = open_page(desk), {}

    for view in VIEWS:
        page.set_viewport_size(DESKTOP)
        found[view] = faults(opened(page, view))
    page.set_viewport_size(DESKTOP)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    found["keys"] = faults(page)

    assert found == {view: [] for view in (*VIEWS, "keys")}


# --- Less room ---------------------------------------------------------------------------


def test_a_narrow_screen_shows_one_practitioner_at_a_time(open_page, desk):
    busy_day(4, people=2)
    page = opened(open_page(desk, viewport={"width": 900, "height": 800}))
    assert page.locator("#diary .ec-col-head").count() == 2

    page.get_by_label("Show", exact=True).select_option("Dr Guest2")

    expect(page.locator(".di-name b")).to_have_text(["Dr Guest2"])
    expect(block(page, "Guest01")).to_be_visible()
    expect(block(page, "Guest00")).to_have_count(0)


def test_a_phone_shows_the_list_and_never_asks_for_the_grid(open_page, desk):
    busy_day(2, people=1)
    page = open_page(desk, viewport={"width": 390, "height": 844})
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/desk/day/?location=centretown&date={next_weekday()}")

    expect(page.locator("#agenda")).to_contain_text("Guest00 Tremblay")
    expect(page.locator("#diary")).to_be_hidden()
    assert [url for url in asked if "feed.json" in url] == []


def test_early_and_late_hours_can_be_shown(open_page, desk):
    busy_day(2, people=1)
    page = opened(open_page(desk))
    expect(page.locator("#diary .ec-slot time[datetime*='T06:00']")).to_have_count(0)

    page.get_by_role("button", name="Show early and late hours").click()

    expect(page.locator("#diary .ec-slot", has_text="7:00").first).to_be_attached()
    expect(page.locator("#diary .ec-slot", has_text="21:00")).to_be_attached()
