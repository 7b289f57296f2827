"""Booking a visit in a browser: by keyboard alone, somebody new inside, a lost slot."""

import re
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Appointment, AppointmentKind, Patient
from bookings.services.appointing import talks
from bookings.services.appointing.rules import Talk
from bookings.services.demo import places
from bookings.tests.browser.keyboard import LOOK, press, tab_to, type_into
from bookings.tests.factories import make_patient
from clinic.models import Location, Practitioner, Room

pytestmark = pytest.mark.browser


def monday():
    """A working day that lies ahead."""
    day = timezone.localdate() + timedelta(days=7)
    return day + timedelta(days=-day.weekday() % 7)


def slot(at: str = "14:00") -> str:
    query = f"location={places.CENTRETOWN}&date={monday():%Y-%m-%d}&time={at}"
    return f"/desk/book/?{query}"


def new_visits():
    return Appointment.objects.exclude(patient__first_name="Regular")


def landed(page: Page) -> None:
    """Wait until the diary and its drawer have all that they ask for."""
    page.wait_for_url(re.compile(r"/desk/day/\?.*open=\d+"))
    page.wait_for_load_state("networkidle")


def booked_elsewhere(page: Page) -> None:
    """Let another desk take what the page shows."""
    place = Location.objects.get(slug=places.CENTRETOWN)
    query = page.locator("#book").get_attribute("action")
    keys = dict(re.findall(r"(practitioner|room)=(\d+)", query or ""))
    talk = Talk(
        kind=AppointmentKind.CONSULTATION,
        patient=make_patient(first_name="Regular", last_name="Rival"),
        location=place,
        starts_at=datetime.combine(monday(), time(14), place.zone),
        practitioner=Practitioner.objects.get(pk=keys["practitioner"]).pk,
        room=Room.objects.get(pk=keys["room"]).pk,
    )
    user = Practitioner.objects.exclude(user=None).first().user
    talks.book(talk, key=uuid4(), actor=user, now=timezone.now())


def test_a_consultation_is_booked_by_keyboard_alone(open_page, staff):
    make_patient(first_name="Hélène", last_name="Côté", phone="613-555-0142")
    page = open_page(staff["Boyer"])
    page.goto("/desk/day/")

    page.keyboard.press("n")
    page.wait_for_url("**/desk/book/**")
    expect(
        page.get_by_role("searchbox", name="Name, phone or birth date")
    ).to_be_focused()
    page.keyboard.type("helene")
    expect(page.get_by_text("1 patient found")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".cd-who")).to_be_focused()
    assert page.evaluate(LOOK) == ""
    press(page.locator(".cd-free-times a").first)
    expect(page.locator(".cd-slot-time")).to_be_visible()
    type_into(page.get_by_label("Note for the desk"), "Parks behind the house")
    page.keyboard.press("Control+Enter")
    landed(page)

    visit = new_visits().get()
    assert (str(visit.patient), visit.note) == ("Hélène Côté", "Parks behind the house")
    expect(page.get_by_text(f"Code {visit.code}").first).to_be_visible()


def test_arrows_walk_the_people_found(open_page, staff):
    for name in ("Maya", "Mayra"):
        make_patient(first_name=name, last_name="Tremblay")
    page = open_page(staff["Boyer"])
    page.goto(slot())

    page.keyboard.type("tremblay")
    expect(page.get_by_text("2 patients found")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Mayra Tremblay")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".cd-who")).to_contain_text("Mayra Tremblay")
    expect(page.locator(".cd-slot-time")).to_contain_text("14:00")


def test_somebody_new_is_added_inside_and_the_slot_stays(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto(slot())

    page.keyboard.type("Noor Haidari")
    expect(page.get_by_text("0 patients found")).to_be_visible()
    press(page.get_by_role("link", name="Add “Noor Haidari” as a new patient"))
    expect(page.get_by_label("First name")).to_have_value("Noor")
    type_into(page.get_by_label("E-mail address"), "noor@example.org")
    press(page.get_by_role("button", name="Add and go on"))
    expect(page.locator(".cd-who")).to_contain_text("Noor Haidari")
    expect(page.locator(".cd-slot-time")).to_contain_text("14:00")
    page.keyboard.press("Control+Enter")
    landed(page)

    visit = new_visits().get()
    assert visit.patient == Patient.objects.get(last_name="Haidari")
    assert (visit.local_date, visit.local_start.time()) == (monday(), time(14))


def test_a_lost_slot_offers_three_and_one_click_books_with_the_note(open_page, staff):
    patient = make_patient(first_name="Maya", last_name="Tremblay")
    page = open_page(staff["Boyer"])
    page.goto(f"{slot()}&patient={patient.pk}")
    page.get_by_label("Note for the desk").fill("Parks behind the house")
    booked_elsewhere(page)

    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Somebody has just booked")).to_be_visible()
    offers = page.get_by_role("button", name=re.compile("^Book .*, "))
    expect(offers).to_have_count(3)
    expect(page.get_by_label("Note for the desk")).to_have_value(
        "Parks behind the house"
    )
    offers.last.click()
    landed(page)
    assert new_visits().get().note == "Parks behind the house"


def test_changes_go_into_the_address_and_back_brings_them_back(open_page, staff):
    patient = make_patient(first_name="Maya", last_name="Tremblay")
    page = open_page(staff["Boyer"])
    page.goto(f"{slot()}&patient={patient.pk}")
    page.get_by_label("Note for the desk").fill("Parks behind the house")

    page.get_by_role("radio", name="Result review").check()
    page.wait_for_url("**what=result-review**")
    expect(page.get_by_role("button", name="Book the result review")).to_be_visible()
    expect(page.get_by_label("Note for the desk")).to_have_value(
        "Parks behind the house"
    )
    page.go_back()

    expect(page.get_by_role("button", name="Book the consultation")).to_be_visible()
    expect(page.locator(".cd-slot-time")).to_contain_text("14:00")


def test_without_javascript_a_visit_is_booked_all_the_same(open_page, staff):
    make_patient(first_name="Maya", last_name="Tremblay")
    page = open_page(staff["Boyer"], java_script_enabled=False)
    page.goto(slot())

    page.get_by_role("searchbox").fill("maya")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Maya Tremblay").click()
    page.get_by_label("Room", exact=True).select_option(label="Room 1")
    page.get_by_role("button", name="Look again").click()
    page.get_by_label("Note for the desk").fill("Parks behind the house")
    page.get_by_role("button", name="Book the consultation").click()
    landed(page)

    visit = new_visits().get()
    assert visit.note == "Parks behind the house"
    assert "Room 1" in {one.name for one in visit.resources}


def test_the_focus_stays_on_what_was_changed(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto(slot())
    room = page.get_by_label("Room", exact=True)

    tab_to(room)
    page.keyboard.type("Room 1")
    page.keyboard.press("Tab")
    page.wait_for_url("**room=**")

    expect(page.get_by_label("Room", exact=True)).to_have_value(re.compile(r"\d+"))
