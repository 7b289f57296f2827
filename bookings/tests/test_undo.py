"""Undo: everything as it was, or nothing at all and a word why."""

from datetime import time, timedelta

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    MessageStatus,
    OfferStatus,
    OverriddenRule,
    RuleOverride,
    Task,
    TaskKind,
)
from bookings.services import overrides
from bookings.services.messages import outbox, reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves import (
    changes,
    freed,
    moving,
    placing,
    undo,
    windows,
)
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_appointment, make_user
from bookings.tests.test_changes import MINUTE, make_series, session
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)
from bookings.tests.waiting import (
    answer_afresh,
    keep_only,
    make_busy,
    offered,
    wait,
)

pytestmark = pytest.mark.django_db


def at(moment):
    return lambda: moment


def state():
    """All that an act changes and an undo puts back, but for the words in the history."""
    return (
        [
            (r.pk, r.status, r.during, r.version, r.completed_at)
            for r in Appointment.objects.order_by("pk")
        ],
        sorted(Claim.objects.values_list("appointment", "role", "resource", "during")),
        sorted(Message.objects.waiting().values_list("dedupe_key", "due_at")),
        sorted(Task.objects.open().values_list("key", flat=True)),
    )


def acting(about, act, *, actor=None, now=NOW):
    """Do `act` so that it can be undone; the token, and who did it."""
    actor = actor or make_user()
    with undo.recording(about, actor=actor, now=now) as record:
        act(actor)
    return record.token, actor


def cancelling(row, *, now=NOW, **more):
    facts = {"reason": "A slip", "now": now} | more
    actor = facts.pop("actor", None)
    return acting(
        row,
        lambda who: changes.cancel(row, actor=who, **facts),
        actor=actor,
        now=now,
    )


def moving_to(plan, number, days, *, now=NOW, **more):
    start = session(plan, number).starts_at + timedelta(days=days)
    proposal = moving.propose(session(plan, number), start, now=now)
    return acting(
        plan,
        lambda who: moving.accept(
            plan, proposal.sealed(), actor=who, now=now, why="", **more
        ),
        now=now,
    )


def sent(*, now=NOW):
    return outbox.send_due(clock=at(now))


# --- Everything as it was -----------------------------------------------------------


def test_a_cancelled_session_stands_again_with_claims_messages_and_no_task():
    plan = make_series()
    before = state()
    token, who = cancelling(session(plan, 2))
    assert state() != before

    undo.undo(token, actor=who, now=NOW + MINUTE)

    assert state() == before
    assert session(plan, 2).reason == "Undone"


def test_a_move_of_several_sessions_is_undone_as_one():
    plan = make_series()
    before = state()
    token, who = moving_to(plan, 1, 14)
    assert {row.version for row in plan.appointments.all()} == {2}

    rows = undo.undo(token, actor=who, now=NOW + MINUTE)

    assert [row.number for row in rows] == [1, 2, 3]
    assert state() == before


@pytest.mark.parametrize("verb", ["confirm", "arrive", "begin", "no_show"])
def test_a_step_is_undone(verb):
    plan = make_series()
    row = session(plan, 1)
    now = row.starts_at + MINUTE
    before = state()
    act = getattr(changes, verb)
    token, who = acting(row, lambda who: act(row, actor=who, now=now), now=now)

    undo.undo(token, actor=who, now=now + MINUTE)

    assert state() == before


def test_done_is_undone_with_the_after_care_it_promised():
    plan = make_series()
    row = session(plan, 1)
    end = row.starts_at + 30 * MINUTE
    before = state()
    token, who = acting(
        row,
        lambda who: changes.complete(row, performed_at=end, actor=who, now=end),
        now=end,
    )

    undo.undo(token, actor=who, now=end + MINUTE)

    assert state() == before


