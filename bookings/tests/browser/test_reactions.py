"""A reaction from the desk's first word to a clinician's last; then whom a lot touched."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import Reaction, Task
from bookings.services.reacting import following
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.checks import fresh
from bookings.tests.reacting import DAY, make_done, make_reaction, make_record

pytestmark = pytest.mark.browser


@pytest.fixture
def session(transactional_db, staff):
    """A session two days ago with its record."""
    row = make_done(timezone.now() - 2 * DAY)
    make_record(row, prp_lot="PK-77", lots={"HG-12": "Hyaluronic acid gel"})
    return fresh(row)


def test_the_desk_reports_and_a_clinician_follows_it_to_the_end(
    open_page, session, staff
):
    desk = open_page(staff["Boyer"], viewport=PHONE)
    desk.goto(f"/desk/appointments/{session.pk}/")
    desk.get_by_role("link", name="Report one").click()
    desk.get_by_label("Severe").check()
    desk.get_by_label("Pus", exact=True).check()
    desk.get_by_label("What happened").fill("She called: pus on the left cheek.")
    desk.get_by_role("button", name="Report it").click()
    expect(desk.get_by_text("The clinicians see it under Alerts.")).to_be_visible()

    doctor = open_page(staff["Okafor"])
    doctor.goto("/review/alerts/")
    doctor.get_by_role("link", name="Rate and advise").press("Enter")
    doctor.get_by_label("Advice given").fill("Antibiotic cream. Come in tomorrow.")
    doctor.get_by_role("button", name="Keep the rating").press("Enter")
    expect(doctor.get_by_role("heading", name="Look again")).to_be_visible()
    assert not Task.objects.open().exists()

    following.reconcile(now=timezone.now() + timedelta(days=1))
    doctor.goto("/review/alerts/")
    doctor.get_by_role("link", name="Open the reaction").click()
    doctor.get_by_label("What you saw or heard").fill("Dry, no pus.")
    doctor.get_by_role("button", name="Note and look again").click()
    expect(doctor.get_by_text("Dry, no pus.")).to_be_visible()
    doctor.get_by_role("heading", name="Close it").click()
    doctor.get_by_label("How it ended").fill("Healed without a mark.")
    doctor.get_by_role("button", name="Close the reaction").click()
    expect(doctor.get_by_text("Healed without a mark.")).to_be_visible()
    assert not Reaction.objects.get().is_open
    assert not Task.objects.open().exists()


def test_from_a_patient_to_a_lot_and_to_whom_else_it_touched(open_page, session, staff):
    other = make_done(timezone.now() - 9 * DAY, "Bea")
    make_record(other, lots={"HG-12": "Hyaluronic acid gel"})
    page = open_page(staff["Okafor"])
    page.goto(f"/review/patients/{session.patient_id}/trace/")

    page.get_by_role("link", name="HG-12").click()

    expect(page.get_by_role("heading", name="HG-12 touched 2 patients")).to_be_visible()
    expect(page.get_by_role("link", name="Bea")).to_be_visible()


def test_axe_finds_nothing(open_page, session, staff):
    now = timezone.now()
    rated = make_reaction(session, reported_at=now, signs=["pus", "scabs"])
    told = make_reaction(session, reported_at=now, advice="", follow_up_on=None)
    pages = [
        "/review/alerts/",
        "/review/reactions/",
        f"/review/reactions/{rated.pk}/",
        f"/review/reactions/{told.pk}/",
        "/review/trace/?lot=HG-12",
        f"/review/patients/{session.patient_id}/trace/",
        f"/desk/appointments/{session.pk}/reaction/",
        f"/desk/appointments/{session.pk}/",
    ]

    assert faults_at(open_page(staff["Okafor"]), pages) == {}
