"""Answers with dates are held against every session's date, not only the first one's."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from bookings.models import Appointment
from bookings.services import series
from bookings.services.judging import PlannedSession
from bookings.services.proposing import waits
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    ISOTRETINOIN,
    NOW,
    PREGNANCY,
    make_answer,
    make_answers,
    make_appointment,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.series_desk import make_signed, propose, submit
from clinic.models import Device, Practitioner, Room

OTTAWA = ZoneInfo("America/Toronto")
FIRST, SECOND, THIRD = date(2026, 12, 8), date(2027, 1, 26), date(2027, 3, 16)
RADIATION = ISOTRETINOIN | {
    "code": "radiation",
    "question": "radiation",
    "question_text": "Have you had radiation there?",
    "date_text": "When was the last time?",
    "wait_amount": 12,
    "reason": "Radiation on {date}: not before {until}.",
}

pytestmark = pytest.mark.django_db


def make_ready(**fields):
    plan = make_signed(make_place_with_people(), **fields)
    make_answers(plan, answered_at=NOW - timedelta(days=2))
    return plan


def last_capsule(plan, day):
    """Say afterwards that isotretinoin was taken until `day`: a wait of three months."""
    make_answers(plan, isotretinoin="yes", on_date=day, answered_at=NOW)


def session(plan, number, day):
    start = datetime.combine(day, time(10), tzinfo=OTTAWA).astimezone(UTC)
    roles = {
        "operator": Practitioner.objects.get(location=plan.location).pk,
        "room": Room.objects.get(location=plan.location).pk,
        "device": Device.objects.get(location=plan.location).pk,
    }
    return PlannedSession(number, start, start + timedelta(minutes=70), roles)


def book(plan, days):
    return series.book(
        plan,
        [session(plan, number, day) for number, day in days.items()],
        key=uuid4(),
        strategy="steady",
        actor=make_user(),
        now=NOW,
    )


def test_a_wait_that_ends_between_the_first_two_sessions_stops_the_first():
    plan = make_ready()
    last_capsule(plan, date(2026, 10, 26))  # over on the day of session 2

    with pytest.raises(BookingRefused, match=r"^Session 1 cannot be on Tue 8 Dec"):
        book(plan, {1: FIRST, 2: SECOND, 3: THIRD})

    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("until", "number"),
    [(FIRST, None), (FIRST + timedelta(days=1), 1)],
)
def test_the_first_session_may_be_on_the_last_day_of_the_wait(until, number):
    plan = make_ready()
    last_capsule(plan, until.replace(month=9))

    refused = refusal(plan, {1: FIRST, 2: SECOND, 3: THIRD})

    assert (
        refused.startswith(f"Session {number} cannot be on ") if number else not refused
    )


@pytest.mark.parametrize(
    ("day", "refused"), [(26, ""), (27, "Session 2 cannot be on ")]
)
def test_a_later_session_is_judged_on_its_own_date(day, refused):
    plan = make_ready()
    stands = make_appointment(plan=plan, number=1, starts_at=noon(FIRST))
    assert stands.local_date == FIRST
    last_capsule(plan, date(2026, 10, day))

    assert refusal(plan, {2: SECOND, 3: THIRD}).startswith(refused)
    assert Appointment.objects.filter(plan=plan).count() == (1 if refused else 3)


def test_the_last_session_is_judged_too():
    plan = make_ready()
    for number, day in ((1, FIRST), (2, SECOND)):
        make_appointment(plan=plan, number=number, starts_at=noon(day))
    make_answers(plan, pregnancy="yes", answered_at=NOW)

    assert refusal(plan, {3: THIRD}).startswith("Session 3 cannot be on Tue 16 Mar")


def noon(day):
    return datetime.combine(day, time(12), tzinfo=OTTAWA)


def refusal(plan, days):
    """What booking says against it; nothing if it books."""
    try:
        book(plan, days)
    except BookingRefused as refused:
        return str(refused)
    return ""


# --- on the page -----------------------------------------------------------------------


def answered_now(plan, **said):
    return make_answers(plan, answered_at=timezone.now(), **said)


def test_no_proposal_has_a_session_before_the_wait_is_over(as_desk):
    plan = make_signed()
    last = timezone.localdate() - timedelta(days=20)
    answered_now(plan, isotretinoin="yes", on_date=last)

    response = propose(as_desk, plan)

    until = response.context["waits"].until
    for proposal in response.context["answer"].proposals:
        assert all(s.local_start.date() >= until for s in proposal.sessions)
    best = response.context["answer"].proposals[0]
    assert best.why.startswith(f"Isotretinoin: not before {until.day} ")
    submit(as_desk, plan, response)
    assert Appointment.objects.filter(plan=plan).count() == 3


def test_a_wait_that_begins_after_the_first_session_moves_the_second(as_desk):
    plan = make_signed()
    today = timezone.localdate()
    first = today + timedelta(days=2)
    make_appointment(
        plan=plan,
        number=1,
        starts_at=datetime.combine(first, time(12), tzinfo=OTTAWA),
    )
    opens = first + timedelta(days=42)
    before = propose(as_desk, plan).context["answer"].proposals[0]
    answered_now(plan, isotretinoin="yes", on_date=today - timedelta(days=38))

    after = propose(as_desk, plan)

    best, until = after.context["answer"].proposals[0], after.context["waits"].until
    assert opens < until < opens + timedelta(days=14)
    assert before.sessions[0].local_start.date() < until
    assert [s.number for s in best.sessions] == [2, 3]
    assert all(s.local_start.date() >= until for s in best.sessions)


def test_of_two_waits_the_one_that_ends_last_counts_and_is_named(as_desk):
    plan = make_signed(protocol=make_protocol(rules=[ISOTRETINOIN, RADIATION]))
    last = timezone.localdate() - timedelta(days=20)
    answered_now(plan, isotretinoin="yes", radiation="yes", on_date=last)

    running = waits.of(plan, now=timezone.now())

    assert running.subjects == ("Radiation",)
    assert len(running.reasons) == 2


def test_a_wait_counts_even_while_a_clinician_still_has_to_decide(as_desk):
    plan = make_signed()
    last = timezone.localdate() - timedelta(days=20)
    answered_now(plan, isotretinoin="yes", cold_sores="yes", on_date=last)

    response = propose(as_desk, plan)

    running = response.context["waits"]
    assert running.until > timezone.localdate()
    assert running.stops == ("Allowed once the antiviral decision is recorded.",)
    assert "A clinician decides first" in response.content.decode()
    first = response.context["answer"].proposals[0].sessions[0]
    assert first.local_start.date() >= running.until


def test_an_answer_that_rules_it_out_is_said_and_nothing_is_booked(as_desk):
    plan = make_signed()
    answered_now(plan, pregnancy="yes")

    response = propose(as_desk, plan)
    refused = submit(as_desk, plan, response)

    assert "Not while pregnant or breastfeeding." in response.content.decode()
    assert refused.status_code == 422
    assert refused.context["refusal"].startswith("Session 1 cannot be on ")
    assert not Appointment.objects.exists()


def test_a_question_asked_again_before_booking_is_asked_on_the_page(as_desk):
    plan = make_signed(protocol=make_protocol(rules=[PREGNANCY]))

    stale = propose(as_desk, plan).content.decode()
    make_answer(patient=plan.patient, question="pregnancy", answered_at=timezone.now())
    fresh = propose(as_desk, plan).content.decode()

    assert "Ask 1 health question again" in stale
    assert "health question again" not in fresh
