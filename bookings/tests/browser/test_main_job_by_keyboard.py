"""The main job without a pointer: the focus is always seen and never caught."""

import re

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Appointment, PlanStatus, TreatmentPlan
from bookings.tests.browser import job
from bookings.tests.browser.clinic import sessions
from bookings.tests.browser.keyboard import LOOK, choose, press, tab_to, type_into
from clinic.demo_accounts import DEMO_PASSWORD

pytestmark = pytest.mark.browser

NAME = "Noor Haidari"


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    type_into(page.get_by_label("E-mail address"), email)
    type_into(page.get_by_label("Password"), DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/desk/|/review/"))


def sign_out(page: Page) -> None:
    press(page.locator("summary", has_text="Account of"))
    press(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def add_patient(page: Page) -> None:
    """Nobody is found among the patients; the form stands below."""
    press(page.get_by_role("link", name="Patients", exact=True))
    page.wait_for_url("**/desk/patients/")
    type_into(page.get_by_role("searchbox", name="Name or phone number"), NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="0 patients found")).to_be_visible()
    type_into(page.get_by_label("First name"), "Noor")
    type_into(page.get_by_label("Last name"), "Haidari")
    type_into(page.get_by_label("E-mail address"), "noor@example.org")
    type_into(page.get_by_label("Planned treatment"), "Medical")
    page.keyboard.press("Enter")
    press(page.get_by_role("button", name="Add and ask the health questions"))


def answer_no_to_everything(page: Page) -> None:
    expect(page.get_by_role("heading", name=f"{NAME}’s health")).to_be_visible()
    yeses = page.get_by_role("radio", name="Yes", exact=True)
    noes = page.get_by_role("radio", name="No", exact=True)
    for number in range(noes.count()):
        choose(page, noes.nth(number), yeses.nth(number))
    page.keyboard.press("Control+Enter")


def draft_plan(page: Page) -> None:
    expect(page.get_by_role("heading", name=f"Plan for {NAME}")).to_be_visible()
    tab_to(page.get_by_role("radio", name="Medical microneedling"))
    press(page.get_by_role("checkbox", name="Fine lines"), "Space")
    press(page.get_by_role("checkbox", name="Face"), "Space")
    places = page.get_by_role("radio", name="Centretown")
    tab_to(places)
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/desk/plans/\d+/$"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Waiting for review")).to_be_visible()


def sign_plan(page: Page) -> None:
    press(page.get_by_role("link", name="Review", exact=True))
    press(page.get_by_role("link", name=NAME))
    type_into(page.get_by_role("spinbutton", name="Depth in mm, Face"), "1.5")
    press(page.get_by_role("button", name="Approve and sign"))
    expect(page.get_by_text("Signed.")).to_be_visible()


def ask_for_fewer_days(page: Page) -> None:
    """Change the wishes; Ctrl+Enter among them asks anew and books nothing."""
    press(page.get_by_role("link", name="Series", exact=True))
    press(job.book_the_series(page, NAME))
    expect(job.proposals(page)).to_have_count(3)
    press(page.get_by_role("checkbox", name="Fri"), "Space")
    type_into(page.get_by_label("Arrive from"), "13:00")
    choose(
        page,
        page.get_by_role("radio", name="One person throughout"),
        page.get_by_role("radio", name="Anyone qualified"),
    )
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Arrive from")).to_have_value("13:00")
    expect(page.get_by_role("radio", name="One person throughout")).to_be_checked()
    page.wait_for_url("**/series/?*arrive_from=13*")


def update(page: Page) -> None:
    """Ask anew: the page changes under the focus, which stays on its button."""
    button = page.get_by_role("button", name="Update proposals")
    before = page.locator("#main").element_handle()
    press(button)
    before.wait_for_element_state("hidden")
    expect(button).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text(
        ["", "3 ways to book the series"]
    )


def test_the_main_job_needs_no_pointer(open_page, staff):
    page = open_page()

    sign_in(page, job.FRONT_DESK)
    add_patient(page)
    answer_no_to_everything(page)
    draft_plan(page)
    sign_out(page)

    sign_in(page, job.DOCTOR)
    sign_plan(page)
    sign_out(page)
    assert TreatmentPlan.objects.get().status == PlanStatus.APPROVED

    sign_in(page, job.FRONT_DESK)
    ask_for_fewer_days(page)
    assert not Appointment.objects.filter(plan__isnull=False).exists()
    update(page)
    chosen = job.proposals(page).nth(1)
    choose(
        page,
        chosen.get_by_role("radio"),
        job.proposals(page).first.get_by_role("radio"),
    )
    promised = job.times_of(chosen)
    tab_to(page.get_by_role("button", name="Update proposals"), back=True)
    tab_to(chosen.get_by_role("radio"))
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    booked = sessions()
    assert [visit.local_start for visit in booked] == promised


def test_the_first_tab_stop_leads_past_the_navigation(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto("/desk/patients/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.evaluate(LOOK) == ""
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("searchbox")).to_be_focused()


def test_single_keys_can_be_switched_off(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto("/desk/patients/")
    press(page.locator("summary", has_text="Account of"))
    with page.expect_response("**/desk/keys/"):
        press(page.get_by_role("switch", name="Single-key shortcuts"), "Space")
    page.keyboard.press("Escape")

    page.goto("/desk/day/")
    page.keyboard.press("n")

    expect(page.get_by_role("link", name="New booking")).to_be_visible()
    expect(page).to_have_url(re.compile("/desk/day/$"))
