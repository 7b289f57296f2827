"""The diary's page, its feed and its file, at their addresses."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from bookings.models import AccessLog, AppointmentStatus
from bookings.tests.daybook import Clinic, local_today
from bookings.tests.factories import make_location, make_patient

pytestmark = pytest.mark.django_db

DAY, FEED = "desk:day", "desk:day-feed"


@pytest.fixture
def clinic():
    return Clinic(name="Centretown", slug="centretown")


@pytest.fixture
def day(clinic):
    """A Tuesday to come, so that nobody is late."""
    today = local_today(clinic)
    return today + timedelta(days=8 - today.weekday())


def look(client, name=DAY, **query):
    return client.get(reverse(name), query)


def page(client, **query):
    return look(client, **query).content.decode()


# --- Page -----------------------------------------------------------------------------


def test_the_page_has_a_grid_and_the_same_day_as_a_list(as_desk, clinic, day):
    row = clinic.session(11, day=day)

    shown = page(as_desk, date=day)

    assert 'id="diary"' in shown
    assert f'id="appointment-{row.pk}"' in shown
    assert "Session 1 of 3" in shown
    assert "Room 1, Pen 1" in shown
    assert "Agenda of this day" in shown


def test_the_list_alone_has_no_grid(as_desk, clinic, day):
    shown = page(as_desk, date=day, view="list")

    assert 'id="diary"' not in shown
    assert "diary.js" not in shown
    assert "Nobody is booked at Centretown on this day." in shown


def test_the_list_shows_what_was_cancelled_and_the_grid_does_not(as_desk, clinic, day):
    row = clinic.talk(9, day=day, status=AppointmentStatus.CANCELLED)

    assert f'id="appointment-{row.pk}" class="cd-row-off"' in page(as_desk, date=day)
    assert look(as_desk, FEED, date=day).json()["blocks"] == []


def test_what_was_only_held_and_let_go_is_in_neither(as_desk, clinic, day):
    row = clinic.talk(9, day=day, status=AppointmentStatus.RELEASED)

    assert f"appointment-{row.pk}" not in page(as_desk, date=day)


def test_the_list_says_what_is_closed_and_who_is_away(as_desk, clinic, day):
    clinic.doctor.closures.create(
        kind="leave", name="Conference", first_day=day, last_day=day
    )

    assert "Dr Okafor: Away: Conference" in page(as_desk, date=day)


def test_a_week_is_listed_by_its_days(as_desk, clinic, day):
    clinic.talk(9, day=day)
    clinic.talk(9, day=day + timedelta(days=1))

    agenda = look(as_desk, date=day, span="week").context["agenda"]

    assert [one.day for one in agenda] == [day, day + timedelta(days=1)]


def test_words_that_look_like_markup_are_words(as_desk, clinic, day):
    clinic.talk(9, day=day, note="<b>bold</b>")

    assert "&lt;b&gt;bold&lt;/b&gt;" in page(as_desk, date=day)


def test_a_clinician_sees_the_day_and_books_nothing(as_clinician, clinic, day):
    clinic.talk(9, day=day)

    assert 'data-cd-key="n"' not in page(as_clinician, date=day)
    assert not look(as_clinician, FEED, date=day).json()["blocks"][0]["movable"]


def test_a_clinic_without_locations_says_what_is_missing(as_desk):
    assert "No location is set up yet" in page(as_desk)
    assert look(as_desk, FEED).status_code == 404
    assert (
        "No location is set up yet" in look(as_desk, "desk:day-sheet").content.decode()
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "31-12-2026",
        "1899-12-31",
        "2201-01-01",
        "0001-01-01",
        "9999-12-31",
    ],
)
@pytest.mark.parametrize("name", [DAY, FEED, "desk:day-sheet"])
def test_a_date_that_makes_no_sense_is_today(as_desk, clinic, name, text):
    response = look(as_desk, name, date=text)

    assert response.status_code == 200
    if name == FEED:
        assert response.json()["date"] == local_today(clinic).isoformat()


@pytest.mark.parametrize("text", ["1900-01-01", "2200-12-31"])
@pytest.mark.parametrize("span", ["day", "week"])
def test_the_first_and_the_last_date_can_be_shown(as_desk, clinic, text, span):
    assert look(as_desk, date=text, span=span).context["day"].isoformat() == text
    assert look(as_desk, FEED, date=text, span=span).json()["date"] == text


@pytest.mark.parametrize(
    "query",
    [
        {"by": "nonsense", "span": "month"},
        {"who": "x"},
        {"who": "9" * 40},
        {"who": "-1"},
        {"treatment": "\0"},
        {"treatment": "x" * 500},
        {"location": "nowhere"},
        {"moving": "x", "view": "<b>"},
    ],
)
def test_nonsense_in_the_address_is_as_if_not_said(as_desk, clinic, query):
    assert look(as_desk, **query).status_code == 200
    assert look(as_desk, FEED, **query).status_code == 200


# --- The address and what is remembered ------------------------------------------------------


def test_every_link_says_all_that_is_shown(as_desk, clinic, day):
    links = look(as_desk, date=day, by="rooms", treatment="x").context["links"]

    after = day + timedelta(days=1)
    assert links["next"] == (
        f"/desk/day/?date={after}&location=centretown&by=rooms&span=day&treatment=x"
    )
    assert links["everything"].endswith("&by=rooms&span=day")


def test_a_week_steps_by_weeks(as_desk, clinic, day):
    links = look(as_desk, date=day, span="week").context["links"]

    assert f"date={day + timedelta(days=7)}" in links["next"]
    assert f"date={day - timedelta(days=7)}" in links["previous"]


def test_what_is_being_moved_goes_along(as_desk, clinic, day):
    row = clinic.session(11, day=day)

    response = look(as_desk, date=day, moving=row.pk)

    assert f"moving={row.pk}" in response.context["links"]["next"]
    assert response.context["moving"]["appointment"] == row


def test_filters_are_kept_where_the_address_names_none(as_desk, clinic):
    look(as_desk, by="rooms", span="day")

    assert look(as_desk).context["asked"].is_by_rooms
    assert look(as_desk, date="2027-02-01").context["asked"].is_by_rooms


def test_an_address_that_names_one_filter_means_no_other(as_desk, clinic):
    look(as_desk, by="rooms", treatment="x")

    asked = look(as_desk, by="rooms").context["asked"]

    assert asked.is_by_rooms
    assert asked.treatment == ""


def test_filters_are_each_persons_own(as_desk, as_clinician, clinic):
    look(as_desk, by="rooms")

    assert not look(as_clinician).context["asked"].is_by_rooms


def test_the_location_is_kept_too(as_desk, clinic):
    other = make_location(name="Westboro", slug="westboro")
    assert look(as_desk).context["location"] == clinic.place

    look(as_desk, location="westboro")

    assert look(as_desk).context["location"] == other


def test_leaving_the_week_lets_everybody_back_in(as_desk, clinic):
    response = look(as_desk, span="week")

    assert response.context["asked"].who == clinic.doctor.pk
    assert "who=" not in response.context["links"]["day"]


# --- Initials ---------------------------------------------------------------------------------


def test_with_initials_nobody_can_be_read_on_the_screen(as_desk, clinic, day):
    patient = make_patient(first_name="Maya", last_name="Tremblay")
    clinic.session(11, day=day, patient=patient)
    assert "Maya Tremblay" in page(as_desk, date=day)

    assert "Tremblay" not in page(as_desk, date=day, names="initials")
    assert "Tremblay" not in page(as_desk, date=day)
    assert "Tremblay" not in look(as_desk, FEED, date=day).content.decode()

    assert "Maya Tremblay" in page(as_desk, date=day, names="full")


def test_the_drawer_is_headed_as_the_diary_shows_names(as_desk, clinic, day):
    patient = make_patient(first_name="Maya", last_name="Tremblay")
    row = clinic.session(11, day=day, patient=patient)
    drawer = reverse("desk:drawer", args=[row.pk])
    assert ">Maya Tremblay</h2>" in as_desk.get(drawer).content.decode()

    page(as_desk, names="initials")

    assert ">M T</h2>" in as_desk.get(drawer).content.decode()


# --- Feed --------------------------------------------------------------------------------------


def test_the_feed_is_what_the_page_asks_for(as_desk, clinic, day):
    row = clinic.session(11, day=day)

    feed = as_desk.get(look(as_desk, date=day).context["feed_url"]).json()

    assert feed["date"] == day.isoformat()
    assert feed["zone"] == "America/Toronto"
    [block] = feed["blocks"]
    assert block["url"] == reverse("desk:appointment", args=[row.pk])


def test_an_unchanged_feed_is_not_sent_again(as_desk, clinic, day):
    row = clinic.session(11, day=day)
    first = look(as_desk, FEED, date=day)

    again = as_desk.get(
        reverse(FEED), {"date": day}, headers={"If-None-Match": first["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again["X-Updated"]

    type(row).objects.update(status=AppointmentStatus.CONFIRMED)
    changed = as_desk.get(
        reverse(FEED), {"date": day}, headers={"If-None-Match": first["ETag"]}
    )
    assert changed.status_code == 200


def test_the_feed_changes_nothing_that_is_remembered(as_desk, clinic):
    look(as_desk, FEED, by="rooms", span="day")

    assert not look(as_desk).context["asked"].is_by_rooms


@pytest.mark.parametrize(("name", "queries"), [(DAY, 14), (FEED, 12)])
def test_a_fuller_day_costs_no_more_queries(as_desk, count_queries, name, queries):
    for more in (0, 3):
        clinic = Clinic(slug=f"place-of-{more}")
        today = local_today(clinic)
        clinic.session(8, day=today)
        for hour in range(10, 10 + more):
            clinic.talk(hour, day=today)
        address = f"{reverse(name)}?location={clinic.place.slug}&by=practitioners"
        as_desk.get(address)

        assert count_queries(as_desk, address) == queries


# --- File ---------------------------------------------------------------------------------------


def test_the_day_can_be_had_as_a_file(as_desk, clinic, day):
    patient = make_patient(
        first_name="Maya", last_name="Tremblay", phone="+16135550142"
    )
    clinic.session(11, day=day, patient=patient, note="=1+1")

    response = look(as_desk, date=day, format="csv", names="initials")

    assert f"diary-centretown-{day}.csv" in response["Content-Disposition"]
    head, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert (found["Patient"], found["Phone"]) == ("Maya Tremblay", "(613) 555-0142")
    assert (found["From"], found["To"]) == ("11:00", "12:10")
    assert (found["Room"], found["Devices"]) == ("Room 1", "Pen 1")
    assert found["Note"] == "'=1+1"


def test_a_file_of_the_day_is_remembered_for_each_patient_in_it(as_desk, clinic, day):
    row = clinic.talk(9, day=day)
    look(as_desk, date=day)
    assert not AccessLog.objects.exists()

    look(as_desk, date=day, format="csv")

    [seen] = AccessLog.objects.all()
    assert (seen.patient, seen.what) == (row.patient, "list of the day as a file")
