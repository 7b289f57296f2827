"""My plan and the care guide on a phone: read, tick, by keyboard, without scripts, axe."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    CareTick,
    TreatmentPlan,
)
from bookings.tests.browser.clinic import signed_plan
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.browser.test_phone import too_wide
from bookings.tests.factories import make_user
from clinic.models import User

pytestmark = pytest.mark.browser

# Controls lower than a finger is wide.
TOO_SMALL = """() => [...document.querySelectorAll(
    "main .btn, main button, main a.cd-portal-tell, main a.cd-plan-first, main summary")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
    .map((one) => one.outerHTML.slice(0, 80))"""
ADDRESSES = ("/my/", "/my/care/", "/fr/my/", "/fr/my/care/")


def booked_plan(staff: dict[str, User]) -> TreatmentPlan:
    """One session done six weeks ago, one in six days, one without a time."""
    plan = signed_plan(staff, first_name="Anouk", last_name="Dumas")
    plan.patient.user = make_user()
    plan.patient.save(update_fields=["user"])
    session(plan, 1, -43, is_done=True)
    session(plan, 2, 6)
    return plan


def session(plan: TreatmentPlan, number: int, days: int, *, is_done: bool = False):
    day = timezone.localdate() + timedelta(days=days)
    start = datetime.combine(day, time(9, 30), plan.location.zone)
    end = start + timedelta(minutes=70)
    return Appointment.objects.create(
        kind=AppointmentKind.SESSION,
        patient=plan.patient,
        plan=plan,
        number=number,
        location=plan.location,
        during=DateTimeTZRange(start, end),
        status=AppointmentStatus.DONE if is_done else AppointmentStatus.BOOKED,
        completed_at=end if is_done else None,
    )


def retinol(page: Page):
    return page.get_by_role("checkbox", name="Stop using retinol")


def test_a_patient_reads_the_plan_and_ticks_care_off(open_page, staff):
    page = open_page(booked_plan(staff).patient.user, viewport=PHONE)
    page.goto("/my/")
    expect(page.get_by_text("Next, session 2 of 3")).to_be_visible()
    expect(
        page.get_by_role("heading", name="Session 3 has no time yet")
    ).to_be_visible()

    retinol(page).click()

    expect(retinol(page)).to_be_checked()
    expect(retinol(page)).to_be_focused()
    expect(page.get_by_text("that you stopped")).to_be_visible()
    assert CareTick.objects.get().code == "active-products"

    retinol(page).click()

    expect(retinol(page)).not_to_be_checked()
    assert not CareTick.objects.exists()


def test_the_keyboard_alone_ticks_and_leads_to_the_guide(open_page, staff):
    page = open_page(booked_plan(staff).patient.user, viewport=PHONE)
    page.goto("/my/")
    retinol(page).focus()

    page.keyboard.press("Space")

    expect(retinol(page)).to_be_checked()
    expect(retinol(page)).to_be_focused()
    page.get_by_role("link", name="What is normal, and what is not").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Care guide")).to_be_visible()
    expect(page.get_by_role("link", name="Session 2")).to_have_attribute(
        "aria-current", "true"
    )


def test_without_scripts_a_tick_is_a_post_and_the_page_says_so(open_page, staff):
    user = booked_plan(staff).patient.user
    page = open_page(user, viewport=PHONE, java_script_enabled=False)
    page.goto("/my/")

    retinol(page).click()

    assert page.url.endswith("/my/#to-do")
    expect(retinol(page)).to_be_checked()
    assert CareTick.objects.count() == 1


def test_another_session_is_a_link_and_the_print_has_no_buttons(open_page, staff):
    page = open_page(booked_plan(staff).patient.user, viewport=PHONE)
    page.goto("/my/care/")

    page.get_by_role("link", name="Session 1").click()

    expect(page.get_by_role("link", name="Session 1")).to_have_attribute(
        "aria-current", "true"
    )
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("link", name="Session 2")).to_be_hidden()
    expect(page.get_by_text("For session 1,")).to_be_visible()
    expect(page.get_by_role("link", name="613-555-0100")).to_be_visible()


def test_nothing_is_cut_off_or_small_and_axe_finds_nothing(open_page, staff):
    page = open_page(booked_plan(staff).patient.user, viewport=PHONE)
    page.goto("/my/")

    assert page.evaluate(TOO_SMALL) == []
    assert too_wide(page, *ADDRESSES) == {}
    assert faults_at(page, ADDRESSES) == {}


def test_axe_finds_nothing_after_a_session_and_before_any(open_page, staff):
    plan = signed_plan(staff, first_name="Anouk", last_name="Dumas")
    plan.patient.user = make_user()
    plan.patient.save(update_fields=["user"])
    page = open_page(plan.patient.user, viewport=PHONE)
    assert faults_at(page, ("/my/", "/my/care/")) == {}

    session(plan, 1, -3, is_done=True)

    assert faults_at(page, ADDRESSES) == {}
