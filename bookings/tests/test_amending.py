"""Amending a signed plan: what it would do, that it does just that, all or nothing."""

from datetime import time, timedelta
from itertools import pairwise

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    HoldKind,
    Message,
    PlanStatus,
    SeriesHold,
)
from bookings.services import plans
from bookings.services.amendments import amending
from bookings.services.amendments.amend_diff import Fate
from bookings.services.amendments.amended import Change
from bookings.services.holding import holds
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_protocol,
    make_user,
)
from bookings.tests.test_series_book import (
    FIRST,
    book,
    make_approved,
    make_sessions,
)

pytestmark = pytest.mark.django_db


def ask(plan, **changes):
    asked = {
        "session_count": plan.session_count,
        "protocol": plan.protocol,
        "gap_days": None,
        "reason": "Her skin answers well",
    }
    return Change(**asked | changes)


def preview(plan, **changes):
    return amending.preview(plan, ask(plan, **changes), now=NOW)


def save(plan, diff, **changes):
    given = {
        "version": plan.version,
        "actor": changes.pop("actor", None) or make_user("Front desk"),
        "now": NOW,
    }
    return amending.save(plan, diff.sealed(), **given | changes)


def make_booked(days=(0, 49, 98), **fields):
    plan = make_approved(**{"session_count": len(days)} | fields)
    plan.areas.update(depth_mm="1.0", passes=4)
    book(plan, make_sessions(plan, days))
    return plan


def fates(diff):
    return {line.number: line.fate for line in diff.lines}


def diary_of(plan):
    """What stands: number, status, start and who or what is claimed for when."""
    rows = plan.appointments.live().prefetch_related("claims").order_by("number")
    return [
        (
            row.number,
            row.status,
            row.starts_at,
            sorted((claim.role, claim.resource_id) for claim in row.claims.all()),
        )
        for row in rows
    ]


# --- Fewer sessions --------------------------------------------------------------------


def test_fewer_sessions_cancel_the_last_ones_at_once_without_a_signature():
    plan = make_booked()

    diff = preview(plan, session_count=2)
    amendment = save(plan, diff)

    assert fates(diff) == {1: Fate.KEPT, 2: Fate.KEPT, 3: Fate.CANCELLED}
    assert (diff.is_medical, diff.refusal) == (False, "")
    plan.refresh_from_db()
    assert (plan.status, plan.session_count, plan.version) == ("approved", 2, 2)
    statuses = plan.appointments.order_by("number").values_list("status", flat=True)
    assert list(statuses) == ["booked", "booked", "cancelled"]
    assert Claim.objects.filter(appointment__number=3).count() == 0
    assert (amendment.plan_version, amendment.is_medical) == (2, False)
    assert amendment.reason == "Her skin answers well"
    assert amendment.before["session_count"] == 3
    assert amendment.after["session_count"] == 2


def test_messages_of_a_cancelled_session_are_taken_back_and_others_stay():
    plan = make_booked()

    save(plan, preview(plan, session_count=2))

    waiting = Message.objects.waiting()
    assert not waiting.filter(appointment__number=3).exists()
    assert waiting.filter(appointment__number=2).exists()


def make_done(plan, number):
    row = plan.appointments.get(number=number)
    row.status, row.completed_at = AppointmentStatus.DONE, row.ends_at
    row.save(update_fields=["status", "completed_at"])


def test_a_plan_never_has_fewer_sessions_than_were_given():
    plan = make_booked()
    make_done(plan, 1)
    make_done(plan, 2)

    assert "2 sessions have begun or are done" in preview(plan, session_count=1).refusal
    assert preview(plan, session_count=2).refusal == ""


def test_a_plan_nobody_has_booked_changes_in_its_own_row_only():
    plan = make_approved()

    diff = preview(plan, session_count=2)
    save(plan, diff)

    assert diff.lines == []
    plan.refresh_from_db()
    assert plan.session_count == 2
    assert not Appointment.objects.exists()


