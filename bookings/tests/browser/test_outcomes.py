"""Results on a real screen: booked with the series, scored, decided, and accessible."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import AppointmentKind, OutcomeReview
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.results import make_over
from bookings.tests.series_desk import make_signed
from clinic.models import Location

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def over(days_ago, **fields):
    """A series that is over, at the open clinic's first place."""
    place = Location.objects.order_by("pk").first()
    return make_over(now=timezone.now(), days_ago=days_ago, location=place, **fields)


def test_a_clinician_scores_a_result_and_decides_by_keyboard(staff, open_page):
    plan = over(60)
    page = open_page(staff["Okafor"])

    page.goto("/review/outcomes/")
    page.get_by_role("link", name=re.compile(str(plan.patient))).press("Enter")
    before = page.get_by_role("group", name=re.compile("before the series"))
    before.get_by_label("7", exact=True).press("Space")
    result = page.get_by_role("group", name=re.compile("result$", re.I))
    result.get_by_label("2", exact=True).press("Space")
    expect(page.get_by_label("How many more")).to_be_hidden()
    page.get_by_label("Maintenance").press("Space")
    page.get_by_label("2 a year").press("Space")
    page.get_by_role("button", name="Sign the decision").press("Enter")

    expect(page.get_by_text("5 points better")).to_be_visible()
    expect(page.get_by_text("Maintenance, 2 sessions a year")).to_be_visible()
    assert OutcomeReview.objects.get().plan == plan


def test_the_desk_books_a_series_and_its_result_in_one_go(staff, open_page):
    plan = make_signed(Location.objects.order_by("pk").first(), session_count=1)
    page = open_page(staff["Boyer"])

    page.goto(f"/desk/plans/{plan.pk}/series/")
    expect(page.get_by_label("Book the result review too")).to_be_checked()
    page.get_by_role("button", name=re.compile("^Book 1 session")).click()

    expect(page.get_by_text("Result review on")).to_be_visible()
    kinds = set(plan.appointments.values_list("kind", flat=True))
    assert kinds == {AppointmentKind.SESSION, AppointmentKind.RESULT_REVIEW}


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_the_pages_have_no_faults(staff, open_page, viewport):
    plan = over(60)
    over(42)
    where = {"viewport": viewport} if viewport else {}

    page = open_page(staff["Okafor"], **where)

    addresses = ["/review/outcomes/", f"/review/plans/{plan.pk}/outcome/"]
    assert faults_at(page, addresses) == {}