def test_done_before_its_day_gets_its_time_back():
    plan = make_series()
    row = session(plan, 1)
    end = local(FIRST - timedelta(days=1), time(11))
    before = state()
    token, who = acting(
        row,
        lambda who: changes.complete(row, performed_at=end, actor=who, now=end),
        now=end,
    )
    assert not Claim.objects.filter(appointment=row).exists()

    undo.undo(token, actor=who, now=end + MINUTE)

    assert state() == before


def test_a_late_arrival_goes_back_to_its_time():
    plan = make_series()
    row = session(plan, 1)
    now = row.starts_at + 20 * MINUTE
    before = state()
    token, who = acting(
        row,
        lambda who: changes.arrive_late(row, minutes=20, actor=who, now=now),
        now=now,
    )

    undo.undo(token, actor=who, now=now + MINUTE)

    assert state() == before


def test_a_session_that_the_act_booked_is_let_go_again():
    plan = make_series()
    cancelling(session(plan, 2))
    proposal = moving.repair(plan, now=NOW)
    token, who = acting(
        plan,
        lambda who: moving.accept(plan, proposal.sealed(), actor=who, now=NOW, why=""),
    )
    assert plan.appointments.live().count() == 3

    undo.undo(token, actor=who, now=NOW + MINUTE)

    assert plan.appointments.live().count() == 2
    assert plan.appointments.filter(status=AppointmentStatus.RELEASED).count() == 1
    assert Task.objects.open().filter(kind=TaskKind.PLACE).exists()


def test_a_task_about_a_late_arrival_is_open_again():
    plan = make_series()
    row = session(plan, 1)
    now = row.starts_at + MINUTE
    changes.arrive_late(row, minutes=500, actor=make_user(), now=now)
    before = state()
    token, who = cancelling(row, now=now)
    assert not Task.objects.open().filter(kind=TaskKind.LATE).exists()

    undo.undo(token, actor=who, now=now + MINUTE)

    assert state() == before


def test_a_talk_without_a_plan_is_undone_too():
    row = make_appointment(starts_at=NOW + timedelta(days=3))
    reminders.promise([row], now=NOW)
    before = state()
    token, who = cancelling(row)

    undo.undo(token, actor=who, now=NOW + MINUTE)

    assert state() == before


# --- What the patient hears ---------------------------------------------------------


def test_a_slip_undone_within_the_grace_sends_nothing(mailoutbox):
    plan = make_series()
    sent(now=NOW + GRACE)
    mailoutbox.clear()
    then = NOW + timedelta(hours=1)
    for act in (
        lambda: moving_to(plan, 1, 14, now=then),
        lambda: cancelling(session(plan, 2), now=then),
    ):
        token, who = act()
        sent(now=then + GRACE - MINUTE)
        undo.undo(token, actor=who, now=then + GRACE - MINUTE)

    assert sent(now=then + timedelta(days=1)) == 0
    assert mailoutbox == []


def test_a_confirmation_that_was_not_out_yet_is_promised_again(mailoutbox):
    plan = make_series()
    token, who = moving_to(plan, 1, 14)
    undo.undo(token, actor=who, now=NOW + MINUTE)

    sent(now=NOW + GRACE)

    [mail] = mailoutbox
    assert "Tue 8 December 2026" in mail.body


def test_what_was_put_back_can_be_moved_and_cancelled_as_if_for_the_first_time(
    mailoutbox,
):
    plan = make_series()
    sent(now=NOW + GRACE)
    then = NOW + timedelta(hours=1)
    token, who = moving_to(plan, 1, 14, now=then)
    undo.undo(token, actor=who, now=then + MINUTE)
    token, who = cancelling(session(plan, 1), now=then)
    undo.undo(token, actor=who, now=then + MINUTE)
    mailoutbox.clear()

    moving_to(plan, 1, 14, now=then)
    sent(now=then + GRACE)
    cancelling(session(plan, 2), now=then)
    sent(now=then + 2 * GRACE)

    subjects = [mail.subject for mail in mailoutbox]
    assert subjects[0] == "Changed: your booking from Tuesday 22 December"
    assert len(subjects) == 2
    assert "is cancelled" in subjects[1]


