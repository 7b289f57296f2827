"""What is offered to whom: the soonest time that fits, to the longest wait first."""

from datetime import date, time, timedelta

import pytest

from bookings.models import AwayDates, Claim, ClaimReason, WaitingOffer
from bookings.services import waiting
from bookings.services.waitlist import fitting, matching
from bookings.tests.factories import (
    NOW,
    PREGNANCY,
    make_answer,
    make_patient,
    make_place_with_people,
    make_protocol,
)
from bookings.tests.test_series_book import FIRST, book, local, make_approved
from bookings.tests.test_series_book import make_sessions as sessions_of
from bookings.tests.waiting import (
    NEXT_DAY,
    keep_only,
    make_booked,
    make_busy,
    make_entry,
    offered,
    wait,
)

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 12, 4)
# Session 2 is 49 days after session 1, and at most 56 are allowed.
HALF_AN_HOUR = timedelta(minutes=30)
WINDOW_OPENS = FIRST - timedelta(days=7)
TOMORROW = NOW + timedelta(days=1)


def match(now=NOW):
    waiting.match(now=now)


def start_of(entry):
    offer = offered(entry)
    return offer and offer.starts_at


def test_the_soonest_free_time_is_offered_and_held():
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    entry = wait(plan)

    assert waiting.match(now=NOW) == 1

    offer = offered(entry)
    assert offer.starts_at == local(FRIDAY)
    held = Claim.objects.filter(offer=offer)
    assert {claim.why for claim in held} == {ClaimReason.HOLD}
    assert {claim.expires_at for claim in held} == {NOW + timedelta(hours=2)}
    assert sorted(claim.role for claim in held) == ["device", "operator", "room"]


def test_the_session_itself_stays_where_it_is_until_the_patient_says_yes():
    plan = make_booked()
    wait(plan)

    match()

    assert plan.appointments.get(number=1).local_date == FIRST


@pytest.mark.parametrize(("shift", "fits"), [(-1, False), (0, True)])
def test_the_later_session_has_to_stay_inside_its_window(shift, fits):
    plan = make_booked()
    day = WINDOW_OPENS + timedelta(days=shift)
    keep_only(plan.location, day)
    entry = wait(plan)

    match()

    assert start_of(entry) == (local(day) if fits else None)


@pytest.mark.parametrize(("gap", "fits"), [(41, False), (42, True)])
def test_a_later_session_waits_out_the_window_after_the_one_before(gap, fits):
    plan = make_booked()
    day, second = FIRST + timedelta(days=gap), FIRST + timedelta(days=49)
    entry = wait(plan, 2, first_day=day, last_day=second - timedelta(days=1))
    keep_only(plan.location, day, since=day, until=second)

    match()

    assert start_of(entry) == (local(day) if fits else None)


@pytest.mark.parametrize(("days_before", "fits"), [(0, False), (1, True)])
def test_an_offer_is_for_an_earlier_day_than_the_one_in_the_diary(days_before, fits):
    """Tuesday at 8 is free, and session 1 is on Tuesday at 10: no reason to call."""
    plan = make_booked()
    day = FIRST - timedelta(days=days_before)
    make_busy(plan.location, local(NEXT_DAY, time(0)), local(day, time(8)))
    entry = wait(plan, last_day=FIRST)

    match()

    assert start_of(entry) == (local(day, time(8)) if fits else None)


@pytest.mark.parametrize(("shift", "fits"), [(-1, False), (0, True), (1, False)])
def test_first_and_last_day_bound_what_is_offered(shift, fits):
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    asked = FRIDAY + timedelta(days=shift)
    entry = wait(plan, first_day=asked, last_day=asked)

    match()

    assert (start_of(entry) is not None) == fits


