"""Real threads at the waiting list: one offer of one time, one answer to one offer."""

from datetime import date, timedelta

import pytest

from bookings.models import Claim, OfferStatus, WaitingOffer
from bookings.services import waiting
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_series_book import book, make_approved, make_sessions
from bookings.tests.threads import at_once
from bookings.tests.waiting import answer_afresh, keep_only, offered, wait

FRIDAY = date(2026, 12, 4)
RUNS_OUT = NOW + timedelta(hours=2)
MOMENT = timedelta(microseconds=1)
ROUNDS = 4

pytestmark = pytest.mark.django_db(transaction=True)


def make_queue(how_many):
    """One free time at one place, and plans of one session that wait for it."""
    place, protocol = make_place_with_people(), make_protocol()
    keep_only(place, FRIDAY)
    plans = [
        make_approved(place, protocol=protocol, session_count=1)
        for _ in range(how_many)
    ]
    for plan in plans:
        answer_afresh(plan)
    return plans


def test_two_workers_at_once_offer_one_time_once_and_to_the_longest_wait():
    plans = make_queue(3)
    entries = [
        wait(plan, now=NOW - timedelta(minutes=10 * turn))
        for turn, plan in enumerate(plans)
    ]

    for turn in range(ROUNDS):
        now = NOW + timedelta(days=turn)
        made = at_once(*[lambda now=now: waiting.match(now=now)] * 4)
        assert sum(made) == 1
        assert WaitingOffer.objects.open().get().entry == entries[-1]
        WaitingOffer.objects.update(status=OfferStatus.WITHDRAWN, answered_at=now)
        Claim.objects.filter(why="hold").delete()
        if turn == 2:
            break  # the patient's limit is a day, the free time is near


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_time_is_offered_or_booked_and_never_both(turn):
    taker, waiter = make_queue(2)
    entry = wait(waiter)

    def take():
        return book(taker, make_sessions(taker, (0,), first=FRIDAY), actor=desk)

    desk = make_user("Front desk")
    at_once(take, lambda: waiting.match(now=NOW))

    booked = taker.appointments.exists()
    assert booked != (offered(entry) is not None)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_a_yes_and_the_sweep_exactly_one_wins(turn):
    (plan,) = make_queue(1)
    entry = wait(plan)
    waiting.match(now=NOW)
    offer, desk = offered(entry), make_user("Front desk")

    accepted, lapsed = at_once(
        lambda: waiting.accept(offer, actor=desk, now=RUNS_OUT - MOMENT),
        lambda: waiting.lapse_overdue(now=RUNS_OUT),
    )

    took = not isinstance(accepted, BookingRefused)
    assert took != bool(lapsed)
    assert plan.appointments.exists() == took
    assert Claim.objects.filter(appointment__plan=plan).exists() == took
    assert not Claim.objects.filter(offer=offer).exists()


def test_two_desks_that_accept_at_once_book_once():
    (plan,) = make_queue(1)
    entry = wait(plan)
    waiting.match(now=NOW)
    offer, desk = offered(entry), make_user("Front desk")

    both = at_once(*[lambda: waiting.accept(offer, actor=desk, now=NOW)] * 2)

    assert {answer.status for answer in both} == {OfferStatus.ACCEPTED}
    assert plan.appointments.get().version == 1


def test_a_yes_and_a_no_at_once_end_in_one_of_them():
    (plan,) = make_queue(1)
    entry = wait(plan)
    waiting.match(now=NOW)
    offer, desk = offered(entry), make_user("Front desk")

    at_once(
        lambda: waiting.accept(offer, actor=desk, now=NOW),
        lambda: waiting.decline(offer, actor=desk, now=NOW),
    )

    offer.refresh_from_db()
    took = offer.status == OfferStatus.ACCEPTED
    assert plan.appointments.exists() == took
    assert took or offer.status == OfferStatus.DECLINED
