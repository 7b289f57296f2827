"""Holding a series: what is kept free, for how long, and what it turns into."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    HoldKind,
    HoldOutcome,
    Message,
    Outage,
    OutageKind,
    SeriesBooking,
    SeriesHold,
    Task,
)
from bookings.services import claims, screening, series
from bookings.services.holding import holds, lapses
from bookings.services.messages import reminders
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    ISOTRETINOIN,
    NOW,
    make_answers,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_series_book import (
    FIRST,
    WEEKLY,
    book,
    local,
    make_approved,
    make_sessions,
)
from clinic.models import Device, Practitioner

SPAN = timedelta(minutes=15)
A_MOMENT = timedelta(microseconds=1)
A_DAY_LATER = FIRST + timedelta(days=1)
A_MONTH = ISOTRETINOIN | {
    "code": "tan",
    "question": "tan",
    "wait_amount": 30,
    "wait_unit": "days",
}
HELD, BOOKED = AppointmentStatus.HELD, AppointmentStatus.BOOKED

pytestmark = pytest.mark.django_db


def hold(plan, sessions=None, *, now=NOW, **fields) -> SeriesHold:
    dull = {"key": uuid4(), "strategy": "steady", "actor": fields.pop("actor", None)}
    dull["actor"] = dull["actor"] or make_user("Front desk")
    chosen = make_sessions(plan) if sessions is None else sessions
    return holds.hold(plan, chosen, now=now, **dull | fields)


def confirm(held, *, now=NOW, actor=None):
    return holds.confirm(held, actor=actor or make_user("Front desk"), now=now)


def extend(held, *, now=NOW):
    return holds.extend(held, make_user("Front desk"), now)


def release(held, *, now=NOW):
    return holds.release(held, make_user("Front desk"), now)


def statuses(plan) -> list[str]:
    return list(plan.appointments.order_by("pk").values_list("status", flat=True))


def make_rivals(count=2):
    """Signed plans of different patients at one place with one of everything."""
    place, protocol = make_place_with_people(), make_protocol()
    return [make_approved(place, protocol=protocol) for _ in range(count)]


# --- Holding ------------------------------------------------------------------------


def test_a_held_series_takes_what_a_booking_would_and_promises_nothing():
    plan = make_approved()

    held = hold(plan)

    assert statuses(plan) == [HELD] * 3
    taken = Claim.objects.filter(appointment__hold=held)
    assert taken.count() == 9
    assert set(taken.values_list("why", "expires_at")) == {
        (ClaimReason.HOLD, NOW + SPAN)
    }
    assert not Message.objects.exists()


def test_how_long_it_lasts_is_a_setting(settings):
    settings.HOLD_MINUTES = 20

    assert hold(make_approved()).expires_at == NOW + timedelta(minutes=20)


def test_the_same_submit_again_holds_nothing_more():
    plan, key = make_approved(), uuid4()

    first = hold(plan, key=key)
    again = hold(plan, key=key)

    assert again == first
    assert Appointment.objects.count() == 3


def test_a_key_of_another_plan_is_refused():
    one, other = make_rivals()
    key = hold(one).key

    with pytest.raises(BookingRefused, match="belongs to another booking"):
        hold(other, key=key)


def test_a_key_that_booked_another_plan_is_refused():
    one, other = make_rivals()
    key = book(one).key

    with pytest.raises(BookingRefused, match="belongs to another booking"):
        hold(other, key=key)


def test_a_series_is_held_once():
    plan = make_approved()
    hold(plan)

    with pytest.raises(BookingRefused, match="held until 10:15"):
        hold(plan, make_sessions(plan, (1, 50, 99)))


def test_a_held_series_is_not_booked_beside_its_hold():
    plan = make_approved()
    hold(plan)

    with pytest.raises(BookingRefused, match="Confirm it, or let it go"):
        book(plan, make_sessions(plan, (1, 50, 99)))


@pytest.mark.parametrize("take", [hold, book])
def test_what_is_held_is_taken(take):
    one, other = make_rivals()
    hold(one)

    with pytest.raises(BookingRefused, match=r"being held .+ on Tue 8 Dec at 10:\d\d"):
        take(other)

    assert statuses(other) == []


def test_what_is_booked_is_not_held():
    one, other = make_rivals()
    book(one)

    with pytest.raises(BookingRefused, match="just booked"):
        hold(other)

    assert not SeriesHold.objects.exists()


@pytest.mark.parametrize(
    ("days", "words"), [((0, 41, 90), "has to lie between"), ((0, 49), "changed since")]
)
def test_holding_is_judged_like_booking(days, words):
    plan = make_approved()

    with pytest.raises(BookingRefused, match=words):
        hold(plan, make_sessions(plan, days))

    assert not SeriesHold.objects.exists()


@pytest.mark.parametrize(("ends", "suits"), [(FIRST, True), (A_DAY_LATER, False)])
def test_a_wait_allows_its_last_day_and_no_day_before(ends, suits):
    plan = make_approved(protocol=make_protocol(rules=[A_MONTH]))
    make_answers(plan, tan="yes", on_date=ends - timedelta(days=30), answered_at=NOW)

    if suits:
        hold(plan)
    else:
        with pytest.raises(BookingRefused, match="Session 1 cannot be on Tue 8 Dec"):
            hold(plan)


def test_every_session_is_judged_on_its_own_day(monkeypatch):
    plan, asked = make_approved(), []
    real = screening.verdicts_on

    def note(plan, days, **rest):
        asked.extend(days)
        return real(plan, days, **rest)

    monkeypatch.setattr(screening, "verdicts_on", note)
    hold(plan)

    assert asked == [FIRST + timedelta(days=gap) for gap in WEEKLY]


def test_one_hold_a_plan_is_the_law_of_the_table():
    held = hold(make_approved())

    with pytest.raises(IntegrityError, match="plan_held_once"):
        SeriesHold.objects.create(
            key=uuid4(),
            plan=held.plan,
            kind=HoldKind.DESK,
            held_at=NOW,
            expires_at=NOW + SPAN,
        )


# --- The end of a hold ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "lasts"), [(NOW + SPAN - A_MOMENT, True), (NOW + SPAN, False)]
)
def test_a_hold_lasts_up_to_its_end_and_not_at_it(now, lasts):
    one = make_approved()
    held = hold(one)

    assert held.lasts_at(now) is lasts
    assert holds.expire_overdue(now=now) == (0 if lasts else 1)
    assert statuses(one) == [HELD if lasts else AppointmentStatus.RELEASED] * 3
    assert Claim.objects.count() == (9 if lasts else 0)


@pytest.mark.parametrize("now", [NOW + SPAN - A_MOMENT, NOW + SPAN])
def test_a_rival_waits_for_the_end_and_not_for_the_sweep(now):
    one, other = make_rivals()
    held = hold(one)

    if now < held.expires_at:
        with pytest.raises(BookingRefused, match="being held"):
            hold(other, now=now)
        assert statuses(one) == [HELD] * 3
        return
    hold(other, now=now)
    held.refresh_from_db()
    assert held.outcome == HoldOutcome.EXPIRED
    assert statuses(other) == [HELD] * 3


def test_a_rival_leaves_alone_what_is_over_but_not_in_the_way():
    one, other = make_rivals()
    held = hold(one)

    hold(other, make_sessions(other, (1, 50, 99)), now=NOW + SPAN)

    held.refresh_from_db()
    assert held.is_open


def test_a_plan_whose_hold_ran_out_is_held_and_booked_anew_before_the_sweep():
    plan = make_approved()
    first = hold(plan)

    second = hold(plan, now=NOW + SPAN)
    series.book(
        plan,
        make_sessions(plan),
        key=uuid4(),
        strategy="steady",
        actor=make_user("Front desk"),
        now=NOW + 2 * SPAN,
    )

    first.refresh_from_db()
    second.refresh_from_db()
    assert {first.outcome, second.outcome} == {HoldOutcome.EXPIRED}
    assert statuses(plan).count(BOOKED) == 3


def test_the_sweep_ends_each_overdue_hold_and_opens_no_task_for_the_desk():
    one, other = make_rivals()
    hold(one)
    hold(other, make_sessions(other, (1, 50, 99)), now=NOW + A_MOMENT)

    assert holds.expire_overdue(now=NOW + SPAN) == 1
    assert holds.expire_overdue(now=NOW + SPAN) == 0
    assert not Task.objects.exists()


def test_letting_go_frees_the_series_at_once():
    one, other = make_rivals()
    held = hold(one)

    release(held)

    assert statuses(one) == [AppointmentStatus.RELEASED] * 3
    hold(other)


def test_letting_go_twice_is_letting_go_once():
    held = hold(make_approved())

    release(held)
    again = release(held, now=NOW + SPAN)

    assert (again.outcome, again.ended_at) == (HoldOutcome.RELEASED, NOW)


def test_letting_go_after_the_end_says_that_it_expired():
    held = hold(make_approved())

    assert release(held, now=NOW + SPAN).outcome == HoldOutcome.EXPIRED


def test_what_is_booked_is_not_let_go():
    held = hold(make_approved())
    confirm(held)

    with pytest.raises(BookingRefused, match="Cancel its sessions"):
        release(held)

    assert statuses(held.plan) == [BOOKED] * 3


# --- Extending ------------------------------------------------------------------------


def test_extending_counts_from_the_old_end_and_moves_the_claims():
    held = hold(make_approved())

    longer = extend(held, now=NOW + timedelta(minutes=3))

    assert longer.expires_at == NOW + 2 * SPAN
    assert set(Claim.objects.values_list("expires_at", flat=True)) == {NOW + 2 * SPAN}


def test_a_hold_is_extended_once():
    held = hold(make_approved())
    extend(held)

    with pytest.raises(BookingRefused, match="extended once already"):
        extend(held)

    held.refresh_from_db()
    assert held.expires_at == NOW + 2 * SPAN


@pytest.mark.parametrize(
    ("now", "lasts"), [(NOW + SPAN - A_MOMENT, True), (NOW + SPAN, False)]
)
def test_a_hold_is_extended_only_while_it_lasts(now, lasts):
    held = hold(make_approved())

    if lasts:
        assert extend(held, now=now).expires_at == NOW + 2 * SPAN
    else:
        with pytest.raises(BookingRefused, match="ended at 10:15"):
            extend(held, now=now)


# --- Confirming -----------------------------------------------------------------------


def test_confirming_books_what_was_held_and_promises_its_messages():
    plan = make_approved()
    held = hold(plan)
    kept = set(Claim.objects.values_list("pk", flat=True))

    booking = confirm(held)

    assert (booking.key, booking.strategy) == (held.key, "steady")
    assert statuses(plan) == [BOOKED] * 3
    assert booking.appointments.count() == 3
    assert set(Claim.objects.values_list("pk", "why", "expires_at")) == {
        (pk, ClaimReason.APPOINTMENT, None) for pk in kept
    }
    assert Message.objects.filter(appointment__booking=booking).exists()
    held.refresh_from_db()
    assert (held.outcome, held.ended_at) == (HoldOutcome.CONFIRMED, NOW)


def test_a_confirmed_hold_is_the_booking_that_one_submit_would_have_made():
    one, other = make_rivals()
    direct = book(one)
    mine = confirm(hold(other, make_sessions(other, (1, 50, 99))))

    def told(booking):
        rows = Message.objects.filter(appointment__booking=booking)
        return sorted(rows.values_list("rule", flat=True))

    assert told(mine) == told(direct)


def test_confirming_twice_answers_with_the_one_booking():
    held = hold(make_approved())

    first = confirm(held)
    again = confirm(held, now=NOW + SPAN)

    assert again == first
    assert SeriesBooking.objects.count() == 1


@pytest.mark.parametrize(
    ("now", "lasts"), [(NOW + SPAN - A_MOMENT, True), (NOW + SPAN, False)]
)
def test_a_hold_is_confirmed_only_while_it_lasts(now, lasts):
    plan = make_approved()
    held = hold(plan)

    if lasts:
        assert confirm(held, now=now).plan == plan
    else:
        with pytest.raises(BookingRefused, match="ended at 10:15"):
            confirm(held, now=now)
    assert statuses(plan) == [BOOKED if lasts else HELD] * 3


def test_what_was_let_go_is_not_confirmed():
    held = hold(make_approved())
    release(held, now=NOW + timedelta(minutes=2))

    with pytest.raises(BookingRefused, match="ended at 10:02"):
        confirm(held, now=NOW + timedelta(minutes=3))


def test_an_answer_given_meanwhile_that_forbids_a_date_refuses():
    plan = make_approved()
    held = hold(plan)
    make_answers(
        plan,
        isotretinoin="yes",
        on_date=FIRST - timedelta(days=60),
        answered_at=NOW + timedelta(minutes=1),
    )

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        confirm(held, now=NOW + timedelta(minutes=2))

    assert statuses(plan) == [HELD] * 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "submitted"}, "signed this plan"),
        ({"session_count": 2}, "has changed since"),
        ({"gap_min_days": 50, "gap_max_days": 60}, "has to lie between"),
    ],
)
def test_a_plan_that_changed_meanwhile_is_not_confirmed(change, words):
    plan = make_approved()
    held = hold(plan)
    type(plan).objects.filter(pk=plan.pk).update(**change)

    with pytest.raises(BookingRefused, match=words):
        confirm(held)

    assert statuses(plan) == [HELD] * 3


def close(resource, day):
    start = local(day, time(0))
    Outage.objects.create(
        resource=resource,
        during=(start, start + timedelta(days=1)),
        kind=OutageKind.OUT_OF_SERVICE,
        declared_at=NOW,
        declared_by=make_user("Front desk"),
    )


def test_a_device_that_failed_meanwhile_is_not_booked():
    plan = make_approved()
    held = hold(plan)
    close(Device.objects.get(), FIRST + timedelta(days=49))

    with pytest.raises(BookingRefused, match="Pen 1 is not available on Tue 26 Jan"):
        confirm(held)

    assert statuses(plan) == [HELD] * 3


def test_somebody_who_left_meanwhile_is_not_booked():
    plan = make_approved()
    held = hold(plan)
    Practitioner.objects.update(is_active=False)

    with pytest.raises(BookingRefused, match="can no longer be booked"):
        confirm(held)


# --- What others see ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "lasts"), [(NOW + SPAN - A_MOMENT, True), (NOW + SPAN, False)]
)
def test_the_diary_counts_a_hold_exactly_while_it_lasts(now, lasts):
    plan = make_approved()
    hold(plan)

    standing = plan.appointments.standing(now).count()

    assert standing == (3 if lasts else 0)
    assert Claim.objects.standing(now).count() == (9 if lasts else 0)


# --- All or nothing -------------------------------------------------------------------

HOLDING = {
    "hold": (SeriesHold, "save"),
    "appointments": (series, "write"),
    "claims": (claims, "take"),
    "dates to avoid": (series, "keep"),
    "tasks": (lapses, "settle_tasks"),
}
CONFIRMING = {
    "booking": (SeriesBooking.objects, "create"),
    "messages": (reminders, "promise"),
    "tasks": (lapses, "settle_tasks"),
}


def fail_after(owner, name, monkeypatch):
    real = getattr(owner, name)

    def write_and_fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError(name)

    monkeypatch.setattr(owner, name, write_and_fail)


@pytest.mark.parametrize("step", HOLDING)
def test_failing_after_any_step_of_holding_leaves_nothing(step, monkeypatch):
    plan = make_approved()
    fail_after(*HOLDING[step], monkeypatch)

    with pytest.raises(RuntimeError):
        hold(plan)

    tables = (SeriesHold, Appointment, Claim, Message)
    assert not any(table.objects.exists() for table in tables)


@pytest.mark.parametrize("step", CONFIRMING)
def test_failing_after_any_step_of_confirming_leaves_the_hold(step, monkeypatch):
    plan = make_approved()
    held = hold(plan)
    fail_after(*CONFIRMING[step], monkeypatch)

    with pytest.raises(RuntimeError):
        confirm(held)

    held.refresh_from_db()
    assert held.lasts_at(NOW)
    assert statuses(plan) == [HELD] * 3
    assert set(Claim.objects.values_list("why", flat=True)) == {ClaimReason.HOLD}
    assert not SeriesBooking.objects.exists()
    assert not Message.objects.exists()


def test_a_rival_that_fails_leaves_what_is_over_as_it_was(monkeypatch):
    one, other = make_rivals()
    held = hold(one)
    fail_after(claims, "take", monkeypatch)

    with pytest.raises(RuntimeError):
        hold(other, now=NOW + SPAN)

    held.refresh_from_db()
    assert held.is_open
    assert Claim.objects.count() == 9
