"""The main job, one step a function, as a pointer and a keyboard would do it."""

from datetime import date, datetime

from playwright.sync_api import Locator, Page, expect

from clinic.demo_accounts import DEMO_PASSWORD

FRONT_DESK, DOCTOR = "desk@example.org", "doctor@example.org"


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_title("Sign in · Larchmere Skin Clinic")


def sign_out(page: Page) -> None:
    page.locator("summary", has_text="Account of").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def look_for(page: Page, words: str) -> None:
    """Look somebody up the way that needs no JavaScript either."""
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("searchbox", name="Name or phone number").fill(words)
    page.get_by_role("button", name="Find").click()


def add_patient(page: Page, first_name: str, last_name: str, email: str) -> None:
    """Add somebody on the page where nobody was found."""
    page.get_by_label("First name").fill(first_name)
    page.get_by_label("Last name").fill(last_name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Planned treatment").select_option("Medical microneedling")
    page.get_by_role("button", name="Add and ask the health questions").click()


def answer_no_to_everything(page: Page) -> None:
    noes = page.get_by_role("radio", name="No", exact=True)
    expect(noes.first).to_be_visible()
    for number in range(noes.count()):
        noes.nth(number).check()
    page.get_by_role("button", name="Save the answers").click()


def draft_plan(page: Page) -> None:
    """Three sessions on the face for fine lines; the treatment is known by now."""
    expect(page.get_by_role("radio", name="Medical microneedling")).to_be_checked()
    page.get_by_role("checkbox", name="Fine lines").check()
    page.get_by_role("checkbox", name="Face").check()
    page.get_by_role("radio", name="Centretown").check()
    sessions = page.get_by_role("spinbutton", name="Number of sessions")
    expect(sessions).to_have_value("3")
    page.get_by_role("button", name="Draft the plan").click()


def sign_plan(page: Page, patient: str) -> None:
    """As a clinician: open the plan from the queue, set the depth, sign."""
    page.get_by_role("link", name="Review", exact=True).click()
    page.get_by_role("link", name=patient).click()
    page.get_by_role("spinbutton", name="Depth in mm, Face").fill("1.5")
    page.get_by_role("button", name="Approve and sign").click()


def open_proposals(page: Page, patient: str) -> None:
    page.get_by_role("link", name="Series", exact=True).click()
    book_the_series(page, patient).click()


def book_the_series(page: Page, patient: str) -> Locator:
    """The next step of the patient's course on the board."""
    row = page.get_by_role("listitem").filter(has_text=patient)
    return row.get_by_role("link", name="Book the series")


def prefer_afternoons(
    page: Page, *, earliest: date, away_from: date, away_until: date
) -> None:
    """Ask for Monday to Thursday, an arrival from 13:00 to 16:00, and a week off."""
    page.get_by_label("Earliest start").fill(f"{earliest}")
    page.get_by_role("checkbox", name="Fri").uncheck()
    page.get_by_label("Arrive from").select_option("13:00")
    page.get_by_label("Arrive until").select_option("16:00")
    page.get_by_role("radio", name="One person if it costs under a week").check()
    page.locator("summary", has_text="Add dates to avoid").click()
    avoid = page.get_by_role("group", name="Dates to avoid, 1")
    avoid.get_by_label("From").fill(f"{away_from}")
    avoid.get_by_label("To").fill(f"{away_until}")
    avoid.get_by_label("What for").fill("Halifax")
    page.get_by_role("button", name="Update proposals").click()


def proposals(page: Page) -> Locator:
    return page.get_by_role("article")


def times_of(proposal: Locator) -> list[datetime]:
    """When the sessions of one proposal start, in local time."""
    shown = proposal.locator("ol.cd-sessions time").all()
    return [
        datetime.fromisoformat(str(moment.get_attribute("datetime")))
        for moment in shown
    ]


def sessions_of(proposal: Locator) -> list[str]:
    """What one proposal says of its sessions: when, with whom, where, with what."""
    return proposal.locator("ol.cd-sessions li").all_inner_texts()


def choose(proposal: Locator, title: str) -> None:
    """Choose by the words beside the radio button, as a pointer would."""
    proposal.get_by_text(title, exact=True).click()
    expect(proposal.get_by_role("radio")).to_be_checked()


def book_all(page: Page) -> None:
    page.get_by_role("button", name="Book all 3 sessions").click()
