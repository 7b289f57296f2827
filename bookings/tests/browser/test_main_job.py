"""The main job on real parts: from a stranger's name to a booked series and its e-mail."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import (
    AppointmentKind,
    Message,
    MessageStatus,
    Patient,
    SeriesBooking,
)
from bookings.tasks import send_due_messages
from bookings.tests.browser import job
from bookings.tests.browser.clinic import sessions, signed_plan

pytestmark = pytest.mark.browser

NAME, EMAIL = "Noor Haidari", "noor@example.org"


def make_pre_care_due() -> Message:
    """Let the week before the first session have come."""
    message = Message.objects.filter(rule="pre-care").earliest("due_at")
    message.due_at = timezone.now() - timedelta(minutes=1)
    message.save(update_fields=["due_at"])
    return message


@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_series_is_booked_and_its_first_letter_read(
    open_page, staff, mailoutbox, has_javascript
):
    page = open_page(java_script_enabled=has_javascript)

    # The desk finds nobody, adds the patient and drafts a plan.
    job.sign_in(page, job.FRONT_DESK)
    job.look_for(page, NAME)
    expect(page.get_by_role("heading", name="0 patients found")).to_be_visible()
    job.add_patient(page, *NAME.split(), EMAIL)
    expect(page.get_by_role("heading", name=f"{NAME}’s health")).to_be_visible()
    job.answer_no_to_everything(page)
    job.draft_plan(page)
    expect(page.get_by_role("heading", name="Suitable")).to_be_visible()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Waiting for review")).to_be_visible()
    job.sign_out(page)

    # A clinician sees the verdict and the plan, and signs.
    job.sign_in(page, job.DOCTOR)
    job.sign_plan(page, NAME)
    expect(page.get_by_text(f"Signed. {NAME}’s series can be booked")).to_be_visible()
    job.sign_out(page)

    # The desk says what suits the patient, and chooses one of three.
    earliest = timezone.localdate() + timedelta(days=10)
    away = earliest + timedelta(days=50)
    until = away + timedelta(days=6)
    job.sign_in(page, job.FRONT_DESK)
    job.open_proposals(page, NAME)
    job.prefer_afternoons(page, earliest=earliest, away_from=away, away_until=until)
    expect(page).to_have_url(re.compile(f"avoid_1_first={away}"))
    expect(job.proposals(page)).to_have_count(3)
    for proposal in job.proposals(page).all():
        assert_fits(job.times_of(proposal), away, until)
        expect(proposal.locator("figure svg:visible")).to_have_count(1)
        expect(proposal.get_by_text("Why not earlier?")).to_be_visible()
    chosen = job.proposals(page).filter(has_text="Same weekday and time")
    promised = job.times_of(chosen)
    job.choose(chosen, "Same weekday and time")
    job.book_all(page)

    # All of it is booked, and each message has its time.
    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    patient = Patient.objects.get(email=EMAIL)
    booked = sessions().filter(patient=patient)
    assert [visit.local_start for visit in booked] == promised
    planned = Message.objects.filter(
        patient=patient, appointment__kind=AppointmentKind.SESSION
    )
    # One confirmation of all, and five words for each session.
    assert planned.count() == 16
    expect(page.get_by_role("link", name="Session 1 · due")).to_have_count(5)

    # The day's list shows the first session.
    page.goto(f"/desk/day/?date={promised[0]:%Y-%m-%d}&view=list")
    row = page.get_by_role("row").filter(has_text=NAME)
    expect(row).to_contain_text("Session 1 of 3")
    expect(row).to_contain_text(f"{promised[0]:%H:%M}")

    # What is due leaves with the sweep, and the desk reads it as rendered.
    message = make_pre_care_due()
    mailoutbox.clear()
    send_due_messages()
    message.refresh_from_db()
    assert message.status == MessageStatus.SENT
    sent = [mail.to for mail in mailoutbox if mail.subject == message.subject]
    assert sent == [[EMAIL]]
    page.goto(f"/desk/messages/{message.pk}/")
    expect(page.get_by_role("heading", name="As it was sent")).to_be_visible()
    letter = page.frame_locator("iframe[title='The e-mail as rendered']")
    expect(letter.get_by_text("Hello Noor")).to_be_visible()


def assert_fits(starts, away: date, until: date) -> None:
    """Monday to Thursday, 13:00 to 16:00, never while the patient is away."""
    assert len(starts) == 3
    assert {start.weekday() for start in starts} <= {0, 1, 2, 3}
    assert all("13:00" <= f"{start:%H:%M}" <= "16:00" for start in starts)
    assert not [start for start in starts if away <= start.date() <= until]


def test_of_two_desks_with_the_same_proposals_the_second_gets_words_and_new_ones(
    open_page, staff
):
    first = signed_plan(staff, first_name="Ada", last_name="First")
    second = signed_plan(staff, first_name="Bea", last_name="Second")
    query = "?earliest=2030-01-07&days=1&days=3&arrive_from=13:00&arrive_until=15:00"
    query = query.replace("2030-01-07", f"{timezone.localdate() + timedelta(days=8)}")
    pages = [open_page(staff["Boyer"]), open_page(staff["Boyer"])]
    for page, plan in zip(pages, (first, second), strict=True):
        page.goto(f"/desk/plans/{plan.pk}/series/{query}&policy=anyone")
    quick, slow = pages
    lost = job.sessions_of(job.proposals(slow).first)
    assert job.sessions_of(job.proposals(quick).first) == lost

    job.book_all(quick)
    expect(quick.get_by_text("All 3 sessions are booked.")).to_be_visible()
    job.book_all(slow)

    expect(slow.get_by_role("alert")).to_contain_text("Nothing was booked")
    expect(slow.get_by_label("Arrive until")).to_have_value("15:00")
    expect(slow.get_by_role("checkbox", name="Tue")).to_be_checked()
    expect(slow.get_by_role("checkbox", name="Mon")).not_to_be_checked()
    assert job.sessions_of(job.proposals(slow).first) != lost
    job.book_all(slow)
    expect(slow.get_by_text("All 3 sessions are booked.")).to_be_visible()
    assert SeriesBooking.objects.count() == 2


def test_a_double_click_books_once(open_page, staff):
    plan = signed_plan(staff)
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{plan.pk}/series/")

    page.get_by_role("button", name="Book all 3 sessions").dblclick()

    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    assert SeriesBooking.objects.count() == 1
    assert sessions().filter(plan=plan).count() == 3


def test_the_same_submit_after_a_lost_answer_shows_what_it_booked(open_page, staff):
    plan = signed_plan(staff)
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{plan.pk}/series/")

    def lose_the_answer(route):
        route.fetch(max_redirects=0)
        route.abort("aborted")

    page.route("**/series/book/*", lose_the_answer, times=1)
    job.book_all(page)
    expect(page.get_by_role("button", name="Book all 3 sessions")).to_be_visible()
    assert SeriesBooking.objects.count() == 1
    job.book_all(page)

    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    booking = SeriesBooking.objects.get()
    expect(page).to_have_url(re.compile(f"/desk/bookings/{booking.key}/$"))
    assert sessions().filter(plan=plan).count() == 3


def test_typing_a_name_finds_the_patient_without_another_page(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto("/desk/patients/")
    page.evaluate("window.isStillTheSamePage = true")

    page.get_by_role("searchbox").press_sequentially("gue")

    expect(page.get_by_role("heading", name="1 patient found")).to_be_visible()
    expect(page.get_by_role("link", name="Regular Guest")).to_be_visible()
    assert page.evaluate("window.isStillTheSamePage")
