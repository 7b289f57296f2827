"""On a phone: one tap before a session, a changed answer, a worry that is heard."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import Appointment, AppointmentStatus, CheckIn, Recheck, Task
from bookings.services import links
from bookings.services.links import Purpose
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.checks import fresh, make_sessions, make_treated

pytestmark = pytest.mark.browser
DAY = timedelta(days=1)


@pytest.fixture
def sessions(transactional_db):
    """A session two days ago and one in three days."""
    now = timezone.now()
    rows = make_sessions(make_treated(), now - 2 * DAY, now + 3 * DAY, told=False)
    Appointment.objects.filter(pk=rows[0].pk).update(
        status=AppointmentStatus.DONE, completed_at=now - 2 * DAY
    )
    return [fresh(row) for row in rows]


def path(purpose, session):
    page = "a" if purpose == Purpose.ANSWERS else "h"
    return f"/my/{page}/{links.token(purpose, session, now=timezone.now())}/"


@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_has_changed_in_one_tap(open_page, sessions, scripts):
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    page.goto(path(Purpose.ANSWERS, sessions[1]))

    page.get_by_role("button", name="Nothing has changed").click()

    expect(page.get_by_text("that nothing has changed")).to_be_visible()
    assert Recheck.objects.get().has_changed is False


def test_a_changed_answer_in_french_by_the_keyboard(open_page, sessions):
    page = open_page(viewport=PHONE)
    page.goto(f"/fr{path(Purpose.ANSWERS, sessions[1])}")
    page.get_by_role("link", name="Quelque chose a changé").press("Enter")

    page.locator("#q-open-wound input[value=yes]").press("Space")
    page.get_by_role("button", name="Envoyer mes réponses").press("Enter")

    expect(page.get_by_text("Rien n’est annulé.")).to_be_visible()
    assert Recheck.objects.get().has_changed


def test_a_worry_reaches_the_clinicians_screen(open_page, sessions, staff):
    page = open_page(viewport=PHONE)
    page.goto(f"{path(Purpose.HEALING, sessions[0])}?moment=48h&answer=worried")
    page.get_by_label("Pus").check()
    page.get_by_label("In your own words, if you like").fill("It is hot")
    page.get_by_role("button", name="Tell a clinician now").click()
    expect(page.get_by_text("A clinician has been told")).to_be_visible()

    doctor = open_page(staff["Okafor"])
    doctor.goto("/review/alerts/")
    expect(doctor.get_by_text("It is hot")).to_be_visible()
    doctor.get_by_label("What you did").fill("Called, comes in at noon")
    doctor.get_by_role("button", name="Note and close").click()

    expect(doctor.get_by_text("Nobody waits for your word.")).to_be_visible()
    assert CheckIn.objects.get().signs == ["pus"]
    assert not Task.objects.open().exists()


def test_axe_finds_nothing(open_page, sessions, staff):
    healing, answers = (
        path(purpose, session)
        for purpose, session in zip(
            (Purpose.HEALING, Purpose.ANSWERS), sessions, strict=True
        )
    )
    pages = [answers, f"{answers}?change=1", healing, f"{healing}?answer=worried"]
    pages += [f"/fr{one}" for one in pages]

    found = [faults_at(open_page(), pages), faults_at(open_page(viewport=PHONE), pages)]

    assert found == [{}, {}]
    assert faults_at(open_page(staff["Okafor"]), ["/review/alerts/"]) == {}
