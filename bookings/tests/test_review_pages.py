"""The clinicians' pages: queue, decision, signature, return, decline."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import (
    AccessLog,
    DecisionKind,
    PlanReview,
    PlanStatus,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.services import plans
from bookings.services.reviewing import deciding, versions
from bookings.services.reviewing.deciding import Decision
from bookings.tests.conftest import signed_in
from bookings.tests.factories import (
    make_answers,
    make_plan,
    make_protocol,
    make_user,
)
from bookings.tests.test_plan_versions import MAKE_UP
from bookings.tests.test_reviewing import make_record

pytestmark = pytest.mark.django_db

QUEUE = reverse("review:queue")


def make_waiting(*, hours=2, protocol=None, **said):
    plan = make_plan(
        protocol=protocol,
        status=PlanStatus.SUBMITTED,
        submitted_at=timezone.now() - timedelta(hours=hours, minutes=1),
    )
    make_answers(plan, **said)
    return plan


def page(plan) -> str:
    return reverse("review:plan", args=[plan.pk])


def door(verb, plan) -> str:
    return reverse(f"review:plan-{verb}", args=[plan.pk])


def filled(plan, depth="1.5", passes="4", **more):
    fields = {"version": str(plan.version), "note": "", "reason": ""}
    for row in plan.areas.all():
        fields |= {f"depth-{row.pk}": depth, f"passes-{row.pk}": passes}
    return fields | {name.replace("__", "-"): value for name, value in more.items()}


# --- The queue ----------------------------------------------------------------------


def test_the_longest_wait_comes_first_with_its_flags(as_clinician):
    make_waiting(hours=19, cold_sores="yes")
    make_waiting(hours=50)

    body = as_clinician.get(QUEUE).content.decode()

    assert body.index("2 days") < body.index("19 h")
    assert body.index("Nothing flagged") < body.index("Cold sores")


def test_a_wait_that_is_still_running_is_flagged_with_its_date(as_clinician):
    now = timezone.now()
    yesterday = timezone.localdate(now) - timedelta(days=1)
    make_waiting(isotretinoin="yes", on_date=yesterday, answered_at=now)
    make_waiting(isotretinoin="yes", on_date=date(2020, 1, 1))

    assertContains(as_clinician.get(QUEUE), "bi-clock", count=1)
    assertContains(as_clinician.get(QUEUE), "Nothing flagged", count=1)


def test_only_waiting_plans_are_in_the_queue(as_clinician):
    make_plan()

    assertContains(as_clinician.get(QUEUE), "No plans are waiting.")


def test_the_queue_logs_every_patient_it_shows(as_clinician, clinician):
    shown = {make_waiting().patient_id, make_waiting().patient_id}
    make_plan()

    as_clinician.get(QUEUE)

    assert set(AccessLog.objects.values_list("patient", "user")) == {
        (patient, clinician.pk) for patient in shown
    }


def test_the_queue_costs_the_same_for_one_plan_and_three(as_clinician, count_queries):
    protocol = make_protocol()
    make_waiting(protocol=protocol)
    one = count_queries(as_clinician, QUEUE)
    make_waiting(protocol=protocol)
    make_waiting(protocol=protocol)

    assert count_queries(as_clinician, QUEUE) == one


# --- The page -----------------------------------------------------------------------


def test_the_page_shows_verdict_decision_limits_and_is_logged(as_clinician):
    plan = make_waiting(cold_sores="yes")

    response = as_clinician.get(page(plan))

    assertContains(response, "A clinician has to decide")
    assertContains(response, "Antiviral before each session")
    assertContains(response, 'max="2.0"')
    assertContains(response, "Approve and sign")
    assert set(AccessLog.objects.values_list("patient", "what")) == {
        (plan.patient_id, "plan review"),
        (plan.patient_id, "review queue"),
    }


def test_a_plan_without_open_points_asks_for_no_decision(as_clinician):
    assertNotContains(as_clinician.get(page(make_waiting())), 'name="choice-')


def test_the_page_comes_in_the_order_in_which_one_decides(as_clinician, desk):
    plan = make_waiting(cold_sores="yes")
    actor = make_user()
    plans.send_back(plan, version=1, actor=actor, now=timezone.now(), note="Shallower")
    plans.submit(plan, desk, timezone.now())
    make_record(plan.patient)

    body = as_clinician.get(page(plan)).content.decode()

    order = [
        'id="verdict"',
        'id="since"',
        'name="choice-cold-sores"',
        'id="protocol"',
        'id="proposed"',
        "In the patient’s words",
        "Photos",
        'id="earlier"',
    ]
    assert sorted(order, key=body.index) == order
    assert "Since Robin Roy returned it on" in body


def test_an_area_shows_the_depth_it_had_when_the_plan_was_returned(as_clinician, desk):
    plan = make_waiting()
    plan.areas.update(depth_mm="1.5", passes=4)
    now = timezone.now()
    plans.send_back(plan, version=1, actor=desk, now=now, note="Shallower")
    plan.areas.update(depth_mm="1.0")
    plans.submit(plan, desk, now)

    response = as_clinician.get(page(plan))

    assertContains(response, "was 1.5")
    assertContains(response, "cd-gauge-was")
    assertContains(response, "Face, depth")


def test_the_way_to_the_next_plan_is_on_the_page(as_clinician):
    first, second = make_waiting(hours=3), make_waiting(hours=2)

    assertContains(as_clinician.get(page(first)), f'rel="next" href="{page(second)}"')
    assertContains(as_clinician.get(page(second)), f'rel="prev" href="{page(first)}"')


def test_a_signed_plan_shows_who_signed_which_version_and_when(as_clinician, clinician):
    plan = make_waiting(cold_sores="yes")
    choice = {"choice-cold-sores": "prescribe"}
    as_clinician.post(door("approve", plan), filled(plan) | choice)

    response = as_clinician.get(page(plan))

    review = PlanReview.objects.get()
    at = f"{review.at.astimezone(plan.location.zone):%H:%M}, version 1"
    assertContains(response, f"{at}</p>")
    assertContains(response, "Adaeze Okafor")
    assertContains(response, "Prescribe, starting before session 1")
    assertNotContains(response, "Approve and sign")


# --- Signing ------------------------------------------------------------------------


def test_a_plan_is_signed_with_depth_passes_and_the_antiviral_decision(
    as_clinician, clinician
):
    plan = make_waiting(cold_sores="yes")
    choice = {"choice-cold-sores": "prescribe"}

    response = as_clinician.post(door("approve", plan), filled(plan) | choice)

    assertRedirects(response, QUEUE)
    plan.refresh_from_db()
    assert (plan.status, plan.reviewed_by) == (PlanStatus.APPROVED, clinician)
    assert str(plan.areas.get().depth_mm) == "1.5"
    assert plan.decisions.get().reason == "Prescribe, starting before session 1"


def test_a_missing_decision_is_named_and_what_was_typed_stays(as_clinician):
    plan = make_waiting(cold_sores="yes")

    response = as_clinician.post(door("approve", plan), filled(plan, depth="1.2"))

    assertContains(response, "This needs your decision first.", status_code=422)
    assertContains(response, 'value="1.2"', status_code=422)
    assert not PlanReview.objects.exists()


def test_asking_the_patient_first_signs_nothing(as_clinician):
    plan = make_waiting(cold_sores="yes")
    choice = {"choice-cold-sores": "ask"}

    response = as_clinician.post(door("approve", plan), filled(plan) | choice)

    assertContains(response, "This needs your decision first.", status_code=422)
    assert not PlanReview.objects.exists()


@pytest.mark.parametrize(("reason", "status"), [("", 422), ("One small scar", 302)])
def test_an_override_needs_a_reason(as_clinician, reason, status):
    plan = make_waiting(keloid="yes")
    choice = {"choice-keloid": "override", "reason-keloid": reason}

    response = as_clinician.post(door("approve", plan), filled(plan) | choice)

    assert response.status_code == status
    assert plan.decisions.count() == (1 if reason else 0)


@pytest.mark.parametrize(("depth", "status"), [("2.0", 302), ("2.1", 422)])
def test_the_depth_limit_holds_on_the_page(as_clinician, depth, status):
    plan = make_waiting()

    response = as_clinician.post(door("approve", plan), filled(plan, depth=depth))

    assert response.status_code == status


def test_the_second_of_two_reviewers_is_told(as_clinician, manager):
    plan = make_waiting()
    first = {"version": 1, "actor": manager, "now": timezone.now(), "note": "Later"}
    fields = filled(plan)
    plans.send_back(plan, **first)

    response = as_clinician.post(door("approve", plan), fields)

    assertContains(response, "Mei Tan returned this plan", status_code=422)
    assert PlanReview.objects.get().by == manager


def test_the_second_reviewer_keeps_in_view_what_was_typed(as_clinician, manager):
    plan = make_waiting()
    fields = filled(plan, depth="0.7", note="Two passes would do")
    plans.send_back(plan, version=1, actor=manager, now=timezone.now(), note="Later")

    response = as_clinician.post(door("approve", plan), fields)

    assertContains(response, "What you had entered, not saved", status_code=422)
    assertContains(response, "Two passes would do", status_code=422)
    assertContains(response, "<dd>0.7</dd>", status_code=422)
    assertNotContains(response, "Approve and sign", status_code=422)


def test_a_plan_edited_meanwhile_is_signed_only_after_another_look(
    as_clinician, manager
):
    plan = make_waiting()
    fields = filled(plan, depth="0.7", note="Two passes would do")
    versions.keep(plan, manager, timezone.now())
    TreatmentPlan.objects.filter(pk=plan.pk).update(version=2, session_count=4)

    first = as_clinician.post(door("approve", plan), fields)
    again = as_clinician.post(door("approve", plan), fields | {"version": "2"})

    assertContains(first, "changed since you opened it", status_code=422)
    assertContains(first, "What changed meanwhile", status_code=422)
    assertContains(first, 'name="version" value="2"', status_code=422)
    assertContains(first, 'value="0.7"', status_code=422)
    assertContains(first, "Two passes would do", status_code=422)
    assertRedirects(again, QUEUE)
    assert PlanReview.objects.get().plan_version == 2


# --- Overrides and exceptions ---------------------------------------------------------


def test_who_may_not_override_is_offered_no_override_and_cannot_post_one():
    reviewer = make_user()
    reviewer.user_permissions.add(
        Permission.objects.get(codename="review_treatmentplan")
    )
    client, plan = signed_in(reviewer), make_waiting(keloid="yes")
    choice = {"choice-keloid": "override", "reason-keloid": "One small scar"}

    shown = client.get(page(plan))
    response = client.post(door("approve", plan), filled(plan) | choice)

    assertNotContains(shown, 'name="choice-keloid"')
    assertContains(shown, "Only somebody who may override rules")
    assertContains(response, "needs your decision first", status_code=422)
    assert not plan.decisions.exists()


def with_make_up(**said):
    return make_waiting(protocol=make_protocol(care=[MAKE_UP]), **said)


def test_the_milder_make_up_rule_needs_a_reason(as_clinician):
    plan = with_make_up()
    fields = filled(plan) | {"care-make-up": "milder", "why-make-up": " "}

    response = as_clinician.post(door("approve", plan), fields)

    assertContains(response, "Say why", status_code=422)
    assert not plan.decisions.exists()


def test_the_milder_make_up_rule_is_signed_and_kept_with_its_reason(as_clinician):
    plan = with_make_up()
    fields = filled(plan) | {"care-make-up": "milder", "why-make-up": "On stage"}

    assertRedirects(as_clinician.post(door("approve", plan), fields), QUEUE)

    word = plan.decisions.get()
    assert (word.rule_code, word.kind, word.reason) == (
        "make-up",
        DecisionKind.OVERRIDE,
        "On stage",
    )
    shown = as_clinician.get(page(plan))
    assertContains(shown, "<b>Make-up, override</b> On stage")


@pytest.mark.parametrize(
    ("choice", "kinds"),
    [("milder", ["override"]), ("rule", ["override", "cleared"])],
)
def test_an_exception_that_stands_is_written_again_only_if_it_changes(
    as_clinician, clinician, choice, kinds
):
    plan = with_make_up()
    word = Decision("make-up", DecisionKind.OVERRIDE, "On stage")
    deciding.write(plan, [word], clinician, timezone.now() - timedelta(days=1))
    fields = filled(plan) | {"care-make-up": choice, "why-make-up": "On stage"}

    as_clinician.post(door("approve", plan), fields)

    assert [word.kind for word in plan.decisions.all()] == kinds


def test_without_a_word_on_make_up_the_rule_holds(as_clinician):
    plan = with_make_up()

    assertRedirects(as_clinician.post(door("approve", plan), filled(plan)), QUEUE)

    assert not plan.decisions.exists()


# --- Returning and declining --------------------------------------------------------


def test_a_plan_is_returned_with_words(as_clinician):
    plan = make_waiting()

    response = as_clinician.post(
        door("return", plan), filled(plan, note="Shallower on the temples")
    )

    assertRedirects(response, QUEUE)
    review = PlanReview.objects.get()
    assert review.outcome == ReviewOutcome.RETURNED
    assert review.note == "Shallower on the temples"


def test_returning_without_words_keeps_what_was_typed(as_clinician):
    plan = make_waiting(cold_sores="yes")
    typed = filled(plan, depth="0.8") | {"choice-cold-sores": "ask"}

    response = as_clinician.post(door("return", plan), typed)

    assertContains(response, "Say what has to change, or why not.", status_code=422)
    assertContains(response, 'value="0.8"', status_code=422)
    assertContains(response, 'value="ask" checked', status_code=422)
    assert not PlanReview.objects.exists()


def test_a_decline_may_offer_a_more_fitting_treatment(as_clinician):
    plan = make_waiting()

    as_clinician.post(door("decline", plan), filled(plan, reason="ablative"))

    plan.refresh_from_db()
    assert plan.is_declined
    assert "laser" in PlanReview.objects.get().note


def test_a_decline_without_reason_or_words_is_refused(as_clinician):
    plan = make_waiting()

    response = as_clinician.post(door("decline", plan), filled(plan))

    assertContains(response, "Say what has to change, or why not.", status_code=422)
    assert not PlanReview.objects.exists()


# --- Who may ------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["approve", "return", "decline"])
def test_the_front_desk_decides_nothing(as_desk, verb):
    plan = make_waiting()

    response = as_desk.post(door(verb, plan), filled(plan, note="No"))

    assert response.status_code == 403
    assert not PlanReview.objects.exists()


def test_the_front_desk_has_no_queue(as_desk):
    assert as_desk.get(QUEUE).status_code == 403


def test_what_is_unconfirmed_is_listed_for_staff_and_for_no_stranger(
    as_desk, as_stranger
):
    make_protocol()
    address = reverse("review:unconfirmed")

    response = as_desk.get(address)

    assertContains(response, "Ideal days between sessions")
    assertContains(response, "49")
    assert as_stranger.get(address).status_code == 403
