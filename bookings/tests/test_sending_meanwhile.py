"""A sender at work while the desk changes its mind: no word too many, none too few."""

from datetime import timedelta

import pytest

from bookings.models import Message, MessageStatus
from bookings.services.messages import outbox, reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves import backwards, changes, undo
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, make_user
from bookings.tests.test_changes import MINUTE, cancel, make_series, session
from bookings.tests.test_notify import make_known, move
from bookings.tests.threads import at_once

AFTER = NOW + GRACE
ROUNDS = 4


def send(now):
    return outbox.send_due(clock=lambda: now)


def told(mailoutbox):
    return [mail.subject for mail in mailoutbox]


@pytest.mark.django_db
def test_who_was_never_told_of_a_visit_is_not_told_that_it_is_off(mailoutbox):
    plan = make_series(0)
    batch = outbox.claim(now=AFTER)
    cancel(plan, 1, now=AFTER)

    while batch.ids:
        outbox._deliver(batch.ids.popleft(), batch.token, lambda: AFTER)
    send(AFTER + GRACE)

    assert told(mailoutbox) == []
    letter = Message.objects.get(rule=reminders.CANCELLED)
    assert letter.status == MessageStatus.SUPPRESSED
    assert letter.problem == "The patient never heard of the visit."


@pytest.mark.django_db
def test_a_sender_quicker_than_the_cancellation_makes_a_letter_of_it(mailoutbox):
    plan = make_series(0)
    batch = outbox.claim(now=AFTER)
    while batch.ids:
        outbox._deliver(batch.ids.popleft(), batch.token, lambda: AFTER)
    cancel(plan, 1, now=AFTER)

    send(AFTER + GRACE)

    assert len(told(mailoutbox)) == 2


@pytest.mark.django_db
def test_a_confirmation_that_was_put_off_once_and_left_is_a_confirmation(mailoutbox):
    plan = make_series(0)
    Message.objects.filter(rule=reminders.CONFIRMATION).update(attempts=1)
    send(AFTER)
    cancel(plan, 1, now=AFTER)

    send(AFTER + GRACE)

    assert len(told(mailoutbox)) == 2


@pytest.mark.django_db
def test_a_series_never_told_of_is_confirmed_with_the_session_moved_in_silence(
    mailoutbox,
):
    plan = make_series(0, 49)

    move(plan, 1, 1, now=NOW + MINUTE, notify=False)
    send(NOW + MINUTE + GRACE)

    assert len(told(mailoutbox)) == 1
    [message] = Message.objects.filter(
        rule=reminders.CONFIRMATION, status=MessageStatus.SENT
    )
    assert [row.number for row in reminders.confirmed_by(message)] == [1, 2]


@pytest.mark.django_db
def test_a_move_in_silence_and_one_that_is_told_make_one_letter(mailoutbox):
    plan = make_known()
    mailoutbox.clear()
    move(plan, 1, 1, notify=False)
    move(plan, 1, 2, now=NOW + timedelta(hours=2))

    send(NOW + timedelta(hours=2) + GRACE)

    assert len(told(mailoutbox)) == 1
    sent = Message.objects.filter(rule=reminders.CONFIRMATION, version=3)
    assert sent.get().status == MessageStatus.SENT


@pytest.mark.django_db(transaction=True)
def test_an_undo_beside_a_sweep_is_undone_or_told_and_never_both(mailoutbox):
    actor = make_user()
    for turn in range(ROUNDS):
        plan = make_series(0)
        send(AFTER)
        now = AFTER + (turn + 1) * MINUTE
        with undo.recording(plan, actor=actor, now=now) as record:
            changes.cancel(session(plan, 1), reason="Slip", actor=actor, now=now)
        mailoutbox.clear()
        later = now + GRACE

        undone, _sent = at_once(
            lambda token=record.token, later=later: undo.undo(
                token, actor=actor, now=later
            ),
            lambda later=later: send(later),
        )

        was_told = bool(told(mailoutbox))
        assert was_told == isinstance(undone, BookingRefused)
        assert session(plan, 1).is_live != was_told
        assert send(later + timedelta(hours=1)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_beside_a_sweep_tells_both_or_nothing(mailoutbox):
    for _turn in range(ROUNDS):
        plan = make_series(0)
        mailoutbox.clear()

        at_once(lambda plan=plan: cancel(plan, 1, now=AFTER), lambda: send(AFTER))
        send(AFTER + GRACE)

        assert len(told(mailoutbox)) in (0, 2)


@pytest.mark.django_db(transaction=True)
def test_a_reopening_beside_a_sweep_leaves_nobody_thinking_it_is_off(mailoutbox):
    for _turn in range(ROUNDS):
        plan = make_series(0)
        send(AFTER)
        cancel(plan, 1, now=AFTER)
        mailoutbox.clear()
        row, later = session(plan, 1), AFTER + GRACE

        at_once(
            lambda row=row, later=later: backwards.reopen(
                row, actor=make_user(), now=later
            ),
            lambda later=later: send(later),
        )
        send(later + GRACE)

        assert session(plan, 1).is_live
        assert len(told(mailoutbox)) != 1 or "Changed" in told(mailoutbox)[0]
