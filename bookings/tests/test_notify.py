"""Whether the patient hears of a change: the grace, the letter, and the desk's choice."""

from datetime import time, timedelta

import pytest

from bookings.models import AppointmentStatus, Message, MessageStatus
from bookings.services.messages import cancelled, letters, moments, outbox, reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves import backwards, changes, moving
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_appointment, make_patient, make_user
from bookings.tests.test_changes import MINUTE, make_series, session
from bookings.tests.test_series_book import local

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def send(now):
    return outbox.send_due(clock=lambda: now)


def make_known(*days, **fields):
    """A series of which the patient has read."""
    plan = make_series(*days, **fields)
    send(NOW + GRACE)
    return plan


def cancel(row, *, now=LATER, **more):
    facts = {"reason": "Ill", "actor": make_user(), "now": now}
    return changes.cancel(row, **facts | more)


def move(plan, number, days, *, now=LATER, **more):
    start = session(plan, number).starts_at + timedelta(days=days)
    proposal = moving.propose(session(plan, number), start, now=now)
    return moving.accept(
        plan, proposal.sealed(), actor=make_user(), now=now, why="", **more
    )


def letter(**about):
    return Message.objects.get(rule=reminders.CANCELLED, **about)


# --- The grace ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_start", "waits"), [(GRACE + SECOND, True), (GRACE, False)]
)
def test_words_wait_their_grace_where_they_still_help_after_it(before_start, waits):
    start = NOW + before_start

    due_at = moments.after_grace(NOW, NOW, start)

    assert due_at == (NOW + GRACE if waits else NOW)


@pytest.mark.parametrize("later", [GRACE, GRACE + SECOND])
def test_what_is_due_later_is_due_then(later):
    due_at = NOW + later

    assert moments.after_grace(due_at, NOW, NOW + timedelta(days=7)) == due_at


def test_what_falls_due_within_the_grace_waits_for_its_end():
    until = NOW + timedelta(days=7)

    assert moments.after_grace(NOW + MINUTE, NOW, until) == NOW + GRACE


def test_a_visit_that_starts_within_the_grace_is_confirmed_at_once():
    row = make_appointment(starts_at=NOW + 2 * MINUTE)

    [told] = reminders.promise([row], now=NOW)

    assert (told.rule, told.due_at) == (reminders.CONFIRMATION, NOW)


def test_nothing_leaves_before_the_grace_is_over(mailoutbox):
    make_series()

    assert send(NOW + GRACE - SECOND) == 0
    assert send(NOW + GRACE) == 1


# --- The letter ---------------------------------------------------------------------


def test_a_cancellation_is_told_in_one_discreet_letter(mailoutbox):
    plan = make_known()
    mailoutbox.clear()

    cancel(session(plan, 1))

    assert send(LATER + GRACE) == 1
    [mail] = mailoutbox
    assert mail.subject == "Your appointment on Tue 8 Dec is cancelled"
    assert "Tuesday 8 December 2026, 10:00, is cancelled" in mail.body
    assert "We will call you to find another time" in mail.body
    assert plan.location.phone in mail.body
    for word in ("needling", plan.protocol.treatment.name):
        assert word.lower() not in mail.subject.lower()


def test_after_a_cancelled_talk_the_patient_calls(mailoutbox):
    row = make_appointment(starts_at=NOW + timedelta(days=3))
    reminders.promise([row], now=NOW)
    send(NOW + GRACE)

    cancel(row)

    send(LATER + GRACE)
    assert "To find another time, call 613-555-0100." in mailoutbox[-1].body
    assert "We will call you" not in mailoutbox[-1].body


def test_a_late_cancellation_is_told_too():
    plan = make_known()
    start = session(plan, 1).starts_at

    row = cancel(session(plan, 1), now=start - HOUR)

    assert row.status == AppointmentStatus.LATE_CANCELLED
    assert letter().due_at == start - HOUR + GRACE


@pytest.mark.parametrize(("before", "count"), [(SECOND, 1), (0 * SECOND, 0)])
def test_nobody_is_told_about_a_time_already_past(before, count):
    plan = make_known()
    now = session(plan, 1).starts_at - before

    cancel(session(plan, 1), now=now)

    assert Message.objects.filter(rule=reminders.CANCELLED).count() == count


def test_a_letter_that_starts_too_late_to_wait_leaves_at_once():
    plan = make_known()
    now = session(plan, 1).starts_at - GRACE

    cancel(session(plan, 1), now=now)

    assert letter().due_at == now


def test_a_letter_not_out_when_the_visit_would_begin_is_missed():
    plan = make_known()
    start = session(plan, 1).starts_at
    cancel(session(plan, 1))

    send(start)

    assert letter().status == MessageStatus.MISSED


def test_a_booking_never_told_of_is_cancelled_without_a_word(mailoutbox):
    plan = make_series(0)

    cancel(session(plan, 1), now=NOW + MINUTE)

    assert not Message.objects.waiting().exists()
    assert send(NOW + HOUR) == 0