# --- More sessions -----------------------------------------------------------------------


def test_an_added_session_is_pencilled_and_the_plan_goes_back_to_a_clinician():
    plan = make_booked()
    before = diary_of(plan)

    diff = preview(plan, session_count=4)
    save(plan, diff)

    assert fates(diff) == {1: "kept", 2: "kept", 3: "kept", 4: "added"}
    plan.refresh_from_db()
    assert (plan.status, plan.submitted_at) == (PlanStatus.SUBMITTED, NOW)
    assert diary_of(plan)[:3] == before
    added = plan.appointments.get(number=4)
    assert (added.status, added.hold.kind) == (AppointmentStatus.HELD, HoldKind.PENCIL)
    gap = added.local_date - plan.appointments.get(number=3).local_date
    assert 42 <= gap.days <= 56


def test_an_added_session_comes_on_a_weekday_and_near_an_hour_of_the_others():
    plan = make_booked()

    added = preview(plan, session_count=4).lines[3].after

    assert added.starts_at.weekday() == FIRST.weekday()
    assert time(9) <= added.starts_at.time() <= time(11)


def test_a_signature_books_what_was_pencilled(clinician):
    plan = make_booked()
    diff = preview(plan, session_count=4)
    save(plan, diff)
    plan.refresh_from_db()

    plans.approve(plan, version=plan.version, actor=clinician, now=NOW)

    added = plan.appointments.get(number=4)
    assert (added.status, added.starts_at) == ("booked", diff.lines[3].after.starts_at)
    owed = Message.objects.waiting().filter(appointment=added)
    promised = {(m.rule, m.due_at) for m in owed}
    assert promised == {(m.rule, m.new_due) for m in diff.messages if m.new_due}


def test_a_plan_sent_back_lets_go_of_what_was_pencilled(clinician):
    plan = make_booked()
    save(plan, preview(plan, session_count=4))
    plan.refresh_from_db()

    plans.send_back(
        plan, version=plan.version, actor=clinician, now=NOW, note="Wait for spring"
    )

    assert plan.appointments.get(number=4).status == AppointmentStatus.RELEASED
    assert plan.appointments.live().count() == 3


# --- Longer gaps ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "refused"),
    [((41, 56), True), ((42, 55), True), ((42, 57), False), ((43, 56), False)],
)
def test_gaps_only_ever_grow_beyond_the_protocols(gap, refused):
    plan = make_booked()

    refusal = preview(plan, gap_days=gap).refusal

    assert ("longer than the protocol" in refusal) == refused


@pytest.mark.parametrize("gap", [(60, 57), (42, 365)])
def test_gaps_are_given_in_order_and_within_a_year(gap):
    assert "in that order" in preview(make_booked(), gap_days=gap).refusal


def test_longer_gaps_move_only_what_has_to_move():
    plan = make_booked((0, 49, 105))
    make_done(plan, 1)

    diff = preview(plan, gap_days=(50, 70))
    save(plan, diff)

    assert fates(diff) == {1: "kept", 2: "moved", 3: "kept"}
    plan.refresh_from_db()
    assert plan.gap_days == (50, 70)
    dates = [row.local_date for row in plan.appointments.live().order_by("number")]
    assert [(b - a).days for a, b in pairwise(dates)] == [50, 55]


def test_gaps_that_every_session_keeps_anyway_move_nothing():
    plan = make_booked((0, 56, 112))
    before = diary_of(plan)

    diff = preview(plan, gap_days=(50, 60))
    save(plan, diff)

    assert set(fates(diff).values()) == {Fate.KEPT}
    assert diff.is_medical
    assert diary_of(plan) == before
    assert not SeriesHold.objects.exists()


def test_a_session_that_moves_gives_its_old_time_up(clinician):
    plan = make_booked((0, 49))
    make_done(plan, 1)

    diff = preview(plan, gap_days=(56, 70))
    save(plan, diff)

    old, new = plan.appointments.filter(number=2).order_by("pk")
    assert (old.status, new.status) == ("cancelled", "held")
    assert not old.claims.exists()
    assert old.reason == "Her skin answers well"


