"""A morning at the desk, by mouse: whoever reads this from top to bottom can do the job."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import Page, expect

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Message,
    MessageStatus,
    Patient,
    Task,
    TaskKind,
)
from bookings.tests.browser import job
from bookings.tests.browser.morning import (
    Morning,
    block,
    carry,
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
from bookings.tests.factories import make_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(transactional_db):
    return Morning()


def open_visit(page: Page, name: str) -> None:
    block(page, name).click()
    expect(drawer(page).get_by_role("heading", name=name)).to_be_focused()


def step(page: Page, words: str) -> None:
    """Press the one button of the drawer that leads on."""
    drawer(page).get_by_role("button", name=words, exact=True).click()


def from_the_menu(page: Page, words: str) -> None:
    drawer(page).locator("summary[aria-label=More]").click()
    drawer(page).locator(".cd-menu-list").get_by_role("button", name=words).click()


def to_do(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role(
        "link", name="To do"
    ).click()
    expect(page.get_by_role("heading", name="To do", level=1)).to_be_visible()


def test_whoever_signs_in_sees_who_comes_today(open_page, clinic):
    clinic.session(10, day=clinic.today)
    page = open_page()

    job.sign_in(page, job.FRONT_DESK)

    drawn(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(date_format(clinic.today, "j"))
    expect(block(page, "Maya Tremblay")).to_contain_text("10:00 to 11:10")
    expect(page.locator("#diary-fresh")).to_contain_text("Updated")


def test_a_click_on_a_free_time_books_a_consultation_for_somebody_new(
    open_page, clinic
):
    day = next_free_day(clinic)
    clinic.talk(9, day=day, patient=make_patient(first_name="Hélène"))
    page = diary(open_page(clinic.desk), day)

    page.locator(".di-gap").nth(1).click(position={"x": 30, "y": 5})
    page.wait_for_url("**/desk/book/**")
    asked = page.locator(".cd-slot-time").inner_text()[:5]
    page.get_by_role("searchbox").fill("Noor Haidari")
    page.get_by_role("link", name="Add “Noor Haidari” as a new patient").click()
    page.locator(".cd-somebody").get_by_label("Phone").fill("613-555-0162")
    page.get_by_role("button", name="Add and go on").click()
    expect(page.locator(".cd-who")).to_contain_text("Noor Haidari")
    page.get_by_label("Note for the desk").fill("Comes with her sister")
    page.get_by_role("button", name="Book the consultation").click()

    drawn(page)
    expect(drawer(page)).to_contain_text("Comes with her sister")
    expect(block(page, "Noor Haidari")).to_have_attribute("aria-current", "true")
    visit = Appointment.objects.get(patient=Patient.objects.get(last_name="Haidari"))
    assert visit.kind == AppointmentKind.CONSULTATION
    assert (visit.local_date, f"{visit.local_start:%H:%M}") == (day, asked)
    toast(page, f"Code {visit.code}")


def test_a_visit_goes_from_booked_to_done_one_click_at_a_time(open_page, clinic):
    first, second = clinic.begun(clinic.today, clinic.today + timedelta(days=49))
    page = diary(open_page(clinic.desk), clinic.today)
    open_visit(page, "Maya Tremblay")

    from_the_menu(page, "Confirm")
    status(page, "Confirmed")
    step(page, "Mark arrived")
    status(page, "Arrived")
    expect(page.locator(".di-block.is-arrived")).to_have_count(1)
    step(page, "Begin")
    status(page, "In session")
    step(page, "Mark as done")
    expect(drawer(page).get_by_label("Performed on")).to_have_value(f"{clinic.today}")
    drawer(page).locator("#sheet-done").get_by_role(
        "button", name="Mark as done"
    ).click()

    status(page, "Done")
    toast(page, "Done. The next window counts from that day.")
    expect(drawer(page)).to_contain_text("the next window counts from then")
    expect(page.locator(".di-block.is-done")).to_have_count(1)
    first.refresh_from_db()
    assert first.status == AppointmentStatus.DONE
    assert not Task.objects.filter(plan=second.plan).exists()


def test_a_slip_goes_back_one_step(open_page, clinic):
    clinic.session(10, day=clinic.today)
    page = diary(open_page(clinic.desk), clinic.today)
    open_visit(page, "Maya Tremblay")

    step(page, "Mark arrived")
    status(page, "Arrived")
    from_the_menu(page, "Not here yet")

    status(page, "Booked")
    expect(page.locator(".di-block.is-booked")).to_have_count(1)


def test_a_session_performed_on_another_day_asks_to_put_the_next_one_right(
    open_page, clinic
):
    """She came a day late: from today it is a day too few to the second session."""
    yesterday = clinic.today - timedelta(days=1)
    clinic.begun(yesterday, yesterday + timedelta(days=42))
    page = diary(open_page(clinic.desk), yesterday)
    open_visit(page, "Maya Tremblay")

    step(page, "Mark arrived")
    step(page, "Begin")
    step(page, "Mark as done")
    sheet = drawer(page).locator("#sheet-done")
    sheet.get_by_label("Performed on").fill(f"{clinic.today}")
    at = clinic.now.astimezone(clinic.place.zone)
    sheet.get_by_label("Ended at").fill(f"{at:%H:%M}")
    sheet.get_by_role("button", name="Mark as done").click()

    status(page, "Done")
    performed = date_format(clinic.today, "D j M")
    expect(drawer(page)).to_contain_text(f"Performed {performed}")
    to_do(page)
    expect(page.locator(".cd-tasks")).to_contain_text("session 2 comes 41 days after")
    expect(page.locator(".cd-tasks")).to_contain_text("Maya Tremblay")


def test_whoever_did_not_come_is_marked_and_the_session_needs_another_place(
    open_page, clinic
):
    yesterday = clinic.today - timedelta(days=1)
    first, _second = clinic.begun(yesterday, yesterday + timedelta(days=49))
    page = diary(open_page(clinic.desk), yesterday)
    open_visit(page, "Maya Tremblay")

    from_the_menu(page, "No-show")
    sheet = drawer(page).locator("#sheet-no-show")
    sheet.get_by_label("Note").fill("The phone rang and nobody answered")
    sheet.get_by_role("button", name="Mark as no-show").click()

    status(page, "No-show")
    assert not first.claims.exists()
    to_do(page)
    expect(page.locator(".cd-tasks")).to_contain_text("Maya Tremblay")
    assert Task.objects.filter(kind=TaskKind.PLACE, appointment=None).count() <= 1


def test_a_drag_shows_what_follows_and_undo_puts_everything_back(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    before, heard = [visit.during for visit in visits], waiting(visits)
    page = diary(
        open_page(clinic.desk),
        visits[0].local_date,
        f"&span=week&who={clinic.doctor.pk}",
    )

    wednesday = page.locator("#diary .ec-col-head").nth(2)
    carry(page, block(page, "Anouk"), wednesday, hours=1.5)
    expect(dialog(page)).to_contain_text("To, 2 days later")
    expect(dialog(page)).to_contain_text("Session 2 has to move too")
    expect(dialog(page)).to_contain_text("Nothing changes until you accept.")
    assert [
        one.during for one in visits[0].plan.appointments.order_by("number")
    ] == before
    dialog(page).get_by_label("Why").fill("Her train")
    dialog(page).get_by_role("button", name="Accept and move 2 sessions").click()

    expect(dialog(page)).to_be_hidden()
    moved = toast(page, "2 sessions moved.")
    expect(block(page, "Anouk")).to_contain_text("11:30 to 12:40")
    visits[0].refresh_from_db()
    assert visits[0].local_start.strftime("%a %H:%M") == "Wed 11:30"
    assert waiting(visits) != heard
    moved.get_by_role("button", name="Undo").click()

    toast(page, "Undone. It is as it was before.")
    expect(block(page, "Anouk")).to_contain_text("10:00 to 11:10")
    again = visits[0].plan.appointments.order_by("number")
    assert [one.during for one in again] == before
    assert waiting(visits) == heard


def test_an_absence_puts_whom_it_touches_on_the_list(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    page = diary(open_page(clinic.desk), visits[0].local_date)
    expect(block(page, "Anouk")).to_be_visible()

    to_do(page)
    page.get_by_role("link", name="Declare an absence").click()
    page.get_by_label("Who or what is missing").select_option("Dr Okafor, Centretown")
    page.get_by_label("From*", exact=True).fill(f"{visits[0].local_date}")
    page.get_by_label("Until*", exact=True).fill(f"{visits[0].local_date}")
    page.get_by_label("Reason").fill("Ill")
    page.get_by_role("button", name="Declare and see whom it touches").click()

    expect(page.get_by_role("heading", name="Dr Okafor is absent")).to_be_visible()
    expect(page.locator(".cd-replans")).to_contain_text("Anouk Desrosiers")
    to_do(page)
    tasks = page.locator(".cd-tasks")
    expect(tasks).to_contain_text("1 appointment has to be re-planned")
    tasks.get_by_text("1 appointment has to be re-planned").click()
    expect(tasks).to_contain_text("Anouk Desrosiers")
    diary(page, visits[0].local_date)
    expect(page.locator(".di-off-absence").first).to_be_attached()


@pytest.mark.parametrize("tells", [True, False])
def test_a_cancellation_tells_the_patient_unless_the_desk_says_not_to(
    open_page, clinic, tells
):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    tell(visits)
    page = diary(open_page(clinic.desk), visits[0].local_date)
    open_visit(page, "Anouk Desrosiers")

    step(page, "Cancel")
    sheet = drawer(page).locator("#sheet-cancel")
    sheet.get_by_label("Reason").fill("She called: her mother is ill")
    told = sheet.get_by_label("Tell the patient by e-mail")
    expect(told).to_be_checked()
    told.set_checked(tells)
    sheet.get_by_role("button", name="Cancel the appointment").click()

    status(page, "Cancelled")
    toast(page, "Cancelled. The time is free again.")
    letter = Message.objects.get(appointment=visits[0], rule="cancelled")
    wanted = MessageStatus.PLANNED if tells else MessageStatus.SUPPRESSED
    assert letter.status == wanted
    assert letter.due_at > timezone.now()
    assert (
        not Message.objects.waiting()
        .filter(appointment=visits[0], rule="pre-care")
        .exists()
    )


def test_undo_takes_a_cancellation_back_before_anybody_reads_of_it(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    tell(visits)
    heard = waiting(visits)
    page = diary(open_page(clinic.desk), visits[0].local_date)
    open_visit(page, "Anouk Desrosiers")
    step(page, "Cancel")
    drawer(page).get_by_label("Reason").fill("The wrong Anouk")
    step(page, "Cancel the appointment")

    toast(page, "Cancelled.").get_by_role("button", name="Undo").click()

    status(page, "Booked")
    expect(block(page, "Anouk")).to_have_class(re.compile("is-booked"))
    assert waiting(visits) == heard


@pytest.mark.browser_context_args(timezone_id="Asia/Kolkata")
def test_a_drag_in_another_time_zone_lands_at_the_clinics_time(open_page, clinic):
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    page = diary(open_page(clinic.desk), visits[0].local_date)
    own_zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert own_zone.startswith("Asia/")

    carry(page, block(page, "Anouk"), page.locator("#diary .ec-col-head").first, 3.25)
    expect(dialog(page)).to_contain_text("13:15")
    dialog(page).get_by_role("button", name="Accept and move 1 session").click()

    toast(page, "1 session moved.")
    expect(block(page, "Anouk")).to_contain_text("13:15 to 14:25")
    moved = Appointment.objects.get(pk=visits[0].pk)
    assert moved.local_start.tzinfo.key == "America/Toronto"
    assert (moved.local_date, f"{moved.local_start:%H:%M}") == (
        visits[0].local_date,
        "13:15",
    )


def test_without_a_script_the_list_of_the_day_does_the_same_job(open_page, clinic):
    """Arrive, move and book by links and forms alone."""
    today = clinic.session(10, day=clinic.today)
    visits = clinic.coming(first_name="Anouk", last_name="Desrosiers")
    page = open_page(clinic.desk, java_script_enabled=False)

    page.goto("/desk/")
    page.locator("#agenda").get_by_role("link", name="10:00").click()
    page.get_by_role("button", name="Mark arrived").click()
    expect(page.locator(".cd-head .cd-status-arrived")).to_be_visible()
    page.get_by_role("link", name="Back to the day").click()
    expect(page.locator(f"#appointment-{today.pk}")).to_contain_text("Arrived")

    page.goto(f"/desk/day/?date={visits[0].local_date}")
    page.locator("#agenda").get_by_role("link", name="10:00").click()
    page.get_by_role("link", name="Move").click()
    page.get_by_label("Day", exact=True).fill(f"{visits[0].local_date}")
    page.get_by_label("Arrival").fill("14:30")
    page.get_by_role("button", name="See what follows").click()
    expect(page.get_by_text("Nothing changes until you accept.")).to_be_visible()
    page.get_by_role("button", name="Accept and move 1 session").click()
    expect(page.get_by_text("1 session moved.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. It is as it was before.")).to_be_visible()
    visits[0].refresh_from_db()
    assert f"{visits[0].local_start:%H:%M}" == "10:00"

    page.goto(f"/desk/day/?date={visits[0].local_date}")
    page.get_by_role("link", name="New booking").click()
    page.get_by_role("searchbox").fill("Maya")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Maya Tremblay").click()
    page.get_by_role("radio", name="Consultation").check()
    page.get_by_role("button", name="Look again").click()
    page.locator(".cd-free-times a").first.click()
    page.get_by_role("button", name="Book the consultation").click()
    expect(page.get_by_text("Booked: Maya Tremblay")).to_be_visible()
    talk = Appointment.objects.get(kind=AppointmentKind.CONSULTATION)
    expect(page.locator(f"#appointment-{talk.pk}")).to_be_visible()
