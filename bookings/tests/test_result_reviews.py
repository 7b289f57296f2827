"""The look at a result: booked with its series, kept in its days, asked for when due."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection, transaction

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    Message,
    SeriesBooking,
    Task,
    TaskKind,
)
from bookings.services import plans, todo
from bookings.services.appointing import talks
from bookings.services.moves import changes, moving
from bookings.services.outcomes import reviews, spans, sweeping
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_protocol, make_user
from bookings.tests.results import (
    CLOSES,
    LAST,
    OPENS,
    book,
    local,
    make_done,
    make_over,
    make_review,
    make_signed,
    review_of,
)
from bookings.tests.test_pencils import make_waiting, pencil
from clinic.models import Practitioner

FOLLOW_UP = {
    "code": "follow-up",
    "phase": "post",
    "kind": "follow-up",
    "text": "We look at the result",
    "starts": "days",
    "starts_offset": 60,
    "ends": "days",
    "ends_offset": 70,
}

pytestmark = pytest.mark.django_db


def asked(plan):
    """What the desk is asked about the plan's result, if anything."""
    return Task.objects.open().filter(plan=plan, kind=TaskKind.OUTCOME).first()


def test_a_series_is_booked_with_the_soonest_look_at_its_result():
    plan = make_signed()

    book(plan)

    found = review_of(plan)
    assert (found.local_date, f"{found.local_start:%H:%M}") == (OPENS, "08:00")
    assert {claim.role for claim in found.claims.all()} == {"operator", "room"}
    assert found.messages.filter(rule="confirmation").count() == 1
    assert asked(plan) is None


def test_a_signature_that_books_pencilled_dates_books_the_review_as_well():
    plan = make_waiting()
    plan.areas.update(depth_mm="1.0", passes=4)
    pencil(plan)
    actor = make_user("Clinician")

    def sign():
        return plans.approve(plan, version=plan.version, actor=actor, now=NOW)

    reviews.with_signature(sign, actor=actor, now=NOW)

    assert review_of(plan).local_date == OPENS


def test_the_same_submit_books_one_series_and_one_review():
    plan, key = make_signed(), uuid4()

    book(plan, key=key)
    book(plan, key=key)

    assert SeriesBooking.objects.count() == 1
    assert plan.appointments.filter(kind=AppointmentKind.RESULT_REVIEW).count() == 1


def test_the_review_keeps_to_the_days_and_times_that_the_patient_comes():
    plan = make_signed()

    book(plan, weekdays=frozenset({3}), arrive_between=(time(15), time(17)))

    found = review_of(plan)
    assert (found.local_date, f"{found.local_start:%H:%M}") == (
        date(2027, 4, 29),
        "15:00",
    )


def test_days_away_are_left_out():
    plan = make_signed()
    plan.patient.away_dates.create(first_day=OPENS, last_day=date(2027, 5, 2))

    book(plan)

    assert review_of(plan).local_date == date(2027, 5, 3)


def test_a_series_is_booked_where_no_time_for_its_result_is_free_and_the_desk_asked():
    plan = make_signed()
    doctor = Practitioner.objects.get(location=plan.location)
    Claim.objects.create(
        resource=doctor,
        during=(local(OPENS, time(0)), local(CLOSES + timedelta(days=1), time(0))),
        why=ClaimReason.ABSENCE,
    )

    book(plan)

    assert plan.appointments.filter(kind=AppointmentKind.SESSION).count() == 3
    assert review_of(plan) is None
    assert asked(plan).words == (
        "Ada Lovelace: no time was free for the result review. Book it between "
        "Tue 27 Apr 2027 and Tue 11 May 2027."
    )


def test_what_the_desk_was_asked_for_is_settled_by_booking_it():
    plan = make_signed()
    book(plan)
    changes.cancel(review_of(plan), reason="Ill", actor=make_user(), now=NOW)
    sweeping.reconcile(now=NOW)
    later = local(LAST, time(12))
    done = plan.appointments.filter(kind=AppointmentKind.SESSION)
    done.update(status=AppointmentStatus.DONE, completed_at=later)
    sweeping.reconcile(now=local(OPENS - timedelta(days=14)))
    assert asked(plan) is not None

    place = reviews.place(
        plan, spans.Window(OPENS, CLOSES), now=local(OPENS - timedelta(days=14))
    )
    talk = reviews._talk(plan, place)
    talks.book(talk, key=uuid4(), actor=make_user(), now=later)

    assert asked(plan) is None


def test_the_days_are_those_of_the_protocol_or_six_to_eight_weeks():
    day = date(2027, 3, 16)
    own = make_signed(protocol=make_protocol(care=[FOLLOW_UP]))

    assert spans.window_after(make_signed(), day) == spans.Window(OPENS, CLOSES)
    assert spans.window_after(own, day) == spans.Window(
        date(2027, 5, 15), date(2027, 5, 25)
    )


def test_both_ends_of_the_days_are_inside():
    window = spans.Window(OPENS, CLOSES)

    assert window.holds(OPENS)
    assert window.holds(CLOSES)
    assert not window.holds(OPENS - timedelta(days=1))
    assert not window.holds(CLOSES + timedelta(days=1))


# --- It follows the series ------------------------------------------------------------


