"""Spacing against the rules: who may allow it, with what words, and what is kept."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import InternalError, transaction

from bookings.models import (
    Appointment,
    AppointmentStatus,
    HoldKind,
    OverriddenRule,
    RuleOverride,
    SeriesHold,
)
from bookings.services import judging, overrides
from bookings.services.overrides import Override
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_appointment,
    make_location,
    make_place_with_people,
    make_protocol,
    make_treatment,
)
from bookings.tests.test_series_book import (
    FIRST,
    OTTAWA,
    book,
    make_approved,
    make_sessions,
    nothing_is_written,
)

GAP, SAME_DAY = OverriddenRule.GAP, OverriddenRule.SAME_DAY

pytestmark = pytest.mark.django_db


def allow(rule, number, reason="Flies to Halifax for the winter"):
    return [Override(rule, number, reason)]


def needed(plan, days, **changes):
    return overrides.needed(plan, make_sessions(plan, days, **changes), now=NOW)


def make_visit(mine, day, at=time(15), place=None, zone=OTTAWA, **fields):
    """Another visit of the plan's patient: a consultation unless told otherwise."""
    return make_appointment(
        patient=mine.patient,
        location=place or mine.location,
        starts_at=datetime.combine(day, at, tzinfo=zone),
        **fields,
    )


# --- Gaps ---------------------------------------------------------------------------


@pytest.mark.parametrize("days", [42, 56])
def test_a_gap_at_either_end_of_the_window_needs_no_permission(days):
    assert needed(make_approved(session_count=2), (0, days)) == []


@pytest.mark.parametrize("days", [41, 57])
def test_a_gap_a_day_outside_the_window_needs_permission(days):
    [breach] = needed(make_approved(session_count=2), (0, days))

    assert (breach.rule, breach.number, breach.days) == (GAP, 2, days)
    assert breach.said == f"Session 2: {days} days after session 1"


@pytest.mark.parametrize(("days", "count"), [(48, 0), (49, 0), (70, 0), (71, 1)])
def test_a_plan_with_gaps_of_its_own_is_held_to_those(days, count):
    plan = make_approved(session_count=2, gap_min_days=48, gap_max_days=70)

    assert len(needed(plan, (0, days))) == count


def test_a_day_short_of_the_plans_own_gap_needs_permission():
    plan = make_approved(session_count=2, gap_min_days=48, gap_max_days=70)

    assert [one.days for one in needed(plan, (0, 47))] == [47]


@pytest.mark.parametrize("role", ["clinician", "manager"])
@pytest.mark.parametrize("days", [1, 41, 57])
def test_who_may_allow_it_books_and_the_reason_is_kept(role, days, request):
    plan, actor = make_approved(session_count=2), request.getfixturevalue(role)

    book(plan, make_sessions(plan, (0, days)), actor=actor, overrides=allow(GAP, 2))

    kept = RuleOverride.objects.get()
    assert (kept.plan, kept.number, kept.rule, kept.days) == (plan, 2, GAP, days)
    assert kept.day == FIRST + timedelta(days=days)
    assert (kept.by, kept.at) == (actor, NOW)
    assert kept.reason == "Flies to Halifax for the winter"


@pytest.mark.parametrize("who", ["desk", "stranger"])
def test_who_may_not_allow_it_is_told_who_may(who, request):
    plan, actor = make_approved(session_count=2), request.getfixturevalue(who)

    with pytest.raises(BookingRefused, match="A clinician or a manager may allow it"):
        book(plan, make_sessions(plan, (0, 41)), actor=actor, overrides=allow(GAP, 2))

    assert nothing_is_written()


def test_who_no_longer_works_here_allows_nothing(manager):
    manager.is_active = False

    assert not overrides.may_allow(manager)
    assert not overrides.may_allow(None)


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_an_override_without_a_reason_is_refused(reason, manager):
    plan = make_approved(session_count=2)

    with pytest.raises(BookingRefused, match="Say why"):
        book(
            plan,
            make_sessions(plan, (0, 41)),
            actor=manager,
            overrides=allow(GAP, 2, reason),
        )

    assert nothing_is_written()


def test_permission_alone_changes_nothing_without_an_override(manager):
    plan = make_approved(session_count=2)

    with pytest.raises(BookingRefused, match="has to lie between"):
        book(plan, make_sessions(plan, (0, 41)), actor=manager)

    assert nothing_is_written()


