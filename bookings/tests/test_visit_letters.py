"""Links in letters lead to the visit; in copies that are kept they lead nowhere."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from bookings.models import (
    Message,
    MessageStatus,
)
from bookings.services import links
from bookings.services.messages import letters, outbox
from bookings.tests.factories import (
    NOW,
    make_protocol,
)
from bookings.tests.letterbox import CARE, make_message
from bookings.tests.selfhelp import CALM, cancel, make_offer, make_series, visit_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "labels"),
    [
        ("practical", ["I will come", "I cannot come"]),
        ("confirmation", ["See or change"]),
    ],
)
def test_letters_lead_to_the_visit_and_kept_copies_to_nothing(rule, labels):
    plan = make_series(protocol=make_protocol(rules=CALM, care=CARE))
    visit = visit_of(plan)
    Message.objects.all().update(status=MessageStatus.SUPERSEDED)
    message = make_message(visit, rule=rule, due_at=NOW)

    outbox.send_due(clock=lambda: NOW)

    token = links.token(links.Purpose.VISIT, visit, now=NOW)
    (sent,) = mail.outbox
    kept = Message.objects.get(pk=message.pk)
    page = sent.alternatives[0][0]
    for label in labels:
        assert label in sent.body
        assert label in page
    assert token in sent.body
    assert token in page
    for text in (kept.text, kept.html):
        assert token not in text
        assert token.rpartition(".")[2] not in text
        assert "/my/v/hidden/" in text


def test_what_staff_read_ahead_of_time_is_masked_too(as_desk):
    visit = visit_of(make_series())
    message = make_message(visit, rule="practical", due_at=NOW + HOUR)

    told = letters.read(Message.objects.with_people().get(pk=message.pk), now=NOW)
    shown = as_desk.get(reverse("desk:message-page", args=[message.pk]))

    for text in (told.text, told.html, shown.content.decode()):
        assert "/my/v/hidden/" in text
        assert f"/my/v/{visit.pk}." not in text


def test_an_offer_and_a_cancellation_lead_on():
    offer = make_offer()
    message = Message.objects.get(rule="offer")
    told = letters.write(message, now=NOW)
    assert links.token(links.Purpose.OFFER, offer, now=NOW) in told.text
    assert "Take it or leave it" in told.html

    visit = visit_of(offer.entry.plan, 3)
    row = cancel(visit)
    letter = letters.write(make_message(row, rule="cancelled"), now=NOW)
    token = links.token(links.Purpose.VISIT, row, now=NOW)
    assert f"/my/v/{token}/ask/" in letter.text
    assert f"/my/v/{token}/ask/" in letter.html


def test_only_tokens_are_masked():
    text = "Call 613.555.0100, see https://example.org/a.b.c/ at 10.30."

    assert links.masked(text) == text
