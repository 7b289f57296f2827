"""A pencilled series: kept until the review, and what each review makes of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from bookings.models import (
    AppointmentStatus,
    Claim,
    DecisionKind,
    HoldKind,
    HoldOutcome,
    Message,
    PlanStatus,
    SeriesBooking,
    SeriesHold,
    Task,
    TaskKind,
)
from bookings.services import plans, series
from bookings.services.holding import holds, lapses, pencils
from bookings.services.messages import reminders
from bookings.services.plans import Decision
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_place_with_people,
    make_plan,
    make_protocol,
    make_user,
)
from bookings.tests.test_plans import approve, send_back
from bookings.tests.test_series_book import FIRST, book, make_approved, make_sessions

A_MOMENT = timedelta(microseconds=1)
HELD, BOOKED = AppointmentStatus.HELD, AppointmentStatus.BOOKED
RELEASED = AppointmentStatus.RELEASED

pytestmark = pytest.mark.django_db


def make_waiting(place=None, *, said=None, **fields):
    plan = make_plan(
        location=place or make_place_with_people(),
        status=PlanStatus.SUBMITTED,
        submitted_at=NOW,
        **fields,
    )
    make_answers(plan, **said or {})
    return plan


def pencil(plan, sessions=None, *, now=NOW, **fields) -> SeriesHold:
    return holds.hold(
        plan,
        make_sessions(plan) if sessions is None else sessions,
        kind=HoldKind.PENCIL,
        key=fields.pop("key", None) or uuid4(),
        strategy="steady",
        actor=make_user("Front desk"),
        now=now,
        **fields,
    )


def decline(plan, **fields):
    dull = {"version": plan.version, "actor": make_user(), "now": NOW, "note": "No"}
    return plans.decline(plan, **dull | fields)


def statuses(plan) -> list[str]:
    return list(plan.appointments.order_by("pk").values_list("status", flat=True))


# --- Pencilling -----------------------------------------------------------------------


def test_a_pencilled_series_is_kept_until_its_first_session_would_start():
    plan = make_waiting()

    held = pencil(plan)

    first = plan.appointments.earliest("during")
    assert held.expires_at == first.starts_at
    assert held.lasts_at(first.starts_at - A_MOMENT)
    assert not held.lasts_at(first.starts_at)
    assert statuses(plan) == [HELD] * 3
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "status", [s for s in PlanStatus.values if s != PlanStatus.SUBMITTED]
)
def test_only_a_plan_that_waits_is_pencilled(status):
    plan = make_approved()
    type(plan).objects.filter(pk=plan.pk).update(status=status)

    with pytest.raises(BookingRefused, match="waits for its review"):
        pencil(plan)

    assert not SeriesHold.objects.exists()


def test_a_plan_that_waits_is_not_held_as_if_signed():
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="signed this plan"):
        holds.hold(
            plan,
            make_sessions(plan),
            key=uuid4(),
            strategy="steady",
            actor=make_user("Front desk"),
            now=NOW,
        )


def test_what_only_a_clinician_decides_waits_for_the_review():
    plan = make_waiting(said={"cold_sores": "yes", "isotretinoin": "unsure"})

    pencil(plan)

    assert statuses(plan) == [HELD] * 3


@pytest.mark.parametrize("said", ["keloid", "pregnancy"])
def test_what_an_answer_rules_out_is_not_pencilled(said):
    plan = make_waiting(said={said: "yes"})

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        pencil(plan)


def test_a_running_wait_is_not_left_to_the_review():
    plan = make_waiting(said={"cold_sores": "yes"})
    make_answers(
        plan, isotretinoin="yes", on_date=FIRST - timedelta(days=60), answered_at=NOW
    )

    with pytest.raises(BookingRefused, match="Isotretinoin"):
        pencil(plan)


@pytest.mark.parametrize("days", [(0, 41, 90), (0, 49)])
def test_a_pencil_obeys_the_windows_and_the_count(days):
    plan = make_waiting()

    with pytest.raises(BookingRefused):
        pencil(plan, make_sessions(plan, days))


def test_what_is_pencilled_is_taken():
    place, protocol = make_place_with_people(), make_protocol()
    pencil(make_waiting(place, protocol=protocol))

    with pytest.raises(BookingRefused, match="being held"):
        book(make_approved(place, protocol=protocol))


def test_a_pencil_is_neither_extended_nor_confirmed_by_the_desk():
    held = pencil(make_waiting())
    desk = make_user("Front desk")

    with pytest.raises(BookingRefused, match="Only what the desk holds"):
        holds.extend(held, desk, NOW)
    with pytest.raises(BookingRefused, match="signed this plan"):
        holds.confirm(held, actor=desk, now=NOW)


# --- Signed ---------------------------------------------------------------------------


def test_a_signature_books_what_is_pencilled(clinician):
    plan = make_waiting()
    held = pencil(plan)

    approve(plan, actor=clinician)

    booking = SeriesBooking.objects.get()
    assert (booking.key, booking.booked_by) == (held.key, clinician)
    assert statuses(plan) == [BOOKED] * 3
    assert set(Claim.objects.values_list("why", "expires_at")) == {
        ("appointment", None)
    }
    assert Message.objects.filter(appointment__booking=booking).exists()
    assert not Task.objects.exists()


def test_the_decisions_of_the_signature_count_for_what_is_pencilled():
    plan = make_waiting(said={"cold_sores": "yes"})
    pencil(plan)

    approve(
        plan, decisions=[Decision("cold-sores", DecisionKind.CLEARED, "Prescribed")]
    )

    assert statuses(plan) == [BOOKED] * 3


def test_a_signature_without_a_pencil_books_nothing():
    plan = make_waiting()

    approve(plan)

    assert not SeriesBooking.objects.exists()
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"session_count": 4}, "has changed since"),
        ({"gap_min_days": 50, "gap_max_days": 60}, "Session 2 would come 49 days"),
    ],
)
def test_what_no_longer_fits_is_let_go_with_a_task(change, words):
    plan = make_waiting()
    held = pencil(plan)
    type(plan).objects.filter(pk=plan.pk).update(**change)
    doctor = make_user("Clinician", first_name="Adaeze", last_name="Okafor")

    approve(plan, actor=doctor)

    plan.refresh_from_db()
    held.refresh_from_db()
    task = Task.objects.get()
    assert plan.is_approved
    assert held.outcome == HoldOutcome.RELEASED
    assert statuses(plan) == [RELEASED] * 3
    assert (task.kind, task.plan) == (TaskKind.REVIEW, plan)
    assert task.words.startswith("Adaeze Okafor signed the plan, but")
    assert words in task.words


def test_an_answer_that_came_during_the_review_lets_the_pencil_go():
    plan = make_waiting()
    pencil(plan)
    make_answers(
        plan, isotretinoin="yes", on_date=FIRST - timedelta(days=60), answered_at=NOW
    )

    approve(plan)

    assert statuses(plan) == [RELEASED] * 3
    assert "Session 1 cannot be on" in Task.objects.get().words


@pytest.mark.parametrize(("early", "status"), [(True, BOOKED), (False, RELEASED)])
def test_a_signature_counts_up_to_the_first_session(early, status):
    plan = make_waiting()
    start = pencil(plan).expires_at

    approve(plan, now=start - A_MOMENT if early else start)

    assert statuses(plan) == [status] * 3


def test_booking_again_settles_the_task():
    plan = make_waiting()
    pencil(plan)
    type(plan).objects.filter(pk=plan.pk).update(gap_min_days=50, gap_max_days=60)
    approve(plan)
    plan.refresh_from_db()

    book(plan, make_sessions(plan, (0, 50, 100)))

    assert not Task.objects.open().exists()


# --- Returned, declined, overtaken ------------------------------------------------------


def test_returning_a_plan_lets_its_pencil_go_and_asks_to_pencil_again():
    plan = make_waiting()
    pencil(plan)

    send_back(plan)

    assert statuses(plan) == [RELEASED] * 3
    assert not Claim.objects.exists()
    assert "same wishes" in Task.objects.get().words


def test_returning_a_plan_without_a_pencil_opens_no_task():
    send_back(make_waiting())

    assert not Task.objects.exists()


def test_pencilling_again_after_a_return_settles_the_task():
    plan = make_waiting()
    pencil(plan, wishes="policy=one")
    send_back(plan)
    plan.refresh_from_db()
    plans.submit(plan, make_user("Front desk"), NOW)
    plan.refresh_from_db()

    pencil(plan)

    assert not Task.objects.open().exists()
    assert plan.holds.get(outcome=HoldOutcome.RELEASED).wishes == "policy=one"


def test_a_returned_plan_leads_back_to_the_same_wishes(as_desk):
    plan = make_waiting()
    pencil(plan, wishes="policy=one&days=1")
    send_back(plan)
    plan.refresh_from_db()
    plans.submit(plan, make_user("Front desk"), NOW)

    page = as_desk.get(reverse("desk:plan", args=[plan.pk])).content.decode()

    again = reverse("desk:series-propose", args=[plan.pk])
    assert f'href="{again}?policy=one&amp;days=1"' in page
    assert "Pencil it again with the same wishes" in page


def test_declining_a_plan_lets_its_pencil_go_without_a_task():
    plan = make_waiting()
    pencil(plan)

    decline(plan)

    assert statuses(plan) == [RELEASED] * 3
    assert not Task.objects.exists()


@pytest.mark.parametrize("swept", [True, False])
def test_a_pencil_nobody_signed_in_time_is_let_go_with_a_task(swept):
    plan = make_waiting()
    start = pencil(plan).expires_at

    ended = holds.expire_overdue(now=start if swept else start - A_MOMENT)

    assert ended == (1 if swept else 0)
    assert statuses(plan) == [RELEASED if swept else HELD] * 3
    assert Task.objects.filter(kind=TaskKind.HOLD, plan=plan).count() == ended


def test_who_needs_the_time_of_an_ended_pencil_leaves_the_same_task():
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_waiting(place, protocol=protocol, session_count=2)
    start = pencil(plan, make_sessions(plan, (0, 49))).expires_at
    other = make_approved(place, protocol=protocol, session_count=2)

    series.book(
        other,
        make_sessions(other, (7, 49)),
        key=uuid4(),
        strategy="steady",
        actor=make_user("Front desk"),
        now=start,
    )

    assert statuses(plan) == [RELEASED] * 2
    assert Task.objects.get().plan == plan


# --- All or nothing -------------------------------------------------------------------

STEPS = {
    "booking": (SeriesBooking.objects, "create"),
    "messages": (reminders, "promise"),
    "tasks": (lapses, "settle_tasks"),
    "all": (pencils, "signed"),
}


@pytest.mark.parametrize("step", STEPS)
def test_failing_after_any_step_leaves_the_plan_unsigned_and_pencilled(
    step, monkeypatch
):
    plan = make_waiting()
    held = pencil(plan)
    owner, name = STEPS[step]
    real = getattr(owner, name)

    def write_and_fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError(step)

    monkeypatch.setattr(owner, name, write_and_fail)
    with pytest.raises(RuntimeError, match=step):
        approve(plan)

    plan.refresh_from_db()
    held.refresh_from_db()
    assert plan.is_waiting
    assert held.is_open
    assert statuses(plan) == [HELD] * 3
    assert not plan.reviews.exists()
