"""A whole request on a phone: both languages, with and without scripts, by keys alone."""

from datetime import timedelta
from re import compile as pattern

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import ConsultationRequest
from bookings.services import links
from bookings.services.enquiries import traps
from bookings.services.links import Purpose
from bookings.tests.asking import YOU
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults
from bookings.tests.browser.test_phone import TOO_WIDE
from bookings.views.public import limits

pytestmark = pytest.mark.browser

TYPED = ("first_name", "last_name", "email", "phone")
BORN = ("birth_date_day", "birth_date_month", "birth_date_year")


@pytest.fixture(autouse=True)
def quick(monkeypatch, staff):
    """A clinic that is open; nobody is counted, or too quick for a person."""
    monkeypatch.setattr(traps, "QUICKEST", timedelta(0))
    monkeypatch.setattr(limits, "GROUP", f"browser-{timezone.now()}")


def go_on(page: Page) -> None:
    page.locator(".cd-rq-foot .btn-primary").click()


def at(page: Page, step: str) -> None:
    expect(page).to_have_url(pattern(f"/request/{step}/"))


def say_why(page: Page) -> None:
    page.locator("[name=concerns][value=acne-scars]").check()
    page.locator("[name=treatment][value=microneedling]").check()


def say_who(page: Page, language: str = "en") -> None:
    for name in (*TYPED, *BORN):
        page.locator(f"[name={name}]").fill(YOU[name])
    page.locator(f"[name=language][value={language}]").check()


def say_no_to_all(page: Page) -> None:
    for box in page.locator("main input[value=no]").all():
        box.check()


def took_a_capsule(page: Page, days_ago: int = 21) -> None:
    day = timezone.localdate() - timedelta(days=days_ago)
    page.locator("[name=q-isotretinoin][value=yes]").check()
    for part in ("day", "month", "year"):
        box = page.locator(f"[name=q-isotretinoin-date_{part}]")
        box.fill(str(getattr(day, part)))
    page.locator("[name=q-isotretinoin-date_year]").blur()


def say_when(page: Page) -> None:
    page.locator("[name=location]").first.check()
    page.locator("[name=weekdays]").first.check()
    page.locator("[name=contact]").check()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("pre", ["", "/fr"])
def test_the_whole_request(open_page, pre, scripts):
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    language = "fr" if pre else "en"
    page.goto(f"{pre}/request/")
    say_why(page)
    go_on(page)
    say_who(page, language)
    go_on(page)
    say_no_to_all(page)
    took_a_capsule(page)
    card = page.locator("#card-isotretinoin svg")
    if scripts:
        expect(card).to_be_visible()  # at once
    else:
        go_on(page)
        expect(card).to_be_visible()
    go_on(page)
    at(page, "when")
    say_when(page)
    go_on(page)

    at(page, "sent")
    row = ConsultationRequest.objects.get()
    assert row.patient.language == language
    assert row.patient.answers.get(question="isotretinoin").on_date
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_back_and_forth_loses_nothing(open_page):
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/request/")
    say_why(page)
    page.locator("[name=words]").fill("Scars")
    go_on(page)
    page.locator("[name=first_name]").fill("Jo")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("[name=words]")).to_have_value("Scars")
    go_on(page)
    expect(page.locator("[name=first_name]")).to_have_value("Jo")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Go on now").click()

    at(page, "you")
    expect(page.locator("[name=first_name]")).to_have_value("Jo")


def tab_to(page: Page, target: str) -> None:
    """Press Tab until the focus is on `target`."""
    for _each in range(80):
        if page.evaluate("(what) => document.activeElement.matches(what)", target):
            return
        page.keyboard.press("Tab")
    raise AssertionError(target)


def test_the_whole_request_by_keys_alone(open_page):
    page = open_page(viewport=PHONE)
    keys = page.keyboard
    page.goto("/request/")
    tab_to(page, "[name=concerns]")
    keys.press("Space")
    tab_to(page, ".cd-rq-foot .btn-primary")
    keys.press("Enter")
    at(page, "you")
    keys.press("Enter")
    for name in (*TYPED, *BORN):
        tab_to(page, f"[name={name}]")
        keys.type(YOU[name])
    keys.press("Enter")  # in a field, it means Continue
    at(page, "health")
    for box in page.locator("main fieldset input[value=no]").all():
        tab_to(page, f"#{box.get_attribute('id').replace('_1', '_0')}")
        keys.press("ArrowRight")
    tab_to(page, ".cd-rq-foot .btn-primary")
    keys.press("Enter")
    at(page, "when")
    tab_to(page, "[name=location]")
    keys.press("Space")
    tab_to(page, "[name=contact]")
    keys.press("Space")
    tab_to(page, ".cd-rq-foot .btn-primary")
    keys.press("Enter")

    at(page, "sent")
    assert ConsultationRequest.objects.count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_faults_take_the_focus_and_lead_to_their_fields(open_page, scripts):
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    page.goto("/request/")
    say_why(page)
    go_on(page)
    at(page, "you")
    go_on(page)

    expect(page.locator(".cd-errors")).to_be_focused()
    page.get_by_role("link", name="Type your phone number.").click()
    expect(page.locator("[name=phone]")).to_be_focused()


def sound(page: Page) -> list[str]:
    """What is wrong with the page as it stands, on a desk and on a phone."""
    return faults(page) + page.evaluate(TOO_WIDE)


@pytest.mark.parametrize("pre", ["", "/fr"])
def test_every_step_is_accessible_with_its_faults_and_cards(open_page, pre):
    page = open_page(viewport=PHONE)
    found = []
    page.goto(f"{pre}/request/why/")
    for fill in (say_why, say_who, say_no_to_all, say_when):
        found += sound(page)
        go_on(page)
        expect(page.locator(".cd-errors")).to_be_visible()
        found += sound(page)
        fill(page)
        if fill == say_no_to_all:
            took_a_capsule(page)
            expect(page.locator("#card-isotretinoin svg")).to_be_visible()
            found += sound(page)
        if fill == say_when:
            page.locator("[name=travels]").check()
            page.locator("[name=comes_from]").fill("Halifax")
            found += sound(page)
        go_on(page)
        expect(page.locator(".cd-errors")).to_have_count(0)
    at(page, "sent")
    found += sound(page)
    token = links.token(
        Purpose.REQUEST, ConsultationRequest.objects.get(), now=timezone.now()
    )
    for more in ("", "change/", "change/?part=health", "withdraw/"):
        page.goto(f"{pre}/requests/{token}/{more}")
        found += sound(page)
    page.goto(f"{pre}/requests/no-such-link/")
    found += sound(page)
    page.goto(f"{pre}/request/saved/")

    assert found + sound(page) == []
