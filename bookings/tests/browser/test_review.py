"""A review session in a real browser: by keyboard from plan to plan, and on every screen."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import (
    AnswerValue,
    DecisionKind,
    HealthAnswer,
    PlanReview,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.services import plans
from bookings.tests.browser.clinic import waiting_plan
from bookings.tests.browser.conftest import DESKTOP
from bookings.tests.browser.keyboard import choose, press, type_into
from bookings.tests.browser.test_pages_are_accessible import faults_at

pytestmark = pytest.mark.browser

NAMES = ("Ada", "Bea", "Cleo", "Dora")


@pytest.fixture
def waiting(staff) -> dict[str, TreatmentPlan]:
    """Four plans in the order in which they were sent; Dora has raised scars."""
    found = {
        name: waiting_plan(staff, first_name=name, last_name="Roy") for name in NAMES
    }
    HealthAnswer.objects.create(
        patient=found["Dora"].patient,
        question="keloid",
        value=AnswerValue.YES,
        answered_at=timezone.now(),
    )
    return found


def row(page: Page, name: str):
    return page.locator("[data-cd-queue]").get_by_role("link", name=f"{name} Roy")


def walk_to(page: Page, name: str, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    expect(row(page, name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"{name} Roy", level=1)).to_be_visible()


def test_a_review_session_needs_no_pointer(open_page, staff, waiting):
    page = open_page(staff["Okafor"], viewport=DESKTOP)
    page.goto("/review/")

    # Approve the second, with depth and a milder make-up rule.
    walk_to(page, "Bea", "j", "j")
    type_into(page.get_by_label("Depth in mm, Face"), "1.5")
    page.get_by_text("Exception in the aftercare").click()
    page.get_by_text("Until 12 hours after (S2), for a reason").click()
    page.get_by_label("Reason for the milder rule").fill("On stage each evening")
    press(page.get_by_role("button", name="Approve and sign"))
    expect(page.get_by_text("Bea Roy’s series can be booked now.")).to_be_visible()

    # Return the next: R asks for words first, and Ctrl+Enter there signs nothing.
    walk_to(page, "Cleo", "j", "j")
    page.keyboard.press("r")
    expect(page.get_by_label("Note to the desk")).to_be_focused()
    page.keyboard.type("Shallower on the cheeks")
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text("The desk sees your note on Cleo Roy’s plan.")
    ).to_be_visible()

    # Override the rule that stands against the last, with a reason.
    walk_to(page, "Dora", "k")
    override = page.get_by_role("radio", name="Treat all the same, for this reason")
    choose(page, override, override)
    page.keyboard.press("Space")
    type_into(page.get_by_label("Reason", exact=True), "One small scar, long ago")
    type_into(page.get_by_label("Depth in mm, Face"), "1.0")
    press(page.get_by_role("button", name="Approve and sign"))
    expect(page.get_by_text("Dora Roy’s series can be booked now.")).to_be_visible()

    # Decline the one that is left.
    walk_to(page, "Ada", "j")
    page.get_by_label("If you decline, the reason").select_option("ablative")
    press(page.get_by_role("button", name="Decline with reason"))
    expect(page.get_by_text("No plans are waiting.")).to_be_visible()

    outcomes = {
        review.plan.patient.first_name: review.outcome
        for review in PlanReview.objects.select_related("plan__patient")
    }
    assert outcomes == {
        "Ada": ReviewOutcome.DECLINED,
        "Bea": ReviewOutcome.APPROVED,
        "Cleo": ReviewOutcome.RETURNED,
        "Dora": ReviewOutcome.APPROVED,
    }
    words = {
        word.rule_code: (word.kind, word.reason)
        for plan in waiting.values()
        for word in plan.decisions.all()
    }
    assert words == {
        "make-up": (DecisionKind.OVERRIDE, "On stage each evening"),
        "keloid": (DecisionKind.OVERRIDE, "One small scar, long ago"),
    }


def pages(waiting) -> Iterator[str]:
    yield "/review/"
    for plan in waiting.values():
        yield f"/review/plans/{plan.pk}/"


def test_axe_finds_nothing_in_a_review(open_page, staff, waiting):
    desk, doctor, now = staff["Boyer"], staff["Okafor"], timezone.now()
    again = waiting["Cleo"]
    plans.send_back(again, version=1, actor=doctor, now=now, note="Shallower")
    TreatmentPlan.objects.filter(pk=again.pk).update(session_count=4)
    plans.submit(again, desk, now)
    plans.decline(waiting["Ada"], version=1, actor=doctor, now=now, note="Laser")
    TreatmentPlan.objects.filter(pk=waiting["Bea"].pk).update(
        submitted_at=now - timedelta(days=3)
    )

    assert faults_at(open_page(doctor), pages(waiting)) == {}
