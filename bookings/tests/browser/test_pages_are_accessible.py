"""Axe finds nothing, on any page of the main job, in any state a person may meet."""

from collections.abc import Iterable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from bookings.models import (
    ConsultationRequest,
    Message,
    MessageStatus,
    Outage,
    Patient,
    PlanStatus,
    SeriesBooking,
    SeriesHold,
    TreatmentPlan,
)
from bookings.services.proposing import proposals
from bookings.tests.browser import job
from bookings.tests.browser.clinic import signed_plan, waiting_plan
from bookings.tests.browser.conftest import DESKTOP, PHONE
from bookings.tests.factories import make_user
from clinic.demo_accounts import DEMO_SIGN_INS
from clinic.models import Closure, Device, Practitioner, User
from clinic.roles import MANAGER

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"],
}
SETTLED = """async () => {
  const moves = () => document.querySelector(".showing, .hiding") || document.getAnimations().length;
  while (moves()) await new Promise(requestAnimationFrame);
}"""
NOTHING_FITS = "days=5&arrive_from=19:00&arrive_until=19:15&policy=anyone"
BY_HAND = "&".join(
    f"day_{number}=2030-0{number}-01&time_{number}=10:00" for number in range(1, 4)
)


def faults(page: Page) -> list[str]:
    """What axe has to say, on a desk and on a phone: rule, and where it is broken."""
    found = []
    page.wait_for_load_state()
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        page.evaluate(SETTLED)  # half a fade has half its contrast
        for fault in Axe().run(page, options=OPTIONS).response["violations"]:
            found += [f"{fault['id']}: {node['html'][:160]}" for node in fault["nodes"]]
    return found


