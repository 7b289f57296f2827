"""A request in a real browser: the desk proposes times, the patient takes one."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import Appointment, ConsultationRequest
from bookings.services.messages import outbox
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults, faults_at
from bookings.tests.factories import make_answer, make_patient, make_request
from clinic.models import Location
from treatments.models import Treatment

pytestmark = pytest.mark.browser

AFTER_GRACE = timedelta(minutes=10)


def asks(**fields):
    """Somebody asked on the site a while ago."""
    person = make_patient(
        first_name="Noor",
        last_name="Haddad",
        email="noor@example.org",
        timezone="America/Vancouver",
        **fields,
    )
    make_answer(patient=person, question="keloid", value="unsure")
    return make_request(
        patient=person,
        source="web",
        location=Location.objects.order_by("pk").first(),
        treatment=Treatment.objects.order_by("pk").first(),
        comes_from="Vancouver",
        words="I would like to know what could help my scars.",
        asked_at=timezone.now() - timedelta(days=5),
    )


def propose_two(page, row):
    """The desk reads the request, ticks two times and sends them."""
    page.goto("/desk/requests/")
    expect(page.get_by_text("overdue since")).to_be_visible()
    page.get_by_role("link", name="Noor Haddad").press("Enter")
    expect(page.get_by_role("heading", name="Noor Haddad")).to_be_visible()
    page.get_by_role("link", name="Propose times by e-mail").press("Enter")
    boxes = page.locator("[name=pick]")
    boxes.nth(0).press("Space")
    boxes.nth(1).press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 times go to noor@example.org")).to_be_visible()


def links_sent():
    """The links of the letter, as it leaves."""
    later = timezone.now() + AFTER_GRACE
    outbox.send_due(clock=lambda: later)
    found = re.findall(r"https?://[^/]+(/\S+/choose/\?time=\d+)", mail.outbox[-1].body)
    assert len(found) == 2
    return found


def test_the_desk_proposes_and_the_patient_chooses_on_a_phone(open_page, staff):
    row = asks()
    propose_two(open_page(staff["Boyer"]), row)
    first, _second = links_sent()

    phone = open_page(viewport=PHONE, java_script_enabled=False)
    phone.goto(first)
    expect(phone.get_by_text("by your clock (Vancouver time)").first).to_be_visible()
    phone.get_by_role("button", name="Book this time").first.click()

    expect(
        phone.get_by_role("heading", name="Your consultation is booked")
    ).to_be_visible()
    row.refresh_from_db()
    assert (row.status, row.appointment) == (
        "booked",
        Appointment.objects.get(patient=row.patient),
    )


def test_a_time_lost_meanwhile_is_said_and_another_taken_by_keyboard(open_page, staff):
    row = asks()
    desk = open_page(staff["Boyer"])
    propose_two(desk, row)
    first, _second = links_sent()
    phone = open_page(viewport=PHONE)
    phone.goto(first)
    proposed = row.proposed_times.first()
    claim = proposed.practitioner.claims.create
    claim(
        during=(proposed.starts_at, proposed.starts_at + timedelta(minutes=30)),
        why="absence",
        label="Called away",
    )

    phone.get_by_role("button", name="Book this time").first.press("Enter")

    expect(phone.get_by_role("alert")).to_contain_text("taken this time meanwhile")
    expect(phone.get_by_role("button", name="Book this time")).to_have_count(3)
    assert faults(phone) == []
    phone.get_by_role("button", name="Book this time").last.press("Enter")
    expect(
        phone.get_by_role("heading", name="Your consultation is booked")
    ).to_be_visible()


def test_axe_finds_nothing_at_the_desk_nor_where_the_patient_chooses(open_page, staff):
    row = asks(language="fr")
    desk = open_page(staff["Boyer"])
    here = f"/desk/requests/{row.pk}/"
    pages = ["/desk/requests/", here, f"{here}times/"]
    assert faults_at(desk, pages) == {}
    desk.set_viewport_size(PHONE)
    assert faults_at(desk, pages) == {}
    desk.locator("details summary").last.press("Enter")
    assert faults(desk) == []
    propose_two(desk, row)
    french, _second = links_sent()
    english = french.removeprefix("/fr")

    for viewport in (PHONE, {"width": 1440, "height": 900}):
        page = open_page(viewport=viewport)
        assert faults_at(page, [english, french]) == {}
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Choisissez un moment"
        )
    page.get_by_role("button", name="Réserver ce moment").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Votre consultation est réservée"
    )
    assert faults(page) == []
    assert ConsultationRequest.objects.get().status == "booked"


def test_what_was_typed_is_kept_where_a_time_is_refused(open_page, staff):
    row = asks()
    desk = open_page(staff["Boyer"])
    desk.goto(f"/desk/requests/{row.pk}/times/")
    desk.locator("details summary").last.press("Enter")
    desk.locator("[name=other-1-date]").fill("2020-01-06")
    desk.locator("[name=other-1-time]").fill("10:00")
    desk.locator("[name=other-1-practitioner]").select_option(index=1)

    desk.get_by_role("button", name="Send by e-mail").press("Enter")

    expect(desk.get_by_role("alert")).to_contain_text("That time has passed.")
    expect(desk.locator("[name=other-1-date]")).to_have_value("2020-01-06")
    assert faults(desk) == []
