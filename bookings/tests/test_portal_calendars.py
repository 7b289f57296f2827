"""Visits in a calendar: one as a file, all as a feed, each read back by icalendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from bookings.models import Appointment, AppointmentStatus, Patient
from bookings.services import links
from bookings.services.portal import accounts, calendars
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_location,
    make_patient,
    make_plan,
)
from bookings.tests.portal import signed_in_as

pytestmark = pytest.mark.django_db
OTTAWA = ZoneInfo("America/Toronto")


@pytest.fixture
def ada(db):
    return make_patient()


def path_of(patient):
    address = calendars.feed_address(Patient.objects.get(pk=patient.pk))
    return address.split("/", 3)[-1].join(["/", ""])


def read(answer):
    calendar = Calendar.from_ical(answer.content)
    return calendar, list(calendar.walk("VEVENT"))


def feed(patient, **headers):
    return Client().get(path_of(patient), headers=headers)


def test_a_feed_tells_of_each_visit_without_saying_what_it_is(ada):
    plan = make_plan(patient=ada)
    visit = make_appointment(
        plan=plan, starts_at=datetime(2027, 1, 18, 14, 30, tzinfo=UTC)
    )

    calendar, (event,) = read(feed(ada))

    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == f"{visit.code}@localhost".lower()
    assert event["SEQUENCE"] == visit.version
    assert event["STATUS"] == "CONFIRMED"
    assert event["SUMMARY"] == "Clinic visit"
    assert event.start == visit.starts_at
    assert event.end == visit.starts_at + timedelta(minutes=60)  # without turnover
    assert visit.location.address in event["LOCATION"]
    assert event["CLASS"] == "PRIVATE"
    words = feed(ada).content.decode().lower()
    assert plan.protocol.treatment.name.lower() not in words
    assert "skin" not in words


def test_a_feed_speaks_french_to_who_speaks_french():
    ada = make_patient(language="fr")
    make_appointment(patient=ada)

    _calendar, (event,) = read(feed(ada))

    assert event["SUMMARY"] == "Visite à la clinique"


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2027-03-13T09:30", "2027-03-13T14:30"),
        ("2027-03-14T09:30", "2027-03-14T13:30"),  # forward
        ("2027-03-14T00:30", "2027-03-14T05:30"),  # spans the gap
        ("2027-11-06T09:30", "2027-11-06T13:30"),
        ("2027-11-07T00:30", "2027-11-07T04:30"),  # spans the fold
        ("2027-11-07T09:30", "2027-11-07T14:30"),  # back
    ],
)
def test_times_are_right_around_both_changes_of_the_clock(ada, local, utc):
    local, utc = datetime.fromisoformat(local), datetime.fromisoformat(utc)
    starts_at = local.replace(tzinfo=OTTAWA).astimezone(UTC)
    visit = make_appointment(patient=ada, starts_at=starts_at, minutes=120)

    for answer in (feed(ada), one(ada, visit)):
        _calendar, (event,) = read(answer)
        assert event.start == utc.replace(tzinfo=UTC)
        assert event.start.astimezone(OTTAWA).replace(tzinfo=None) == local
        assert event.end - event.start == timedelta(minutes=120)
        assert b"DTSTART:" + utc.strftime("%Y%m%dT%H%M%SZ").encode() in answer.content


def one(patient, visit):
    return signed_in_as(patient).get(f"/my/visits/{visit.code}.ics")


def test_a_moved_visit_keeps_its_identifier_and_counts_on(ada):
    visit = make_appointment(patient=ada)
    _calendar, (before,) = read(feed(ada))
    Appointment.objects.filter(pk=visit.pk).update(
        version=2,
        during=(visit.starts_at + timedelta(days=1), visit.ends_at + timedelta(days=1)),
    )

    _calendar, (after,) = read(feed(ada))

    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert after.start == before.start + timedelta(days=1)


@pytest.mark.parametrize(
    "status", [AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED]
)
def test_a_cancelled_visit_takes_itself_out(ada, status):
    visit = make_appointment(patient=ada, status=status)

    calendar, (event,) = read(one(ada, visit))
    _feed, (in_feed,) = read(feed(ada))

    assert calendar["METHOD"] == "CANCEL"
    assert event["STATUS"] == in_feed["STATUS"] == "CANCELLED"
    assert event["UID"] == in_feed["UID"]


def test_what_is_only_held_or_let_go_is_no_visit(ada):
    make_appointment(patient=ada, status=AppointmentStatus.RELEASED)

    assert read(feed(ada))[1] == []


def test_an_empty_feed_is_a_calendar_too(ada):
    calendar, events = read(feed(ada))

    assert (calendar["VERSION"], events) == ("2.0", [])


def test_nothing_new_is_not_sent_again(ada):
    visit = make_appointment(patient=ada)
    etag = feed(ada)["ETag"]

    again = feed(ada, if_none_match=etag)
    assert (again.status_code, again.content) == (304, b"")
    Appointment.objects.filter(pk=visit.pk).update(version=2)
    assert feed(ada, if_none_match=etag).status_code == 200


def test_the_address_stays_until_its_key_changes(ada):
    path = path_of(ada)
    assert path_of(ada) == path

    signed_in_as(ada).post("/my/account/calendar/")

    assert Client().get(path).status_code == 404
    assert path_of(ada) != path
    assert feed(ada).status_code == 200


def test_another_purpose_or_a_changed_address_opens_no_feed(ada):
    now = timezone.now()
    sign_in = links.token(links.Purpose.SIGN_IN, ada, now=now)
    mine = links.token(links.Purpose.CALENDAR, ada, now=now)
    eve = make_patient(email="eve@example.org")
    changed = mine.replace(str(ada.pk), str(eve.pk), 1)

    for token in (sign_in, changed, mine[:-1], "x"):
        assert Client().get(f"/my/calendar/{token}.ics").status_code == 404


def test_a_feed_of_a_merged_record_goes_on_only_for_the_same_mailbox(ada):
    path = path_of(ada)
    kept = make_patient()
    make_appointment(patient=kept)
    Patient.objects.filter(pk=ada.pk).update(merged_into=kept)

    assert len(read(Client().get(path))[1]) == 1
    Patient.objects.filter(pk=kept.pk).update(email="new@example.org")
    assert Client().get(path).status_code == 404


def test_somebody_elses_visit_is_not_there(ada):
    visit = make_appointment(patient=make_patient(email="eve@example.org"))

    for code in (visit.code, "0000-0", "x"):
        answer = signed_in_as(ada).get(f"/my/visits/{code}.ics")
        assert answer.status_code == 404


def test_one_visit_is_a_file_named_by_its_code(ada):
    visit = make_appointment(patient=ada)

    answer = one(ada, visit)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="{visit.code}.ics"'


def test_more_visits_cost_no_more_queries(ada, count_queries):
    plan = make_plan(patient=ada)
    place = make_location(slug="else", name="Else")

    def add(number):
        starts = NOW + timedelta(days=50 * number)
        make_appointment(plan=plan, number=number, starts_at=starts, location=place)

    add(1)
    few = count_queries(Client(), path_of(ada))
    add(2)
    add(3)
    assert count_queries(Client(), path_of(ada)) == few


def test_a_new_key_for_links_is_a_new_feed(ada):
    path = path_of(ada)
    accounts.end_links(ada)

    assert Client().get(path).status_code == 404
