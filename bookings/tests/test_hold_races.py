"""Real threads after held times: one winner, words for the rest, never half a series."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    HoldOutcome,
    SeriesBooking,
    SeriesHold,
)
from bookings.services import series
from bookings.services.holding import holds
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_pencils import make_waiting, pencil
from bookings.tests.test_plans import approve
from bookings.tests.test_series_book import make_approved, make_sessions
from bookings.tests.test_series_races import forget
from bookings.tests.threads import at_once

DESKS = 8
ROUNDS = 3
MORE = 6  # where a wrong order of locks shows every few rounds
SPAN = timedelta(minutes=15)
A_MOMENT = timedelta(microseconds=1)
TWO = (0, 49)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(db):
    return make_user("Front desk")


@pytest.fixture
def plans(db):
    """Signed plans of two sessions, all at one place with one of everything."""
    place, protocol = make_place_with_people(), make_protocol()
    return [
        make_approved(place, protocol=protocol, session_count=2) for _ in range(DESKS)
    ]


def hold(plan, actor, *, days=TWO, now=NOW, key=None):
    return holds.hold(
        plan,
        make_sessions(plan, days),
        key=key or uuid4(),
        strategy="steady",
        actor=actor,
        now=now,
    )


def holding(plan, actor, **fields):
    return lambda: hold(plan, actor, **fields)


def booking(plan, actor, *, days=TWO, now=NOW):
    return lambda: series.book(
        plan,
        make_sessions(plan, days),
        key=uuid4(),
        strategy="steady",
        actor=actor,
        now=now,
    )


def confirming(held, actor, now):
    return lambda: holds.confirm(held, actor=actor, now=now)


def extending(held, actor, now):
    return lambda: holds.extend(held, actor, now)


def letting_go(held, actor, now):
    return lambda: holds.release(held, actor, now)


def sweeping(now):
    return lambda: holds.expire_overdue(now=now)


def refusals(outcomes):
    return [one for one in outcomes if isinstance(one, BookingRefused)]


def live():
    return sorted(Appointment.objects.live().values_list("status", flat=True))


def every_series_is_whole(now):
    """Each plan has all of its sessions or none, with all of their claims or none."""
    for held in SeriesHold.objects.all():
        rows = held.appointments.all()
        assert len(rows) == 2
        assert len({row.status for row in rows}) == 1
        taken = Claim.objects.filter(appointment__in=rows)
        why, ends = (
            set(taken.values_list(n, flat=True)) for n in ("why", "expires_at")
        )
        if held.is_open:
            assert (why, ends) == ({ClaimReason.HOLD}, {held.expires_at})
        elif held.outcome == HoldOutcome.CONFIRMED:
            assert (why, ends) == ({ClaimReason.APPOINTMENT}, {None})
        assert taken.count() == (6 if rows[0].is_live else 0)
    assert Claim.objects.count() == 3 * Appointment.objects.live().count()


def start_afresh():
    forget()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bookings_serieshold, bookings_task CASCADE")


def test_of_eight_who_hold_the_same_times_exactly_one_wins(plans, actor):
    for _turn in range(ROUNDS):
        outcomes = at_once(*(holding(plan, actor) for plan in plans))
        assert len(refusals(outcomes)) == DESKS - 1
        assert live() == [AppointmentStatus.HELD] * 2
        every_series_is_whole(NOW)
        start_afresh()


def test_eight_equal_submits_hold_once(plans, actor):
    key = uuid4()

    outcomes = at_once(*(holding(plans[0], actor, key=key) for _ in range(DESKS)))

    assert len({held.pk for held in outcomes}) == 1
    assert Appointment.objects.count() == 2


def test_times_whose_holds_ran_out_are_won_by_exactly_one(plans, actor):
    """Both sessions lie under holds of different plans, so that locks could cross."""
    for turn in range(ROUNDS):
        hold(plans[0], actor)
        hold(plans[1], actor, days=(1, 50))
        wanted = [(0, 50) if (turn + n) % 2 else (1, 49) for n in range(DESKS)]
        wanted = [TWO if n % 3 == 0 else days for n, days in enumerate(wanted)]

        at_once(
            sweeping(NOW + SPAN),
            *(
                (holding if number % 2 else booking)(
                    plan, actor, days=days, now=NOW + SPAN
                )
                for number, (plan, days) in enumerate(zip(plans, wanted, strict=True))
            ),
        )
        every_series_is_whole(NOW + SPAN)
        assert Appointment.objects.live().count() in (2, 4)
        start_afresh()


def test_two_ended_holds_under_the_same_wish_are_ended_in_one_order(plans, actor):
    for _turn in range(MORE):
        hold(plans[0], actor)
        hold(plans[1], actor, days=(1, 50))
        bids = [(0, 50), (1, 49)] * 3
        outcomes = at_once(
            *(
                booking(plan, actor, days=days, now=NOW + SPAN)
                for plan, days in zip(plans[2:], bids, strict=True)
            )
        )
        assert len(refusals(outcomes)) in (len(bids) - 1, len(bids) - 2)
        every_series_is_whole(NOW + SPAN)
        start_afresh()


def test_clocks_that_disagree_about_the_end_never_deadlock(plans, actor):
    """One wish, half free and half held: some see the hold still, some see it over."""
    for turn in range(MORE):
        hold(plans[0], actor, days=(7, 49))
        acts = []
        for number, plan in enumerate(plans[1:]):
            now = NOW + SPAN + (A_MOMENT if (number + turn) % 2 else -A_MOMENT)
            acts.append(booking(plan, actor, now=now))
        outcomes = at_once(*acts)
        assert len(refusals(outcomes)) == len(acts) - 1
        every_series_is_whole(NOW + SPAN)
        start_afresh()


def test_confirming_and_sweeping_at_the_end_leave_all_or_nothing(plans, actor):
    for _turn in range(2 * ROUNDS):
        held = hold(plans[0], actor)

        booked, swept = at_once(
            confirming(held, actor, NOW + SPAN - A_MOMENT), sweeping(NOW + SPAN)
        )

        assert (swept == 1) is isinstance(booked, BookingRefused)
        assert live() == ([] if swept else [AppointmentStatus.BOOKED] * 2)
        every_series_is_whole(NOW + SPAN)
        start_afresh()


def test_of_who_confirms_in_time_and_who_finds_it_over_one_gets_the_times(plans, actor):
    for _turn in range(2 * ROUNDS):
        held = hold(plans[0], actor)

        outcomes = at_once(
            confirming(held, actor, NOW + SPAN - A_MOMENT),
            booking(plans[1], actor, now=NOW + SPAN),
        )

        assert len(refusals(outcomes)) == 1
        assert live() == [AppointmentStatus.BOOKED] * 2
        every_series_is_whole(NOW + SPAN)
        start_afresh()


def test_eight_clicks_on_confirm_book_once(plans, actor):
    for _turn in range(ROUNDS):
        held = hold(plans[0], actor)

        outcomes = at_once(*(confirming(held, actor, NOW) for _ in range(DESKS)))

        assert len({booked.pk for booked in outcomes}) == 1
        assert SeriesBooking.objects.count() == 1
        every_series_is_whole(NOW)
        start_afresh()


def test_eight_clicks_on_extend_extend_once(plans, actor):
    for _turn in range(ROUNDS):
        held = hold(plans[0], actor)

        outcomes = at_once(*(extending(held, actor, NOW) for _ in range(DESKS)))

        assert len(refusals(outcomes)) == DESKS - 1
        assert SeriesHold.objects.get().expires_at == NOW + 2 * SPAN
        every_series_is_whole(NOW)
        start_afresh()


def test_extending_and_sweeping_at_the_end_agree(plans, actor):
    for _turn in range(2 * ROUNDS):
        held = hold(plans[0], actor)

        longer, swept = at_once(
            extending(held, actor, NOW + SPAN - A_MOMENT),
            sweeping(NOW + SPAN),
        )

        assert (swept == 1) is isinstance(longer, BookingRefused)
        assert live() == ([] if swept else [AppointmentStatus.HELD] * 2)
        every_series_is_whole(NOW + SPAN)
        start_afresh()


def test_confirming_and_letting_go_agree(plans, actor):
    for _turn in range(2 * ROUNDS):
        held = hold(plans[0], actor)

        outcomes = at_once(confirming(held, actor, NOW), letting_go(held, actor, NOW))

        assert len(refusals(outcomes)) == 1
        assert live() in ([], [AppointmentStatus.BOOKED] * 2)
        every_series_is_whole(NOW)
        start_afresh()


def test_a_signature_and_the_sweep_agree_about_a_pencil(actor):
    place, protocol = make_place_with_people(), make_protocol()
    for _turn in range(ROUNDS):
        plan = make_waiting(place, protocol=protocol, session_count=2)
        start = pencil(plan, make_sessions(plan, TWO)).expires_at

        review, swept = at_once(
            lambda plan=plan, start=start: approve(
                plan, actor=actor, now=start - A_MOMENT
            ),
            sweeping(start),
        )

        assert review.outcome == "approved"
        assert live() == ([] if swept else [AppointmentStatus.BOOKED] * 2)
        every_series_is_whole(start)
        start_afresh()


def test_a_jumble_of_desks_and_sweeps_never_deadlocks(plans, actor):
    """Everything at once for many rounds, over few times, around the end of holds."""
    dice = Random(20270203)
    now = NOW
    for _turn in range(3 * ROUNDS):
        now += timedelta(minutes=dice.choice((1, 7, 15)))
        at_once(*(_anything(dice, plans, actor, now) for _ in range(DESKS)))
        every_series_is_whole(now)
        if dice.random() < 0.3:
            start_afresh()


def _anything(dice, plans, actor, now):
    plan, days = dice.choice(plans), dice.choice((TWO, (0, 50), (1, 49), (1, 50)))
    now += dice.choice((-A_MOMENT, timedelta(), A_MOMENT))
    open_holds = list(SeriesHold.objects.open())
    acts = [holding(plan, actor, days=days, now=now), sweeping(now)]
    acts.append(booking(plan, actor, days=days, now=now))
    if open_holds:
        held = dice.choice(open_holds)
        acts.append(confirming(held, actor, now))
        acts.append(extending(held, actor, now))
        acts.append(letting_go(held, actor, now))
    return dice.choice(acts)
