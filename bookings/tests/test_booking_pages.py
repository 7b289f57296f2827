"""The page on which one visit is booked: all of it in the address, nothing lost."""

import re
from datetime import datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentKind,
    Patient,
    RequestStatus,
)
from bookings.services.appointing import talks
from bookings.services.appointing.rules import Talk
from bookings.tests.factories import (
    make_appointment,
    make_hours,
    make_location,
    make_patient,
    make_place_with_people,
    make_practitioner,
    make_request,
    make_user,
)
from bookings.tests.series_desk import hidden, make_signed
from clinic.models import Practitioner, Room, WeeklyHours

pytestmark = pytest.mark.django_db

HERE = reverse("desk:book")


@pytest.fixture
def place():
    return make_place_with_people()


def weekday():
    """A working day in a week or so: these pages live in the real present."""
    day = timezone.localdate() + timedelta(days=7)
    return day + timedelta(days=-day.weekday() % 7)  # the Monday that follows


def slot(place, at="11:00", **changes):
    facts = {"location": place.slug, "date": weekday().isoformat(), "time": at}
    return facts | changes


def look(client, **query):
    return client.get(HERE, query)


def submit(client, shown, **words):
    page = shown.content.decode()
    action = re.search(r'id="book" action="([^"]*)"', page)[1].replace("&amp;", "&")
    return client.post(action, {"key": hidden(shown, "key")} | words)


def book_slot(place, patient=None, at=time(11)):
    talk = Talk(
        kind=AppointmentKind.CONSULTATION,
        patient=patient or make_patient(first_name="Eve", email="eve@example.org"),
        location=place,
        starts_at=datetime.combine(weekday(), at, place.zone),
        practitioner=Practitioner.objects.get(location=place).pk,
        room=Room.objects.get(location=place).pk,
    )
    now = timezone.now()
    return talks.book(talk, key=uuid4(), actor=make_user(), now=now)


def said(response):
    return [str(message) for message in response.context["messages"]]


# --- A click on an empty slot --------------------------------------------------------


def test_the_slot_of_the_address_stays_in_view_whatever_is_missing(as_desk, place):
    shown = look(as_desk, **slot(place))

    assert shown.status_code == 200
    assert "11:00–11:30" in shown.content.decode()
    assert "Free: Dr Okafor, Room 1" in shown.content.decode()
    assert "disabled" in shown.content.decode()


def test_a_consultation_is_booked_and_leads_to_its_drawer_with_its_code(as_desk, place):
    patient = make_patient()
    shown = look(as_desk, **slot(place), patient=patient.pk)

    response = submit(as_desk, shown, note="Parks behind the house")

    row = Appointment.objects.get()
    parts = urlsplit(response.url)
    assert parts.path == reverse("desk:day")
    assert parse_qs(parts.query) == {
        "date": [weekday().isoformat()],
        "location": [place.slug],
        "open": [str(row.pk)],
    }
    assert (row.patient, row.kind, row.note) == (
        patient,
        "consultation",
        "Parks behind the house",
    )
    [words] = said(as_desk.get(response.url))
    assert words.endswith(f"Code {row.code}.")


def test_the_practitioner_and_room_of_the_column_are_the_ones_booked(as_desk, place):
    other = make_practitioner(place, name="Dr Roy")
    make_hours(other)
    room = Room.objects.get()

    query = slot(place, practitioner=other.pk, room=room.pk, patient=make_patient().pk)
    submit(as_desk, look(as_desk, **query))

    assert set(Appointment.objects.get().resources) == {
        Practitioner.objects.get(pk=other.pk).resource_ptr,
        room.resource_ptr,
    }


def test_somebody_who_cannot_is_replaced_with_words_before_the_submit(as_desk, place):
    other = make_practitioner(place, name="Dr Roy", skills=["needling"])
    make_hours(other)

    shown = look(as_desk, **slot(place, practitioner=other.pk))

    assert "Dr Roy cannot be had for this then. It would be with Dr Okafor" in (
        shown.content.decode()
    )


def test_the_same_submit_twice_books_once(as_desk, place):
    shown = look(as_desk, **slot(place), patient=make_patient().pk)

    first, second = submit(as_desk, shown), submit(as_desk, shown)

    assert first.url == second.url
    assert Appointment.objects.count() == 1


def test_looking_at_a_patient_is_remembered(as_desk, place):
    patient = make_patient()

    look(as_desk, **slot(place), patient=patient.pk)

    assert AccessLog.objects.get(patient=patient).what == "booking"


def test_a_merged_record_leads_to_the_one_it_is_part_of(as_desk, place):
    kept = make_patient(first_name="Kept")
    gone = make_patient(first_name="Gone", merged_into=kept)

    assert look(as_desk, patient=gone.pk).context["patient"] == kept