# --- Another treatment -----------------------------------------------------------------------


def make_other(plan, **fields):
    protocol = make_protocol(**fields)
    make_answers(plan)
    return protocol


def test_another_treatment_plans_every_session_to_come_anew():
    plan = make_booked()
    make_done(plan, 1)
    other = make_other(plan)

    diff = preview(plan, protocol=other)
    save(plan, diff)

    assert fates(diff) == {1: "kept", 2: "exchanged", 3: "exchanged"}
    plan.refresh_from_db()
    assert (plan.protocol, plan.status) == (other, PlanStatus.SUBMITTED)
    standing = plan.appointments.live().order_by("number")
    assert [row.status for row in standing] == ["done", "held", "held"]


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [((35, 50), (42, 50)), ((49, 70), (49, 56)), ((60, 80), (60, 60))],
)
def test_after_another_treatment_the_stricter_gap_of_the_two_counts(gaps, expected):
    plan = make_booked()
    make_done(plan, 1)
    least, most = gaps
    other = make_other(
        plan, gap_min_days=least, gap_max_days=most, ideal_gap_days=least
    )

    diff = preview(plan, protocol=other)

    assert diff.amended.gap_days == expected


def test_before_the_first_session_the_new_protocols_gap_alone_counts():
    plan = make_booked()
    other = make_other(plan, gap_min_days=35, gap_max_days=50, ideal_gap_days=42)

    assert preview(plan, protocol=other).amended.gap_days == (35, 50)


def test_another_treatment_waits_for_its_own_questions_to_be_answered():
    plan = make_booked()
    question = {
        "code": "gold",
        "question": "gold",
        "question_text": "Is there gold under your skin?",
        "kind": "exclude",
        "reason": "Gold under the skin: not suitable.",
    }
    other = make_protocol(rules=[question])

    diff = preview(plan, protocol=other)

    assert "1 health question has no answer yet" in diff.refusal


# --- What is refused -------------------------------------------------------------------------


def test_nothing_to_change_is_refused():
    assert "Nothing would change" in preview(make_booked()).refusal


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_amendment_without_a_reason_is_refused(reason):
    assert "Say why" in preview(make_booked(), session_count=2, reason=reason).refusal


@pytest.mark.parametrize("count", [0, 13])
def test_a_plan_has_one_to_twelve_sessions(count):
    assert "1 to 12" in preview(make_booked(), session_count=count).refusal


@pytest.mark.parametrize(
    "status", [one for one in PlanStatus.values if one != PlanStatus.APPROVED]
)
def test_only_a_signed_plan_is_amended(status):
    plan = make_booked()
    type(plan).objects.filter(pk=plan.pk).update(status=status)
    plan.refresh_from_db()

    assert "Only a signed plan" in preview(plan, session_count=2).refusal


def test_a_series_that_is_held_is_let_go_first(desk):
    plan = make_approved()
    diff = preview(plan, session_count=2)
    holds.hold(
        plan,
        make_sessions(plan),
        key="0e2b1f3a-53c5-4d8e-8d0c-0a6a61cf1f10",
        strategy="steady",
        actor=desk,
        now=NOW,
    )

    assert "is held until" in preview(plan, session_count=2).refusal
    with pytest.raises(BookingRefused):
        save(plan, diff)


def test_where_no_time_is_left_the_session_is_named():
    plan = make_booked((0, 49))
    make_done(plan, 1)
    make_done(plan, 2)
    make_hours_end(plan, FIRST + timedelta(days=49 + 41))

    diff = preview(plan, session_count=3)

    assert "no time for session 3" in diff.refusal
    assert diff.lines == []


def make_hours_end(plan, day):
    for resource in plan.location.resources.all():
        resource.hours.update(valid_until=day)
