"""Photos on a tablet and a desk: taken side by side, laid over each other, put away."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Photo, PhotoMoment
from bookings.tests.browser.conftest import DESKTOP
from bookings.tests.browser.test_pages_are_accessible import faults_at
from bookings.tests.factories import make_appointment, make_area, make_plan, make_user
from bookings.tests.photos import agree, image, make_photo, told
from clinic.roles import CLINICIAN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 1024, "height": 768}


@pytest.fixture
def doctor():
    return make_user(CLINICIAN, first_name="Adaeze", last_name="Okafor")


@pytest.fixture
def plan():
    """A plan whose first session is today; the patient agrees to photos."""
    plan = make_plan(patient=agree(), areas=[make_area(name="Face")])
    make_appointment(plan=plan, number=1, starts_at=timezone.now())
    return plan


def before_and_after(plan):
    now = timezone.now()
    area = plan.areas.get().area
    facts = {"plan": plan, "area": area}
    first = make_photo(plan.patient, **facts, taken_at=now - timedelta(days=90))
    last = make_photo(
        plan.patient, **facts, moment=PhotoMoment.RESULT, taken_at=now - timedelta(1)
    )
    return first, last


def file(name, colour):
    return {
        "name": name,
        "mimeType": "image/jpeg",
        "buffer": told(image((300, 400), colour)),
    }


def test_photos_are_taken_on_a_tablet_side_by_side(open_page, doctor, plan):
    page = open_page(doctor, TABLET, has_touch=True)
    page.goto(f"/review/patients/{plan.patient_id}/photos/")
    page.get_by_role("link", name="Add photos").tap()
    expect(page.get_by_label("What the photos are of")).to_have_value(
        f"session-{plan.appointments.get().pk}"
    )

    page.get_by_label("Open the camera at once").check()
    front = page.get_by_label("Front")
    expect(front).to_have_attribute("capture", "environment")
    page.get_by_label("Open the camera at once").uncheck()
    expect(front).not_to_have_attribute("capture", "environment")
    front.set_input_files(file("1.jpg", "peru"))
    page.get_by_label("Left side").set_input_files(
        [file("2.jpg", "tan"), file("3.jpg", "sienna")]
    )
    expect(page.locator(".cd-photo-taken canvas")).to_have_count(3)
    page.get_by_role("button", name="Keep the photos (3)").tap()

    expect(page.get_by_text("3 photos are kept.")).to_be_visible()
    shown = page.get_by_role("img", name="Face, Front, At a session")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.decode().then(() => one.naturalWidth > 0)")
    assert list(Photo.objects.values_list("angle", flat=True)) == [
        "front",
        "left",
        "left",
    ]


def test_two_photos_are_compared_by_keyboard_and_without_scripts(
    open_page, doctor, plan
):
    before_and_after(plan)
    address = f"/review/patients/{plan.patient_id}/photos/compare/"
    plain = open_page(doctor, DESKTOP, java_script_enabled=False)
    plain.goto(address)
    first, second = (one.bounding_box() for one in plain.locator("figure img").all())
    assert first["x"] + first["width"] <= second["x"]
    expect(plain.get_by_role("radio")).to_have_count(0)

    page = open_page(doctor)
    page.goto(address)
    page.get_by_role("radio", name="Side by side").focus()
    page.keyboard.press("ArrowRight")
    slide = page.get_by_role("slider")
    expect(slide).to_have_attribute("aria-valuetext", "50 % of the second photo")
    lies_over(page)
    slide.focus()
    page.keyboard.press("End")
    expect(slide).to_have_attribute("aria-valuetext", "100 % of the second photo")
    clip = "getComputedStyle(document.querySelectorAll('figure img')[1]).clipPath"
    assert page.evaluate(clip) == "inset(0px 0px 0px 100%)"

    page.reload()  # the way of comparing is kept
    expect(page.get_by_role("radio", name="Slider")).to_be_checked()
    lies_over(page)


def lies_over(page: Page) -> None:
    """Both photos stand in one place."""
    first, second = (one.bounding_box() for one in page.locator("figure img").all())
    assert first == second


def test_axe_finds_nothing_on_pages_of_photos(open_page, doctor, plan):
    first, _last = before_and_after(plan)
    no = make_photo(make_plan(patient=agree(), areas=[first.area]).patient)
    agree(no.patient, is_given=False, at=timezone.now())
    mine = f"/review/patients/{plan.patient_id}/photos/"
    places = [
        mine,
        f"{mine}add/",
        f"{mine}compare/",
        f"/review/photos/{first.pk}/",
        f"/review/patients/{no.patient_id}/photos/",
    ]

    assert faults_at(open_page(doctor), places) == {}