def faults_at(page: Page, addresses: Iterable[str]) -> dict[str, list[str]]:
    """The faults of each address that has some."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = faults(page)
    return {address: said for address, said in found.items() if said}


def test_axe_would_find_something(open_page, staff):
    page = open_page(staff["Boyer"])
    page.goto("/desk/patients/")
    page.get_by_role("searchbox").evaluate("one => one.labels[0].remove()")
    page.get_by_role("searchbox").evaluate("one => one.placeholder = ''")

    assert [fault.split(":")[0] for fault in faults(page)] == ["label", "label"]


# --- The demo clinic: every page, full of people -------------------------------------


def desk_pages() -> Iterator[str]:
    booking = SeriesBooking.objects.earliest("pk")
    yield from ("/desk/day/", "/desk/day/?date=2030-12-25", "/desk/series/")
    week = "/desk/day/?by=practitioners&span=week"
    yield from (week, f"{week}&view=list", "/desk/day/?by=rooms", "/desk/day/sheet/")
    yield from ("/desk/patients/", "/desk/patients/?q=nobody-at-all")
    yield from ("/desk/patients/add/", f"/desk/bookings/{booking.key}/")
    yield "/review/to-confirm/"
    yield from ("/desk/messages/", "/desk/messages/?status=failed")
    for message in (
        Message.objects.filter(status=MessageStatus.SENT).earliest("pk"),
        Message.objects.filter(status=MessageStatus.PLANNED).earliest("pk"),
    ):
        yield f"/desk/messages/{message.pk}/"
    for status in PlanStatus.values:
        plan = TreatmentPlan.objects.filter(status=status).earliest("pk")
        yield f"/desk/plans/{plan.pk}/"
        yield f"/desk/plans/{plan.pk}/amend/"
    for hold in SeriesHold.objects.all():
        yield f"/desk/holds/{hold.key}/"
    yield from outage_pages()
    yield from board_pages()
    yield from patient_pages(Patient.objects.get(last_name="Whitlock"))
    yield from series_pages()
    yield from booking_pages()


def booking_pages() -> Iterator[str]:
    plan = proposals.unbooked(now=timezone.now())[0]
    yield from ("/desk/book/", "/desk/book/?q=ma", "/desk/book/?new=1")
    yield "/desk/book/?date=2000-01-01&time=10:00"
    yield f"/desk/book/?patient={plan.patient_id}"
    yield f"/desk/book/?patient={plan.patient_id}&date=2030-01-02&time=10:00"
    yield f"/desk/book/?patient={plan.patient_id}&time=10:00"


def board_pages() -> Iterator[str]:
    yield from ("/desk/series/?state=on-track", "/desk/waiting/")
    yield "/desk/confirmations/?days=7"
    yield from ("/desk/requests/", "/desk/requests/add/?q=ma")
    for request in ConsultationRequest.objects.all():
        yield f"/desk/requests/{request.pk}/"
    yield f"/desk/requests/add/?patient={request.patient_id}"


def outage_pages() -> Iterator[str]:
    yield from ("/desk/to-do/", "/desk/outages/", "/desk/outages/add/")
    for outage in Outage.objects.all():
        yield f"/desk/outages/{outage.pk}/"


def patient_pages(patient: Patient) -> Iterator[str]:
    yield f"/desk/patients/{patient.pk}/"
    yield f"/desk/patients/{patient.pk}/edit/"
    yield f"/desk/patients/{patient.pk}/merge/?q=ma"
    other = Patient.objects.exclude(pk=patient.pk).earliest("pk")
    yield f"/desk/patients/{patient.pk}/merge/{other.pk}/"
    yield f"/desk/patients/{patient.pk}/consents/add/"
    yield f"/desk/patients/{patient.pk}/files/add/"
    yield from ("/desk/patients/duplicates/", "/desk/find/", "/desk/find/?q=ma")
    yield f"/desk/patients/{patient.pk}/answers/?treatment=microneedling-rf"
    yield f"/desk/patients/{patient.pk}/plans/new/"


def series_pages() -> Iterator[str]:
    for plan in proposals.unbooked(now=timezone.now()):
        yield f"/desk/plans/{plan.pk}/series/"
    yield f"/desk/plans/{plan.pk}/series/?earliest=2030-01-01&{NOTHING_FITS}"
    yield f"/desk/plans/{plan.pk}/series/?days=9"
    yield f"/desk/plans/{plan.pk}/series/?pin=1:2000-01-01T10:00"
    yield f"/desk/plans/{plan.pk}/series/sessions/1/"


def setup_pages() -> Iterator[str]:
    """The set-up as a manager sees it: places, people, hours, closures."""
    doctor, device = Practitioner.objects.first(), Device.objects.first()
    yield from ("/desk/setup/", "/desk/setup/closures/", "/desk/setup/closures/add/")
    yield f"/desk/setup/closures/{Closure.objects.latest('first_day').pk}/"
    yield f"/desk/setup/locations/{doctor.location_id}/"
    yield f"/desk/setup/practitioners/{doctor.pk}/"
    yield f"/desk/setup/devices/{device.pk}/"
    yield f"/desk/setup/devices/{device.pk}/sessions/"
    yield "/desk/setup/rooms/add/"
    yield f"/desk/setup/hours/{doctor.pk}/"
    yield f"/desk/setup/hours/{doctor.pk}/change/"


def review_pages() -> Iterator[str]:
    yield "/review/"
    for plan in TreatmentPlan.objects.filter(status=PlanStatus.SUBMITTED):
        yield f"/review/plans/{plan.pk}/"
    plan = proposals.unbooked(now=timezone.now())[0]
    yield f"/desk/plans/{plan.pk}/series/by-hand/"
    yield f"/desk/plans/{plan.pk}/series/by-hand/?{BY_HAND}"


def test_axe_finds_nothing_in_the_demo_clinic(open_page, transactional_db):
    call_command("load_catalogue", verbosity=0)
    call_command("load_demo", verbosity=0)
    desk, doctor = (User.objects.get(email=row[1]) for row in DEMO_SIGN_INS[:2])

    found = [
        faults_at(open_page(desk), desk_pages()),
        faults_at(open_page(doctor), review_pages()),
    ]

    assert found == [{}, {}]


# --- Doors, dead ends and empty places -------------------------------------------------


def test_axe_finds_nothing_in_the_set_up(open_page, staff):
    manager = make_user(MANAGER, first_name="Mei", last_name="Tan")

    assert faults_at(open_page(manager), setup_pages()) == {}


def test_axe_finds_nothing_at_the_door_and_in_an_empty_clinic(open_page, staff):
    outside = open_page()
    inside = open_page(staff["Boyer"])
    empty = ("/review/", "/desk/series/", "/desk/messages/", "/desk/to-do/")

    doors = ("/accounts/login/", "/accounts/password/reset/", "/no/such/page/")
    found = [
        faults_at(outside, doors),
        faults_at(inside, (*empty, "/desk/outages/", "/desk/requests/")),
        faults_at(open_page(staff["Okafor"]), ("/review/",)),
    ]

    assert found == [{}, {}, {}]


def summary_of(page: Page) -> Locator:
    """What a refused form says first, and where the focus goes."""
    return page.get_by_role("group", name="This needs another look")


def test_axe_finds_nothing_on_forms_that_were_not_accepted(open_page, staff):
    plan = waiting_plan(staff)
    outside, desk = open_page(), open_page(staff["Boyer"])
    # So tall that the bar with the buttons lies over nothing.
    doctor = open_page(staff["Okafor"], viewport={"width": 1440, "height": 2000})
    found = {}
    for page, address, button in (
        (outside, "/accounts/login/", "Sign in"),
        (desk, "/desk/patients/add/", "Add and ask the health questions"),
        (desk, f"/desk/patients/{plan.patient_id}/plans/new/", "Draft the plan"),
        (
            desk,
            f"/desk/patients/{plan.patient_id}/answers/?treatment=microneedling-rf",
            "Save the answers",
        ),
        (desk, "/desk/outages/add/", "Declare and see whom it touches"),
        (doctor, f"/review/plans/{plan.pk}/", "Approve and sign"),
        (doctor, f"/review/plans/{plan.pk}/", "Decline with reason"),
    ):
        page.goto(address)
        submit = page.get_by_role("button", name=button)
        submit.evaluate("button => { button.form.noValidate = true }")
        submit.click()
        expect(summary_of(page)).to_be_focused()
        found[button] = faults(page)

    assert [fault for button in found for fault in found[button]] == []


def test_axe_finds_nothing_on_what_an_amendment_would_change(open_page, staff):
    plan = signed_plan(staff)
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{plan.pk}/series/")
    job.book_all(page)
    expect(page.get_by_text("All 3 sessions are booked.")).to_be_visible()
    found = []
    for count in ("2", "4"):
        page.goto(f"/desk/plans/{plan.pk}/amend/")
        page.get_by_label("Number of sessions").fill(count)
        page.get_by_label("Why").fill("Her skin answers well")
        page.get_by_role("button", name="See what changes").click()
        expect(page.get_by_role("heading", name="Bookings")).to_be_visible()
        found += faults(page)

    assert found == []


def test_axe_finds_nothing_when_a_slot_was_lost(open_page, staff):
    lost = signed_plan(staff, first_name="Bea", last_name="Second")
    page = open_page(staff["Boyer"])
    page.goto(f"/desk/plans/{lost.pk}/series/")
    quick = open_page(staff["Boyer"])
    quick.goto(f"/desk/plans/{signed_plan(staff).pk}/series/")
    job.book_all(quick)
    expect(quick.get_by_text("All 3 sessions are booked.")).to_be_visible()

    job.book_all(page)

    expect(page.get_by_role("alert")).to_contain_text("Nothing was booked")
    assert faults(page) == []
