"""What a clinician has before them: the queue with its flags, and what came before."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from bookings.models import AccessLog, HoldKind, PlanStatus, SeriesHold
from bookings.models.records import Endpoint, SessionRecord
from bookings.services import plans, queue, screening
from bookings.services.reviewing import company, earlier, since
from bookings.tests.factories import (
    KELOID,
    NOW,
    TODAY,
    make_answer,
    make_answers,
    make_appointment,
    make_area,
    make_device,
    make_patient,
    make_plan,
    make_protocol,
    make_user,
)
from bookings.tests.test_plans import approve, contents, send_back

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)
IMPLANT = {
    "code": "rf-implant",
    "question": "rf-implant",
    "question_text": "Is there metal in the area?",
    "kind": "exclude",
    "reason": "Metal: no radiofrequency.",
}
THINNER = {
    "code": "blood-thinner",
    "question": "blood-thinner",
    "question_text": "Do you take a blood thinner?",
    "kind": "decide",
    "reason": "A clinician decides.",
}
WOUND = {
    "code": "open-wound",
    "question": "open-wound",
    "question_text": "Is there a wound?",
    "kind": "defer",
    "reason": "Not while there is a wound.",
}


def make_waiting(*, rules=None, submitted_at=NOW, said=None, **fields):
    protocol = make_protocol(rules=rules) if rules else None
    plan = make_plan(
        protocol=protocol,
        status=PlanStatus.SUBMITTED,
        submitted_at=submitted_at,
        **fields,
    )
    make_answers(plan, **said or {})
    return plan


def flags() -> list[str]:
    return [flag.label for row in queue.rows(now=NOW) for flag in row.flags]


def make_record(patient=None, *, at=NOW - 60 * DAY, version=1, **fields):
    plan = make_plan(patient=patient or make_patient())
    visit = make_appointment(plan=plan, starts_at=at)
    facts = {"device": make_device(plan.location), "endpoint": Endpoint.YES}
    return SessionRecord.objects.create(
        appointment=visit,
        version=version,
        started_at=at,
        ended_at=at + timedelta(minutes=30),
        signed_by=make_user(),
        signed_at=at,
        **facts | fields,
    )


# --- The queue -----------------------------------------------------------------------


@pytest.mark.parametrize(("wait", "is_late"), [(DAY, False), (DAY + A_MOMENT, True)])
def test_a_plan_that_waited_longer_than_a_day_is_late(wait, is_late):
    make_waiting(submitted_at=NOW - wait)

    [row] = queue.rows(now=NOW)

    assert (row.is_late, row.waited) == (is_late, "1 day")


@pytest.mark.parametrize(
    ("rule", "answer", "flag"),
    [
        (KELOID, "yes", "Raised scars or poor healing, override asked"),
        (IMPLANT, "yes", "Implant or metal, rules it out"),
        (THINNER, "yes", "Blood thinner or disorder, you decide"),
        (WOUND, "yes", "Open wound, not while it lasts"),
        (WOUND, "unsure", "Open wound, unclear"),
        (WOUND, "no", "Nothing flagged"),
    ],
)
def test_a_flag_says_what_is_asked_of_the_clinician(rule, answer, flag):
    make_waiting(rules=[rule], said={rule["code"]: answer})

    assert flags() == [flag]


def test_pencilled_dates_are_flagged_with_the_day_they_are_kept_to():
    plan = make_waiting()
    SeriesHold.objects.create(
        key=uuid4(),
        plan=plan,
        kind=HoldKind.PENCIL,
        held_at=NOW,
        expires_at=NOW + 9 * DAY,
    )

    assert flags() == ["Nothing flagged", "Dates kept to 3 Dec"]


def test_a_reaction_that_is_still_open_is_flagged_and_a_closed_one_is_not():
    open_one, closed = make_waiting(), make_waiting()
    for plan in (open_one, closed):
        visit = make_appointment(plan=plan, starts_at=NOW - 50 * DAY)
        reaction = visit.reactions.create(
            severity="mild", words="Redness", reported_at=NOW - 49 * DAY
        )
    reaction.closed_at, reaction.closed_by = NOW, make_user()
    reaction.outcome = "Healed"
    reaction.save(update_fields=["closed_at", "closed_by", "outcome"])

    found = {row.plan.pk: len(row.flags) for row in queue.rows(now=NOW)}

    assert found == {open_one.pk: 2, closed.pk: 1}


def test_the_plans_before_and_after_one_are_known():
    first, second, third = (
        make_waiting(submitted_at=NOW - hours * timedelta(hours=1))
        for hours in (3, 2, 1)
    )
    rows = queue.rows(now=NOW)

    assert queue.around(second, rows) == queue.Turn(first, third)
    assert queue.around(first, rows) == queue.Turn(None, second)
    assert queue.around(third, rows) == queue.Turn(second, None)
    assert queue.around(make_plan(), rows) == queue.Turn(None, first)
    assert queue.around(make_plan(), []) == queue.Turn(None, None)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 20), date(2026, 11, 21)),
        (date(2026, 11, 21), date(2026, 11, 23)),
    ],
)
def test_no_proposed_series_starts_on_a_sunday(today, first):
    plan = make_waiting()
    verdict = screening.verdict(plan, today, now=NOW)

    drawn = queue.proposed(plan, verdict, today=today)

    assert drawn.sessions[0].day == first


# --- Company -----------------------------------------------------------------------------


def look(plan, user):
    """When a colleague opened the review of `plan`: by the database's own clock."""
    what = company.LOOK
    return AccessLog.objects.create(user=user, patient=plan.patient, what=what).at