# --- A slot that is lost -------------------------------------------------------------


def test_a_lost_slot_keeps_what_was_typed_and_offers_the_nearest_three(as_desk, place):
    shown = look(as_desk, **slot(place), patient=make_patient().pk)
    book_slot(place)

    lost = submit(as_desk, shown, note="Parks behind the house")

    page = lost.content.decode()
    assert lost.status_code == 422
    assert "Somebody has just booked Dr Okafor" in page
    assert "The next that fits is Mon" in page
    assert 'value="Parks behind the house"' in page
    times = re.findall(r"Book \w+ \d+ \w+, (\d\d:\d\d)", page)
    assert times == ["10:30", "11:30", "11:45"]


def test_one_click_on_an_offer_books_it_with_all_that_was_typed(as_desk, place):
    shown = look(as_desk, **slot(place), patient=make_patient().pk)
    book_slot(place)
    lost = submit(as_desk, shown, note="Parks behind")

    page = lost.content.decode()
    offer = re.findall(r'form="book" formaction="([^"]*)"', page)[1]
    words = {"key": hidden(lost, "key"), "note": "Parks behind"}
    response = as_desk.post(offer.replace("&amp;", "&"), words)

    assert response.status_code == 302
    row = Appointment.objects.get(note="Parks behind")
    assert row.local_start.time() == time(11, 30)


def test_a_slot_that_is_taken_says_so_before_the_submit_with_links(as_desk, place):
    book_slot(place)

    shown = look(as_desk, **slot(place), patient=make_patient().pk)

    page = shown.content.decode()
    assert shown.status_code == 200
    assert "Nobody is free then" in page
    assert page.count('class="cd-near-one" href=') == 3


def test_a_time_that_has_passed_says_so(as_desk, place):
    yesterday = timezone.localdate() - timedelta(days=1)

    shown = look(as_desk, **slot(place, date=yesterday.isoformat()))

    assert "That time has passed" in shown.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"date": "2026-02-30", "time": "10:00"}, "Enter a valid date"),
        ({"date": "2026-12-01", "time": "25:00"}, "Enter a valid time"),
        ({"date": "", "time": "10:00"}, "Give the day as well"),
        ({"date": "2027-03-14", "time": "02:30"}, "The clocks skip that time"),
        ({"date": "9999-01-01"}, "Give a day between"),
        ({"arrive_from": "12:00", "arrive_until": "09:00"}, "before the earliest"),
    ],
)
def test_what_makes_no_sense_is_named_and_kept(as_desk, place, query, words):
    shown = look(as_desk, location=place.slug, **query)

    assert shown.status_code == 422
    assert words in shown.content.decode()


@pytest.mark.parametrize("name", ["patient", "request", "practitioner", "room", "plan"])
@pytest.mark.parametrize("value", ["", "0", "-1", "x", "9" * 30, "²", "1 OR 1=1"])
def test_rubbish_in_the_address_is_as_good_as_nothing(as_desk, place, name, value):
    shown = look(as_desk, **slot(place), **{name: value})

    assert shown.status_code == 200


def test_a_submit_without_a_patient_or_a_time_says_what_is_missing(as_desk, place):
    key = {"key": uuid4()}

    who = as_desk.post(f"{HERE}?location={place.slug}", key)
    when = as_desk.post(f"{HERE}?patient={make_patient().pk}", key)
    no_key = as_desk.post(f"{HERE}?patient={make_patient().pk}")

    assert "Say who comes first" in who.content.decode()
    assert "Choose a day and a time first" in when.content.decode()
    assert {who.status_code, when.status_code, no_key.status_code} == {422}


def test_a_note_that_is_too_long_is_kept(as_desk, place):
    shown = look(as_desk, **slot(place), patient=make_patient().pk)

    refused = submit(as_desk, shown, note="x" * 301)

    assert refused.status_code == 422
    assert "x" * 301 in refused.content.decode()
    assert not Appointment.objects.exists()


def test_a_second_visit_on_one_day_asks_why_and_keeps_the_answer(as_desk, place):
    patient = make_patient()
    at = datetime.combine(weekday(), time(15), place.zone)
    make_appointment(patient=patient, location=place, starts_at=at)
    shown = look(as_desk, **slot(place), patient=patient.pk)
    assert "Why twice on one day" in shown.content.decode()

    refused = submit(as_desk, shown)
    submit(as_desk, refused, reason="She lives far away")

    assert refused.status_code == 422
    assert Appointment.objects.filter(reason="She lives far away").exists()


# --- Who -----------------------------------------------------------------------------