def propose(plan, days):
    """The last session so many days later, and what becomes of its review."""
    start = local(LAST + timedelta(days=days))
    proposal = moving.propose(plan.appointments.get(number=3), start, now=NOW)
    return proposal, reviews.moved_by(proposal, now=NOW)


def accept(plan, proposal, move, **given):
    sealed = proposal.sealed() | (move.sealed if move else {})
    actor = make_user("Front desk")
    return reviews.accept(plan, sealed, actor=actor, now=NOW, why="", **given)


def test_a_review_that_still_lies_in_its_days_stays():
    plan = make_signed()
    book(plan)
    stays = review_of(plan).starts_at

    proposal, move = propose(plan, -1)
    accept(plan, proposal, move)

    assert move is None
    assert review_of(plan).starts_at == stays


def test_a_review_moves_with_the_last_session_into_its_new_days():
    plan = make_signed()
    book(plan)

    proposal, move = propose(plan, 6)
    accept(plan, proposal, move)

    assert f"{move.place.local_start:%a %d %b %H:%M}" == "Mon 03 May 08:00"
    assert review_of(plan).starts_at == move.place.local_start
    assert asked(plan) is None


def test_a_review_whose_new_time_is_gone_stays_and_the_desk_is_asked():
    plan = make_signed()
    book(plan)
    proposal, move = propose(plan, 6)
    start = move.place.local_start
    Claim.objects.create(
        resource=Practitioner.objects.get(location=plan.location),
        during=(start, start + timedelta(hours=1)),
        why=ClaimReason.ABSENCE,
    )

    accept(plan, proposal, move)

    assert plan.appointments.get(number=3).local_date == LAST + timedelta(days=6)
    assert review_of(plan).local_date == OPENS
    assert asked(plan).appointment == review_of(plan)
    assert "outside its days" in asked(plan).words


def test_a_last_session_on_another_day_than_planned_anchors_the_review_anew():
    plan = make_over(days_ago=2)
    on_time = make_review(plan, NOW + timedelta(days=41))
    session = plan.appointments.get(number=1)
    session.status, session.completed_at = AppointmentStatus.IN_SESSION, None
    session.save(update_fields=["status", "completed_at"])

    changes.complete(session, performed_at=NOW, actor=make_user(), now=NOW)

    assert asked(plan).appointment == on_time
    assert asked(plan).words == (
        "Ada Lovelace: the result review on Mon 4 Jan 2027 is outside its days. It "
        "belongs between Tue 5 Jan 2027 and Tue 19 Jan 2027."
    )


def test_the_desk_cannot_call_it_done_by_hand():
    plan = make_over(days_ago=42)
    sweeping.reconcile(now=NOW)

    with pytest.raises(BookingRefused, match="closes by itself once the result"):
        todo.done(asked(plan), actor=make_user(), now=NOW)


# --- It is asked for when due -----------------------------------------------------------


@pytest.mark.parametrize(("days_ago", "is_asked"), [(27, False), (28, True)])
def test_a_review_is_asked_for_two_weeks_before_its_days_begin(days_ago, is_asked):
    plan = make_over(days_ago=days_ago)

    sweeping.reconcile(now=NOW)

    assert (asked(plan) is not None) == is_asked


def test_nothing_is_asked_where_a_review_is_booked_or_the_series_goes_on():
    booked = make_over(days_ago=40)
    make_review(booked, NOW + timedelta(days=3))
    going_on = make_signed(session_count=2)
    make_done(going_on, 1, NOW - timedelta(days=40))

    sweeping.reconcile(now=NOW)

    assert not Task.objects.filter(kind=TaskKind.OUTCOME).exists()


def test_a_result_of_more_than_a_year_ago_is_left_alone():
    plan = make_over(days_ago=366)

    sweeping.reconcile(now=NOW)

    assert asked(plan) is None


def test_the_sweep_asks_once_in_a_fixed_number_of_queries(
    django_assert_max_num_queries,
):
    make_over(days_ago=42)
    sweeping.reconcile(now=NOW)

    with django_assert_max_num_queries(3):
        sweeping.reconcile(now=NOW)

    assert Task.objects.filter(kind=TaskKind.OUTCOME).count() == 1


def test_the_patient_hears_of_the_review_as_of_any_visit():
    plan = make_signed()

    book(plan)

    told = Message.objects.filter(appointment=review_of(plan))
    assert set(told.values_list("rule", flat=True)) == {"confirmation", "practical"}


@pytest.mark.django_db(transaction=True)
def test_somebody_who_is_booking_there_costs_the_series_its_review_and_no_more():
    plan, begun, over = make_signed(), Event(), Event()
    doctor = Practitioner.objects.get(location=plan.location)

    def take_the_time():
        with transaction.atomic():
            Claim.objects.create(
                resource=doctor,
                during=(local(OPENS, time(8)), local(OPENS, time(9))),
                why=ClaimReason.ABSENCE,
            )
            begun.set()
            over.wait(20)
        connection.close()

    with ThreadPoolExecutor() as others:
        other = others.submit(take_the_time)
        begun.wait(20)
        try:
            book(plan)
        finally:
            over.set()
        other.result()

    assert plan.appointments.filter(kind=AppointmentKind.SESSION).count() == 3
    assert review_of(plan) is None
    assert "no time was free" in asked(plan).words
