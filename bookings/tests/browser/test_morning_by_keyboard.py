"""A morning at the desk by keyboard alone: after each step the focus is where it helps."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Message,
    MessageStatus,
    Outage,
    Patient,
)
from bookings.tests.browser import job
from bookings.tests.browser.keyboard import LOOK, press, tab_to, type_into
from bookings.tests.browser.morning import (
    Morning,
    block,
    dialog,
    diary,
    drawer,
    drawn,
    next_free_day,
    status,
    tell,
    toast,
    waiting,
)
from bookings.tests.browser.test_main_job_by_keyboard import sign_in
from bookings.tests.factories import make_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(transactional_db):
    return Morning()


def keys(page: Page, *names: str) -> None:
    """Press these, one after the other; the focus is seen after each."""
    for name in names:
        page.keyboard.press(name)
        trouble = page.evaluate(LOOK)
        assert not trouble, trouble


def type_date(field: Locator, day: date) -> None:
    """Which part of a date is asked for first is the browser's own choice."""
    tab_to(field)
    for order in (("%m", "%d", "%Y"), ("%d", "%m", "%Y"), ("%Y", "%m", "%d")):
        for part in order:
            field.page.keyboard.type(f"{day:{part}}")
            if part == "%Y" and order[0] == part:
                field.page.keyboard.press("ArrowRight")
        if field.input_value() == f"{day}":
            return
        for _back in order:
            field.page.keyboard.press("ArrowLeft")
    raise AssertionError(f"{day} cannot be typed into {field}.")


def title(page: Page, name: str):
    return drawer(page).get_by_role("heading", name=name)


