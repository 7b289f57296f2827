"""Patients' own pages on a phone: in by code and by link, in both languages."""

from collections.abc import Iterator

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Message, Patient
from bookings.services import links
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.keyboard import type_into
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.factories import make_appointment, make_patient
from bookings.tests.portal import code_in, link_in
from bookings.tests.portal import worker as worker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("worker"),
]


@pytest.fixture
def ada(transactional_db) -> Patient:
    ada = make_patient(phone="+16135550101")
    visit = make_appointment(patient=ada, starts_at=timezone.now())
    Message.objects.create(
        patient=ada,
        appointment=visit,
        rule="confirmation",
        due_at=timezone.now(),
        dedupe_key="browser:1",
        status="sent",
        sent_at=timezone.now(),
        subject="Your visit",
        text="Hello",
        html="<!doctype html><html lang='en'><title>x</title><p>Hello</p></html>",
        recipient=ada.email,
    )
    ada.away_dates.create(
        first_day=timezone.localdate(), last_day=timezone.localdate(), label="Lisbon"
    )
    return ada


def ask(page: Page, address: str = "/my/", label: str = "E-mail address") -> None:
    page.goto(address)
    page.get_by_label(label).fill("ada@example.org")
    page.locator("form button.btn-primary").click()
    page.wait_for_url("**/sign-in/code/")


def test_in_by_code_around_the_pages_and_out_again(open_page, ada):
    page = open_page(viewport=PHONE)
    ask(page, "/my/messages/")
    page.get_by_label("Code").fill(code_in(mail.outbox[0]))
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/my/messages/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
    tabs = page.get_by_role("navigation", name="Main")
    expect(tabs.locator("[aria-current]")).to_have_text("Messages")
    page.get_by_role("link", name="Confirmation of the booking").click()
    expect(page.frame_locator("iframe").get_by_text("Hello")).to_be_visible()
    tabs.get_by_role("link", name="Account").click()
    page.get_by_role("link", name="Français").click()
    page.wait_for_url("**/fr/my/account/")
    page.get_by_role("button", name="Fermer la session sur cet appareil").click()
    page.wait_for_url("**/fr/my/sign-in/")


def test_in_by_link_in_french_without_scripts(open_page, ada):
    Patient.objects.filter(pk=ada.pk).update(language="fr")
    page = open_page(viewport=PHONE, java_script_enabled=False)
    ask(page, "/fr/my/account/", "Adresse courriel")
    letter = mail.outbox[0]
    assert "Bonjour" in letter.body

    page.goto(link_in(letter))
    page.get_by_role("button", name="Ouvrir mon plan").click()

    page.wait_for_url("**/fr/my/account/")
    page.get_by_role("link", name="Modifier").click()
    page.get_by_label("Téléphone").fill("613-555-0199")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/fr/my/account/")
    expect(page.get_by_text("(613) 555-0199")).to_be_visible()
    page.goto(link_in(letter))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Ce lien ne fonctionne pas"
    )


def test_in_with_the_keyboard_alone(open_page, ada):
    page = open_page(viewport=PHONE)
    page.goto("/my/")
    type_into(page.get_by_label("E-mail address"), "ada@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code/")
    type_into(page.get_by_label("Code"), "0000 0000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That is not the code.")).to_be_visible()
    type_into(page.get_by_label("Code"), code_in(mail.outbox[0]))
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/")
    expect(page.locator(".cd-portal-tabs [aria-current=page]")).to_have_text("Plan")


def addresses(ada: Patient) -> Iterator[str]:
    letter = ada.messages.get()
    yield from ("/my/messages/", f"/my/messages/{letter.pk}/", "/my/account/")
    yield from ("/my/account/details/", "/my/account/e-mail/", "/my/account/away/")
    yield from ("/my/account/everywhere/", "/my/export/", "/my/sign-in/nonsense/")
    yield from ("/my/sign-in/", "/my/sign-in/code/", "/my/who/")
    yield f"/my/sign-in/{links.token(links.Purpose.SIGN_IN, ada, now=timezone.now())}/"


def test_axe_finds_nothing_on_any_page_in_either_language(open_page, ada):
    page = open_page()
    ask(page)
    page.get_by_label("Code").fill(code_in(mail.outbox[0]))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/my/")
    page.context.new_page()
    ada.refresh_from_db()

    for start in ("", "/fr"):
        pages = [f"{start}{one}" for one in addresses(ada)]
        assert faults_at(page, pages) == {}


def test_axe_finds_nothing_while_signing_in(open_page, ada):
    for start, label in (("", "E-mail address"), ("/fr", "Adresse courriel")):
        page = open_page()
        ask(page, f"{start}/my/", label)
        assert faults_at(page, [f"{start}/my/sign-in/code/"]) == {}
        page.locator("form button.btn-primary").click()
        assert faults_at(page, [f"{start}/my/sign-in/"]) == {}
