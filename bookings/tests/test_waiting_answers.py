"""What patients say to an offer: yes books all of it, no or nothing passes it on."""

from datetime import date, time, timedelta

import pytest

from bookings.models import Appointment, Claim, Message, OfferStatus, SeriesBooking
from bookings.services import waiting
from bookings.services.refusals import BookingRefused
from bookings.services.waitlist import answers
from bookings.tests.factories import NOW, make_answer
from bookings.tests.test_series_book import FIRST, local, make_approved
from bookings.tests.waiting import (
    answer_afresh,
    keep_only,
    make_booked,
    make_busy,
    offered,
    wait,
)

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 12, 4)
SOON = NOW + timedelta(minutes=20)
RUNS_OUT = NOW + timedelta(hours=2)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def plan():
    """Booked from Tuesday 8 December; free on Friday before, at 10."""
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    answer_afresh(plan)
    return plan


def make_offer(plan, number=1, **wish):
    entry = wait(plan, number, **wish)
    waiting.match(now=NOW)
    return offered(entry)


def accept(offer, desk, now=SOON):
    return waiting.accept(offer, actor=desk, now=now)


def test_a_yes_moves_the_session_and_frees_its_old_time(plan, desk):
    offer = make_offer(plan)

    accept(offer, desk)

    first = plan.appointments.get(number=1)
    assert first.starts_at == local(FRIDAY)
    assert Claim.objects.filter(appointment=first).count() == 3
    assert {claim.why for claim in first.claims.all()} == {"appointment"}
    assert not Claim.objects.filter(offer=offer).exists()
    assert not Claim.objects.filter(during__overlap=(local(FIRST), END_OF_FIRST))


END_OF_FIRST = local(FIRST) + timedelta(minutes=70)


def test_a_yes_closes_the_entry_and_says_who_took_it(plan, desk):
    offer = accept(make_offer(plan), desk)

    assert offer.status == OfferStatus.ACCEPTED
    assert (offer.answered_by, offer.answered_at) == (desk, SOON)
    entry = type(offer.entry).objects.get(pk=offer.entry_id)
    assert (entry.closed_at, entry.close_reason) == (SOON, "The offer was taken.")


def test_a_yes_plans_the_messages_anew(plan, desk):
    offer = make_offer(plan)
    first = plan.appointments.get(number=1)

    accept(offer, desk)

    moved = plan.appointments.get(number=1)
    assert moved.version > first.version
    waiting_now = Message.objects.waiting().filter(appointment=moved)
    assert {message.version for message in waiting_now} == {moved.version}


def test_the_other_sessions_stay_where_they_are(plan, desk):
    others = plan.appointments.exclude(number=1).order_by("number")
    before = list(others.values_list("during", flat=True))

    accept(make_offer(plan), desk)

    assert list(others.values_list("during", flat=True)) == before


def test_saying_yes_twice_is_saying_it_once(plan, desk):
    offer = make_offer(plan)
    accept(offer, desk)
    first = plan.appointments.get(number=1)

    accept(offer, desk, SOON + timedelta(seconds=1))

    again = plan.appointments.get(number=1)
    assert (again.during, again.version) == (first.during, first.version)


@pytest.mark.parametrize("late", [False, True])
def test_an_offer_can_be_taken_until_the_instant_it_runs_out(plan, desk, late):
    offer = make_offer(plan)

    if late:
        with pytest.raises(BookingRefused, match="ran out at 12:00 on Tue 24 Nov"):
            accept(offer, desk, RUNS_OUT)
    else:
        accept(offer, desk, RUNS_OUT - MOMENT)

    moved = plan.appointments.get(number=1).starts_at == local(FRIDAY)
    assert moved != late


def test_a_yes_after_the_sweep_is_refused_in_words(plan, desk):
    offer = make_offer(plan)
    waiting.lapse_overdue(now=RUNS_OUT)

    with pytest.raises(BookingRefused, match="The next offer comes by itself"):
        accept(offer, desk, RUNS_OUT + MOMENT)


def test_a_yes_after_a_no_is_refused_in_words(plan, desk):
    offer = make_offer(plan)
    waiting.decline(offer, actor=desk, now=SOON)

    with pytest.raises(BookingRefused, match="still waits for the next free time"):
        accept(offer, desk)


def test_a_no_after_a_yes_is_refused_in_words(plan, desk):
    offer = accept(make_offer(plan), desk)

    with pytest.raises(BookingRefused, match="move or cancel the session"):
        waiting.decline(offer, actor=desk, now=SOON)


def test_a_no_frees_the_time_and_keeps_the_entry_waiting(plan, desk):
    offer = make_offer(plan)

    declined = waiting.decline(offer, actor=desk, now=SOON)

    assert declined.status == OfferStatus.DECLINED
    assert not Claim.objects.filter(offer=offer).exists()
    assert offer.entry.closed_at is None


def test_a_no_passes_the_time_on_to_the_next_in_line(
    plan, desk, django_capture_on_commit_callbacks
):
    next_in_line = make_approved(plan.location, session_count=1)
    offer, after = make_offer(plan), wait(next_in_line)

    with django_capture_on_commit_callbacks(execute=True):
        waiting.decline(offer, actor=desk, now=SOON)

    assert offered(after).starts_at == local(FRIDAY)


def test_the_old_time_of_a_yes_is_passed_on(
    plan, desk, django_capture_on_commit_callbacks
):
    next_in_line = make_approved(plan.location, session_count=1)
    after = wait(next_in_line, first_day=FIRST, last_day=FIRST)
    night, next_day = (local(FIRST + timedelta(days=n), time(0)) for n in (0, 1))
    make_busy(plan.location, night, local(FIRST, time(10, 30)))
    make_busy(plan.location, local(FIRST, time(11)), next_day)
    offer = make_offer(plan)

    with django_capture_on_commit_callbacks(execute=True):
        accept(offer, desk)

    assert offered(after).starts_at == local(FIRST)


