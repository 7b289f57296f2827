"""The waiting list on screen: who waits, what is offered, and answers that lose nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AccessLog, OfferStatus, WaitingEntry, WaitingOffer
from bookings.services import waiting
from bookings.tests.factories import (
    make_answers,
    make_patient,
    make_place_with_people,
    make_protocol,
)
from bookings.tests.series_desk import make_signed
from bookings.tests.waiting import make_entry, make_hold, make_offer

pytestmark = pytest.mark.django_db

LIST = reverse("desk:waiting")


@pytest.fixture
def plan(db):
    return make_signed(session_count=1)


def asked(plan, **changes):
    today = timezone.localdate()
    return {
        "what": "1",
        "first_day": (today + timedelta(days=1)).isoformat(),
        "last_day": (today + timedelta(days=20)).isoformat(),
        "weekdays": ["0", "1", "2", "3", "4"],
        "arrive_from": "08:00",
        "arrive_until": "17:00",
        "note": "Can come at short notice.",
    } | changes


def add(client, plan, **changes):
    address = reverse("desk:waiting-add", args=[plan.pk])
    return client.post(address, asked(plan, **changes))


def in_the_morning():
    """Tomorrow at 10:00 of the clinic's clock: an hour at which offers are made."""
    tomorrow = timezone.localtime() + timedelta(days=1)
    return tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)


def make_offered(plan, **fields):
    """An entry of `plan` and an offer that is open right now."""
    now = timezone.now()
    entry = make_entry(plan=plan, added_at=now - timedelta(days=3), **fields)
    return make_offer(entry=entry, offered_at=now, expires_at=now + timedelta(hours=1))


def words(response):
    return " ".join(response.content.decode().split())


def test_the_form_puts_a_session_on_the_list(as_desk, desk, plan):
    response = add(as_desk, plan)

    assert response.url == LIST
    entry = WaitingEntry.objects.get()
    assert (entry.plan, entry.number, entry.added_by) == (plan, 1, desk)
    assert entry.weekdays == [0, 1, 2, 3, 4]
    assert entry.note == "Can come at short notice."


def test_the_form_puts_a_series_on_the_list(as_desk, plan):
    add(as_desk, plan, what="series")

    assert WaitingEntry.objects.get().number is None


