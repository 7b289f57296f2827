"""The plan editor as a clinician uses it: the page, saving, live effect, templates."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import PlanStatus, PlanTemplate, TreatmentPlan
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
        "keep_as": "",
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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"session_count": 13}, "less than or equal to 12"),
        ({"depth_AREA": "2.1"}, "no deeper than 2.0 mm"),
        ({"gap_max": 57}, "from 42 to 56 days apart"),
        ({"phase_1": 7}, "in steps of five"),
        ({"area_AREA": None}, "at least one area"),
    ],
)
def test_what_cannot_be_saved_comes_back_as_typed_with_the_reason(
    as_clinician, changes, words
):
    plan = make_waiting()

    page = edit(as_clinician, plan, maintenance=3, **changes)

    assert page.status_code == 422
    assert words in page.content.decode()
    assert str(page.context["form"]["maintenance"].value()) == "3"
    assert not plan.versions.exists()


def test_of_two_clinicians_the_second_sees_the_plan_as_it_is_now(
    as_clinician, as_manager
):
    plan = make_waiting()
    edit(as_clinician, plan, session_count=4)

    page = edit(as_manager, plan, session_count=5)

    assert page.status_code == 422
    assert "Somebody has changed this plan meanwhile" in page.content.decode()
    assert [str(line) for line in page.context["effect"].lines] == ["Sessions 4 → 5"]


def test_the_live_effect_is_told_without_saving(as_clinician):
    plan = make_waiting()

    page = as_clinician.post(
        reverse("review:plan-preview", args=[plan.pk]),
        typed(plan, session_count=5, phase_1=45),
    )

    shown = page.content.decode()
    assert "A session: 85 minutes, 15 more" in shown
    assert 'hx-swap-oob="innerHTML"' in shown
    assert TreatmentPlan.objects.get(pk=plan.pk).session_count == 3


def test_a_field_that_cannot_be_read_is_named_in_the_live_effect(as_clinician):
    plan = make_waiting()

    page = as_clinician.post(
        reverse("review:plan-preview", args=[plan.pk]), typed(plan, session_count="")
    )

    assert "Say how many sessions." in page.content.decode()


def test_a_suggestion_is_filled_in_and_not_saved(as_clinician):
    plan = make_waiting()

    page = edit(as_clinician, plan, use="maintenance", severity="severe")

    assert page.status_code == 200
    assert page.context["form"]["maintenance"].value() == "3"
    assert page.context["form"]["session_count"].value() == "3"
    assert not plan.versions.exists()


def test_a_template_is_kept_and_filled_in_another_day(as_clinician, clinician):
    plan = make_waiting()

    kept = edit(as_clinician, plan, keep="1", keep_as="Mine", session_count=5)
    template = PlanTemplate.objects.get(owner=clinician)
    filled = edit(as_clinician, plan, apply="1", template=template.pk)

    assert "Kept as your template “Mine”" in kept.content.decode()
    assert filled.context["form"]["session_count"].value() == "5"
    assert not plan.versions.exists()


def test_nobody_fills_in_the_template_of_another(as_clinician, as_manager):
    plan = make_waiting()
    edit(as_clinician, plan, keep="1", keep_as="Mine")
    template = PlanTemplate.objects.get()

    page = edit(as_manager, plan, apply="1", template=template.pk)
    answer = as_manager.post(
        reverse("review:plan-templates"), {"template": template.pk, "delete": "1"}
    )

    assert page.status_code == 422
    assert answer.status_code == 404
    assert PlanTemplate.objects.exists()


def test_templates_are_renamed_and_deleted_on_their_page(as_clinician):
    plan, place = make_waiting(), reverse("review:plan-templates")
    for name in ("Mine", "Other"):
        edit(as_clinician, plan, keep="1", keep_as=name)
    first = PlanTemplate.objects.get(name="Mine")

    taken = as_clinician.post(place, {"template": first.pk, "name": "Other"})
    as_clinician.post(place, {"template": first.pk, "name": "Faces"})
    assert taken.status_code == 422
    assert "of that name already" in taken.content.decode()
    assert PlanTemplate.objects.filter(name="Faces").exists()

    as_clinician.post(place, {"template": first.pk, "delete": "1"})
    assert "Faces" not in as_clinician.get(place).content.decode()


def test_many_templates_cost_no_more_queries_than_one(as_clinician, count_queries):
    plan, place = make_waiting(), reverse("review:plan-templates")
    edit(as_clinician, plan, keep="1", keep_as="One")
    one = count_queries(as_clinician, place)

    for name in ("Two", "Three"):
        edit(as_clinician, plan, keep="1", keep_as=name)

    assert count_queries(as_clinician, place) == one


def test_the_versions_page_tells_what_each_changed(as_clinician):
    plan = make_waiting()
    edit(as_clinician, plan, session_count=4)
    plan.refresh_from_db()
    edit(as_clinician, plan, session_count=4, maintenance=2)
    place = reverse("review:plan-versions", args=[plan.pk])

    page = as_clinician.get(place, {"from": "1", "to": "3"})

    first, last, lines = page.context["compared"]
    assert (first.number, last.number) == (1, 3)
    assert {line.what for line in lines} == {
        "Sessions",
        "Maintenance, sessions a year",
    }


def test_a_signed_plan_is_previewed_then_waits_for_a_signature(as_clinician):
    plan = make_waiting()
    TreatmentPlan.objects.filter(pk=plan.pk).update(
        status=PlanStatus.APPROVED,
        reviewed_by=plan.drafted_by,
        reviewed_at=timezone.now(),
    )

    silent = edit(as_clinician, plan, maintenance=2)
    preview = edit(as_clinician, plan, maintenance=2, reason="She asked for it")
    signed = preview.context["signed"]
    edit(as_clinician, plan, maintenance=2, reason="She asked for it", preview=signed)

    assert silent.status_code == 422
    assert "Say why" in silent.content.decode()
    plan.refresh_from_db()
    assert (plan.status, plan.maintenance_per_year) == (PlanStatus.SUBMITTED, 2)
    assert plan.amendments.get().reason == "She asked for it"
