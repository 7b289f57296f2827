"""A patient reads, signs, keeps and takes back a consent, on a phone, in two languages."""

import pytest
from django.utils import translation
from playwright.sync_api import Page, expect

from bookings.models import Consent
from bookings.services.portal import accounts
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.consents import make_signable, signed
from bookings.tests.factories import make_appointment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {
        "open": "Read and sign",
        "read": "I have read this",
        "name": "Your full name",
        "sign": "Sign the consent",
        "signed": "Thank you. Your consent is signed.",
        "copy": "Read or print your copy",
        "back": "Take this consent back",
        "take": "Take my consent back",
        "taken": "You took your consent back on",
        "first": "1. What is planned",
    },
    "fr": {
        "open": "Lire et signer",
        "read": "J’ai lu ce texte",
        "name": "Votre nom complet",
        "sign": "Signer le consentement",
        "signed": "Merci. Votre consentement est signé.",
        "copy": "Lire ou imprimer votre copie",
        "back": "Retirer ce consentement",
        "take": "Retirer mon consentement",
        "taken": "Vous avez retiré votre consentement le",
        "first": "1. Ce qui est prévu",
    },
}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def plan():
    return make_signable()


def prefix(language):
    return "" if language == "en" else f"/{language}"


def sign(page: Page, said: dict[str, str], name: str) -> None:
    page.get_by_label(said["read"]).check()
    page.get_by_label(said["name"]).fill(name)
    page.get_by_role("button", name=said["sign"]).click()


@pytest.mark.parametrize(
    ("language", "scripts"), [("en", True), ("fr", True), ("fr", False)]
)
def test_she_signs_on_her_phone_and_takes_it_back(open_page, plan, language, scripts):
    said = WORDS[language]
    page = open_page(
        accounts.account_of(plan.patient), PHONE, java_script_enabled=scripts
    )
    page.goto(f"{prefix(language)}/my/documents/")
    page.get_by_role("link", name=said["open"]).click()
    expect(page.get_by_role("heading", name=said["first"])).to_be_visible()

    sign(page, said, "Somebody Else")
    expect(page.get_by_label(said["name"])).to_have_value("Somebody Else")
    assert not Consent.objects.exists()
    sign(page, said, "zoe cote roy")

    expect(page.get_by_text(said["signed"])).to_be_visible()
    page.get_by_role("link", name=said["copy"]).click()
    expect(page.get_by_text("zoe cote roy")).to_be_visible()
    page.go_back()
    page.locator("summary", has_text=said["back"]).click()
    page.get_by_role("button", name=said["take"]).click()
    expect(page.get_by_text(said["taken"])).to_be_visible()
    assert [row.is_given for row in Consent.objects.order_by("pk")] == [True, False]


def test_she_signs_with_the_keyboard_alone(open_page, plan):
    page = open_page(accounts.account_of(plan.patient), PHONE)
    page.goto(f"/my/consents/treatment/?plan={plan.pk}")

    reach(page, "I have read this")
    page.keyboard.press("Space")
    reach(page, "Your full name")
    page.keyboard.type("Zoé Côté-Roy")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Thank you. Your consent is signed.")).to_be_visible()
    assert Consent.objects.get().signed_name == "Zoé Côté-Roy"


def reach(page: Page, label: str) -> None:
    """Press Tab until the field called `label` has the focus."""
    field = page.get_by_label(label)
    for _ in range(40):
        if field.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label} is out of reach")


def test_photos_are_asked_apart_and_no_is_an_answer(open_page, plan):
    page = open_page(accounts.account_of(plan.patient), PHONE)
    page.goto("/my/documents/")
    page.get_by_role("link", name="Photos").click()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)

    page.get_by_label("No, I do not want photos").check()
    page.get_by_role("button", name="Keep my answer").click()

    expect(page.get_by_text("You said no on")).to_be_visible()
    assert Consent.objects.get().is_given is False


def test_what_she_touches_is_large_enough(open_page, plan):
    signed(make_signable(patient=plan.patient))
    page = open_page(accounts.account_of(plan.patient), PHONE)

    for address in ("/my/documents/", f"/my/consents/treatment/?plan={plan.pk}"):
        page.goto(address)
        targets = page.locator("main :is(.btn, .cd-paper-link, summary, .cd-back a)")
        assert targets.count()
        for target in targets.all():
            assert target.bounding_box()["height"] >= 44
        assert page.evaluate(
            "document.documentElement.scrollWidth <= window.innerWidth"
        )


def test_axe_finds_nothing_on_papers_and_consents(open_page, plan):
    row = signed(plan, "fr")
    make_appointment(plan=plan, number=1)
    due = make_signable(patient=plan.patient)
    places = [
        "/my/documents/",
        f"/my/consents/treatment/?plan={plan.pk}",
        f"/my/consents/treatment/?plan={due.pk}",
        "/my/consents/photos/",
        f"/my/documents/plan/{plan.pk}/",
        f"/my/documents/consent/{row.pk}/",
    ]
    page = open_page(accounts.account_of(plan.patient))

    for language in ("en", "fr"):
        found = faults_at(page, [f"{prefix(language)}{place}" for place in places])
        assert found == {}


def test_axe_finds_nothing_on_the_desks_pages_of_consent(open_page, staff):
    plan = make_signable()
    row = signed(plan)
    due = make_signable(patient=plan.patient)
    page = open_page(staff["Boyer"])

    assert (
        faults_at(
            page,
            [
                f"/desk/patients/{plan.patient_id}/",
                f"/desk/consents/{row.pk}/",
                f"/desk/plans/{plan.pk}/consent/",
                f"/desk/plans/{due.pk}/consent/",
                f"/desk/plans/{due.pk}/consent/print/",
            ],
        )
        == {}
    )
