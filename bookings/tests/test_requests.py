"""The requests inbox: steps that are allowed, and what the desk sees of them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    AccessLog,
    ConsultationRequest,
    Patient,
    RequestStatus,
)
from bookings.services import requests
from bookings.services.refusals import BookingRefused
from bookings.services.requests import STEPS, Wanted
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_doctor,
    make_location,
    make_patient,
    make_request,
)

pytestmark = pytest.mark.django_db


def make_in(status, **fields):
    reason = {"close_reason": "Moved away"} if status == "closed" else {}
    return make_request(status=status, **reason | fields)


def move(row, status, actor, **fields):
    seen = fields.pop("seen", row.status)
    requests.move(row, status, seen=seen, actor=actor, now=NOW, **fields)


# --- Steps ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"), [(start, end) for start in STEPS for end in RequestStatus]
)
def test_only_the_allowed_steps_can_be_taken(desk, start, end):
    row = make_in(start)

    def step():
        move(row, end, desk, reason="Because")

    if end in STEPS[start] and end != RequestStatus.BOOKED:
        step()
    else:
        with pytest.raises(BookingRefused):
            step()

    moved = end in STEPS[start] and end != RequestStatus.BOOKED
    assert ConsultationRequest.objects.get().status == (end if moved else start)


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_closed_without_a_reason(desk, reason):
    row = make_request()

    with pytest.raises(BookingRefused, match="Say why"):
        move(row, RequestStatus.CLOSED, desk, reason=reason)

    row.refresh_from_db()
    assert (row.status, row.close_reason) == (RequestStatus.NEW, "")


def test_a_reason_is_kept_and_goes_when_it_is_opened_again(desk):
    row = make_request()
    move(row, RequestStatus.CLOSED, desk, reason=" Wants laser ")
    assert row.close_reason == "Wants laser"

    move(row, RequestStatus.NEW, desk)

    assert (row.status, row.close_reason) == (RequestStatus.NEW, "")


def test_of_two_desks_the_second_is_told(desk):
    row = make_request()
    old = ConsultationRequest.objects.select_related("patient").get()
    move(row, RequestStatus.CONTACTED, desk)

    with pytest.raises(BookingRefused, match="it is “Contacted” now"):
        move(old, RequestStatus.WITHDRAWN, desk)

    assert ConsultationRequest.objects.get().status == RequestStatus.CONTACTED


def test_rubbish_instead_of_what_was_seen_is_refused(desk):
    with pytest.raises(BookingRefused):
        move(make_request(), RequestStatus.CONTACTED, desk, seen="nonsense")


def test_each_step_is_in_the_patients_access_log(desk):
    row = make_request()

    move(row, RequestStatus.CONTACTED, desk)

    log = AccessLog.objects.get()
    assert (log.user, log.patient, log.what) == (
        desk,
        row.patient,
        "request contacted",
    )


# --- Booked -----------------------------------------------------------------------------


def test_a_consultation_that_fell_through_is_asked_for_again(desk):
    talk = make_appointment()
    row = make_in(RequestStatus.BOOKED, patient=talk.patient, appointment=talk)

    move(row, RequestStatus.CONTACTED, desk)

    row = ConsultationRequest.objects.get()
    assert (row.status, row.appointment) == (RequestStatus.CONTACTED, None)


# --- Waiting ----------------------------------------------------------------------------


def test_those_still_to_answer_come_by_waiting_time():
    young = make_request(asked_at=NOW - timedelta(days=1))
    old = make_in(RequestStatus.CONTACTED, asked_at=NOW - timedelta(days=4))
    make_in(RequestStatus.DONE), make_in(RequestStatus.BOOKED)

    assert list(requests.listed(Wanted(), now=NOW)) == [old, young]


def test_what_is_over_comes_the_latest_first():
    old = make_in(RequestStatus.DONE, asked_at=NOW - timedelta(days=9))
    late = make_in(RequestStatus.DONE)

    assert list(requests.listed(Wanted(status=RequestStatus.DONE), now=NOW)) == [
        late,
        old,
    ]


# --- The pages --------------------------------------------------------------------------


def address(name, *args):
    return reverse(f"desk:{name}", args=args)


def test_the_inbox_filters_by_state_place_and_doctor(as_desk):
    place = make_location()
    doctor = make_doctor(place)
    mine = make_request(location=place, doctor=doctor)
    make_in(RequestStatus.CONTACTED)

    for query in (
        {"state": "new"},
        {"location": place.slug},
        {"doctor": doctor.pk},
    ):
        lines = as_desk.get(address("requests"), query).context["lines"]
        assert [line.request for line in lines] == [mine]
    answer = as_desk.get(address("requests"), {"state": "x", "doctor": "y"})
    assert len(answer.context["lines"]) == 2


def test_the_inbox_costs_the_same_for_one_and_three(as_desk, count_queries):
    make_request()
    as_desk.get(address("requests"))
    one = count_queries(as_desk, address("requests"))
    make_request(), make_request()

    assert count_queries(as_desk, address("requests")) == one


def test_a_page_shows_words_wishes_and_contact_and_is_logged(as_desk):
    row = make_request(
        words="Scars <b>on my knee</b>.", location=make_location(name="Westboro")
    )

    page = as_desk.get(address("request", row.pk)).content.decode()

    assert "Scars &lt;b&gt;on my knee&lt;/b&gt;." in page
    assert "Westboro" in page
    assert row.patient.email in page
    assert AccessLog.objects.get().what == "request"


def test_a_step_is_taken_on_the_page(as_desk):
    row = make_request()

    answer = as_desk.post(
        address("request-step", row.pk, "contacted"), {"seen": "new"}, follow=True
    )

    assert "The request is marked: Contacted." in answer.content.decode()
    assert ConsultationRequest.objects.get().status == RequestStatus.CONTACTED


def test_a_stale_page_is_told_and_keeps_what_was_typed(as_desk):
    row = make_in(RequestStatus.CONTACTED)

    answer = as_desk.post(
        address("request-step", row.pk, "closed"),
        {"seen": "new", "reason": "Wants laser"},
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "it is “Contacted” now" in page
    assert 'value="Wants laser"' in page
    assert ConsultationRequest.objects.get().status == RequestStatus.CONTACTED


def test_closing_without_a_reason_is_refused_at_the_field(as_desk):
    row = make_request()

    answer = as_desk.post(address("request-step", row.pk, "closed"), {"seen": "new"})

    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()


def test_a_step_nobody_knows_is_no_page(as_desk):
    row = make_request()

    assert as_desk.post(address("request-step", row.pk, "sold")).status_code == 404


def test_a_request_by_phone_is_noted_for_a_patient_we_know(as_desk):
    person, place = make_patient(), make_location()
    here = f"{address('request-add')}?patient={person.pk}"

    answer = as_desk.post(here, {"wish-words": "My neck", "wish-location": place.pk})

    row = ConsultationRequest.objects.get()
    assert answer.url == address("request", row.pk)
    assert (row.patient, row.words, row.location) == (person, "My neck", place)
    assert timezone.now() - row.asked_at < timedelta(minutes=1)


NEW_CALLER = {
    "first_name": "Noor",
    "last_name": "Haddad",
    "phone": "613-555-0177",
    "language": "en",
    "wish-words": "Fine lines",
}


def test_a_request_by_phone_adds_somebody_new(as_desk):
    as_desk.post(address("request-add"), NEW_CALLER)

    row = ConsultationRequest.objects.get()
    assert str(row.patient) == "Noor Haddad"
    assert row.words == "Fine lines"


def test_somebody_we_may_know_is_shown_before_a_second_record_is_made(as_desk):
    known = make_patient(first_name="Noor", last_name="Haddad")

    answer = as_desk.post(address("request-add"), NEW_CALLER)

    assert answer.status_code == 422
    assert answer.context["known"] == [known]
    assert "Fine lines" in answer.content.decode()
    as_desk.post(address("request-add"), NEW_CALLER | {"is_someone_new": "on"})
    assert Patient.objects.count() == 2


@pytest.mark.parametrize("missing", ["phone", "wish-words", "first_name"])
def test_what_is_missing_adds_nobody_and_loses_nothing(as_desk, missing):
    typed = {name: text for name, text in NEW_CALLER.items() if name != missing}

    answer = as_desk.post(address("request-add"), typed)

    assert answer.status_code == 422
    assert "Haddad" in answer.content.decode()
    assert not Patient.objects.exists()
    assert not ConsultationRequest.objects.exists()


def test_patients_are_found_by_name_for_a_request(as_desk):
    person = make_patient(first_name="Élodie", last_name="Roy")

    page = as_desk.get(address("request-add"), {"q": "elodie"}).content.decode()

    assert f'name="choose" value="{person.pk}"' in page


def test_finding_a_patient_keeps_what_was_typed_and_complains_of_nothing(as_desk):
    person, place = make_patient(first_name="Élodie", last_name="Roy"), make_location()
    typed = {"first_name": "Elodie", "wish-words": "My neck", "wish-location": place.pk}

    answer = as_desk.post(
        address("request-add"), typed | {"q": "elodie", "find": "yes"}
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert list(answer.context["found"]) == [person]
    assert "My neck</textarea>" in page
    assert f'<option value="{place.pk}" selected>' in page
    assert 'value="Elodie"' in page
    assert "This field is required." not in page
    assert not ConsultationRequest.objects.exists()


def test_choosing_a_patient_and_thinking_again_keeps_what_was_typed(as_desk):
    person = make_patient()
    typed = NEW_CALLER | {"q": "Ada"}

    chosen = as_desk.post(address("request-add"), typed | {"choose": person.pk})
    again = as_desk.post(
        address("request-add"), NEW_CALLER | {"patient": person.pk, "choose": ""}
    )

    for answer, who in ((chosen, person), (again, None)):
        page = answer.content.decode()
        assert answer.context["person"] == who
        assert "Fine lines</textarea>" in page
        assert 'value="Haddad"' in page
    assert not ConsultationRequest.objects.exists()

    as_desk.post(address("request-add"), NEW_CALLER | {"patient": person.pk})

    assert ConsultationRequest.objects.get().patient == person


def test_enter_with_nobody_to_find_means_the_form(as_desk):
    as_desk.post(address("request-add"), NEW_CALLER | {"q": " ", "find": "yes"})

    assert str(ConsultationRequest.objects.get().patient) == "Noor Haddad"


@pytest.mark.parametrize("key", ["0", "x", "999999"])
def test_a_patient_who_is_none_is_no_page(as_desk, key):
    answer = as_desk.get(address("request-add"), {"patient": key})

    assert answer.status_code == 404


def test_the_navigation_counts_new_requests_and_open_tasks(as_desk):
    make_request(), make_request(), make_in(RequestStatus.CONTACTED)

    page = as_desk.get(address("requests")).content.decode()

    assert '<span class="n">2<span class="visually-hidden"> new</span></span>' in page
