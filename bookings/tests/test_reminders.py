"""Promises: which messages a booking owes, and when each is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.models import AppointmentKind, AppointmentStatus, Message, MessageStatus
from bookings.services.messages import moments, reminders
from bookings.services.messages.moments import GRACE, Visit
from bookings.tests.factories import NOW, make_patient
from bookings.tests.letterbox import (
    CARE,
    make_message,
    make_series,
    make_talk,
    make_visit,
)
from treatments.care import CareKind, CarePhase, Edge, Instruction

OTTAWA = ZoneInfo("America/Toronto")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OTTAWA)


def care_from(days: int) -> Instruction:
    """Something to leave off from so many days from the session's day on."""
    edges = {"starts": Edge.DAYS, "starts_offset": days, "ends": Edge.SESSION}
    return Instruction(
        "retinol", CarePhase.PRE, CareKind.STOP, "Retinol", source="S0", **edges
    )


def visit(*parts: int, care_days: int = -7) -> Visit:
    starts_at = local(*parts).astimezone(UTC)
    return Visit(starts_at, starts_at + HOUR, OTTAWA, (care_from(care_days),))


LONG_AGO = local(2026, 1, 5, 10)


# --- Pre-care -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("care_days", "day"),
    [(-14, (11, 30)), (-7, (12, 7)), (-1, (12, 13)), (0, (12, 13))],
)
def test_pre_care_is_due_at_nine_on_the_day_it_begins(care_days, day):
    session = visit(2026, 12, 14, 16, care_days=care_days)

    assert moments.when_care_begins(session, LONG_AGO) == local(2026, *day, 9)


@pytest.mark.parametrize(
    ("session", "due_in_utc"),
    [
        ((2026, 11, 7, 10), datetime(2026, 10, 31, 13, tzinfo=UTC)),
        ((2026, 11, 8, 10), datetime(2026, 11, 1, 14, tzinfo=UTC)),
        ((2027, 3, 20, 10), datetime(2027, 3, 13, 14, tzinfo=UTC)),
        ((2027, 3, 21, 10), datetime(2027, 3, 14, 13, tzinfo=UTC)),
    ],
)
def test_nine_is_nine_on_both_sides_of_both_clock_changes(session, due_in_utc):
    assert moments.when_care_begins(visit(*session), LONG_AGO) == due_in_utc


def test_pre_care_whose_day_has_passed_is_due_at_once():
    late = visit(2026, 12, 14, 16)

    in_time = moments.when_care_begins(late, local(2026, 12, 7, 8, 59))
    at_once = moments.when_care_begins(late, local(2026, 12, 7, 9, 1))

    assert in_time == local(2026, 12, 7, 9)
    assert at_once == local(2026, 12, 7, 9, 1)


def test_nobody_gets_ready_for_a_session_that_has_begun():
    begun = visit(2026, 12, 14, 16)

    assert moments.when_care_begins(begun, begun.starts_at) is None
    assert moments.when_care_begins(begun, begun.starts_at - MINUTE) is not None


# --- 48 hours before ----------------------------------------------------------------


def test_practical_words_come_48_elapsed_hours_before():
    due_at = moments.two_days_before(visit(2026, 12, 14, 16), LONG_AGO)

    assert due_at == local(2026, 12, 12, 16)


def test_48_hours_before_counts_hours_through_a_clock_change():
    after_the_change = visit(2026, 11, 2, 10)

    due_at = moments.two_days_before(after_the_change, LONG_AGO)

    assert due_at == local(2026, 10, 31, 11)


@pytest.mark.parametrize(
    ("session", "due"),
    [
        ((2026, 12, 14, 8, 0), (2026, 12, 12, 8, 0)),
        ((2026, 12, 14, 7, 59), (2026, 12, 11, 19, 30)),
        ((2026, 12, 14, 19, 59), (2026, 12, 12, 19, 59)),
        ((2026, 12, 14, 20, 0), (2026, 12, 12, 19, 30)),
    ],
)
def test_a_moment_in_the_quiet_hours_moves_to_the_evening_before(session, due):
    assert moments.two_days_before(visit(*session), LONG_AGO) == local(*due)


