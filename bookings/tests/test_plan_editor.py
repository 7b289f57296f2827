"""The plan editor as a clinician uses it: the page, saving, live effect, templates."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import PlanStatus, TreatmentPlan
from bookings.tests.factories import (
    make_answers,
    make_area,
    make_concern,
    make_place_with_people,
    make_plan,
    make_protocol,
)

pytestmark = pytest.mark.django_db


def make_waiting(**fields):
    """A plan that waits for review, for one area of its treatment."""
    now = timezone.now()
    concern, area = make_concern(), make_area()
    protocol = fields.pop("protocol", None) or make_protocol()
    protocol.treatment.concerns.add(concern)
    protocol.treatment.areas.add(area)
    plan = make_plan(
        location=make_place_with_people(),
        protocol=protocol,
        concerns=[concern],
        areas=[area],
        status=PlanStatus.SUBMITTED,
        submitted_at=now,
        drafted_at=now,
        **fields,
    )
    make_answers(plan, answered_at=now - timedelta(days=1))
    return plan


def typed(plan, **changes):
    """The editor's fields as they stand, with `changes`; None leaves a field out."""
    area = plan.areas.get().area_id
    fields = {
        "version": plan.version,
        "severity": "moderate",
        "concerns": [row.pk for row in plan.concerns.all()],
        f"area-{area}": "on",
        "session_count": plan.session_count,
        "gap_min": plan.gap_days[0],
        "gap_max": plan.gap_days[1],
        "layer": plan.target_layer or plan.protocol.target_layer,
        "maintenance": "",
        "phase-0": 30,
        "phase-1": 30,
        "phase-2": 10,
        "reason": "",
        "template_name": "",
    }
    named = {name.replace("_AREA", f"-{area}"): v for name, v in changes.items()}
    named = {name.replace("phase_", "phase-"): v for name, v in named.items()}
    return {k: v for k, v in (fields | named).items() if v is not None}


def edit(client, plan, **changes):
    return client.post(
        reverse("review:plan-edit", args=[plan.pk]), typed(plan, **changes)
    )


def test_the_editor_shows_what_the_plan_says(as_clinician):
    plan = make_waiting()

    page = as_clinician.get(reverse("review:plan-edit", args=[plan.pk]))

    assert page.status_code == 200
    assert page.context["form"]["session_count"].value() == 3
    assert "Nothing changes yet." in page.content.decode()


def test_saving_makes_a_new_version_and_keeps_the_old_one(as_clinician, clinician):
    plan = make_waiting()

    answer = edit(
        as_clinician,
        plan,
        session_count=4,
        depth_AREA="0.2",
        passes_AREA=5,
        phase_1=45,
        maintenance=2,
    )

    assert answer.url == reverse("review:plan", args=[plan.pk])
    saved = TreatmentPlan.objects.get(pk=plan.pk)
    assert (saved.version, saved.session_count, saved.status) == (2, 4, "submitted")
    assert (saved.phase_minutes, saved.maintenance_per_year) == ({"needling": 45}, 2)
    area = saved.areas.get()
    assert (area.depth_mm, area.passes) == (Decimal("0.2"), 5)
    assert list(saved.versions.values_list("number", flat=True)) == [1, 2]
    assert saved.versions.get(number=1).contents["session_count"] == 3
    assert saved.versions.get(number=2).by == clinician