def test_the_letter_names_the_time_that_the_patient_knows(mailoutbox):
    plan = make_known(0)
    move(plan, 1, 14)

    cancel(session(plan, 1), now=LATER + MINUTE)

    send(LATER + HOUR)
    assert mailoutbox[-1].subject == "Your appointment on Tue 8 Dec is cancelled"
    assert len(mailoutbox) == 2


def test_a_no_show_is_a_call_and_no_letter():
    plan = make_known()
    row = session(plan, 1)

    changes.no_show(row, actor=make_user(), now=row.starts_at)

    assert not Message.objects.filter(rule=reminders.CANCELLED).exists()
    assert not Message.objects.waiting().filter(appointment=row).exists()


def test_the_page_of_the_letter_says_the_same():
    plan = make_known()
    cancel(session(plan, 1))

    words = letters.write(letter(), now=LATER)

    assert "Cancelled: Tuesday 8 December" in words.html
    assert "We will call you to find another time" in words.html


def test_a_patient_without_an_address_gets_a_row_that_says_so():
    row = make_appointment(
        starts_at=NOW + timedelta(days=3),
        patient=make_patient(email="", phone="613-555-0101"),
    )

    cancel(row)

    assert letter().problem == "The patient has no e-mail address."


def test_a_letter_about_what_stands_again_never_leaves():
    plan = make_known()
    cancel(session(plan, 1))
    told = letter()
    backwards.reopen(session(plan, 1), actor=make_user(), now=LATER + MINUTE)
    Message.objects.filter(pk=told.pk).update(status=MessageStatus.PLANNED)

    send(LATER + GRACE)

    told.refresh_from_db()
    assert told.status == MessageStatus.SUPERSEDED
    assert cancelled.too_late(told, LATER)


# --- The desk chooses not to tell ---------------------------------------------------


def test_a_cancellation_kept_back_says_so_on_its_row():
    plan = make_known()

    cancel(session(plan, 1), notify=False)

    assert letter().status == MessageStatus.SUPPRESSED
    assert letter().problem == "The desk chose not to tell."
    assert send(LATER + GRACE) == 0


def test_a_move_kept_back_is_no_news_but_reminders_follow(mailoutbox):
    plan = make_known()
    mailoutbox.clear()

    move(plan, 1, 7, notify=False)

    row = session(plan, 1)
    rules = {m.rule: m.status for m in row.messages.filter(version=row.version)}
    assert rules[reminders.CONFIRMATION] == MessageStatus.SUPPRESSED
    assert rules["pre-care"] == rules["practical"] == MessageStatus.PLANNED
    assert send(LATER + GRACE) == 0


def test_what_was_told_of_getting_ready_is_not_told_again_for_a_move_kept_back():
    plan = make_known()
    now = session(plan, 1).starts_at - timedelta(hours=6)
    send(now)

    move(plan, 1, 3 / 24, now=now, notify=False)

    row = session(plan, 1)
    told = row.messages.get(version=row.version, rule="pre-care")
    assert told.status == MessageStatus.SUPPRESSED


def test_a_session_whose_news_lay_with_one_moved_in_silence_is_still_told():
    plan = make_series(0, 49)

    move(plan, 1, 1, now=NOW + MINUTE, notify=False)

    owed = Message.objects.waiting().get(rule=reminders.CONFIRMATION)
    assert [row.number for row in reminders.confirmed_by(owed)] == [1, 2]


def test_a_move_told_as_usual_is_one_message():
    plan = make_known()

    move(plan, 1, 14)

    waiting = Message.objects.waiting().filter(rule=reminders.CONFIRMATION)
    assert waiting.get().due_at == LATER + GRACE


# --- When it took place -------------------------------------------------------------


@pytest.mark.parametrize(("days", "refused"), [(0, False), (-1, True)])
def test_nothing_of_a_plan_took_place_before_it_was_signed(days, refused):
    plan = make_series()
    signed = plan.reviewed_at.astimezone(plan.location.zone).date()
    at = local(signed + timedelta(days=days), time(0, 1))

    def act():
        return changes.complete(
            session(plan, 1), performed_at=at, actor=make_user(), now=NOW + HOUR
        )

    if refused:
        with pytest.raises(BookingRefused, match="The plan was signed on"):
            act()
    else:
        assert act().status == AppointmentStatus.DONE


@pytest.mark.parametrize(("days", "refused"), [(-1, False), (-2, True)])
def test_a_talk_of_another_day_is_another_talk(days, refused):
    row = make_appointment(starts_at=NOW)
    at = NOW + timedelta(days=days)

    def act():
        return changes.complete(row, performed_at=at, actor=make_user(), now=NOW + HOUR)

    if refused:
        with pytest.raises(BookingRefused, match="Give a day from"):
            act()
    else:
        assert act().status == AppointmentStatus.DONE