def test_where_that_evening_has_passed_it_waits_for_the_morning():
    early = visit(2026, 12, 14, 7, 30)

    in_time = moments.two_days_before(early, local(2026, 12, 11, 19, 29))
    too_late = moments.two_days_before(early, local(2026, 12, 11, 19, 30))

    assert in_time == local(2026, 12, 11, 19, 30)
    assert too_late == local(2026, 12, 12, 8)


def test_a_session_within_48_hours_needs_no_such_words():
    soon = visit(2026, 12, 14, 16)

    assert moments.two_days_before(soon, local(2026, 12, 12, 16)) is None
    assert moments.two_days_before(soon, local(2026, 12, 12, 15, 59)) is not None


# --- After-care ---------------------------------------------------------------------


def test_after_care_is_due_at_the_planned_end_and_not_after_it():
    given = visit(2026, 12, 14, 16)

    assert moments.at_planned_end(given, given.ends_at - MINUTE) == given.ends_at
    assert moments.at_planned_end(given, given.ends_at) is None


# --- Rows ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_session_owes_six_messages():
    session = make_visit(starts_at=local(2026, 12, 14, 16))

    promised = reminders.promise([session], now=NOW)

    assert [(row.rule, row.due_at) for row in promised] == [
        ("confirmation", NOW + GRACE),
        ("pre-care", local(2026, 12, 7, 9)),
        ("practical", local(2026, 12, 12, 16)),
        ("after-care", local(2026, 12, 14, 17)),
        ("healing-48h", local(2026, 12, 16, 17)),
        ("healing-7d", local(2026, 12, 21, 17)),
    ]
    assert {row.status for row in promised} == {MessageStatus.PLANNED}


@pytest.mark.django_db
def test_a_talk_owes_no_words_about_skin():
    talk = make_talk(starts_at=local(2026, 12, 14, 16))

    promised = reminders.promise([talk], now=NOW)

    assert talk.kind == AppointmentKind.CONSULTATION
    assert [row.rule for row in promised] == ["confirmation", "practical"]


@pytest.mark.django_db
def test_promising_twice_is_promising_once():
    talk = make_talk()

    first = reminders.promise([talk], now=NOW)
    again = reminders.promise([talk], now=NOW + HOUR)

    assert again == first
    assert Message.objects.count() == len(first)
    assert first[0].dedupe_key == f"appointment:{talk.pk}:v1:confirmation"


@pytest.mark.django_db
def test_a_moved_appointment_owes_its_messages_anew():
    talk = make_talk()
    before = reminders.promise([talk], now=NOW)
    talk.version = 2
    talk.save(update_fields=["version"])

    after = reminders.promise([talk], now=NOW)

    assert {row.version for row in after} == {2}
    assert not {row.pk for row in before} & {row.pk for row in after}


@pytest.mark.django_db
def test_what_does_not_stand_owes_nothing():
    talk = make_talk(status=AppointmentStatus.CANCELLED)

    assert reminders.promise([talk], now=NOW) == []


@pytest.mark.django_db
def test_a_patient_without_an_address_is_kept_in_sight():
    talk = make_talk(patient=make_patient(email="", phone="+16135550123"))

    promised = reminders.promise([talk], now=NOW)

    assert {(row.status, row.problem) for row in promised} == {
        (MessageStatus.SUPPRESSED, "The patient has no e-mail address.")
    }


@pytest.mark.django_db
def test_the_language_is_the_patients():
    talk = make_talk(patient=make_patient(language="fr"))

    assert {row.language for row in reminders.promise([talk], now=NOW)} == {"fr"}


@pytest.mark.django_db
def test_three_promises_cost_no_more_queries_than_one(django_assert_num_queries):
    days = [NOW + timedelta(days=10 + number) for number in range(4)]
    one, *three = [make_talk(starts_at=day) for day in days]

    with django_assert_num_queries(3):
        reminders.promise([one], now=NOW)
    with django_assert_num_queries(3):
        reminders.promise(three, now=NOW)


@pytest.mark.django_db
def test_pre_care_of_three_sessions_costs_no_more_queries_than_of_one(
    django_assert_num_queries,
):
    one, three = make_series(1), make_series(3)

    with django_assert_num_queries(4):
        reminders.promise(one, now=NOW)
    with django_assert_num_queries(4):
        reminders.promise(three, now=NOW)