def test_an_override_of_another_session_or_rule_covers_nothing(manager):
    plan = make_approved()
    sessions = make_sessions(plan, (0, 41, 90))

    for given in (allow(GAP, 3), allow(SAME_DAY, 2)):
        with pytest.raises(BookingRefused, match="Session 2 would come 41 days"):
            book(plan, sessions, actor=manager, overrides=given)


@pytest.mark.parametrize("days", [0, -7])
def test_sessions_come_in_their_order_whatever_is_allowed(days, manager):
    plan = make_approved(session_count=2)

    with pytest.raises(BookingRefused, match=f"would come {days} days"):
        book(
            plan,
            make_sessions(plan, (0, days)),
            actor=manager,
            overrides=[*allow(GAP, 2), *allow(SAME_DAY, 2), *allow(SAME_DAY, 1)],
        )

    assert nothing_is_written()


def test_an_override_that_is_not_needed_leaves_no_trace(manager):
    plan = make_approved()

    book(plan, actor=manager, overrides=[*allow(GAP, 2), *allow(SAME_DAY, 1)])

    assert not RuleOverride.objects.exists()


def test_no_override_reaches_a_date_on_which_the_patient_is_not_suitable(manager):
    plan = make_approved(session_count=2)
    make_answers(plan, isotretinoin="yes", on_date=FIRST - timedelta(days=60))

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        book(
            plan,
            make_sessions(plan, (0, 41)),
            actor=manager,
            overrides=[*allow(GAP, 1), *allow(GAP, 2)],
        )

    assert nothing_is_written()


# --- One visit a day ----------------------------------------------------------------


def test_a_second_visit_on_one_day_is_refused_and_names_the_other(desk):
    plan = make_approved()
    make_visit(plan, FIRST)

    with pytest.raises(BookingRefused, match="the consultation starts at 15:00"):
        book(plan, actor=desk)


def test_the_other_visit_is_named_by_session_treatment_and_place(desk):
    place, treatment = make_location(name="Glebe"), make_treatment(name="Microneedling")
    plan = make_approved()
    other = make_approved(
        place, patient=plan.patient, protocol=make_protocol(treatment=treatment)
    )
    make_visit(plan, FIRST, place=place, plan=other)

    with pytest.raises(
        BookingRefused, match="session 1 of Microneedling starts at 15:00 at Glebe"
    ):
        book(plan, actor=desk)


@pytest.mark.parametrize(
    "status", ["cancelled", "late_cancelled", "no_show", "released"]
)
def test_a_visit_that_was_given_up_counts_no_more(status):
    plan = make_approved()
    make_visit(plan, FIRST, status=status)

    assert needed(plan, (0, 49, 98)) == []


def test_a_hold_counts_until_it_runs_out():
    plan = make_approved()
    other = make_approved(patient=plan.patient)
    hold = SeriesHold.objects.create(
        key="6f6dbd0e-3c1e-4f5e-9a38-3f8a2d0f6a11",
        plan=other,
        kind=HoldKind.DESK,
        held_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )
    make_visit(plan, FIRST, plan=other, status=AppointmentStatus.HELD, hold=hold)
    sessions = make_sessions(plan)

    def broken(now):
        return overrides.needed(plan, sessions, now=now)

    assert len(broken(NOW + timedelta(minutes=14))) == 1
    assert broken(NOW + timedelta(minutes=15)) == []


def test_a_manager_allows_a_second_visit_with_a_reason(manager):
    plan = make_approved()
    make_visit(plan, FIRST)

    book(plan, actor=manager, overrides=allow(SAME_DAY, 1, "Comes from Pembroke"))

    kept = RuleOverride.objects.get()
    assert (kept.rule, kept.number, kept.day) == (SAME_DAY, 1, FIRST)
    assert (kept.days, kept.reason) == (None, "Comes from Pembroke")


@pytest.mark.parametrize(
    ("day", "at", "count"),
    [
        (date(2027, 3, 13), time(23, 30), 0),
        (date(2027, 3, 14), time(0, 30), 1),
        (date(2027, 3, 14), time(23, 30), 1),
        (date(2027, 3, 15), time(0, 30), 0),
        (date(2027, 11, 6), time(23, 30), 0),
        (date(2027, 11, 7), time(0, 30), 1),
        (date(2027, 11, 7), time(23, 30), 1),
        (date(2027, 11, 8), time(0, 30), 0),
    ],
)
def test_a_day_is_a_calendar_day_also_when_the_clock_changes(day, at, count):
    plan = make_approved(session_count=1)
    make_visit(plan, day, at, minutes=10)
    change = date(2027, 3, 14) if day.month == 3 else date(2027, 11, 7)

    assert len(needed(plan, (0,), first=change)) == count