@pytest.mark.parametrize(("weekday", "fits"), [(3, False), (4, True)])
def test_only_the_weekdays_asked_for_are_offered(weekday, fits):
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    entry = wait(plan, weekdays=[weekday])

    match()

    assert (start_of(entry) is not None) == fits


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        (time(10), time(10), True),
        (time(10, 1), time(18), False),
        (time(8), time(9, 59), False),
    ],
)
def test_only_arrivals_asked_for_are_offered(since, until, fits):
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    entry = wait(plan, arrive_from=since, arrive_until=until)

    match()

    assert (start_of(entry) is not None) == fits


def test_dates_the_patient_keeps_free_are_not_offered():
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    AwayDates.objects.create(patient=plan.patient, first_day=FRIDAY, last_day=FRIDAY)
    entry = wait(plan)

    match()

    assert offered(entry) is None


@pytest.mark.parametrize(("days", "fits"), [(1, False), (0, True)])
def test_answers_have_to_be_clear_on_that_very_date(days, fits):
    """Isotretinoin three months before the day is clear; a day less is not."""
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    last_capsule = date(2026, 9, 4) + timedelta(days=days)
    make_answer(patient=plan.patient, value="yes", on_date=last_capsule)
    entry = wait(plan)

    match()

    assert (start_of(entry) is not None) == fits


def test_an_answer_that_rules_a_session_out_stops_every_offer():
    plan = make_booked()
    make_answer(patient=plan.patient, question=PREGNANCY["question"], value="yes")
    entry = wait(plan)

    match()

    assert offered(entry) is None


@pytest.mark.parametrize(("at", "fits"), [(time(13, 45), False), (time(14), True)])
def test_a_time_starts_two_hours_after_the_offers_end_at_the_soonest(at, fits):
    """It is 10:00: an offer lasts until 12:00, so 14:00 is the soonest start."""
    today = NOW.date()
    plan = make_approved(session_count=1)
    keep_only(plan.location, today, at=at, since=today, until=NEXT_DAY)
    entry = wait(plan, first_day=today, last_day=today)

    match()

    assert (start_of(entry) is not None) == fits


@pytest.mark.parametrize(
    ("at", "is_made"),
    [
        (time(7, 59), False),
        (time(8), True),
        (time(18), True),
        (time(18, 1), False),
        (time(23), False),
    ],
)
def test_offers_are_made_and_run_out_between_8_and_20(at, is_made):
    entry = wait(make_booked())

    match(local(NOW.date(), at))

    assert (offered(entry) is not None) == is_made


def test_who_waits_longest_is_asked_first():
    place, protocol = make_place_with_people(), make_protocol()
    ada, ben = (make_approved(place, protocol=protocol, session_count=1) for _ in "ab")
    second = wait(ada, None)
    first = wait(ben, 1, now=NOW - timedelta(minutes=1))
    keep_only(place, FRIDAY)

    match()

    assert start_of(first) == local(FRIDAY)
    assert offered(second) is None


def test_of_two_free_times_the_longest_wait_gets_the_sooner_one():
    place, protocol = make_place_with_people(), make_protocol()
    plans = [
        make_approved(place, protocol=protocol, session_count=1, patient=make_patient())
        for _ in "ab"
    ]
    later, sooner = (
        wait(plan, now=NOW - timedelta(hours=hours)) for hours, plan in enumerate(plans)
    )
    keep_only(place, FRIDAY, FRIDAY + timedelta(days=3))

    match()

    assert start_of(sooner) == local(FRIDAY)
    assert start_of(later) == local(FRIDAY + timedelta(days=3))


def test_somebody_whom_the_time_does_not_fit_is_passed_over():
    place, protocol = make_place_with_people(), make_protocol()
    plans = [make_approved(place, protocol=protocol, session_count=1) for _ in "ab"]
    wait(plans[0], weekdays=[0], now=NOW - timedelta(days=3))
    entry = wait(plans[1])
    keep_only(place, FRIDAY)

    match()

    assert start_of(entry) == local(FRIDAY)


def test_a_patient_has_one_offer_at_a_time():
    place = make_place_with_people()
    plans = [make_approved(place, session_count=1)]
    plans.append(make_approved(place, session_count=1, patient=plans[0].patient))
    entries = [wait(plan) for plan in plans]

    match()
    match()

    assert [offered(entry) is not None for entry in entries] == [True, False]