def test_the_search_goes_on_with_the_slot(as_desk, place):
    patient = make_patient(first_name="Maya", last_name="Tremblay")

    shown = look(as_desk, **slot(place), q="tremb")

    page = shown.content.decode()
    link = re.search(r'class="cd-row" href="([^"]*)"', page)[1]
    query = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
    assert query == {k: [v] for k, v in slot(place, patient=str(patient.pk)).items()}


def test_htmx_gets_the_people_alone(as_desk, place):
    make_patient(first_name="Maya", last_name="Tremblay")

    alone = as_desk.get(
        HERE, slot(place, q="maya"), headers={"HX-Target": "booking-people"}
    )

    assert "Maya Tremblay" in alone.content.decode()
    assert "<html" not in alone.content.decode()


def test_somebody_new_is_added_without_losing_the_slot(as_desk, place):
    query = slot(place, new="1", q="Noor Haidari")
    shown = as_desk.get(HERE, query)
    assert 'value="Noor"' in shown.content.decode()
    person = {"first_name": "Noor", "last_name": "Haidari", "phone": "613-555-0142"}

    response = as_desk.post(shown.wsgi_request.get_full_path(), person | {"add": "1"})

    patient = Patient.objects.get(last_name="Haidari")
    assert patient.location == place
    assert parse_qs(urlsplit(response.url).query) == {
        k: [v] for k, v in slot(place, patient=str(patient.pk)).items()
    }


def test_somebody_who_may_be_known_is_shown_first(as_desk, place):
    known = make_patient(first_name="Noor", last_name="Haidari")
    query = slot(place, new="1")
    address = as_desk.get(HERE, query).wsgi_request.get_full_path()
    person = {"first_name": "Noor", "last_name": "Haidari", "phone": "613-555-0142"}

    warned = as_desk.post(address, person | {"add": "1"})
    page = warned.content.decode()

    assert warned.status_code == 422
    assert "We may know this person already" in page
    assert f"patient={known.pk}" in page
    as_desk.post(address, person | {"add": "1", "is_someone_new": "on"})
    assert Patient.objects.filter(last_name="Haidari").count() == 2


def test_somebody_new_without_any_way_to_reach_them_is_asked_for_one(as_desk, place):
    address = as_desk.get(HERE, slot(place, new="1")).wsgi_request.get_full_path()

    refused = as_desk.post(
        address, {"first_name": "Noor", "last_name": "H", "add": "1"}
    )

    assert refused.status_code == 422
    assert 'value="Noor"' in refused.content.decode()
    assert not Patient.objects.exists()


# --- A request -----------------------------------------------------------------------


def test_a_request_brings_its_patient_place_and_doctor_and_is_answered(as_desk, place):
    doctor = Practitioner.objects.get()
    request = make_request(location=place, doctor=doctor)
    query = {"request": request.pk, "date": weekday().isoformat(), "time": "11:00"}

    shown = look(as_desk, **query)
    submit(as_desk, shown)

    request.refresh_from_db()
    assert request.words[:20] in shown.content.decode()
    assert request.status == RequestStatus.BOOKED
    assert request.appointment.patient == request.patient
    assert doctor.resource_ptr in request.appointment.resources


# --- What ----------------------------------------------------------------------------


def options_of(shown):
    return [one.value for one in shown.context["asked"].options]


def test_the_next_session_of_a_signed_plan_comes_first(as_desk):
    plan = make_signed()

    shown = look(as_desk, patient=plan.patient_id)

    assert options_of(shown) == [
        f"session-{plan.pk}",
        "consultation",
        f"result-review-{plan.pk}",
    ]
    assert shown.context["draft"].option.number == 1


def test_a_single_session_is_booked_and_the_rest_is_said(as_desk):
    plan = make_signed()
    shown = look(as_desk, **slot(plan.location), patient=plan.patient_id)
    assert "Book session 1" in shown.content.decode()

    response = submit(as_desk, shown, note="First one")

    row = Appointment.objects.get()
    assert (row.plan, row.number, row.note) == (plan, 1, "First one")
    [words] = said(as_desk.get(response.url))
    assert words.endswith("Sessions 2 and 3 still need a time.")


def test_the_same_submit_of_the_last_session_again_books_nothing_else(as_desk):
    plan = make_signed(session_count=1)
    shown = look(as_desk, **slot(plan.location), patient=plan.patient_id)

    first, second = submit(as_desk, shown), submit(as_desk, shown)

    assert first.url == second.url
    assert Appointment.objects.count() == 1


def test_what_can_no_longer_be_had_never_becomes_something_else(as_desk):
    plan = make_signed(session_count=1)
    shown = look(as_desk, **slot(plan.location), patient=plan.patient_id)
    stale = look(as_desk, **slot(plan.location, "15:00"), patient=plan.patient_id)
    submit(as_desk, shown)

    refused = submit(as_desk, stale)

    assert refused.status_code == 422
    assert "Choose again what it is for" in refused.content.decode()
    assert Appointment.objects.count() == 1


