"""Plans at the desk: draft, verdict, send, change, book."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import AccessLog, PlanStatus, TreatmentPlan
from bookings.tests.factories import (
    NOW,
    make_answer,
    make_answers,
    make_appointment,
    make_area,
    make_concern,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_user,
)

pytestmark = pytest.mark.django_db


def page(plan) -> str:
    return reverse("desk:plan", args=[plan.pk])


def form_of(patient) -> str:
    return reverse("desk:plan-draft", args=[patient.pk])


def typed(protocol=None, **changes):
    return {
        "treatment": (protocol or make_protocol()).treatment.code,
        "concerns": [make_concern().code],
        "areas": [make_area().code],
        "session_count": "3",
        "location": make_location().slug,
        "wishes": "Smoother cheeks",
    } | changes


def make_approved(**said):
    plan = make_plan(
        status=PlanStatus.APPROVED, reviewed_by=make_user(), reviewed_at=NOW
    )
    make_answers(plan, **said)
    return plan


# --- Drafting -----------------------------------------------------------------------


def test_a_draft_leads_to_its_page_with_the_verdict(as_desk):
    ada = make_patient()

    response = as_desk.post(form_of(ada), typed())

    plan = TreatmentPlan.objects.get()
    assertRedirects(response, page(plan))
    assert (plan.patient, plan.wishes) == (ada, "Smoother cheeks")
    assertContains(as_desk.get(page(plan)), "A clinician has to decide")


def test_the_usual_number_of_sessions_is_filled_in(as_desk):
    protocol = make_protocol(counts=[(None, 4)])
    address = form_of(make_patient()) + f"?treatment={protocol.treatment.code}"

    assertContains(as_desk.get(address), 'name="session_count" value="4"')


def test_an_empty_number_means_the_usual_number_for_the_concerns(as_desk):
    scars = make_concern(name="Acne scars")
    protocol = make_protocol(counts=[(None, 3), (scars, 5)])
    what = typed(protocol, session_count="", concerns=[scars.code])

    as_desk.post(form_of(make_patient()), what)

    assert TreatmentPlan.objects.get().session_count == 5


def test_htmx_asks_for_the_number_of_sessions_alone(as_desk):
    scars = make_concern(name="Acne scars")
    protocol = make_protocol(counts=[(None, 3), (scars, 5)])
    chosen = {"treatment": protocol.treatment.code, "concerns": scars.code}
    headers = {"HX-Request": "true", "HX-Target": "sessions"}

    response = as_desk.get(form_of(make_patient()), chosen, headers=headers)

    assertContains(response, 'value="5"')
    assertNotContains(response, "<html")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("concerns", "Say what brings the patient."),
        ("areas", "Choose at least one area of skin."),
        ("treatment", "Choose a treatment."),
        ("location", "Choose a location."),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(as_desk, missing, words):
    what = typed()
    del what[missing]

    response = as_desk.post(form_of(make_patient()), what)

    assertContains(response, words, status_code=422)
    assertContains(response, "Smoother cheeks", status_code=422)
    assert not TreatmentPlan.objects.exists()


@pytest.mark.parametrize("count", ["0", "13"])
def test_a_number_of_sessions_out_of_range_is_refused(as_desk, count):
    response = as_desk.post(form_of(make_patient()), typed(session_count=count))

    assert response.status_code == 422
    assert not TreatmentPlan.objects.exists()


# --- The page -----------------------------------------------------------------------


def test_looking_at_a_plan_is_logged(as_desk, desk):
    plan = make_plan()

    as_desk.get(page(plan))

    seen = AccessLog.objects.get(user=desk)
    assert (seen.patient, seen.what) == (plan.patient, "plan")


def test_a_draft_is_sent_from_its_page(as_desk):
    plan = make_plan()
    make_answers(plan)
    submit = reverse("desk:plan-submit", args=[plan.pk])
    assertContains(as_desk.get(page(plan)), submit)

    assertRedirects(as_desk.post(submit), page(plan))

    plan.refresh_from_db()
    assert plan.is_waiting
    assertNotContains(as_desk.get(page(plan)), submit)


def test_a_refusal_to_send_is_said_on_the_page(as_desk):
    plan = make_plan()

    response = as_desk.post(reverse("desk:plan-submit", args=[plan.pk]))

    assertContains(response, "4 health questions have no answer", status_code=422)


def test_a_signed_plan_leads_to_the_booking(as_desk):
    plan = make_approved()
    book = reverse("desk:series-propose", args=[plan.pk])

    assertContains(as_desk.get(page(plan)), book)


def test_a_draft_leads_to_no_booking(as_desk):
    plan = make_plan(status=PlanStatus.DRAFT)
    book = reverse("desk:series-propose", args=[plan.pk])

    assertNotContains(as_desk.get(page(plan)), book)


def test_a_plan_that_waits_leads_to_pencilling_and_not_to_booking(as_desk):
    plan = make_plan(status=PlanStatus.SUBMITTED, submitted_at=NOW)

    response = as_desk.get(page(plan))

    assertContains(response, "Pencil dates until the review")
    assertNotContains(response, "Book the series")


def test_a_booked_plan_lists_its_sessions_and_offers_no_more(as_desk):
    plan = make_approved()
    for number in (1, 2, 3):
        starts_at = NOW + timedelta(days=49 * number)
        make_appointment(plan=plan, number=number, starts_at=starts_at)

    response = as_desk.get(page(plan))

    assertContains(response, "Session 3")
    assertNotContains(response, reverse("desk:series-propose", args=[plan.pk]))


def test_an_answer_after_the_signature_sends_the_plan_back_for_review(as_desk):
    plan = make_approved()
    make_answer(
        patient=plan.patient, question="keloid", value="yes", answered_at=timezone.now()
    )

    assertContains(as_desk.get(page(plan)), "Send for review again")
    as_desk.post(reverse("desk:plan-submit", args=[plan.pk]))

    plan.refresh_from_db()
    assert plan.is_waiting


# --- Changing -----------------------------------------------------------------------


def test_a_change_shows_what_was_planned_and_keeps_the_rest(as_desk):
    plan = make_plan(wishes="No downtime in June")
    address = reverse("desk:plan-edit", args=[plan.pk])
    assertContains(as_desk.get(address), "No downtime in June")

    response = as_desk.post(address, typed(version="1", session_count="5"))

    assertRedirects(response, page(plan))
    plan.refresh_from_db()
    assert (plan.session_count, plan.version) == (5, 1)


def test_a_change_from_an_old_page_is_refused_with_what_was_typed(as_desk):
    plan = make_plan(version=2)
    address = reverse("desk:plan-edit", args=[plan.pk])

    response = as_desk.post(address, typed(version="1"))

    assertContains(response, "changed this plan meanwhile", status_code=422)
    assertContains(response, "Smoother cheeks", status_code=422)


# --- Who may ------------------------------------------------------------------------


def test_a_stranger_neither_sees_nor_drafts(as_stranger):
    plan = make_plan()

    assert as_stranger.get(page(plan)).status_code == 403
    assert as_stranger.post(form_of(plan.patient), typed()).status_code == 403
    submit = reverse("desk:plan-submit", args=[plan.pk])
    assert as_stranger.post(submit).status_code == 403
    assert TreatmentPlan.objects.get() == plan