def test_a_message_out_already_is_not_taken_back():
    plan = make_series()
    sent(now=NOW + GRACE)
    token, who = cancelling(session(plan, 1))
    sent(now=NOW + GRACE)
    before = state()

    with pytest.raises(BookingRefused, match="told already"):
        undo.undo(token, actor=who, now=NOW + GRACE)

    assert state() == before


def test_a_message_in_a_senders_hands_counts_as_told():
    plan = make_series()
    sent(now=NOW + GRACE)
    token, who = cancelling(session(plan, 1))
    outbox.claim(now=NOW + GRACE)

    with pytest.raises(BookingRefused, match="told already"):
        undo.undo(token, actor=who, now=NOW + GRACE)


# --- Refused ------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "refused"), [(-MINUTE, False), (0 * MINUTE, True)])
def test_an_undo_lasts_ten_minutes(late, refused):
    plan = make_series()
    token, who = cancelling(session(plan, 1), notify=False)
    before = state()

    if refused:
        with pytest.raises(BookingRefused, match="too late"):
            undo.undo(token, actor=who, now=NOW + undo.LASTS + late)
        assert state() == before
    else:
        undo.undo(token, actor=who, now=NOW + undo.LASTS + late)
        assert session(plan, 1).status == AppointmentStatus.BOOKED


def test_only_who_did_it_can_undo_it():
    plan = make_series()
    token, _who = cancelling(session(plan, 1))

    with pytest.raises(BookingRefused, match="Only who did it"):
        undo.undo(token, actor=make_user(), now=NOW)


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_a_token_that_is_none_is_refused(token):
    with pytest.raises(BookingRefused, match="cannot be undone"):
        undo.undo(token, actor=make_user(), now=NOW)


def test_an_undo_counts_once():
    plan = make_series()
    token, who = cancelling(session(plan, 1))
    undo.undo(token, actor=who, now=NOW)
    before = state()

    with pytest.raises(BookingRefused, match="changed it since"):
        undo.undo(token, actor=who, now=NOW)

    assert state() == before


def test_what_somebody_changed_since_is_not_undone():
    plan = make_series()
    row = session(plan, 1)
    token, who = acting(row, lambda who: changes.confirm(row, actor=who, now=NOW))
    changes.cancel(session(plan, 1), reason="Ill", actor=make_user(), now=NOW)

    with pytest.raises(BookingRefused, match="changed it since"):
        undo.undo(token, actor=who, now=NOW)


def test_another_visit_booked_since_is_not_run_into():
    plan = make_series()
    token, who = cancelling(session(plan, 1))
    start = session(plan, 1).starts_at
    make_appointment(patient=plan.patient, location=plan.location, starts_at=start)

    with pytest.raises(BookingRefused, match="changed it since"):
        undo.undo(token, actor=who, now=NOW)


def test_a_time_that_somebody_else_has_is_left_to_them():
    plan = make_series()
    token, who = cancelling(session(plan, 1))
    other = make_other(plan)
    book(other, make_sessions(other, (0,)))
    before = state()

    with pytest.raises(BookingRefused, match="taken by now on Tue 8 Dec"):
        undo.undo(token, actor=who, now=NOW)

    assert state() == before


def make_other(plan):
    """Another patient's plan for one session at the same place."""
    return make_approved(plan.location, protocol=plan.protocol, session_count=1)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (placing, "take_instead"),
        (undo, "_take_back"),
        (undo, "_ask_again"),
        (windows, "settle_around"),
        (freed, "report"),
    ],
)
def test_an_undo_that_fails_half_way_changes_nothing(monkeypatch, module, name):
    plan = make_series()
    token, who = moving_to(plan, 1, 14)
    before = state()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(RuntimeError):
        undo.undo(token, actor=who, now=NOW)

    assert state() == before


