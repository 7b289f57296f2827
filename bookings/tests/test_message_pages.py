"""The outbox on the desk."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from bookings.models import AccessLog, MessageStatus
from bookings.services.messages import reminders
from bookings.tests.factories import NOW, make_user
from bookings.tests.letterbox import (
    make_message,
    make_messages,
    make_series,
    make_talk,
    make_visit,
)
from bookings.views.desk.messages import PER_PAGE

LIST = "/desk/messages/"
DECEMBER = datetime(2026, 12, 14, 21, 0, tzinfo=UTC)


@pytest.fixture
def desk(client):
    client.force_login(make_user("Front desk"))
    return client


@pytest.mark.django_db
def test_the_list_shows_what_is_planned_and_where_it_leads(desk):
    message = make_message(make_talk())

    page = desk.get(LIST).content.decode()

    assert "Confirmation of the booking" in page
    assert "Tue 24 Nov, 10:00" in page
    assert f'href="{reverse("desk:message", args=[message.pk])}"' in page


@pytest.mark.django_db
def test_the_list_is_filtered_by_state(desk):
    talk = make_talk()
    planned = make_message(talk)
    sent = make_message(talk, status=MessageStatus.SENT, sent_at=NOW)

    def shown(state):
        return [row.pk for row in desk.get(LIST, {"status": state}).context["page"]]

    assert shown("planned") == [planned.pk]
    assert shown("sent") == [sent.pk]
    assert shown("failed") == []
    assert set(shown("all")) == {planned.pk, sent.pk}


@pytest.mark.django_db
def test_an_empty_state_says_so(desk):
    page = desk.get(LIST, {"status": "failed"}).content.decode()

    assert "No message is in this state." in page


@pytest.mark.django_db
def test_the_list_has_fifty_to_a_page(desk):
    make_messages(make_talk(), PER_PAGE + 1)

    first, second = desk.get(LIST), desk.get(LIST, {"page": 2})

    assert len(first.context["page"]) == 50
    assert len(second.context["page"]) == 1


@pytest.mark.django_db
def test_three_rows_cost_no_more_queries_than_one(desk, django_assert_num_queries):
    make_message(make_visit())
    with CaptureQueriesContext(connection) as for_one:
        desk.get(LIST)
    for _visit in range(2):
        make_message(make_visit())

    with django_assert_num_queries(len(for_one)):
        desk.get(LIST)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["desk:message", "desk:message-page"])
def test_a_look_at_a_message_is_a_look_at_a_record(desk, name):
    message = make_message(make_talk())

    desk.get(reverse(name, args=[message.pk]))

    assert AccessLog.objects.get().patient == message.patient


@pytest.mark.django_db
def test_the_detail_of_a_planned_message_previews_its_words(desk):
    message = make_message(make_talk())

    page = desk.get(reverse("desk:message", args=[message.pk])).content.decode()

    assert "As it will read when it is due" in page
    assert "Your visit is booked. This is when we expect you." in page
    assert f'src="{reverse("desk:message-page", args=[message.pk])}"' in page


@pytest.mark.django_db
def test_the_detail_of_a_sent_message_shows_what_was_sent(desk):
    message = make_message(
        make_talk(),
        status=MessageStatus.SENT,
        sent_at=NOW,
        subject="As it was",
        text="The words that left.",
        html="<p>The page that left.</p>",
        recipient="then@example.org",
    )

    detail = desk.get(reverse("desk:message", args=[message.pk])).content.decode()
    page = desk.get(reverse("desk:message-page", args=[message.pk])).content.decode()

    assert "The words that left." in detail
    assert "then@example.org" in detail
    assert page == "<p>The page that left.</p>"


@pytest.mark.django_db
def test_a_message_that_was_replaced_shows_no_words(desk):
    message = make_message(make_talk(), status=MessageStatus.SUPERSEDED)

    page = desk.get(reverse("desk:message", args=[message.pk])).content.decode()

    assert "This message was replaced before it left." in page
    assert "<iframe" not in page


@pytest.mark.django_db
def test_planned_messages_are_listed_with_their_times_and_states():
    owed = reminders.promise([make_visit(starts_at=DECEMBER)], now=NOW)

    page = render_to_string(
        "desk/_planned_messages.html", {"messages": owed, "this_year": 2026}
    )

    words = " ".join(strip_tags(page).split())
    assert "Getting ready Session 1 · due Mon 7 Dec, 09:00 Planned" in words
    assert page.count("<li>") == 6


@pytest.mark.django_db
def test_the_confirmation_of_a_series_is_not_called_that_of_session_1(desk):
    owed = reminders.promise(make_series(), now=NOW)

    page = render_to_string(
        "desk/_planned_messages.html", {"messages": owed, "this_year": 2026}
    )

    words = " ".join(strip_tags(page).split())
    assert "Confirmation of the booking due Tue 24 Nov, 10:03" in words
    assert words.count("Session 1 ·") == 5
    assert "session 1" not in desk.get(LIST).content.decode().split("Getting ready")[0]


@pytest.mark.django_db
def test_the_facts_of_a_series_confirmation_name_every_session(desk):
    first, *_others = make_series()
    message = make_message(first)

    page = desk.get(reverse("desk:message", args=[message.pk])).content.decode()

    words = " ".join(strip_tags(page.partition('id="facts"')[2]).split())
    assert "Session 1, Thu 24 Dec, 10:00 Session 2, Thu 11 Feb 2027" in words
    assert "Session 3, Thu 1 Apr 2027, 11:00" in words


@pytest.mark.django_db
def test_a_rendered_page_may_style_itself_and_nothing_else(desk):
    message = make_message(make_talk())

    response = desk.get(reverse("desk:message-page", args=[message.pk]))

    policy = set(response["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    }


@pytest.mark.django_db
def test_the_desks_own_pages_keep_the_strict_policy(desk):
    message = make_message(make_talk())

    response = desk.get(reverse("desk:message", args=[message.pk]))

    assert "unsafe-inline" not in response["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["desk:message", "desk:message-page"])
def test_messages_are_for_those_who_may_see_them(client, name):
    message = make_message(make_talk())
    client.force_login(make_user())

    assert client.get(reverse(name, args=[message.pk])).status_code == 403
    assert client.get(LIST).status_code == 403
