"""Real threads after the same time: one talk or session each, words for the rest."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from bookings.models import Appointment, AppointmentKind, Claim, ConsultationRequest
from bookings.services import series
from bookings.services.appointing import single, talks
from bookings.services.appointing.rules import Talk
from bookings.services.holding import holds
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_patient,
    make_place_with_people,
    make_protocol,
    make_request,
    make_user,
)
from bookings.tests.test_series_book import (
    FIRST,
    make_approved,
    make_sessions,
    roles_at,
)
from bookings.tests.threads import at_once

DESKS, ROUNDS = 5, 3

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place():
    return make_place_with_people()


@pytest.fixture
def actor():
    return make_user()


def talk_at(place, minutes=0, patient=None):
    roles = roles_at(place)
    start = datetime.combine(FIRST, time(10), place.zone) + timedelta(minutes=minutes)
    return Talk(
        kind=AppointmentKind.CONSULTATION,
        patient=patient or make_patient(),
        location=place,
        starts_at=start,
        practitioner=roles["operator"],
        room=roles["room"],
    )


def books(talk, actor, key=None, **changes):
    about = {"key": key or uuid4(), "actor": actor, "now": NOW}
    return lambda: talks.book(talk, **about | changes)


def split(outcomes):
    lost = [one for one in outcomes if isinstance(one, BookingRefused)]
    return [one for one in outcomes if one not in lost], lost


def never_twice():
    """The database would not have it, but neither may a claim be missing."""
    for row in Appointment.objects.firm().prefetch_related("claims"):
        assert {claim.role for claim in row.claims.all()} >= {"operator", "room"}


def test_of_many_desks_after_one_consultation_slot_exactly_one_wins(place, actor):
    for turn in range(ROUNDS):
        bids = [books(talk_at(place, 60 * turn), actor) for _ in range(DESKS)]

        won, lost = split(at_once(*bids))

        assert (len(won), len(lost)) == (1, DESKS - 1)
        assert all("has just booked" in str(one) for one in lost)
        never_twice()
    assert Appointment.objects.count() == ROUNDS


def test_slots_that_overlap_by_a_quarter_have_one_winner_at_a_time(place, actor):
    bids = [books(talk_at(place, 15 * n), actor) for n in range(DESKS)]

    won, lost = split(at_once(*bids))

    times = sorted(row.starts_at for row in won)
    assert all(b - a >= timedelta(minutes=30) for a, b in pairwise(times))
    assert len(won) + len(lost) == DESKS
    assert won
    never_twice()


def test_a_talk_and_a_series_after_one_room_end_in_one_of_the_two(actor):
    place, protocol = make_place_with_people(), make_protocol()
    for turn in range(ROUNDS):
        plan = make_approved(place, protocol=protocol)
        days = timedelta(days=7 * turn)
        sessions = make_sessions(plan, first=FIRST + days)
        talk = talk_at(place, 7 * turn * 24 * 60)
        about = {"strategy": "steady", "actor": actor, "now": NOW}

        outcomes = at_once(
            books(talk, actor),
            lambda plan=plan, s=sessions, about=about: series.book(
                plan, s, key=uuid4(), **about
            ),
        )

        won, lost = split(outcomes)
        assert (len(won), len(lost)) == (1, 1)
        assert plan.appointments.count() in (0, 3)
        never_twice()


def test_two_desks_after_one_session_of_one_plan_book_it_once(actor):
    for turn in range(ROUNDS):
        plan = make_approved()
        start = datetime.combine(FIRST, time(10), plan.location.zone)
        later = start + timedelta(days=1)
        about = {"actor": actor, "now": NOW}

        won, lost = split(
            at_once(
                lambda p=plan, s=start, a=about: single.book(p, 1, s, key=uuid4(), **a),
                lambda p=plan, s=later, a=about: single.book(p, 1, s, key=uuid4(), **a),
            )
        )

        assert (len(won), len(lost)) == (1, 1), turn
        assert plan.appointments.count() == 1


def test_a_single_session_and_the_whole_series_end_in_one_of_the_two(actor):
    for _turn in range(ROUNDS):
        plan = make_approved()
        start = datetime.combine(FIRST, time(10), plan.location.zone)
        about = {"actor": actor, "now": NOW}

        won, lost = split(
            at_once(
                lambda p=plan, s=start, a=about: single.book(p, 1, s, key=uuid4(), **a),
                lambda p=plan, a=about: series.book(
                    p, make_sessions(p), key=uuid4(), strategy="steady", **a
                ),
            )
        )

        assert (len(won), len(lost)) == (1, 1)
        assert plan.appointments.count() in (1, 3)


def test_one_patient_is_never_booked_twice_at_one_time(place, actor):
    elsewhere = make_place_with_people()
    for turn in range(ROUNDS):
        patient = make_patient()
        bids = [
            books(talk_at(where, 60 * turn, patient), actor)
            for where in (place, elsewhere)
        ]

        won, lost = split(at_once(*bids))

        assert (len(won), len(lost)) == (1, 1)
        assert patient.appointments.count() == 1


@pytest.mark.parametrize("kind", ["talk", "session"])
def test_the_same_submit_sent_by_many_threads_books_once(place, actor, kind):
    for turn in range(ROUNDS):
        key = uuid4()
        if kind == "talk":
            bid = books(talk_at(place, 60 * turn), actor, key)
        else:
            plan = make_approved()
            start = datetime.combine(FIRST, time(10), plan.location.zone)

            def bid(plan=plan, start=start, key=key):
                return single.book(plan, 1, start, key=key, actor=actor, now=NOW)

        won, lost = split(at_once(*[bid] * DESKS))

        assert lost == []
        assert len({row.pk for row in won}) == 1
    assert Appointment.objects.count() == ROUNDS


def test_one_request_is_answered_by_one_consultation(place, actor):
    patient = make_patient()
    request = make_request(patient=patient)
    days = [24 * 60 * n for n in range(3)]
    bids = [books(talk_at(place, n, patient), actor, request=request) for n in days]

    won, lost = split(at_once(*bids))

    assert (len(won), len(lost)) == (1, 2)
    assert ConsultationRequest.objects.get().appointment == won[0]


def test_two_moves_to_one_time_and_a_booking_there_have_one_winner(place, actor):
    for turn in range(ROUNDS):
        base = 24 * 60 * 7 * turn
        rows = [books(talk_at(place, base + n), actor)() for n in (60, 120)]
        target = talk_at(place, base).starts_at
        about = {"actor": actor, "now": NOW, "version": 1}

        won, lost = split(
            at_once(
                *[
                    lambda row=row, to=target, about=about: talks.move(row, to, **about)
                    for row in rows
                ],
                books(talk_at(place, base), actor),
            )
        )

        assert (len(won), len(lost)) == (1, 2)
        assert Claim.objects.filter(during__contains=target).count() == 2
        never_twice()


def test_a_move_and_a_booking_that_cross_never_wait_for_each_other(place, actor):
    for turn in range(ROUNDS):
        base = 24 * 60 * 7 * turn
        row = books(talk_at(place, base), actor)()
        about = {"actor": actor, "now": NOW, "version": 1}
        later = talk_at(place, base + 15).starts_at

        outcomes = at_once(
            lambda row=row, to=later, about=about: talks.move(row, to, **about),
            books(talk_at(place, base + 30), actor),
            books(talk_at(place, base - 30), actor),
        )

        assert split(outcomes)[0]
        never_twice()


def test_a_hold_that_ran_out_gives_way_to_one_of_many(actor):
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_approved(place, protocol=protocol)
    about = {"key": uuid4(), "strategy": "steady", "actor": actor, "now": NOW}
    holds.hold(plan, make_sessions(plan), **about)
    later = NOW + timedelta(minutes=16)
    bids = [books(talk_at(place), actor, now=later) for _ in range(DESKS)]

    won, lost = split(at_once(*bids, lambda: holds.expire_overdue(now=later)))

    assert len([one for one in won if isinstance(one, Appointment)]) == 1
    assert len(lost) == DESKS - 1
    assert not plan.holds.open().exists()