@pytest.mark.parametrize(("at", "count"), [(time(20, 50), 0), (time(21), 1)])
def test_a_day_is_that_of_the_plans_location(at, count):
    plan = make_approved(session_count=1)
    vancouver = make_location(timezone="America/Vancouver")
    eve = FIRST - timedelta(days=1)
    make_visit(plan, eve, at, place=vancouver, zone=vancouver.zone, minutes=5)

    assert len(needed(plan, (0,))) == count


# --- What was allowed before --------------------------------------------------------


def judge(plan, sessions, **given):
    with transaction.atomic():
        judging.judge_sessions(plan, sessions, now=NOW, **given)


def make_allowed(manager, gap=41):
    """Three sessions of which the second comes `gap` days after the first."""
    plan = make_approved()
    book(
        plan,
        make_sessions(plan, (0, gap, gap + 49)),
        actor=manager,
        overrides=allow(GAP, 2),
    )
    return plan


def test_a_recorded_override_still_counts_when_another_session_moves(manager):
    plan = make_allowed(manager)

    judge(plan, make_sessions(plan, (0, 41, 91))[2:])

    assert RuleOverride.objects.count() == 1


@pytest.mark.parametrize(
    ("gap", "moves", "fits"),
    [
        (41, 1, False),
        (41, 0, True),
        (41, -1, True),
        (57, 1, True),
        (57, 0, True),
        (57, -1, False),
    ],
)
def test_a_gap_that_was_allowed_may_shrink_towards_its_window_only(
    gap, moves, fits, manager
):
    plan = make_allowed(manager, gap)
    first = make_sessions(plan, (moves,))

    assert (overrides.needed(plan, first, now=NOW) == []) == fits


def test_another_day_needs_another_override(manager):
    plan = make_allowed(manager)
    second = make_sessions(plan, (0, 38))[1:]

    with pytest.raises(BookingRefused, match="38 days"):
        judge(plan, second)
    judge(plan, second, actor=manager, overrides=allow(GAP, 2, "Asked again"))

    assert [row.days for row in RuleOverride.objects.order_by("pk")] == [41, 38]


def test_a_second_visit_is_allowed_for_both_of_the_two(manager):
    plan, place = make_approved(), make_place_with_people()
    other = make_approved(place, patient=plan.patient)
    book(plan)
    book(
        other,
        make_sessions(other, (0, 50, 100), at=time(14)),
        actor=manager,
        overrides=allow(SAME_DAY, 1),
    )

    judge(plan, make_sessions(plan, (0,), at=time(8)))

    assert RuleOverride.objects.count() == 1


def test_an_override_of_one_plan_does_nothing_for_another(manager):
    plan = make_allowed(manager)
    other = make_approved()

    assert len(needed(other, (0, 40))) == 1
    assert plan.overrides.count() == 1


def test_what_was_allowed_is_never_changed_nor_deleted(manager):
    make_allowed(manager)

    for change in (
        lambda rows: rows.update(reason="Another"),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change(RuleOverride.objects.all())


def test_a_refusal_after_the_judgement_keeps_no_override(manager, monkeypatch):
    plan = make_approved(session_count=2)
    elsewhere = make_approved(plan.location)
    book(elsewhere)

    with pytest.raises(BookingRefused, match="just booked"):
        book(plan, make_sessions(plan, (0, 41)), actor=manager, overrides=allow(GAP, 2))

    assert not RuleOverride.objects.exists()
    assert Appointment.objects.filter(plan=plan).count() == 0


# --- For screens --------------------------------------------------------------------


def test_one_reason_is_enough_for_all_that_can_be_allowed():
    plan = make_approved()
    make_visit(plan, FIRST)
    breaches = needed(plan, (0, 41, 98))

    given = overrides.for_all(breaches, " Lives far away ")

    assert {(one.rule, one.number) for one in given} == {
        (GAP, 2),
        (GAP, 3),
        (SAME_DAY, 1),
    }
    assert overrides.for_all(breaches, " ") == []