def test_a_session_is_booked_where_its_plan_is(as_desk):
    plan, elsewhere = make_signed(), make_location(name="Westboro")

    shown = look(as_desk, **slot(elsewhere), patient=plan.patient_id)

    assert shown.context["draft"].location == plan.location
    assert "where the plan is" in shown.content.decode()


def test_the_whole_series_leads_on_with_the_wishes_of_the_slot(as_desk):
    plan = make_signed()
    shown = look(as_desk, **slot(plan.location), patient=plan.patient_id)

    link = re.search(r'href="(/desk/plans/\d+/series/[^"]*)"', shown.content.decode())
    address = link[1].replace("&amp;", "&")
    query = parse_qs(urlsplit(address).query)

    assert query["earliest"] == [weekday().isoformat()]
    assert (query["arrive_from"], query["arrive_until"]) == (["10:00"], ["12:00"])
    assert query["pin"] == [f"1:{weekday().isoformat()}T11:00"]
    assert as_desk.get(address).status_code == 200


def test_a_result_review_names_its_plan(as_desk):
    plan = make_signed()
    what = f"result-review-{plan.pk}"
    shown = look(as_desk, **slot(plan.location), patient=plan.patient_id, what=what)

    submit(as_desk, shown)

    row = Appointment.objects.get()
    assert (row.kind, row.plan, row.number) == ("result-review", plan, None)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"kind": "consultation"}, "consultation"),
        ({"kind": "result-review"}, "result-review"),
        ({"kind": "session"}, "session"),
        ({"plan": "own"}, "session"),
        ({"kind": "nonsense"}, "session"),
    ],
)
def test_an_address_from_elsewhere_names_kind_and_plan(as_desk, query, kind):
    plan = make_signed()
    if query.get("plan"):
        query = {"plan": plan.pk}

    shown = look(as_desk, patient=plan.patient_id, **query)

    assert shown.context["draft"].option.kind == kind


def test_against_a_rule_a_session_says_why_and_what_would_do(as_desk):
    plan = make_signed()
    submit(as_desk, look(as_desk, **slot(plan.location), patient=plan.patient_id))
    early = slot(plan.location, date=(weekday() + timedelta(days=14)).isoformat())

    shown = look(as_desk, **early, patient=plan.patient_id)

    page = shown.content.decode()
    assert "It has to lie between" in page
    assert page.count('class="cd-near-one" href=') == 3


# --- The next free -------------------------------------------------------------------


def test_without_a_time_the_next_free_ones_are_listed(as_desk, place):
    shown = look(as_desk, location=place.slug, date=weekday().isoformat())

    days = shown.context["days"]
    assert days[0][0] == weekday()
    assert len(days) == 5


def test_they_keep_to_the_days_times_and_person_asked_for(as_desk, place):
    roy = make_practitioner(place, name="Dr Roy")
    make_hours(roy, opens=time(13), closes=time(15))
    query = {"days": ["2"], "arrive_from": "14:00", "arrive_until": "14:30"}

    shown = look(as_desk, location=place.slug, practitioner=roy.pk, **query)

    found = [one for _day, places in shown.context["days"] for one, _query in places]
    assert {one.local_start.weekday() for one in found} == {2}
    assert {f"{one.local_start:%H:%M}" for one in found} == {"14:00", "14:15", "14:30"}
    assert {one.practitioner for one in found} == {roy.pk}


def test_where_nothing_is_free_the_page_says_so(as_desk, place):
    WeeklyHours.objects.all().delete()

    shown = look(as_desk, location=place.slug)

    assert "Nothing is free at these days and times" in shown.content.decode()


def test_a_clinic_without_any_place_says_so(as_desk):
    assert look(as_desk).status_code == 200


def test_the_search_costs_the_same_for_one_patient_and_three(
    as_desk, place, count_queries
):
    make_patient(first_name="Maya")
    address = f"{HERE}?location={place.slug}&q=maya"
    for _turn in range(2):
        one = count_queries(as_desk, address)
    for number in range(2):
        make_patient(first_name=f"Maya {number}", email=f"m{number}@example.org")

    assert count_queries(as_desk, address) == one


def test_the_options_cost_the_same_for_one_plan_and_three(as_desk, count_queries):
    plan = make_signed()
    address = f"{HERE}?patient={plan.patient_id}&kind=consultation"
    one = count_queries(as_desk, address)
    for _turn in range(2):
        make_signed(plan.location, patient=plan.patient, protocol=plan.protocol)

    assert count_queries(as_desk, address) == one
