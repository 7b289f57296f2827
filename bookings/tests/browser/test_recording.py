"""A treatment day on a tablet: start, record, sign, amend, co-sign; and axe over it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import AppointmentStatus, RecordDraft, SessionRecord
from bookings.tests.browser.test_pages_are_accessible import faults, faults_at
from bookings.tests.factories import make_protocol
from bookings.tests.records import (
    DERMAL,
    HOUR,
    fresh,
    make_session,
    make_supervisor,
    nurse_of,
    off_rota,
    sign,
)
from clinic.models import User

pytestmark = pytest.mark.browser

TABLET = {"width": 1024, "height": 768}


@pytest.fixture
def booked(transactional_db):
    """A dermal session that is about to start, and the doctor who supervises it."""
    row = make_session(
        protocol=make_protocol(rules=(), **DERMAL),
        starts_at=timezone.now() - timedelta(minutes=5),
        status=AppointmentStatus.ARRIVED,
    )
    doctor = make_supervisor(row)
    doctor.hours.all().delete()
    for weekday in range(7):  # on the rota whenever this runs
        make_hours_of(doctor, weekday)
    return row, doctor


def make_hours_of(doctor, weekday):
    doctor.hours.create(weekday=weekday, opens="00:00", closes="23:59")


def test_a_treatment_day_on_a_tablet(open_page, booked):
    row, doctor = booked
    page = open_page(nurse_of(row), viewport=TABLET, has_touch=True)
    page.goto("/review/today/")

    page.get_by_role("button", name="Start with Ada Lovelace").tap()
    expect(page).to_have_url(re.compile("/record/$"))
    page.get_by_role("button", name="More: Depth in mm, Face").tap()
    expect(page.get_by_role("spinbutton", name="Depth in mm, Face")).to_have_value(
        "1.6"
    )
    page.get_by_text("Even petechiae").tap()
    page.get_by_role("textbox", name="Note").fill("Calm skin")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    confirm = page.get_by_role("checkbox", name="Face, depth: 1.6 mm planned 1.5 mm")
    expect(confirm).to_be_visible()
    assert RecordDraft.objects.get().value("note") == ["Calm skin"]
    page.reload()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Calm skin")

    confirm.check()
    page.get_by_role("button", name="Sign and lock").tap()
    expect(page.get_by_text("Version 1, signed")).to_be_visible()
    assert fresh(row).status == AppointmentStatus.DONE

    page.get_by_role("link", name="Amend").tap()
    page.get_by_label("Why it is amended").fill("Looked again")
    page.get_by_text("Partly", exact=True).tap()
    page.get_by_role("button", name="Sign the amendment").tap()
    expect(page.get_by_text("Version 2, signed")).to_be_visible()
    expect(page.get_by_text("Waits for the co-signature of Dr Okafor.")).to_be_visible()

    page = open_page(doctor.user, viewport=TABLET, has_touch=True)
    page.goto("/review/today/")
    page.get_by_role("link", name="Ada Lovelace").last.tap()
    page.get_by_role("button", name="Co-sign").tap()
    expect(page.get_by_text("Robin Roy, co-signed")).to_be_visible()
    record = SessionRecord.objects.current().get()
    assert (record.version, record.endpoint) == (2, "partly")
    assert record.cosignature.by == doctor.user


def test_a_session_is_recorded_without_scripts(open_page, booked):
    row, doctor = booked
    page = open_page(nurse_of(row), viewport=TABLET, java_script_enabled=False)
    page.goto("/review/today/")

    page.get_by_role("button", name="Start with Ada Lovelace").click()
    page.get_by_label("Even petechiae").check(force=True)
    page.get_by_role("textbox", name="Note").fill("By hand")
    page.get_by_role("button", name="Sign and lock").click()

    expect(page.get_by_text("By hand")).to_be_visible()
    assert SessionRecord.objects.get().supervisor == doctor


def test_axe_finds_nothing_around_session_records(open_page, booked):
    row, doctor = booked
    other = make_session(
        protocol=make_protocol(rules=(), **DERMAL),
        starts_at=timezone.now() - HOUR,
        location=row.location,
    )
    who = doctor.user
    signed = sign(
        other,
        supervisor=doctor,
        confirmed=off_rota(doctor),
        started_at=other.starts_at,
        ended_at=timezone.now(),
    )
    page = open_page(User.objects.get(pk=who.pk))
    places = (
        "/review/today/?who=everyone",
        f"/review/sessions/{row.code}/record/",
        f"/review/sessions/{signed.appointment.code}/record/",
        f"/review/sessions/{signed.appointment.code}/record/amend/",
    )

    assert faults_at(page, places) == {}
    page.goto(places[1])
    page.get_by_role("spinbutton", name="Depth in mm, Face").fill("2.4")
    page.get_by_role("button", name="Sign and lock").click()
    expect(page.get_by_role("group", name="This needs another look")).to_be_focused()
    assert faults(page) == []