def test_what_was_allowed_with_a_move_allows_nothing_once_that_is_undone(manager):
    plan = make_series()
    start = session(plan, 3).starts_at - timedelta(days=8)
    proposal = moving.propose(session(plan, 3), start, now=NOW)
    allowed = overrides.for_all(proposal.breaches, "Flies to Halifax")
    facts = {"why": "", "overrides": allowed}

    token, _who = acting(
        plan,
        lambda who: moving.accept(plan, proposal.sealed(), actor=who, now=NOW, **facts),
        actor=manager,
    )
    undo.undo(token, actor=manager, now=NOW + MINUTE)

    assert RuleOverride.objects.count() == 1
    again = moving.propose(session(plan, 3), start, now=NOW)
    assert [one.rule for one in again.breaches] == [OverriddenRule.GAP]
    with pytest.raises(BookingRefused, match="Say why"):
        moving.accept(plan, again.sealed(), actor=manager, now=NOW, why="")
    moving.accept(plan, again.sealed(), actor=manager, now=NOW, **facts)
    assert moving.propose(session(plan, 3), start, now=NOW).breaches == []


def test_a_rule_set_aside_before_is_still_so_after_an_undo(manager):
    plan = make_series()
    start = session(plan, 3).starts_at - timedelta(days=8)
    proposal = moving.propose(session(plan, 3), start, now=NOW)
    facts = {"why": "", "overrides": overrides.for_all(proposal.breaches, "Halifax")}
    moving.accept(plan, proposal.sealed(), actor=manager, now=NOW, **facts)
    token, _who = cancelling(session(plan, 3), actor=manager)

    undo.undo(token, actor=manager, now=NOW + MINUTE)

    assert moving.propose(session(plan, 3), start, now=NOW).breaches == []


def test_an_act_that_changes_nothing_has_nothing_to_undo():
    plan = make_series()

    token, _who = acting(plan, lambda who: None)

    assert token == ""


# --- Time that was offered to somebody else meanwhile ---------------------------------


@pytest.fixture
def freed_and_offered(django_capture_on_commit_callbacks):
    """A session cancelled by a slip, and whoever waits was offered its time."""
    plan = make_series(0)
    place = plan.location
    keep_only(place)
    make_busy(place, local(FIRST, time(0)), local(FIRST, time(10, 30)))
    make_busy(place, local(FIRST, time(11)), local(FIRST, time(23)))
    other = make_other(plan)
    book(other, make_sessions(other, (1,)))
    answer_afresh(other)
    entry = wait(other, last_day=FIRST)
    sent(now=NOW + GRACE)
    with django_capture_on_commit_callbacks(execute=True):
        token, who = cancelling(session(plan, 1), now=NOW + GRACE)
    assert offered(entry).starts_at == session(plan, 1).starts_at
    return plan, entry, token, who


def test_an_offer_that_nobody_has_read_makes_way(freed_and_offered, mailoutbox):
    plan, entry, token, who = freed_and_offered
    mailoutbox.clear()

    undo.undo(token, actor=who, now=NOW + GRACE + MINUTE)

    assert session(plan, 1).status == AppointmentStatus.BOOKED
    assert session(plan, 1).claims.count() == 3
    assert entry.offers.get().status == OfferStatus.WITHDRAWN
    assert sent(now=NOW + 3 * GRACE) == 0


def test_an_offer_that_was_sent_keeps_the_time(freed_and_offered):
    plan, entry, token, who = freed_and_offered
    Message.objects.filter(rule=reminders.CANCELLED).update(
        status=MessageStatus.SUPPRESSED
    )
    sent(now=NOW + 2 * GRACE)

    with pytest.raises(BookingRefused, match="taken by now"):
        undo.undo(token, actor=who, now=NOW + 2 * GRACE)

    assert offered(entry)
    assert session(plan, 1).status == AppointmentStatus.CANCELLED
