"""The series screen: proposals, one submit, and refusals that lose nothing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import Appointment, Claim, ClaimReason, SeriesBooking
from bookings.tests.factories import (
    make_answers,
    make_place_with_people,
    make_protocol,
)
from bookings.tests.series_desk import make_signed, propose, submit
from clinic.models import Practitioner, Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    return make_signed()


def test_three_proposals_come_with_reasons(as_desk, plan):
    response = propose(as_desk, plan)

    titles = [str(p.title) for p in response.context["answer"].proposals]
    assert titles == [
        "Earliest finish",
        "Same weekday and time",
        "With Dr Okafor throughout",
    ]
    assert response.content.decode().count("Why not earlier?") == 3


def test_the_submit_books_every_session_and_leads_to_them(as_desk, plan):
    response = submit(as_desk, plan, propose(as_desk, plan))

    booking = SeriesBooking.objects.get()
    assert response.url == reverse("desk:series-booked", args=[booking.key])
    assert booking.appointments.count() == 3


def test_what_was_booked_is_shown_with_its_messages(as_desk, plan):
    submit(as_desk, plan, propose(as_desk, plan))

    page = as_desk.get(
        reverse("desk:series-booked", args=[SeriesBooking.objects.get().key])
    )

    assert "All 3 sessions are booked." in page.content.decode()
    assert {m.rule for m in page.context["planned_messages"]} == {
        "confirmation",
        "pre-care",
        "practical",
        "after-care",
        "healing-48h",
        "healing-7d",
    }


def test_the_same_submit_again_shows_the_same_booking(as_desk, plan):
    shown = propose(as_desk, plan)

    first = submit(as_desk, plan, shown)
    again = submit(as_desk, plan, shown)

    assert again.url == first.url
    assert Appointment.objects.count() == 3


def test_a_lost_slot_gives_words_and_fresh_proposals_and_keeps_the_wishes(as_desk):
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_signed(place, protocol=protocol)
    other = make_signed(place, protocol=protocol)
    wishes = {
        "earliest": (timezone.now().date() + timedelta(days=3)).isoformat(),
        "days": ["1", "3"],
        "arrive_from": "09:00",
        "arrive_until": "11:00",
        "policy": "one",
    }
    query = propose(as_desk, plan, **wishes).wsgi_request.GET.urlencode()
    mine = propose(as_desk, plan, **wishes)
    submit(as_desk, other, propose(as_desk, other, **wishes))

    response = submit(as_desk, plan, mine, query=query)

    assert response.status_code == 422
    assert "has just booked" in response.context["refusal"]
    assert response.context["form"]["policy"].value() == "one"
    assert response.context["form"]["days"].value() == ["1", "3"]
    assert response.context["answer"].proposals
    assert Appointment.objects.filter(plan=plan).count() == 0


def test_an_altered_proposal_is_refused(as_desk, plan):
    response = submit(
        as_desk, plan, propose(as_desk, plan), **{"plan-earliest-finish": "made-up"}
    )

    assert response.status_code == 422
    assert not Appointment.objects.exists()


def test_no_choice_is_asked_for_again(as_desk, plan):
    address = reverse("desk:series-book", args=[plan.pk])

    response = as_desk.post(address, {"key": uuid4()})

    assert response.status_code == 422
    assert "Choose one of these." in response.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"earliest": "tomorrow"}, "Enter a valid date"),
        ({"days": []}, "Choose at least one day"),
        ({"arrive_from": "16:00"}, "before the earliest"),
        (
            {"avoid_1_first": "2027-03-02", "avoid_1_last": "2027-03-01"},
            "before the first",
        ),
        ({"avoid_1_last": "2027-03-01"}, "first of these dates"),
    ],
)
def test_wishes_that_make_no_sense_are_named_and_kept(as_desk, plan, wrong, words):
    wishes = {
        "earliest": "2030-01-01",
        "days": ["1"],
        "arrive_from": "09:00",
        "arrive_until": "11:00",
        "policy": "anyone",
        "avoid_2_label": "Halifax",
    }

    response = propose(as_desk, plan, **wishes | wrong)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'value="Halifax"' in response.content.decode()


def test_nothing_fits_names_the_cause_and_a_way_out(as_desk, plan):
    response = propose(
        as_desk,
        plan,
        earliest=(timezone.now().date() + timedelta(days=1)).isoformat(),
        days=["5"],
        arrive_from="09:00",
        arrive_until="11:00",
        policy="anyone",
    )

    answer = response.context["answer"]
    assert not answer.proposals
    assert answer.nothing.where.startswith("Session 1 fits nowhere from ")
    mended = as_desk.get(
        f"{response.request['PATH_INFO']}?{answer.nothing.remedies[0].query}"
    )
    assert mended.context["answer"].proposals


def test_removing_the_named_cause_makes_an_earlier_end_possible(as_desk, plan):
    first = propose(as_desk, plan).context["answer"].proposals[0]
    who = Practitioner.objects.get(location=plan.location)
    moment = first.sessions[-1].local_start
    Claim.objects.create(
        resource=who,
        during=(moment.replace(hour=0), moment.replace(hour=23)),
        why=ClaimReason.ABSENCE,
    )

    later = propose(as_desk, plan).context["answer"].proposals[0]

    assert later.finish > first.finish
    assert "Dr Okafor is taken on " in later.why


def test_one_practitioner_comes_first_where_it_was_asked_for(as_desk, plan):
    response = propose(
        as_desk,
        plan,
        earliest=(timezone.now().date() + timedelta(days=1)).isoformat(),
        days=["0", "1", "2", "3", "4"],
        arrive_from="09:00",
        arrive_until="16:00",
        policy="one",
    )

    assert response.context["answer"].proposals[0].strategy == "one-practitioner"


def test_a_wait_begins_the_series_where_the_answers_allow(as_desk):
    plan = make_signed(
        protocol=make_protocol(),
    )
    last_dose = timezone.now().date() - timedelta(days=30)
    make_answers(
        plan, isotretinoin="yes", on_date=last_dose, answered_at=timezone.now()
    )

    response = propose(as_desk, plan)

    first = response.context["answer"].proposals[0].sessions[0].local_start.date()
    assert first >= last_dose + timedelta(days=89)
    assert "Not before" in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_day_costs_the_same_for_one_and_three(
    as_desk, count, django_assert_num_queries
):
    place, protocol = make_place_with_people(), make_protocol()
    for _number in range(count):
        plan = make_signed(place, protocol=protocol)
        submit(as_desk, plan, propose(as_desk, plan))
    day = Appointment.objects.earliest("during").local_date
    address = reverse("desk:day")
    as_desk.get(address, {"date": day, "location": place.slug})

    with django_assert_num_queries(14):
        response = as_desk.get(address, {"date": day, "location": place.slug})

    [shown] = response.context["agenda"]
    assert len(shown.entries) == count


def test_the_day_shows_who_comes_for_what_with_whom(as_desk, plan):
    submit(as_desk, plan, propose(as_desk, plan))
    first = Appointment.objects.earliest("during")

    page = as_desk.get(
        reverse("desk:day"),
        {"date": first.local_date.isoformat(), "location": plan.location.slug},
    ).content.decode()

    assert str(plan.patient) in page
    assert "Session 1 of 3" in page
    assert Room.objects.get(location=plan.location).name in page


@pytest.mark.parametrize("day", ["", "31-12-2026", "nonsense"])
def test_a_day_that_is_none_is_today(as_desk, plan, day):
    response = as_desk.get(reverse("desk:day"), {"date": day})

    assert response.context["day"] == response.context["today"]
    assert isinstance(response.context["day"], date)


@pytest.mark.parametrize("name", ["desk:series-propose", "desk:series-book"])
def test_a_stranger_may_not_book(as_stranger, plan, name):
    call = as_stranger.post if name.endswith("book") else as_stranger.get

    assert call(reverse(name, args=[plan.pk])).status_code == 403


def test_a_clinician_may_look_at_the_list_and_not_book(as_clinician, plan):
    assert as_clinician.get(reverse("desk:series-list")).status_code == 200
    assert propose(as_clinician, plan).status_code == 403