def who(plan, user, *, now):
    return [row.user for row in company.others(plan, user, now=now)]


def test_a_colleague_who_opened_the_plan_a_moment_ago_is_named(clinician, manager):
    plan = make_waiting()
    look(plan, clinician)
    end = look(plan, clinician) + timedelta(minutes=15)

    assert who(plan, manager, now=end - A_MOMENT) == [clinician]
    assert who(plan, manager, now=end) == []
    assert who(plan, clinician, now=end - A_MOMENT) == []


def test_nobody_is_named_at_a_plan_that_is_decided(clinician, manager):
    plan = make_waiting()
    now = look(plan, clinician)
    plan.status = PlanStatus.RETURNED

    assert who(plan, manager, now=now) == []


# --- Since the last word ---------------------------------------------------------------


def since_now(plan, *, now=NOW + 2 * DAY):
    plan.refresh_from_db()
    verdict = screening.verdict(plan, TODAY + 2 * DAY, now=now)
    return since.last_word(plan, verdict, now=now)


def test_a_plan_nobody_has_looked_at_has_no_last_word():
    assert not since_now(make_waiting())


def test_what_the_desk_changed_after_a_return_is_told(desk):
    plan = make_waiting(said={"isotretinoin": "yes"})
    review = send_back(plan, note="I need the date of the last dose.")
    make_answer(
        patient=plan.patient, value="yes", on_date=date(2026, 11, 3), answered_at=NOW + DAY
    )  # fmt: skip
    facts = contents(
        protocol=plan.protocol,
        location=plan.location,
        concerns=plan.concerns.all(),
        areas=[row.area for row in plan.areas.all()],
        session_count=4,
    )
    plans.change(plan, version=1, actor=desk, **facts)
    plans.submit(plan, desk, NOW + DAY)

    found = since_now(plan)

    assert (found.review, bool(found)) == (review, True)
    assert [str(line) for line in found.lines] == [
        "Sessions 3 → 4",
        "Isotretinoin yes → yes, 3 Nov 2026",
        "Earliest start any day → 3 Feb 2027",
    ]


def test_a_return_after_which_nothing_changed_says_so(desk):
    plan = make_waiting()
    send_back(plan)
    plans.submit(plan, desk, NOW + DAY)

    assert since_now(plan).lines == ()


def test_a_signature_under_this_version_is_no_earlier_word():
    plan = make_waiting()
    approve(plan)

    assert not since_now(plan)


# --- Earlier sessions ------------------------------------------------------------------


def test_earlier_sessions_of_all_plans_come_newest_first_in_their_last_version():
    ada = make_patient()
    old = make_record(ada, at=NOW - 120 * DAY)
    first = make_record(ada)
    face = make_area()
    amended = SessionRecord.objects.create(
        appointment=first.appointment,
        version=2,
        replaces=first,
        why_amended="Depth mistyped",
        device=first.device,
        endpoint=Endpoint.PARTLY,
        started_at=first.started_at,
        ended_at=first.ended_at,
        signed_by=first.signed_by,
        signed_at=NOW,
    )
    amended.areas.create(area=face, depth_mm=Decimal("1.0"), passes=4)
    make_record()

    found = earlier.sessions(ada)

    assert [one.record for one in found] == [amended, old]
    assert [len(one.areas) for one in found] == [1, 0]
    assert [one.reached for one in found] == [False, True]


def test_earlier_sessions_cost_the_same_for_one_and_three(django_assert_num_queries):
    ada = make_patient()
    for count in (1, 2):
        for _number in range(count):
            make_record(ada, at=NOW - (60 + SessionRecord.objects.count()) * DAY)
        with django_assert_num_queries(2):
            rows = earlier.sessions(ada)
            assert [str(one.record.appointment.plan.protocol.treatment) for one in rows]


def test_photos_put_away_are_not_counted():
    ada, face = make_patient(), make_area()
    for day, hidden in ((2, None), (3, None), (1, NOW)):
        ada.photos.create(
            moment="baseline",
            angle="front",
            area=face,
            file="photos/a.jpg",
            taken_at=NOW - day * DAY,
            added_at=NOW,
            hidden_at=hidden,
            why_hidden="Blurred" if hidden else "",
        )

    assert earlier.photos(ada) == earlier.Photos(2, NOW - 2 * DAY)
    assert earlier.photos(make_patient()) == earlier.Photos(0, None)