def test_a_refusal_keeps_what_was_typed(as_desk, plan):
    add(as_desk, plan)

    response = add(as_desk, plan, note="The second try")

    assert response.status_code == 422
    assert "This is on the waiting list already." in words(response)
    assert "The second try" in words(response)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("last_day", "2020-01-01", "The last day is before the first."),
        ("arrive_until", "07:00", "The latest arrival is before the earliest."),
        ("weekdays", [], "Choose at least one day of the week."),
        ("what", "9", "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(as_desk, plan, field, value, says):
    response = add(as_desk, plan, **{field: value})

    assert response.status_code == 422
    assert says in words(response)
    assert not WaitingEntry.objects.exists()


def test_the_form_offers_the_session_in_the_address(as_desk, plan):
    address = reverse("desk:waiting-add", args=[plan.pk])

    response = as_desk.get(address, {"number": "1"})

    assert 'value="1" id="id_what_1" checked' in words(response)


def test_a_page_that_shows_patients_is_logged(as_desk, desk, plan):
    make_entry(plan=plan)

    as_desk.get(LIST)

    log = AccessLog.objects.get(patient=plan.patient)
    assert (log.user, log.what) == (desk, "waiting list")


def test_the_list_says_what_is_offered_and_for_how_long(as_desk, plan):
    make_offered(plan)

    page = words(as_desk.get(LIST))

    assert "60 minutes left" in page
    assert "waits 3 days" in page
    assert "Accept and book it" in page


def test_the_list_says_which_questions_come_first(as_desk, plan):
    make_offered(plan)

    page = words(as_desk.get(LIST))

    assert "1 health question is asked again first." in page


def test_an_offer_that_ran_out_has_no_buttons(as_desk, plan):
    offer = make_offered(plan)
    WaitingOffer.objects.filter(pk=offer.pk).update(expires_at=timezone.now())

    page = words(as_desk.get(LIST))

    assert "The next in line is asked within a minute." in page
    assert "Accept" not in page


def test_accepting_books_and_leads_to_the_plan(as_desk, plan):
    today = timezone.localdate()
    month = {"first_day": today, "last_day": today + timedelta(days=30)}
    entry = make_entry(plan=plan, **month)
    waiting.match(now=in_the_morning())
    offer = entry.offers.get()
    make_answers(plan, answered_at=timezone.now())

    response = as_desk.post(reverse("desk:offer-accept", args=[offer.pk]))

    assert response.url == reverse("desk:plan", args=[plan.pk])
    assert plan.appointments.get().during == offer.during


def test_a_refused_answer_is_said_on_the_list(as_desk, plan):
    offer = make_offered(plan)

    response = as_desk.post(reverse("desk:offer-accept", args=[offer.pk]))

    assert response.status_code == 422
    assert "Ada Lovelace: 1 health question is asked again" in words(response)
    assert "Ask now" in words(response)


def test_declining_leads_back_to_the_list(as_desk, plan):
    offer = make_offered(plan)

    response = as_desk.post(reverse("desk:offer-decline", args=[offer.pk]))

    assert response.url == LIST
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DECLINED


def test_an_entry_is_closed_with_a_reason(as_desk, plan):
    entry = make_entry(plan=plan)
    address = reverse("desk:waiting-close", args=[entry.pk])

    response = as_desk.post(address, {"reason": "She found a time elsewhere."})

    assert response.url == LIST
    entry.refresh_from_db()
    assert entry.close_reason == "She found a time elsewhere."


def test_without_a_reason_nothing_is_closed(as_desk, plan):
    entry = make_entry(plan=plan)

    response = as_desk.post(reverse("desk:waiting-close", args=[entry.pk]))

    assert response.status_code == 422
    assert "Say why: the reason is kept with the entry." in words(response)
    entry.refresh_from_db()
    assert entry.closed_at is None


def test_the_plan_and_the_patient_say_what_waits(as_desk, plan):
    make_entry(plan=plan)

    for place in (
        reverse("desk:plan", args=[plan.pk]),
        reverse("desk:patient", args=[plan.patient_id]),
    ):
        assert "Session 1 waits for a time up to" in words(as_desk.get(place))


def test_a_clinician_sees_the_list_without_its_buttons(as_clinician, plan):
    make_offered(plan)

    page = words(as_clinician.get(LIST))

    assert "60 minutes left" in page
    assert "Accept" not in page
    assert "Take off" not in page


def test_the_list_takes_the_same_queries_for_one_and_three(as_desk, count_queries):
    place, protocol = make_place_with_people(), make_protocol()

    def one_more():
        make_offered(make_signed(place, protocol=protocol, patient=make_patient()))

    one_more()
    count_queries(as_desk, LIST)  # the first page of a session reads more
    one = count_queries(as_desk, LIST)
    one_more()
    one_more()

    assert count_queries(as_desk, LIST) == one


@pytest.mark.parametrize("verb", ["", "-confirm", "-extend", "-release"])
def test_a_series_that_is_offered_is_answered_on_the_list(as_desk, plan, verb):
    entry = make_entry(plan=plan, number=None)
    hold = make_hold(plan)
    make_offer(entry=entry, hold=hold)
    address = reverse(f"desk:hold{verb}", args=[hold.key])

    response = as_desk.post(address) if verb else as_desk.get(address)

    assert response.url == LIST
    hold.refresh_from_db()
    assert hold.is_open


def test_a_series_without_any_time_waits_whole(as_desk):
    plan = make_signed(session_count=3)

    page = as_desk.get(reverse("desk:waiting-add", args=[plan.pk]))

    values = [value for value, _words in page.context["form"]["what"].field.choices]
    assert values == ["series"]
