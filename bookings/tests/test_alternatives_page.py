"""Other times for a session: picked, kept, let go, chosen by hand, and booked."""

from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from bookings.models import Appointment, Claim, ClaimReason
from bookings.services.proposing.wishes import Pin
from bookings.tests.factories import make_doctor, make_hours, make_place_with_people
from bookings.tests.series_desk import make_signed, propose, submit
from clinic.models import Practitioner

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    place = make_place_with_people()
    make_hours(make_doctor(place, name="Dr Roy"))
    return make_signed(place)


def best(response):
    return response.context["answer"].proposals[0]


def follow(client, plan, query):
    return client.get(f"{reverse('desk:series-propose', args=[plan.pk])}?{query}")


def by_hand(client, plan, number, query=""):
    place = reverse("desk:series-choose", args=[plan.pk, number])
    return client.get(f"{place}?{query}")


def close(place, start):
    """Everyone at `place` is away on the day of `start`."""
    midnight = start.replace(hour=0, minute=0)
    for person in Practitioner.objects.filter(location=place):
        Claim.objects.create(
            resource=person,
            during=(midnight, midnight + timedelta(days=1)),
            why=ClaimReason.ABSENCE,
        )


def starts(proposal):
    return [session.local_start for session in proposal.sessions]


def test_each_session_has_two_other_times_with_their_effect(as_desk, plan):
    shown = propose(as_desk, plan)

    for session in best(shown).sessions:
        assert len(session.instead) == 2
        assert all(other.start != session.local_start for other in session.instead)
    assert "day later" in shown.content.decode()


def test_an_other_time_does_to_the_finish_what_it_says(as_desk, plan):
    shown = propose(as_desk, plan)

    for session in best(shown).sessions:
        for other in session.instead:
            then = best(follow(as_desk, plan, other.query))
            late = (then.finish - best(shown).finish).days
            assert other.start in starts(then)
            assert other.effect == (
                f"{late} day{'s' * (late > 1)} later" if late else "same finish"
            )


def test_a_picked_time_is_kept_and_the_rest_follows(as_desk, plan):
    other = best(propose(as_desk, plan)).sessions[0].instead[1]

    picked = follow(as_desk, plan, other.query)

    first, second, _third = best(picked).sessions
    assert first.local_start == other.start
    assert first.unpin
    assert not first.instead
    assert second.instead
    days = [start.date() for start in starts(best(picked))]
    gaps = [(after - before).days for before, after in pairwise(days)]
    assert all(42 <= gap <= 56 for gap in gaps)
    assert "Chosen by hand" in picked.content.decode()


def test_every_strategy_keeps_what_was_picked(as_desk, plan):
    other = best(propose(as_desk, plan)).sessions[1].instead[1]

    proposals = follow(as_desk, plan, other.query).context["answer"].proposals

    assert len(proposals) == 3
    assert all(other.start in starts(proposal) for proposal in proposals)
    [alone] = [each for each in proposals if each.strategy == "one-practitioner"]
    assert alone.practitioners == 1


def test_the_proposal_it_was_picked_from_stays_open(as_desk, plan):
    steady = propose(as_desk, plan).context["answer"].proposals[1]

    picked = follow(as_desk, plan, steady.sessions[0].instead[0].query)

    assert picked.context["chosen"] == "steady"


def test_letting_a_session_move_brings_the_first_proposals_back(as_desk, plan):
    before = best(propose(as_desk, plan))
    picked = follow(as_desk, plan, before.sessions[1].instead[1].query)

    again = follow(as_desk, plan, best(picked).sessions[1].unpin)

    assert starts(best(again)) == starts(before)


def test_new_preferences_keep_what_was_picked(as_desk, plan):
    other = best(propose(as_desk, plan)).sessions[1].instead[1]
    pin = Pin(2, other.start.replace(tzinfo=None))

    page = follow(as_desk, plan, other.query).content.decode()

    assert f'<input type="hidden" name="pin" value="{pin}">' in page


def test_a_slot_that_is_gone_is_named_and_the_others_are_kept(as_desk, plan):
    sessions = best(propose(as_desk, plan)).sessions
    picked = best(follow(as_desk, plan, sessions[0].instead[0].query))
    query = picked.sessions[1].instead[0].query
    lost = picked.sessions[1].instead[0].start
    close(plan.location, lost)

    shown = follow(as_desk, plan, query)

    [words] = shown.context["answer"].lost
    assert words.startswith("Session 2 cannot be on ")
    assert words in shown.content.decode()
    assert shown.status_code == 200
    assert best(shown).sessions[0].local_start == sessions[0].instead[0].start
    assert f"pin={2}" not in shown.context["answer"].query