def open_visit(page: Page, name: str) -> None:
    """J brings the first visit from now on, or the day's last; Enter its drawer."""
    page.keyboard.press("j")
    expect(block(page, name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(title(page, name)).to_be_focused()


def from_the_menu(page: Page, words: str) -> None:
    press(drawer(page).locator("summary[aria-label=More]"), "Enter")
    press(drawer(page).locator(".cd-menu-list").get_by_role("button", name=words))


def test_signing_in_leads_to_the_day_and_its_first_visit(open_page, clinic):
    clinic.session(10, day=clinic.today)
    page = open_page()

    sign_in(page, job.FRONT_DESK)
    drawn(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**date={clinic.today + timedelta(days=1)}*")
    page.keyboard.press("t")
    page.wait_for_url(f"**date={clinic.today}*")
    drawn(page)
    open_visit(page, "Maya Tremblay")


def test_a_code_said_on_the_phone_leads_to_the_visit(open_page, clinic):
    visit = clinic.session(10, day=clinic.today)
    page = diary(open_page(clinic.desk), clinic.today)

    page.keyboard.press("/")
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(visit.code)
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/appointments/{visit.pk}/")
    page.keyboard.press("a")
    expect(page.locator(".cd-head .cd-status-arrived")).to_be_visible()
    page.wait_for_url(f"**/appointments/{visit.pk}/")


def test_a_visit_goes_from_the_door_to_done(open_page, clinic):
    first, _second = clinic.begun(clinic.today, clinic.today + timedelta(days=49))
    page = diary(open_page(clinic.desk), clinic.today)
    open_visit(page, "Maya Tremblay")

    page.keyboard.press("a")
    status(page, "Arrived")
    expect(title(page, "Maya Tremblay")).to_be_focused()
    press(drawer(page).get_by_role("button", name="Begin"))
    status(page, "In session")
    expect(title(page, "Maya Tremblay")).to_be_focused()
    press(drawer(page).get_by_role("button", name="Mark as done"))
    expect(drawer(page).get_by_label("Performed on")).to_be_focused()
    page.keyboard.press("Control+Enter")

    status(page, "Done")
    expect(title(page, "Maya Tremblay")).to_be_focused()
    keys(page, "Escape")
    expect(drawer(page)).to_be_hidden()
    expect(block(page, "Maya Tremblay")).to_be_focused()
    first.refresh_from_db()
    assert first.status == AppointmentStatus.DONE


def test_a_free_time_becomes_a_consultation_for_somebody_new(open_page, clinic):
    day = next_free_day(clinic)
    clinic.talk(9, day=day, patient=make_patient(first_name="Hélène"))
    page = diary(open_page(clinic.desk), day)

    page.keyboard.press("j")
    expect(block(page, "Hélène")).to_be_focused()
    keys(page, "ArrowDown", "Shift+ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/book/**")
    asked = page.locator(".cd-slot-time").inner_text()[:5]
    expect(page.get_by_label("Name, phone or birth date")).to_be_focused()
    page.keyboard.type("Noor Haidari")
    expect(page.get_by_text("0 patients found")).to_be_visible()
    press(page.get_by_role("link", name="Add “Noor Haidari” as a new patient"))
    type_into(page.get_by_label("E-mail address"), "noor@example.org")
    press(page.get_by_role("button", name="Add and go on"))
    expect(page.locator(".cd-who")).to_be_focused()
    type_into(page.get_by_label("Note for the desk"), "Comes with her sister")
    page.keyboard.press("Control+Enter")

    expect(title(page, "Noor Haidari")).to_be_focused()
    visit = Appointment.objects.get(patient=Patient.objects.get(last_name="Haidari"))
    assert (visit.local_date, f"{visit.local_start:%H:%M}") == (day, asked)
    keys(page, "Escape")
    expect(block(page, "Noor Haidari")).to_be_focused()


def test_a_visit_is_placed_on_another_day_and_put_back(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    before, heard = [visit.during for visit in visits], waiting(visits)
    page = diary(open_page(clinic.desk), visits[0].local_date)
    open_visit(page, "Anouk Desrosiers")

    page.keyboard.press("m")
    expect(dialog(page).locator("#move-title")).to_be_focused()
    press(dialog(page).get_by_role("link", name="Place it in the diary"))
    expect(page.get_by_role("region", name="Moving")).to_be_visible()
    drawn(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**date={visits[0].local_date + timedelta(days=1)}*")
    drawn(page)
    press(page.locator(".di-gap[tabindex='0']").first)
    expect(dialog(page)).to_contain_text("Session 2 has to move too")
    expect(dialog(page).locator("#move-title")).to_be_focused()
    page.keyboard.press("Control+Enter")

    expect(dialog(page)).to_be_hidden()
    toast(page, "2 sessions moved.")
    expect(page.get_by_role("region", name="Moving")).to_be_hidden()
    expect(block(page, "Anouk Desrosiers")).to_be_focused()
    again = visits[0].plan.appointments.order_by("number")
    assert [one.during for one in again] != before
    page.keyboard.press("Control+z")

    toast(page, "Undone. It is as it was before.")
    assert [one.during for one in again.all()] == before
    assert waiting(visits) == heard


def test_escape_leaves_a_move_where_it_was_begun(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    page = diary(open_page(clinic.desk), visits[0].local_date)
    open_visit(page, "Anouk Desrosiers")

    page.keyboard.press("m")
    press(dialog(page).locator(".cd-times a").first)
    expect(dialog(page)).to_contain_text("To, ")
    expect(dialog(page).locator("#move-title")).to_be_focused()
    page.keyboard.press("Escape")

    expect(dialog(page)).to_be_hidden()
    expect(title(page, "Anouk Desrosiers")).to_be_focused()
    keys(page, "Escape")
    expect(block(page, "Anouk Desrosiers")).to_be_focused()


def test_whoever_did_not_come_is_marked(open_page, clinic):
    yesterday = clinic.today - timedelta(days=1)
    first, _second = clinic.begun(yesterday, yesterday + timedelta(days=49))
    page = diary(open_page(clinic.desk), yesterday)
    open_visit(page, "Maya Tremblay")

    from_the_menu(page, "No-show")
    note = drawer(page).locator("#sheet-no-show").get_by_label("Note")
    expect(note).to_be_focused()
    page.keyboard.type("The phone rang and nobody answered")
    page.keyboard.press("Control+Enter")

    status(page, "No-show")
    expect(title(page, "Maya Tremblay")).to_be_focused()
    first.refresh_from_db()
    assert first.reason == "The phone rang and nobody answered"


def test_a_visit_is_cancelled_and_the_patient_not_told(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    tell(visits)
    page = diary(open_page(clinic.desk), visits[0].local_date)
    open_visit(page, "Anouk Desrosiers")

    press(drawer(page).get_by_role("button", name="Cancel"))
    expect(drawer(page).get_by_label("Reason")).to_be_focused()
    page.keyboard.type("She called herself")
    press(drawer(page).get_by_label("Tell the patient by e-mail"), "Space")
    press(drawer(page).get_by_role("button", name="Cancel the appointment"))

    status(page, "Cancelled")
    expect(title(page, "Anouk Desrosiers")).to_be_focused()
    letter = Message.objects.get(appointment=visits[0], rule="cancelled")
    assert letter.status == MessageStatus.SUPPRESSED


def test_an_absence_is_declared(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    page = diary(open_page(clinic.desk), clinic.today)

    nav = page.get_by_role("navigation", name="Main")
    press(nav.get_by_role("link", name="To do"))
    press(page.get_by_role("link", name="Declare an absence"))
    type_into(page.get_by_label("Who or what is missing"), "Dr")
    for label in ("From*", "Until*"):
        type_date(page.get_by_label(label, exact=True), visits[0].local_date)
    type_into(page.get_by_label("Reason"), "Ill")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".cd-replans")).to_contain_text("Anouk Desrosiers")
    outage = Outage.objects.get()
    assert outage.during.lower.astimezone(clinic.place.zone).date() == (
        visits[0].local_date
    )


def test_the_list_of_keys_gives_the_focus_back(open_page, clinic):
    clinic.session(10, day=clinic.today)
    page = diary(open_page(clinic.desk), clinic.today)
    page.keyboard.press("j")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(block(page, "Maya Tremblay")).to_be_focused()
    assert not re.search("open=", page.url)
