"""The plan on paper, handed out at the clinic: in the patient's language, as a PDF too."""

import pytest
from django.utils import translation

from bookings.models import AccessLog, DecisionKind, PlanStatus
from bookings.services.consenting import paper_care
from bookings.tests.consents import make_signable
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_patient,
    make_plan,
    make_protocol,
    make_user,
)
from treatments.care import CarePhase

pytestmark = pytest.mark.django_db

BEFORE = {
    "code": "sun",
    "phase": "pre",
    "kind": "protect",
    "text": "Keep the sun off.",
    "starts": "days",
    "starts_offset": -7,
    "ends": "session",
}
MAKE_UP = {
    "code": "make-up",
    "phase": "post",
    "kind": "avoid",
    "text": "Wear no make-up.",
    "starts": "hours",
    "starts_offset": 0,
    "ends": "hours",
    "ends_offset": 24,
    "milder_hours": 12,
    "milder_source": "S2",
    "milder_text": "Then mineral make-up only.",
}
HEALED = {
    "code": "hands",
    "phase": "post",
    "kind": "wash",
    "text": "Wash your hands.",
    "starts": "hours",
    "starts_offset": 0,
    "ends": "healed",
}
LATER = {
    "code": "follow-up",
    "phase": "post",
    "kind": "follow-up",
    "text": "Come back.",
    "starts": "days",
    "starts_offset": 42,
    "ends": "days",
    "ends_offset": 56,
}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def paper(plan, form=""):
    return f"/review/plans/{plan.pk}/handout/{form}"


def test_it_says_what_the_patients_own_copy_says_with_the_ribbon(as_desk):
    plan = make_signable()
    make_appointment(plan=plan, number=1)

    page = as_desk.get(paper(plan)).content.decode()

    assert "Plan version 1, signed on" in page
    assert '<svg class="rb rb-level' in page
    assert f'href="/desk/plans/{plan.pk}/"' in page
    assert "not signed" not in page.split("pr-made")[0].replace(
        "Consent to treatment is not signed yet.", ""
    )


def test_it_speaks_the_patients_language(as_clinician):
    patient = make_patient(language="fr")

    page = as_clinician.get(paper(make_signable(patient=patient))).content.decode()

    assert 'lang="fr"' in page
    assert "Plan de traitement" in page


def test_it_is_a_pdf_where_one_is_asked_for(as_desk):
    plan = make_signable()

    answer = as_desk.get(paper(plan, "?format=pdf"))

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="plan-{plan.pk}.pdf"'
    assert answer.content.startswith(b"%PDF")


def test_a_plan_that_nobody_signed_says_so_and_bears_no_name(as_clinician):
    plan = make_plan(status=PlanStatus.SUBMITTED)

    page = as_clinician.get(paper(plan)).content.decode()

    assert "This is a draft. No clinician has signed it yet." in page
    assert "signed on" not in page


def test_a_look_at_it_is_remembered(as_desk, desk):
    plan = make_signable()

    as_desk.get(paper(plan))

    (look,) = AccessLog.objects.filter(user=desk)
    assert (look.patient, look.what) == (plan.patient, "plan on paper")


def test_the_plan_of_the_desk_leads_to_it(as_desk):
    plan = make_signable()

    page = as_desk.get(f"/desk/plans/{plan.pk}/").content.decode()

    assert paper(plan) in page


def pieces(plan, phase):
    return [(one.words, one.when) for one in paper_care.of_plan(plan, phase)]


def test_care_on_paper_says_from_when_and_for_how_long():
    plan = make_plan(protocol=make_protocol(care=[BEFORE, MAKE_UP, HEALED, LATER]))

    assert pieces(plan, CarePhase.PRE) == [("Keep the sun off.", "from 7 days before")]
    assert pieces(plan, CarePhase.POST) == [
        ("Wear no make-up.", "for 24 hours"),
        ("Wash your hands.", "until your skin has healed"),
        ("Come back.", "42 to 56 days afterwards"),
    ]


def test_a_milder_rule_that_a_clinician_allowed_is_the_one_on_paper():
    plan = make_plan(protocol=make_protocol(care=[MAKE_UP]))
    plan.decisions.create(
        rule_code="make-up",
        kind=DecisionKind.OVERRIDE,
        reason="Mineral make-up.",
        by=make_user(),
        at=NOW,
    )

    assert pieces(plan, CarePhase.POST) == [
        ("Then mineral make-up only.", "for 12 hours")
    ]