@pytest.mark.django_db
def test_the_protocol_says_when_pre_care_begins_and_for_which_session():
    early = CARE[0] | {"code": "early", "starts_offset": -14}
    series = make_series(2, care=[CARE[0], early | {"first_session_only": True}])

    promised = reminders.promise(series, now=NOW)

    due = [row.due_at for row in promised if row.rule == "pre-care"]
    assert due == [local(2026, 12, 10, 9), local(2027, 2, 4, 9)]


def test_no_rule_claims_a_number_of_days_before_the_session():
    assert str(reminders.RULES["pre-care"].name) == "Getting ready"


# --- One confirmation for a series --------------------------------------------------


def confirmed(messages):
    return [row.appointment for row in messages if row.rule == "confirmation"]


@pytest.mark.django_db
def test_a_series_is_confirmed_once_with_its_earliest_session():
    first, second, third = make_series()

    promised = reminders.promise([third, first, second], now=NOW)

    assert confirmed(promised) == [first]
    assert len(promised) == 1 + 3 * 5
    [told] = [row for row in promised if row.rule == "confirmation"]
    assert told.dedupe_key == f"appointment:{first.pk}:v1:confirmation"
    assert reminders.confirmed_by(told) == [first, second, third]


@pytest.mark.django_db
def test_promising_a_series_twice_is_promising_it_once():
    series = make_series()

    first = reminders.promise(series, now=NOW)

    assert reminders.promise(series, now=NOW + HOUR) == first
    assert Message.objects.count() == len(first)


@pytest.mark.django_db
def test_two_bookings_and_a_talk_are_each_confirmed():
    one, two, talk = make_series(2), make_series(2), make_talk()

    promised = reminders.promise([*one, *two, talk], now=NOW)

    assert set(confirmed(promised)) == {one[0], two[0], talk}


@pytest.mark.django_db
def test_a_session_moved_by_itself_is_confirmed_by_itself():
    first, second, third = series = make_series()
    of_series = reminders.promise(series, now=NOW)
    second.version = 2
    second.save(update_fields=["version"])

    [of_move] = [
        row
        for row in reminders.promise([second], now=NOW)
        if row.rule == "confirmation"
    ]

    assert of_move.appointment == second
    assert reminders.confirmed_by(of_move) == [second]
    [told] = [row for row in of_series if row.rule == "confirmation"]
    assert reminders.confirmed_by(told) == [first, second, third]


@pytest.mark.django_db
def test_a_confirmation_speaks_of_sessions_that_stand():
    first, second, third = series = make_series()
    [told] = [
        row for row in reminders.promise(series, now=NOW) if row.rule == "confirmation"
    ]
    third.status = AppointmentStatus.CANCELLED
    third.save(update_fields=["status"])

    assert reminders.confirmed_by(told) == [first, second]


@pytest.mark.django_db
def test_only_a_confirmation_confirms():
    first, *_others = make_series()

    assert reminders.confirmed_by(make_message(first, rule="practical")) == []


# --- Taking back --------------------------------------------------------------------


@pytest.mark.django_db
def test_what_was_planned_is_withdrawn_and_what_was_sent_is_not():
    talk = make_talk()
    planned = make_message(talk)
    sent = make_message(talk, status=MessageStatus.SENT, sent_at=NOW)

    assert reminders.withdraw([talk], now=NOW) == 1

    planned.refresh_from_db()
    sent.refresh_from_db()
    assert planned.status == MessageStatus.SUPERSEDED
    assert sent.status == MessageStatus.SENT


@pytest.mark.django_db
def test_of_messages_under_a_lease_only_the_abandoned_are_withdrawn():
    talk = make_talk()
    fields = {"status": MessageStatus.SENDING}
    held = make_message(talk, lease_until=NOW + MINUTE, **fields)
    abandoned = make_message(talk, lease_until=NOW, **fields)

    reminders.withdraw([talk], now=NOW)

    held.refresh_from_db()
    abandoned.refresh_from_db()
    assert held.status == MessageStatus.SENDING
    assert abandoned.status == MessageStatus.SUPERSEDED


@pytest.mark.django_db
def test_other_appointments_keep_their_messages():
    message = make_message(make_talk())

    reminders.withdraw([make_talk()], now=NOW)

    message.refresh_from_db()
    assert message.status == MessageStatus.PLANNED