@pytest.mark.parametrize(
    "pin",
    ["2", "2:soon", "x:2027-03-24T16:15", "2:2027-03-24T16:15+01:00", "123:2027-03-24"],
)
def test_what_is_no_pin_is_passed_over(as_desk, plan, pin):
    shown = propose(as_desk, plan, pin=pin)

    assert shown.context["answer"].lost == []
    assert best(shown).sessions


@pytest.mark.parametrize("number", [0, 4])
def test_a_session_that_the_plan_has_not_cannot_be_picked(as_desk, plan, number):
    start = best(propose(as_desk, plan)).sessions[0].local_start

    shown = propose(as_desk, plan, pin=f"{number}:{start:%Y-%m-%dT%H:%M}")

    assert len(shown.context["answer"].lost) == 1
    assert len(best(shown).sessions) == 3


def test_what_was_picked_is_booked(as_desk, plan):
    other = best(propose(as_desk, plan)).sessions[1].instead[1]

    submit(as_desk, plan, follow(as_desk, plan, other.query))

    booked = Appointment.objects.filter(plan=plan).order_by("number")
    assert booked.count() == 3
    assert booked[1].local_start == other.start


def test_every_session_may_be_chosen_by_hand_and_booked(as_desk, plan):
    query = ""
    for number in (1, 2, 3):
        shown = by_hand(as_desk, plan, number, query)
        day = shown.context["page"][1]
        keeps = shown.context["by_hand"].keeps
        query = "&".join([*(f"{n}={v}" for n, v in keeps), f"pin={day.times[0][1]}"])

    chosen = follow(as_desk, plan, query)

    [only] = chosen.context["answer"].proposals
    assert only.title == "As chosen by hand"
    assert all(session.unpin for session in only.sessions)
    submit(as_desk, plan, chosen)
    assert Appointment.objects.filter(plan=plan).count() == 3


def test_every_day_offered_by_hand_can_be_had_and_ends_as_it_says(as_desk, plan):
    shown = by_hand(as_desk, plan, 2)

    for day in shown.context["page"][::5]:
        pin = day.times[-1][1]
        keeps = dict(shown.context["by_hand"].keeps) | {"days": list("01234")}
        then = propose(as_desk, plan, **keeps | {"pin": str(pin)})
        assert then.context["answer"].lost == []
        assert best(then).finish == day.finish


def test_choosing_by_hand_leads_from_session_to_session(as_desk, plan):
    assert reverse("desk:series-choose", args=[plan.pk, 2]) in _form(as_desk, plan, 1)
    assert reverse("desk:series-propose", args=[plan.pk]) in _form(as_desk, plan, 3)


def _form(client, plan, number):
    return by_hand(client, plan, number).context["after"]


def test_a_session_that_is_booked_is_not_chosen_again(as_desk, plan):
    submit(as_desk, plan, propose(as_desk, plan))

    response = by_hand(as_desk, plan, 1)

    assert urlsplit(response.url).path == reverse("desk:series-propose", args=[plan.pk])


def test_the_focus_goes_back_to_the_session_that_was_changed(as_desk, plan):
    other = best(propose(as_desk, plan)).sessions[1].instead[1]
    place = reverse("desk:series-propose", args=[plan.pk])

    page = as_desk.get(
        f"{place}?{other.query}",
        headers={"hx-request": "true", "hx-trigger": "earliest-finish-session-2-2"},
    ).content.decode()

    assert page.count("data-cd-focus") == 1
    assert 'id="earliest-finish-2"\n    tabindex="-1" data-cd-focus' in page


def test_what_a_link_keeps_can_be_read_back(as_desk, plan):
    shown = propose(
        as_desk,
        plan,
        earliest="2030-01-07",
        days=["1", "3"],
        arrive_from="09:00",
        arrive_until="11:00",
        policy="one-if-soon",
        avoid_2_first="2030-03-13",
        avoid_2_last="2030-03-21",
        avoid_2_label="Halifax & back",
    )

    kept = parse_qs(best(shown).sessions[0].instead[0].query)

    assert kept["days"] == ["1", "3"]
    assert kept["policy"] == ["one-if-soon"]
    assert kept["avoid_1_label"] == ["Halifax & back"]
    assert datetime.fromisoformat(kept["pin"][0].partition(":")[2]).hour in (9, 10, 11)


def test_dates_to_avoid_are_left_out_one_by_one(as_desk, plan):
    shown = propose(
        as_desk,
        plan,
        earliest="2030-01-07",
        days=["1"],
        arrive_from="09:00",
        arrive_until="11:00",
        policy="anyone",
        avoid_1_first="2030-03-13",
        avoid_1_label="Halifax",
        avoid_2_first="2030-04-24",
        avoid_2_label="Wedding",
    )

    first, _second = shown.context["form"].filled_rows()
    kept = follow(as_desk, plan, first.without).context["form"].filled_rows()

    assert (first.label, first.dates) == ("Halifax", "13 Mar")
    assert [row.label for row in kept] == ["Wedding"]
