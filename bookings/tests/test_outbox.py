"""The outbox: nothing lost, and as close to once as mail allows."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from bookings.models import AppointmentStatus, Message, MessageStatus
from bookings.services import links
from bookings.services.messages import outbox
from bookings.services.messages.outbox import BATCH, LEASE, TRIES
from bookings.tests.factories import NOW, make_patient
from bookings.tests.letterbox import make_message, make_messages, make_talk
from bookings.tests.test_series_book import book, make_approved

MINUTE = timedelta(minutes=1)


class Fussy(EmailBackend):
    """Refuses addresses that begin with "bad"."""

    def send_messages(self, messages):
        if any(to.startswith("bad") for mail in messages for to in mail.to):
            raise ConnectionRefusedError
        return super().send_messages(messages)


@pytest.fixture
def fussy(settings, mailoutbox):
    settings.EMAIL_BACKEND = "bookings.tests.test_outbox.Fussy"
    return mailoutbox


def at(moment):
    return lambda: moment


def make_hopeless(**fields) -> Message:
    """A message to an address that the mail server refuses."""
    return make_message(make_talk(patient=make_patient(email="bad@example.org")))


# --- Sending ------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_due_message_is_sent_and_its_words_are_kept_without_keys(mailoutbox):
    message = make_message(make_talk(patient=make_patient(email="ada@example.org")))

    assert outbox.send_due(clock=at(NOW)) == 1

    message.refresh_from_db()
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"] == [message.recipient]
    assert mail.subject == message.subject
    assert links.masked(mail.body) == message.text != mail.body
    assert links.masked(mail.alternatives[0].content) == message.html
    assert (message.status, message.sent_at) == (MessageStatus.SENT, NOW)
    assert (message.attempts, message.lease_token) == (1, None)


@pytest.mark.django_db
def test_a_message_is_sent_when_it_is_due_and_not_before(mailoutbox):
    make_message(make_talk(), due_at=NOW)

    assert outbox.send_due(clock=at(NOW - MINUTE)) == 0
    assert outbox.send_due(clock=at(NOW)) == 1
    assert outbox.send_due(clock=at(NOW)) == 0


@pytest.mark.django_db
def test_a_repeat_would_carry_the_same_message_id(mailoutbox):
    message = make_message(make_talk())

    outbox.send_due(clock=at(NOW))

    key = message.dedupe_key.replace(":", "-")
    assert mailoutbox[0].extra_headers["Message-ID"] == f"<{key}@example.org>"


@pytest.mark.django_db
def test_a_sweep_works_through_more_than_one_batch(mailoutbox):
    make_messages(make_talk(), BATCH + 1)

    assert outbox.send_due(clock=at(NOW)) == BATCH + 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_drain_the_queue_and_send_each_message_once(mailoutbox):
    make_messages(make_talk(), 200)
    together = Barrier(2)

    def drain(_sender):
        together.wait()
        try:
            return outbox.send_due(clock=at(NOW))
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as senders:
        sent = list(senders.map(drain, "ab"))

    times_sent = Counter(mail.extra_headers["Message-ID"] for mail in mailoutbox)
    assert sum(sent) == 200
    assert set(times_sent.values()) == {1}
    assert len(times_sent) == 200
    assert not Message.objects.exclude(status=MessageStatus.SENT).exists()


# --- Leases -------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_one_sender_holds_another_does_not_get():
    make_messages(make_talk(), 3)

    first = outbox.claim(now=NOW, size=2)
    second = outbox.claim(now=NOW, size=2)

    assert (len(first.ids), len(second.ids)) == (2, 1)
    assert not set(first.ids) & set(second.ids)


@pytest.mark.django_db
def test_after_a_sender_died_the_next_sweep_sends_what_it_held(mailoutbox):
    make_message(make_talk())
    outbox.claim(now=NOW)

    assert outbox.send_due(clock=at(NOW + LEASE - MINUTE / 60)) == 0
    assert outbox.send_due(clock=at(NOW + LEASE)) == 1
    assert Message.objects.get().attempts == 2


@pytest.mark.django_db
@pytest.mark.parametrize("pause", [3, 4])
def test_a_sender_that_was_paused_past_its_lease_does_not_send_again(mailoutbox, pause):
    make_message(make_talk())
    readings = 0

    def clock_with_a_pause():
        nonlocal readings
        readings += 1
        if readings == pause:
            outbox.send_due(clock=at(NOW + 2 * LEASE))
        return NOW if readings < pause else NOW + 2 * LEASE

    assert outbox.send_due(clock=clock_with_a_pause) == 0
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_a_slow_sender_renews_a_lease_that_nobody_took(mailoutbox):
    make_message(make_talk())
    readings = iter([NOW, NOW, NOW])

    sent = outbox.send_due(clock=lambda: next(readings, NOW + LEASE))

    assert sent == 1


@pytest.mark.django_db
def test_what_there_was_no_time_for_is_handed_back_at_once(mailoutbox):
    make_messages(make_talk(), 3)
    readings = iter([NOW] * 6)

    sent = outbox.send_due(clock=lambda: next(readings, NOW + outbox.SWEEP))

    assert sent == 1
    waiting = Message.objects.filter(status=MessageStatus.PLANNED)
    assert [(row.attempts, row.lease_token) for row in waiting] == [(0, None)] * 2


# --- What must not leave ------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_sent_about_a_cancelled_appointment(mailoutbox):
    message = make_message(make_talk(status=AppointmentStatus.CANCELLED))

    assert outbox.send_due(clock=at(NOW)) == 0

    message.refresh_from_db()
    assert message.status == MessageStatus.SUPPRESSED
    assert message.problem == "The appointment does not stand any more."
    assert mailoutbox == []


@pytest.mark.django_db
def test_nothing_is_sent_about_a_time_that_was_moved(mailoutbox):
    moved = make_talk(version=2)
    old, new = make_message(moved, version=1), make_message(moved, version=2)

    assert outbox.send_due(clock=at(NOW)) == 1

    old.refresh_from_db()
    new.refresh_from_db()
    assert old.status == MessageStatus.SUPERSEDED
    assert new.status == MessageStatus.SENT


@pytest.mark.django_db
def test_an_appointment_cancelled_after_the_claim_is_noticed(mailoutbox):
    talk = make_talk()
    make_message(talk)

    def cancel():
        type(talk).objects.filter(pk=talk.pk).update(status="cancelled")
        return NOW

    assert outbox.send_due(clock=cancel) == 0
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_late_confirmation_leaves_while_a_visit_that_it_tells_of_is_to_come(
    mailoutbox,
):
    visits = list(book(make_approved()).appointments.order_by("number"))

    assert outbox.send_due(clock=at(visits[0].starts_at)) >= 1

    confirmation = Message.objects.get(rule="confirmation")
    assert confirmation.status == MessageStatus.SENT


@pytest.mark.django_db
def test_a_confirmation_of_visits_that_have_all_begun_is_missed(mailoutbox):
    visits = list(book(make_approved()).appointments.order_by("number"))

    outbox.send_due(clock=at(visits[-1].starts_at))

    confirmation = Message.objects.get(rule="confirmation")
    assert confirmation.status == MessageStatus.MISSED


@pytest.mark.django_db
def test_words_about_getting_ready_are_missed_once_the_visit_begins(mailoutbox):
    begins = NOW + timedelta(days=3)
    make_messages(make_talk(starts_at=begins), 2)

    assert outbox.send_due(clock=at(begins - MINUTE)) == 2

    make_message(make_talk(starts_at=begins))
    assert outbox.send_due(clock=at(begins)) == 0
    assert Message.objects.filter(status=MessageStatus.MISSED).count() == 1


@pytest.mark.django_db
def test_an_address_that_was_taken_away_suppresses_the_message(mailoutbox):
    nobody = make_patient(email="", phone="+16135550123")
    message = make_message(make_talk(patient=nobody))

    outbox.send_due(clock=at(NOW))

    message.refresh_from_db()
    assert message.status == MessageStatus.SUPPRESSED


# --- Trouble ------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_failed_try_is_repeated_after_growing_delays_and_then_given_up(fussy):
    message = make_hopeless()
    now, waits = NOW, []

    for _try in range(TRIES):
        outbox.send_due(clock=at(now))
        message.refresh_from_db()
        if message.lease_until:
            waits.append(message.lease_until - now)
            assert outbox.send_due(clock=at(message.lease_until - MINUTE / 60)) == 0
            now = message.lease_until

    assert waits[:4] == [1 * MINUTE, 5 * MINUTE, 25 * MINUTE, 125 * MINUTE]
    assert waits == sorted(waits)
    assert (message.status, message.attempts) == (MessageStatus.FAILED, TRIES)
    assert message.problem == "Sending failed (ConnectionRefusedError)."
    assert message.due_at == NOW
    assert fussy == []


@pytest.mark.django_db
def test_one_bad_message_does_not_stop_the_others(fussy):
    bad = make_hopeless()
    unknown = make_message(make_talk(), rule="nobody-knows")
    good = make_message(make_talk())

    assert outbox.send_due(clock=at(NOW)) == 1

    states = dict(Message.objects.values_list("pk", "status"))
    assert states == {
        bad.pk: MessageStatus.PLANNED,
        unknown.pk: MessageStatus.PLANNED,
        good.pk: MessageStatus.SENT,
    }


@pytest.mark.django_db
def test_the_log_names_messages_and_never_people(fussy, caplog):
    message = make_hopeless()

    outbox.send_due(clock=at(NOW))

    assert caplog.messages == [f"Message {message.pk} put off: ConnectionRefusedError"]


@pytest.mark.django_db
def test_a_message_that_stops_its_senders_again_and_again_is_given_up(mailoutbox):
    message = make_message(make_talk(), attempts=TRIES)

    outbox.send_due(clock=at(NOW))

    message.refresh_from_db()
    assert message.status == MessageStatus.FAILED
    assert mailoutbox == []
