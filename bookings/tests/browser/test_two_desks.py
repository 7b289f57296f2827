"""Two desks at work on the same day: one of them is first, and the other is told."""

import re

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Appointment, AppointmentStatus
from bookings.tests.browser.morning import (
    Morning,
    block,
    carry,
    dialog,
    diary,
    drawer,
    next_free_day,
    status,
    toast,
)
from bookings.tests.factories import make_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(transactional_db):
    return Morning()


@pytest.fixture
def desks(open_page, clinic):
    """Two browsers, with two people in front of them."""
    return open_page(clinic.desk), open_page(clinic.colleague())


def open_visit(page: Page, name: str) -> None:
    block(page, name).click()
    expect(drawer(page).get_by_role("heading", name=name)).to_be_focused()


def want_the_first_free_time(page: Page, name: str, note: str) -> str:
    """Click it, say who comes and why; the page is ready to book. The time, "HH:MM"."""
    page.locator(".di-gap").nth(1).click(position={"x": 30, "y": 5})
    page.get_by_role("searchbox", name="Name, phone or birth date").fill(name)
    page.get_by_role("link", name=name).click()
    expect(page.locator(".cd-who")).to_contain_text(name)
    page.get_by_label("Note for the desk").fill(note)
    expect(page.get_by_role("button", name="Book the consultation")).to_be_enabled()
    return page.locator(".cd-slot-time").inner_text()[:5]


def test_one_slot_goes_to_one_and_the_other_is_offered_three(desks, clinic):
    day = next_free_day(clinic)
    clinic.talk(9, day=day, patient=make_patient(first_name="Hélène"))
    make_patient(first_name="Maya", last_name="Tremblay")
    make_patient(first_name="Noor", last_name="Haidari")
    mine, theirs = (diary(page, day) for page in desks)
    at = want_the_first_free_time(mine, "Maya Tremblay", "Parks behind the house")
    assert at == want_the_first_free_time(theirs, "Noor Haidari", "Brings her photos")

    mine.get_by_role("button", name="Book the consultation").click()
    toast(mine, "Booked: Maya Tremblay")
    theirs.get_by_role("button", name="Book the consultation").click()

    refusal = theirs.get_by_role("alert").filter(has_text="Somebody has just booked")
    expect(refusal).to_be_focused()
    offers = theirs.get_by_role("button", name=re.compile("^Book .*, "))
    expect(offers).to_have_count(3)
    expect(theirs.locator(".cd-who")).to_contain_text("Noor Haidari")
    note = theirs.get_by_label("Note for the desk")
    expect(note).to_have_value("Brings her photos")
    offers.first.click()
    toast(theirs, "Booked: Noor Haidari")
    won = Appointment.objects.get(patient__last_name="Tremblay")
    lost = Appointment.objects.get(patient__last_name="Haidari")
    assert f"{won.local_start:%H:%M}" == at
    assert lost.note == "Brings her photos"
    assert lost.starts_at != won.starts_at


def test_a_stale_click_is_refused_and_says_how_it_stands(desks, clinic):
    visit = clinic.session(10, day=clinic.today)
    mine, theirs = (diary(page, clinic.today) for page in desks)
    for page in (mine, theirs):
        open_visit(page, "Maya Tremblay")

    mine.get_by_role("button", name="Mark arrived").click()
    status(mine, "Arrived")
    theirs.get_by_role("button", name="Mark arrived").click()

    refusal = drawer(theirs).get_by_role("alert")
    expect(refusal).to_contain_text("marked “Arrived” by now. Robin Roy did that")
    expect(refusal).to_be_focused()
    status(theirs, "Arrived")
    expect(theirs.locator(".di-block.is-arrived")).to_have_count(1)
    drawer(theirs).get_by_role("button", name="Begin").click()
    status(theirs, "In session")
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.IN_SESSION