def test_a_patient_gets_so_many_offers_on_one_local_day(settings, desk):
    settings.OFFERS_A_DAY = 2
    entry = wait(make_booked())
    for _ in range(2):
        match()
        waiting.decline(offered(entry), actor=desk, now=NOW)

    match()
    assert offered(entry) is None

    match(local(NEXT_DAY, time(8)))
    assert offered(entry) is not None


def test_a_time_that_was_declined_is_not_offered_to_the_same_entry_again(desk):
    entry = wait(make_booked())
    match()
    declined = offered(entry)
    waiting.decline(declined, actor=desk, now=NOW)

    match(TOMORROW)

    assert offered(entry).starts_at >= declined.ends_at


def test_no_session_of_a_series_without_any_time_is_offered_alone():
    plan = make_approved()
    entry = make_entry(plan=plan, number=1)

    match()

    assert offered(entry) is None


def test_a_session_without_a_time_fits_between_its_neighbours():
    plan = make_booked()
    second = plan.appointments.get(number=2)
    second.claims.all().delete()
    type(second).objects.filter(pk=second.pk).update(status="cancelled")
    entry = wait(plan, 2, first_day=FIRST, last_day=FIRST + timedelta(days=90))

    match()

    assert offered(entry).starts_at == local(FIRST + timedelta(days=42), time(8))


def test_a_session_whose_visit_has_begun_waits_no_more():
    plan = make_booked()
    entry = wait(plan)
    plan.appointments.filter(number=1).update(status="arrived")

    match()

    assert offered(entry) is None


def test_a_plan_that_lost_its_signature_is_offered_nothing():
    plan = make_booked()
    entry = wait(plan)
    type(plan).objects.filter(pk=plan.pk).update(status="returned")

    match()

    assert offered(entry) is None


def test_on_the_day_the_clock_changes_the_local_time_is_offered():
    """14 March 2027, 2:00 becomes 3:00 in Ottawa; the Monday after is in EDT."""
    monday = date(2027, 3, 15)
    plan = make_booked()
    keep_only(plan.location, monday, since=monday, until=date(2027, 3, 16))
    entry = wait(plan, 3, first_day=monday, last_day=monday)

    match()

    assert start_of(entry) == local(monday)
    assert start_of(entry).hour == 14


def test_a_time_somebody_has_just_taken_is_left_to_them(monkeypatch):
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    entry = wait(plan)
    read = fitting.diary.read

    def read_then_lose(*args, **kwargs):
        found = read(*args, **kwargs)
        start = local(FRIDAY) + HALF_AN_HOUR
        make_busy(plan.location, start, start + HALF_AN_HOUR)
        return found

    monkeypatch.setattr(fitting.diary, "read", read_then_lose)
    match()

    assert offered(entry) is None
    assert not WaitingOffer.objects.exists()


def test_a_booked_series_makes_room_for_nobody_else():
    place, protocol = make_place_with_people(), make_protocol()
    keep_only(place, FRIDAY)
    taker = make_approved(place, protocol=protocol, session_count=1)
    book(taker, sessions_of(taker, (0,), first=FRIDAY))
    entry = wait(make_approved(place, protocol=protocol, session_count=1))

    match()

    assert offered(entry) is None


def test_one_bad_entry_does_not_hold_up_the_others(monkeypatch, caplog):
    place, protocol = make_place_with_people(), make_protocol()
    plans = [make_approved(place, protocol=protocol, session_count=1) for _ in "ab"]
    bad = wait(plans[0], now=NOW - timedelta(hours=1))
    good = wait(plans[1])
    fit = matching.fitting.first_fit

    def stumble(case, **about):
        if case.entry == bad:
            raise RuntimeError
        return fit(case, **about)

    monkeypatch.setattr(matching.fitting, "first_fit", stumble)
    match()

    assert offered(good)
    assert f"Waiting entry {bad.pk} passed over: RuntimeError" in caplog.text