@pytest.mark.parametrize(("at", "ended"), [(RUNS_OUT - MOMENT, 0), (RUNS_OUT, 1)])
def test_an_offer_lapses_at_the_instant_it_runs_out(plan, at, ended):
    offer = make_offer(plan)

    assert waiting.lapse_overdue(now=at) == ended

    assert Claim.objects.filter(offer=offer).exists() == (not ended)


def test_what_lapsed_goes_to_the_next_in_line_and_not_back(plan):
    entry = make_offer(plan).entry
    after = wait(make_approved(plan.location, session_count=1))

    waiting.lapse_overdue(now=RUNS_OUT)
    waiting.match(now=RUNS_OUT)

    assert offered(entry) is None
    assert offered(after).starts_at == local(FRIDAY)


def test_questions_that_are_asked_before_booking_are_asked_before_a_yes(desk):
    plan = make_booked()
    offer = make_offer(plan)

    with pytest.raises(BookingRefused, match="1 health question is asked again"):
        accept(offer, desk)

    answer_afresh(plan, SOON)
    accept(offer, desk, SOON + MOMENT)
    assert plan.appointments.get(number=1).starts_at == offer.starts_at


def test_an_answer_given_since_the_offer_still_stops_it(plan, desk):
    offer = make_offer(plan)
    make_answer(
        patient=plan.patient,
        value="yes",
        on_date=date(2026, 11, 1),
        answered_at=NOW + MOMENT,
    )

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        accept(offer, desk)

    assert plan.appointments.get(number=1).local_date == FIRST
    assert Claim.objects.filter(offer=offer).count() == 3


def test_a_later_session_that_moved_since_can_stop_a_yes(plan, desk):
    offer = make_offer(plan)
    second = plan.appointments.get(number=2)
    later = second.during.lower + timedelta(days=7)
    second.during = type(second.during)(later, second.during.upper + timedelta(days=7))
    second.save(update_fields=["during"])

    with pytest.raises(BookingRefused, match="60 days after session 1"):
        accept(offer, desk)


def test_a_session_that_was_moved_earlier_since_is_not_moved_later(plan, desk):
    offer = make_offer(plan)
    first = plan.appointments.get(number=1)
    earlier = first.during.lower - timedelta(days=5)
    first.during = type(first.during)(earlier, earlier + timedelta(minutes=70))
    first.save(update_fields=["during"])

    with pytest.raises(BookingRefused, match="changed since this was offered"):
        accept(offer, desk)


def test_a_yes_that_fails_half_way_changes_nothing(plan, desk, monkeypatch):
    offer = make_offer(plan)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(answers.patients, "log_access", fail)
    with pytest.raises(RuntimeError):
        accept(offer, desk)

    assert plan.appointments.get(number=1).local_date == FIRST
    assert Claim.objects.filter(offer=offer, why="hold").count() == 3
    assert offered(offer.entry) == offer


def test_a_session_without_a_time_is_booked_by_a_yes(desk):
    plan = make_approved(session_count=1)
    answer_afresh(plan)
    offer = make_offer(plan)

    accept(offer, desk)

    booked = plan.appointments.get()
    assert (booked.number, booked.starts_at) == (1, offer.starts_at)
    assert booked.claims.count() == 3


def test_a_whole_series_is_held_by_its_offer(desk):
    plan = make_approved()

    offer = make_offer(plan, None)

    held = plan.appointments.order_by("number")
    assert [row.number for row in held] == [1, 2, 3]
    assert all(row.is_held for row in held)
    assert held[0].during == offer.during
    assert {c.expires_at for c in Claim.objects.all()} == {RUNS_OUT}


def test_a_yes_books_the_whole_series(desk):
    plan = make_approved()
    answer_afresh(plan)
    offer = make_offer(plan, None)

    accept(offer, desk)

    booking = SeriesBooking.objects.get(plan=plan)
    assert booking.appointments.count() == 3
    assert not any(row.is_held for row in plan.appointments.all())


@pytest.mark.parametrize("says_no", [True, False])
def test_a_series_not_taken_is_let_go_whole(desk, says_no):
    plan = make_approved()
    offer = make_offer(plan, None)

    if says_no:
        waiting.decline(offer, actor=desk, now=SOON)
    else:
        waiting.lapse_overdue(now=RUNS_OUT)

    assert not Appointment.objects.live().filter(plan=plan).exists()
    assert not Claim.objects.exists()


def test_a_series_is_offered_only_where_all_of_it_fits():
    plan = make_approved()
    keep_only(plan.location, FRIDAY)
    keep_only(plan.location, since=FIRST, until=FIRST + timedelta(days=500))
    entry = wait(plan, None)

    waiting.match(now=NOW)

    assert offered(entry) is None


def test_closing_takes_an_open_offer_back(plan, desk):
    offer = make_offer(plan)

    waiting.close(offer.entry, "She will stay with Tuesday.", actor=desk, now=SOON)

    offer.refresh_from_db()
    assert offer.status == OfferStatus.WITHDRAWN
    assert not Claim.objects.filter(offer=offer).exists()
    with pytest.raises(BookingRefused, match="Look for a time on the plan"):
        accept(offer, desk)


def test_what_closing_takes_back_goes_to_the_next_in_line(
    plan, desk, django_capture_on_commit_callbacks
):
    offer = make_offer(plan)
    after = wait(make_approved(plan.location, session_count=1))

    with django_capture_on_commit_callbacks(execute=True):
        waiting.close(offer.entry, "She is away.", actor=desk, now=SOON)

    assert offered(after).starts_at == local(FRIDAY)