def test_what_was_typed_stays_where_the_visit_has_changed(desks, clinic):
    visit = clinic.session(10, day=clinic.today)
    mine, theirs = (diary(page, clinic.today) for page in desks)
    for page in (mine, theirs):
        open_visit(page, "Maya Tremblay")
    drawer(theirs).get_by_role("button", name="Cancel").click()
    drawer(theirs).get_by_label("Reason").fill("She is ill, said her son")

    mine.get_by_role("button", name="Mark arrived").click()
    status(mine, "Arrived")
    theirs.get_by_role("button", name="Cancel the appointment").click()

    refusal = drawer(theirs).get_by_role("alert")
    expect(refusal).to_contain_text("marked “Arrived” by now")
    reason = drawer(theirs).get_by_label("Reason")
    expect(reason).to_have_value("She is ill, said her son")
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.ARRIVED


def test_two_notes_are_both_shown_and_neither_is_lost(desks, clinic):
    visit = clinic.session(10, day=clinic.today)
    mine, theirs = (diary(page, clinic.today) for page in desks)
    for page, note in ((mine, "Parks behind the house"), (theirs, "Brings photos")):
        open_visit(page, "Maya Tremblay")
        drawer(page).get_by_text("Write a note").click()
        drawer(page).get_by_role("textbox", name="Note for the desk").fill(note)

    mine.get_by_role("button", name="Save the note").click()
    toast(mine, "The note is saved.")
    theirs.get_by_role("button", name="Save the note").click()

    expect(drawer(theirs)).to_contain_text("Somebody else saved this meanwhile")
    expect(drawer(theirs)).to_contain_text("Parks behind the house")
    note = drawer(theirs).get_by_role("textbox", name="Note for the desk")
    expect(note).to_have_value("Brings photos")
    note.fill("Parks behind the house, brings photos")
    theirs.get_by_role("button", name="Save the note").click()
    toast(theirs, "The note is saved.")
    visit.refresh_from_db()
    assert visit.note == "Parks behind the house, brings photos"


def test_a_move_of_what_has_moved_meanwhile_is_refused(desks, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    mine, theirs = (diary(page, visits[0].local_date) for page in desks)
    column = "#diary .ec-col-head"
    carry(theirs, block(theirs, "Anouk"), theirs.locator(column).first, hours=3)
    expect(dialog(theirs)).to_contain_text("13:00")
    dialog(theirs).get_by_label("Why").fill("Her train")

    carry(mine, block(mine, "Anouk"), mine.locator(column).first, hours=1)
    dialog(mine).get_by_role("button", name="Accept and move 1 session").click()
    toast(mine, "1 session moved.")
    dialog(theirs).get_by_role("button", name="Accept and move 1 session").click()

    refusal = dialog(theirs).get_by_role("alert")
    expect(refusal).to_be_focused()
    expect(refusal).to_contain_text("The series has changed since this was proposed")
    expect(dialog(theirs).locator(".cd-change")).to_contain_text("11:00")
    expect(dialog(theirs).get_by_label("Why")).to_have_value("Her train")
    visits[0].refresh_from_db()
    assert f"{visits[0].local_start:%H:%M}" == "11:00"
    dialog(theirs).get_by_role("button", name="Accept and move 1 session").click()
    toast(theirs, "1 session moved.")
    visits[0].refresh_from_db()
    assert f"{visits[0].local_start:%H:%M}" == "13:00"


def test_undo_is_refused_once_somebody_else_went_on(desks, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    mine, theirs = (diary(page, visits[0].local_date) for page in desks)
    carry(
        mine, block(mine, "Anouk"), mine.locator("#diary .ec-col-head").first, hours=1
    )
    dialog(mine).get_by_role("button", name="Accept and move 1 session").click()
    moved = toast(mine, "1 session moved.")
    moved.hover()  # it stays under the pointer
    diary(theirs, visits[0].local_date)
    open_visit(theirs, "Anouk Desrosiers")
    drawer(theirs).get_by_role("button", name="Confirm").click()
    status(theirs, "Confirmed")

    moved.get_by_role("button", name="Undo").click()

    expect(mine.locator("#messages")).to_contain_text("Somebody has changed it since")
    visits[0].refresh_from_db()
    assert f"{visits[0].local_start:%H:%M}" == "11:00"
    expect(mine.locator(".di-block.is-confirmed")).to_have_count(1)
