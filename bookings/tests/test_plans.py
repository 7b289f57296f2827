"""A plan's way: drafted, sent, signed, returned or declined."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from bookings.models import (
    AccessLog,
    DecisionKind,
    PlanDecision,
    PlanReview,
    PlanStatus,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.services import patients, plans, screening
from bookings.services.plans import AreaSetting, Decision
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answer,
    make_answers,
    make_area,
    make_concern,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_user,
)

pytestmark = pytest.mark.django_db

CLEARED = Decision("cold-sores", DecisionKind.CLEARED, "Prescribed before session 1")
OVERRIDE = Decision("keloid", DecisionKind.OVERRIDE, "One small scar, long ago")


def contents(**fields):
    dull = {
        "protocol": fields.get("protocol") or make_protocol(),
        "location": fields.get("location") or make_location(),
        "concerns": [make_concern()],
        "areas": [make_area()],
        "session_count": 3,
        "wishes": "",
    }
    return dull | fields


def draft(patient=None, **fields) -> TreatmentPlan:
    return plans.draft(
        patient or make_patient(), **contents(**fields), actor=make_user(), now=NOW
    )


def make_waiting(**said) -> TreatmentPlan:
    plan = make_plan(status=PlanStatus.SUBMITTED, submitted_at=NOW)
    make_answers(plan, **said)
    return plan


def settings_for(plan, depth="1.5", passes=4):
    return [
        AreaSetting(row.area_id, Decimal(depth), passes) for row in plan.areas.all()
    ]


def approve(plan, **fields) -> PlanReview:
    dull = {
        "version": plan.version,
        "actor": fields.get("actor") or make_user(),
        "now": NOW,
        "areas": settings_for(plan),
    }
    return plans.approve(plan, **dull | fields)


def send_back(plan, **fields) -> PlanReview:
    dull = {"version": plan.version, "actor": make_user(), "now": NOW, "note": "Why"}
    return plans.send_back(plan, **dull | fields)


# --- Drafting -----------------------------------------------------------------------


def test_a_draft_holds_what_was_planned(desk):
    ada, area, concern = make_patient(), make_area(), make_concern()
    facts = contents(areas=[area], concerns=[concern], wishes="Smoother cheeks")

    plan = plans.draft(ada, **facts, actor=desk, now=NOW)

    assert (plan.patient, plan.status, plan.version) == (ada, PlanStatus.DRAFT, 1)
    assert (plan.drafted_by, plan.drafted_at) == (desk, NOW)
    assert [row.area for row in plan.areas.all()] == [area]
    assert list(plan.concerns.all()) == [concern]
    assert AccessLog.objects.get().what == "plan drafted"


@pytest.mark.parametrize("count", [1, 12])
def test_a_plan_may_have_from_one_to_twelve_sessions(count):
    assert draft(session_count=count).session_count == count


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"session_count": 0}, "from 1 to 12 sessions"),
        ({"session_count": 13}, "from 1 to 12 sessions"),
        ({"concerns": []}, "choose a concern"),
        ({"areas": []}, "at least one area"),
    ],
)
def test_a_draft_that_lacks_something_is_refused_with_words(fields, words):
    with pytest.raises(BookingRefused, match=words):
        draft(**fields)

    assert not TreatmentPlan.objects.exists()


def test_a_closed_location_takes_no_plan():
    with pytest.raises(BookingRefused, match="takes no bookings"):
        draft(location=make_location(is_active=False))


def test_a_failure_after_the_last_write_leaves_no_plan(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(patients, "log_access", fail)
    with pytest.raises(RuntimeError):
        draft()

    assert not TreatmentPlan.objects.exists()


def test_the_usual_number_is_the_highest_that_a_concern_asks_for():
    lines, scars = make_concern(), make_concern(name="Acne scars")
    protocol = make_protocol(counts=[(None, 3), (scars, 5)])

    assert plans.usual_count(protocol, []) == 3
    assert plans.usual_count(protocol, [lines]) == 3
    assert plans.usual_count(protocol, [lines, scars]) == 5


# --- Changing -----------------------------------------------------------------------


def test_a_draft_is_changed_in_place():
    plan, area = draft(), make_area(name="Neck")

    plans.change(
        plan, version=1, **contents(areas=[area], session_count=5), actor=make_user()
    )

    plan.refresh_from_db()
    assert (plan.version, plan.session_count) == (1, 5)
    assert [row.area for row in plan.areas.all()] == [area]


def test_an_area_that_stays_keeps_its_depth():
    plan = draft()
    plan.areas.update(depth_mm="1.5", passes=4)
    kept = plan.areas.get()

    facts = contents(areas=[make_area(), kept.area])
    plans.change(plan, version=1, **facts, actor=make_user())

    assert plan.areas.get(area=kept.area).depth_mm == Decimal("1.5")
    assert plan.areas.count() == 2


def test_changing_a_returned_plan_makes_one_new_version():
    plan = make_waiting()
    send_back(plan)

    plan = plans.change(plan, version=1, **contents(), actor=make_user())
    plan = plans.change(plan, version=2, **contents(), actor=make_user())

    assert plan.version == 2


def test_a_plan_under_review_cannot_be_changed_at_the_desk():
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="with the clinicians now"):
        plans.change(plan, version=1, **contents(), actor=make_user())


def test_an_old_page_does_not_overwrite_a_newer_version():
    plan = make_waiting()
    send_back(plan)
    plans.change(plan, version=1, **contents(), actor=make_user())

    with pytest.raises(BookingRefused, match="changed this plan meanwhile"):
        plans.change(plan, version=1, **contents(), actor=make_user())


# --- Sending ------------------------------------------------------------------------


def test_a_plan_with_every_answer_is_sent(desk):
    plan = make_plan()
    make_answers(plan, cold_sores="unsure")

    plans.submit(plan, desk, NOW)

    plan.refresh_from_db()
    assert (plan.status, plan.submitted_at) == (PlanStatus.SUBMITTED, NOW)


def test_a_plan_with_one_question_open_is_not_sent(desk):
    plan = make_plan()
    for question in ("isotretinoin", "cold-sores", "keloid"):
        make_answer(patient=plan.patient, question=question)

    with pytest.raises(BookingRefused, match="1 health question has no answer yet"):
        plans.submit(plan, desk, NOW)

    plan.refresh_from_db()
    assert plan.status == PlanStatus.DRAFT


def test_a_plan_is_sent_once(desk):
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="sent for review already"):
        plans.submit(plan, desk, NOW)


def test_a_returned_plan_is_sent_again_as_a_new_version(desk):
    plan = make_waiting()
    send_back(plan)

    plan = plans.submit(plan, desk, NOW)

    assert (plan.version, plan.status) == (2, PlanStatus.SUBMITTED)
    assert approve(plan).plan_version == 2


# --- Signing ------------------------------------------------------------------------


def test_a_signature_keeps_person_time_version_and_verdict(clinician):
    plan = make_waiting()

    review = approve(plan, actor=clinician, note="Well prepared")

    plan.refresh_from_db()
    assert (plan.status, plan.reviewed_by) == (PlanStatus.APPROVED, clinician)
    assert plan.reviewed_at == NOW
    assert (review.by, review.at, review.plan_version) == (clinician, NOW, 1)
    assert review.outcome == ReviewOutcome.APPROVED
    assert review.verdict["outcome"] == "suitable"
    area = plan.areas.get()
    assert (area.depth_mm, area.passes) == (Decimal("1.5"), 4)


@pytest.mark.parametrize(("depth", "passes"), [("0.1", 1), ("2.0", 20)])
def test_depth_and_passes_may_reach_their_limits(depth, passes):
    plan = make_waiting()

    assert approve(plan, areas=settings_for(plan, depth, passes)).pk


@pytest.mark.parametrize(
    ("depth", "passes", "words"),
    [
        ("2.1", 4, "no deeper than 2.0 mm"),
        ("0.0", 4, "no deeper than 2.0 mm"),
        ("1.5", 0, "from 1 to 20 passes"),
        ("1.5", 21, "from 1 to 20 passes"),
    ],
)
def test_beyond_the_limits_nothing_is_signed(depth, passes, words):
    plan = make_waiting()

    with pytest.raises(BookingRefused, match=words):
        approve(plan, areas=settings_for(plan, depth, passes))

    assert not PlanReview.objects.exists()


def test_an_area_without_depth_is_not_signed():
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="Set the depth for each area"):
        approve(plan, areas=())


def test_a_needed_decision_comes_before_the_signature():
    plan = make_waiting(cold_sores="yes")

    with pytest.raises(BookingRefused, match="needs your decision first"):
        approve(plan)
    approve(plan, decisions=[CLEARED])

    assert PlanDecision.objects.get().reason == CLEARED.reason


def test_an_exclusion_takes_an_override_with_a_reason(clinician):
    plan = make_waiting(keloid="yes")
    wordless = Decision("keloid", DecisionKind.OVERRIDE, "  ")
    cleared = Decision("keloid", DecisionKind.CLEARED, "Looks fine")

    for decisions in ([], [wordless], [cleared]):
        with pytest.raises(BookingRefused):
            approve(plan, decisions=decisions, actor=clinician)
    assert not PlanDecision.objects.exists()

    approve(plan, decisions=[OVERRIDE], actor=clinician)
    assert PlanDecision.objects.get().kind == DecisionKind.OVERRIDE


def test_a_plan_that_suits_later_is_signed_now():
    plan = make_waiting(isotretinoin="yes", on_date=date(2026, 11, 3))

    review = approve(plan)

    assert review.verdict["from_date"] == "2027-02-03"


def test_an_answer_given_after_the_decision_opens_it_again():
    plan = make_waiting(cold_sores="yes")
    approve(plan, decisions=[CLEARED])
    later = NOW + timedelta(days=1)
    make_answer(
        patient=plan.patient, question="cold-sores", value="yes", answered_at=later
    )

    verdict = screening.verdict(plan, later.date(), now=later)

    assert not verdict.is_suitable


def test_a_signed_plan_goes_back_only_once_an_answer_is_in_its_way(desk):
    plan = make_waiting()
    approve(plan)
    plan.refresh_from_db()

    with pytest.raises(BookingRefused, match="sent for review already"):
        plans.submit(plan, desk, NOW)
    make_answer(patient=plan.patient, question="keloid", value="yes", answered_at=NOW)
    plan = plans.submit(plan, desk, NOW)

    assert (plan.status, plan.version) == (PlanStatus.SUBMITTED, 2)


# --- Returning and declining --------------------------------------------------------


def test_a_returned_plan_carries_the_note(clinician):
    plan = make_waiting()

    review = send_back(plan, actor=clinician, note="Shallower on the temples")

    plan.refresh_from_db()
    assert (plan.status, plan.can_be_edited) == (PlanStatus.RETURNED, True)
    assert (review.outcome, review.note) == (
        ReviewOutcome.RETURNED,
        "Shallower on the temples",
    )


def test_a_declined_plan_carries_the_reason(clinician):
    plan = make_waiting(keloid="yes")

    plans.decline(plan, version=1, actor=clinician, now=NOW, note="Raised scars")

    plan.refresh_from_db()
    assert (plan.status, plan.can_be_edited) == (PlanStatus.DECLINED, False)


@pytest.mark.parametrize("answer", [plans.send_back, plans.decline])
def test_a_no_without_a_reason_is_refused(answer, clinician):
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="what has to change, or why not"):
        answer(plan, version=1, actor=clinician, now=NOW, note=" ")

    plan.refresh_from_db()
    assert plan.is_waiting


# --- Two at once --------------------------------------------------------------------


def test_the_second_reviewer_is_told_who_signed_what_and_when(clinician):
    plan = make_waiting()
    approve(plan, actor=clinician)
    told = "Adaeze Okafor approved and signed this plan on Tue 24 Nov, 10:00"

    with pytest.raises(BookingRefused, match=told):
        send_back(plan)

    assert PlanReview.objects.count() == 1


def test_a_page_of_an_older_version_signs_nothing(desk):
    plan = make_waiting()
    send_back(plan)
    plan = plans.submit(plan, desk, NOW)

    with pytest.raises(BookingRefused, match="Robin Roy returned this plan"):
        approve(plan, version=1)
    with pytest.raises(BookingRefused, match="changed since you opened it"):
        approve(plan, version=3)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_exactly_one_signs():
    plan = make_waiting()
    people = [make_user(), make_user()]
    settings = settings_for(plan)
    together = Barrier(2)

    def sign(actor):
        together.wait()
        try:
            return approve(plan, actor=actor, areas=settings)
        except BookingRefused as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as both:
        outcomes = list(both.map(sign, people))

    told = "Robin Roy approved and signed this plan on Tue 24 Nov, 10:00. "
    assert f"{told}Nothing of yours was saved." in outcomes
    assert PlanReview.objects.get() in outcomes
