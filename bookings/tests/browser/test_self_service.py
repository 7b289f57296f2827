"""A patient with a letter and a phone: comes, moves, cannot come, takes a freed time."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Message,
    MessageStatus,
    Task,
    TaskKind,
)
from bookings.services import claims
from bookings.services.links import Purpose
from bookings.services.messages import outbox
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults, faults_at
from bookings.tests.factories import make_patient
from bookings.tests.letterbox import make_message
from bookings.tests.selfhelp import make_series, moment, soon, token, visit_of
from bookings.tests.waiting import make_entry, make_offer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LANGUAGES = ["en", "fr"]


@pytest.fixture
def plan(transactional_db):
    return make_series(first=soon())


def address(page: str, row, purpose: Purpose = Purpose.VISIT, language: str = "en"):
    path = reverse(f"portal:{page}", args=[token(row, purpose)])
    return f"/fr{path}" if language == "fr" else path


def state(row) -> str:
    return Appointment.objects.get(pk=row.pk).status


def link_in_letter(visit, label: str) -> str:
    """The address behind `label` in the letter that has just left."""
    Message.objects.all().update(status=MessageStatus.SUPERSEDED)
    make_message(
        visit, rule="practical", language=visit.patient.language, due_at=timezone.now()
    )
    outbox.send_due(clock=timezone.now)
    body = mail.outbox[-1].body
    found = re.search(rf"{label}\s?: https?://[^/]+(/\S+)", body)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("language", "come", "said"),
    [
        ("en", "I will come", "You told us that you will come."),
        ("fr", "Je viendrai", "Vous nous avez dit que vous viendrez."),
    ],
)
@pytest.mark.parametrize("scripts", [True, False])
def test_i_will_come_from_the_letter(
    open_page, transactional_db, language, come, said, scripts
):
    patient = make_patient(language=language)
    visit = visit_of(make_series(first=soon(), patient=patient))
    page = open_page(viewport=PHONE, java_script_enabled=scripts)

    page.goto(link_in_letter(visit, come))
    assert state(visit) == AppointmentStatus.BOOKED
    page.get_by_role("button", name=come).click()

    expect(page.get_by_text(said)).to_be_visible()
    assert state(visit) == AppointmentStatus.CONFIRMED
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_move_shows_what_follows_and_is_accepted(open_page, plan, scripts):
    visit = visit_of(plan)
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    page.goto(address("visit", visit))
    page.get_by_role("link", name="Move", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new time")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    more = page.get_by_role("link", name=re.compile("^Show .* more day"))
    more.click()
    dragging = page.locator(".vi-day", has_text="Session 2 then moves too.")
    dragging.first.locator(".vi-time").first.click()
    expect(page.get_by_text("Session 2 has to move too")).to_be_visible()
    expect(page.get_by_text("Your skin needs 6 to 8 weeks")).to_be_visible()
    assert visit_of(plan).starts_at == visit.starts_at
    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_text("Your 2 visits are moved.")).to_be_visible()
    assert visit_of(plan).starts_at > visit.starts_at


def test_a_move_by_keyboard_in_french(open_page, plan):
    visit = visit_of(plan, 2)
    page = open_page(viewport=PHONE)
    page.goto(address("visit", visit, language="fr"))

    page.get_by_role("link", name="Déplacer", exact=True).press("Enter")
    time = page.locator(".vi-time").first
    time.focus()
    expect(time).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Est-ce bien cela\u00a0?")
    page.get_by_role("button", name="Accepter").press("Enter")

    expect(page.get_by_text("Votre visite est déplacée.")).to_be_visible()
    assert visit_of(plan, 2).starts_at != visit.starts_at


def test_too_late_to_cancel_becomes_a_wish_for_the_desk(open_page, plan):
    visit = visit_of(plan)
    during = type(visit.during)(
        timezone.now() + timedelta(hours=30), timezone.now() + timedelta(hours=31)
    )
    Appointment.objects.filter(pk=visit.pk).update(during=during)
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto(address("visit", visit))
    expect(page.get_by_text("There are less than 48 hours to go.")).to_be_visible()

    page.get_by_role("link", name="I cannot come").click()
    page.get_by_label("Monday").check()
    page.get_by_label("Your words").fill("I am ill.")
    page.get_by_role("button", name="Send to our desk").click()

    expect(
        page.get_by_text("We have your wish. Our desk will call you.")
    ).to_be_visible()
    expect(page.get_by_role("link", name="I cannot come")).to_have_count(0)
    assert state(visit) == AppointmentStatus.BOOKED
    assert "cannot come" in Task.objects.get(kind=TaskKind.ASKS).words


def test_a_time_taken_meanwhile_leads_to_the_nearest(open_page, plan):
    visit = visit_of(plan)
    page = open_page(viewport=PHONE)
    page.goto(address("visit-move", visit))
    page.locator(".vi-time").first.click()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    Appointment.objects.filter(pk=visit.pk).update(version=visit.version + 1)

    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_role("alert")).to_contain_text("has changed since")
    expect(page.locator(".vi-day").first).to_be_visible()


def offer_for(plan):
    """A free time a week before session 1, offered now."""
    day = soon(1)
    entry = make_entry(plan=plan, first_day=day, last_day=day, added_at=timezone.now())
    start = moment(day)
    now = timezone.now()
    offer = make_offer(
        entry=entry,
        during=type(visit_of(plan).during)(start, start + timedelta(minutes=70)),
        roles={c.role: c.resource_id for c in visit_of(plan).claims.all()},
        offered_at=now,
        expires_at=now + timedelta(hours=2),
    )
    claims.take(claims.for_offer(offer, plan, offer.roles))
    return offer


def test_a_freed_time_is_taken_by_its_link(open_page, plan):
    offer = offer_for(plan)
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto(address("offer", offer, Purpose.OFFER))

    page.get_by_role("button", name="Take this time").click()

    expect(page.get_by_text("This time is yours")).to_be_visible()
    assert visit_of(plan).starts_at == offer.starts_at


def test_a_freed_time_is_left_in_french(open_page, plan):
    offer = offer_for(plan)
    page = open_page(viewport=PHONE)
    page.goto(address("offer", offer, Purpose.OFFER, "fr"))

    page.get_by_role("button", name="La laisser").click()

    expect(page.get_by_text("Vous avez laissé cette place")).to_be_visible()
    assert visit_of(plan).starts_at == moment(soon())


def linked_pages(plan, language: str):
    visit = visit_of(plan)
    for name in ("", "-move", "-cancel", "-ask", "-wait"):
        yield address(f"visit{name}", visit, language=language)
    later = moment(soon() + timedelta(days=10)).isoformat()
    yield f"{address('visit-move', visit, language=language)}?at={quote(later)}"
    off = visit_of(plan, 3)
    Appointment.objects.filter(pk=off.pk).update(status=AppointmentStatus.CANCELLED)
    yield address("visit", off, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_visits_and_offers(open_page, plan, language):
    page: Page = open_page(viewport=PHONE)

    assert faults_at(page, linked_pages(plan, language)) == {}

    page.goto(address("offer", offer_for(plan), Purpose.OFFER, language))
    assert faults(page) == []
    page.goto(address("visit-ask", visit_of(plan), language=language))
    page.locator("button.btn-primary").click()
    assert faults(page) == []
