"""The diary as a grid: all of a busy day, by mouse and by keyboard, from any time zone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from bookings.models import Appointment, AppointmentStatus
from bookings.tests.browser.busy import SESSIONS, busy_day, next_weekday
from bookings.tests.browser.keyboard import LOOK
from bookings.tests.factories import make_user
from clinic.roles import FRONT_DESK

pytestmark = pytest.mark.browser

HOUR_PX = 78


@pytest.fixture
def desk(transactional_db):
    return make_user(FRONT_DESK)


def opened(page: Page, query: str = "") -> Page:
    """The diary of the busy day, drawn."""
    page.goto(f"/desk/day/?location=centretown&date={next_weekday()}{query}")
    expect(page.locator("#diary[data-drawn]")).to_be_attached()
    return page


def block(page: Page, name: str) -> Locator:
    return page.locator(".di-block", has_text=name)


def focused(page: Page) -> str:
    """What a screen reader says of the element with the focus."""
    return page.evaluate("document.activeElement.textContent")


def column_of(page: Page) -> str:
    return page.evaluate("document.activeElement.dataset.column")


def changed(page: Page) -> None:
    """Say what the drawer and the dialogs say after a change."""
    page.evaluate("document.body.dispatchEvent(new CustomEvent('diary-changed'))")


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


# --- Moving by hand --------------------------------------------------------------------


def lift(page: Page, one: Locator, down: float) -> None:
    """Take a block and bring it `down` pixels lower, without letting go."""
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    x, y = box["x"] + 40, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 10, steps=3)
    page.mouse.move(x, y + down, steps=4)


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


# --- Keys --------------------------------------------------------------------------------


def test_a_question_mark_shows_every_key(open_page, desk):
    page = open_page(desk)
    page.goto("/desk/patients/")

    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog.get_by_role("heading", name="Keys")).to_be_focused()
    expect(dialog).to_contain_text("Mark the open appointment arrived")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_list_of_keys_is_in_the_account_menu_too(open_page, desk):
    page = open_page(desk)
    page.goto("/desk/patients/")

    page.locator("summary", has_text="Account of").click()
    page.get_by_role("button", name="Show all keys").click()

    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_whoever_switches_single_keys_off_has_none_anywhere(open_page, desk):
    busy_day(2, people=1)
    page = opened(open_page(desk))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    with page.expect_response("**/desk/keys/"):
        dialog.get_by_role("switch", name="Single-key shortcuts").click()
    page.keyboard.press("Escape")

    opened(page)  # the server has kept it
    for key in ("?", "j", "n", "t", "ArrowRight"):
        page.keyboard.press(key)

    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert page.evaluate("document.activeElement === document.body")
    assert f"date={next_weekday()}" in page.url
