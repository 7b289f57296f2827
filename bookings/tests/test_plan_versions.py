"""What each version of a plan said is kept, and every difference is told in words."""

from decimal import Decimal

import pytest

from bookings.models import DecisionKind, PlanStatus, PlanVersion
from bookings.services import plans
from bookings.services.plans import AreaSetting
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import deciding, versions
from bookings.services.reviewing.deciding import Decision
from bookings.tests.factories import (
    NOW,
    RULES,
    make_answers,
    make_area,
    make_concern,
    make_plan,
    make_protocol,
    make_user,
)
from bookings.tests.test_plans import approve, send_back, settings_for

pytestmark = pytest.mark.django_db

MAKE_UP = {
    "code": "make-up",
    "phase": "post",
    "kind": "avoid",
    "text": "No make-up.",
    "starts": "hours",
    "starts_offset": 0,
    "ends": "hours",
    "ends_offset": 24,
    "source": "S0",
    "milder_hours": 12,
    "milder_source": "S2",
    "milder_text": "Mineral make-up only.",
}
ALLOWED = Decision("make-up", DecisionKind.OVERRIDE, "Mineral make-up, on stage")
LIFTED = Decision("keloid", DecisionKind.OVERRIDE, "One small scar, long ago")


def make_waiting(*, areas=(), protocol=None, **said):
    plan = make_plan(
        areas=areas,
        protocol=protocol,
        status=PlanStatus.SUBMITTED,
        submitted_at=NOW,
    )
    make_answers(plan, **said)
    return plan


def changed(plan, **fields):
    """The differences that `fields` make to what the plan says."""
    before = versions.contents(plan)
    for name, value in fields.items():
        setattr(plan, name, value)
    return [str(line) for line in versions.diff(before, versions.contents(plan))]


# --- Keeping -------------------------------------------------------------------------


def test_a_signature_keeps_exactly_what_was_signed(clinician):
    plan = make_waiting(areas=[make_area(name="Temples")])

    approve(plan, actor=clinician)

    kept = PlanVersion.objects.get()
    assert (kept.plan, kept.number, kept.by, kept.at) == (plan, 1, clinician, NOW)
    assert kept.contents["session_count"] == 3
    [temples] = kept.contents["areas"]
    assert (temples["name"], temples["depth_mm"], temples["passes"]) == (
        "Temples",
        "1.5",
        4,
    )


def test_what_was_returned_is_kept_and_what_is_sent_again_is_not_yet(desk):
    plan = make_waiting()
    send_back(plan)

    plans.submit(plan, desk, NOW)

    assert PlanVersion.objects.get().number == 1


def test_a_version_is_kept_once(clinician):
    plan = make_waiting()
    first = versions.keep(plan, clinician, NOW)
    plan.session_count = 5

    assert versions.keep(plan, clinician, NOW) == first
    assert versions.is_kept_otherwise(plan)
    assert PlanVersion.objects.get().contents["session_count"] == 3


def test_what_a_clinician_changes_in_a_kept_version_is_signed_under_a_new_one(
    clinician,
):
    plan = make_waiting()
    versions.keep(plan, clinician, NOW)

    review = approve(plan)

    assert review.plan_version == 2
    old, new = PlanVersion.objects.order_by("number")
    told = [str(one) for one in versions.diff(old.contents, new.contents)]
    assert told == ["Face, depth blank → 1.5 mm", "Face, passes blank → 4"]


def test_a_kept_version_that_is_signed_as_it_stands_keeps_its_number(clinician):
    plan = make_waiting()
    plan.areas.update(depth_mm=Decimal("1.5"), passes=4)
    versions.keep(plan, clinician, NOW)

    assert approve(plan).plan_version == 1


# --- Differences ---------------------------------------------------------------------


def test_a_shallower_depth_is_told_by_area():
    plan = make_waiting(areas=[make_area(name="Cheeks"), make_area(name="Temples")])
    plan.areas.update(depth_mm=Decimal("1.5"), passes=4)
    before = versions.contents(plan)
    plan.areas.filter(area__name="Temples").update(depth_mm=Decimal("1.0"))

    told = versions.diff(before, versions.contents(plan))

    assert [str(line) for line in told] == ["Temples, depth 1.5 mm → 1.0 mm"]
    temples = plan.areas.get(area__name="Temples").area_id
    assert versions.depth_before(before, temples) == "1.5"
    assert versions.depth_before(before, 0) == ""


def test_an_area_that_comes_or_goes_is_told():
    plan = make_waiting(areas=[make_area(name="Cheeks")])
    before = versions.contents(plan)
    plan.areas.all().delete()
    plan.areas.create(area=make_area(name="Neck"))

    told = [str(line) for line in versions.diff(before, versions.contents(plan))]

    assert told == [
        "Cheeks in the plan → not in the plan",
        "Neck not in the plan → in the plan",
    ]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"session_count": 4}, "Sessions 3 → 4"),
        ({"gap_min_days": 45, "gap_max_days": 60}, "Gap between sessions 42 to 56 days → 45 to 60 days"),
        ({"target_layer": "dermis"}, "Target layer Epidermis → Dermis"),
        ({"phase_minutes": {"numbing": 45}}, "Numbing, minutes as usual → 45"),
        ({"maintenance_per_year": 2}, "Maintenance, sessions a year blank → 2"),
        ({"wishes": "Smoother"}, "In the patient’s words blank → Smoother"),
    ],
)  # fmt: skip
def test_what_changed_is_told_in_words(fields, told):
    assert changed(make_waiting(), **fields) == [told]


def test_other_concerns_are_told():
    plan = make_waiting()
    before = versions.contents(plan)
    plan.concerns.set([make_concern(name="Wrinkles"), make_concern(name="Acne scars")])

    [line] = versions.diff(before, versions.contents(plan))

    assert str(line) == "For Fine lines → Acne scars, Wrinkles"


def test_where_nothing_changed_nothing_is_told():
    assert changed(make_waiting()) == []


# --- Decisions -----------------------------------------------------------------------


def test_a_blocking_rule_is_lifted_only_by_those_who_may(clinician):
    plan = make_waiting(keloid="yes")

    with pytest.raises(BookingRefused, match="somebody who may override rules"):
        approve(plan, decisions=[LIFTED], actor=make_user("Front desk"))
    approve(plan, decisions=[LIFTED], actor=clinician)

    assert plan.decisions.get().by == clinician


def test_a_decision_on_no_rule_of_the_plan_is_refused(clinician):
    plan = make_waiting()
    other = Decision("make-up", DecisionKind.OVERRIDE, "Mineral make-up")

    with pytest.raises(BookingRefused, match="no such rule"):
        approve(plan, decisions=[other], actor=clinician)


def test_milder_care_is_allowed_with_a_reason_and_taken_back_by_the_last_word():
    plan = make_waiting(protocol=make_protocol(rules=RULES, care=[MAKE_UP]))
    [before] = deciding.milder_care(plan)

    deciding.write(plan, [ALLOWED], make_user(), NOW)
    [allowed] = deciding.milder_care(plan)
    back = Decision("make-up", DecisionKind.CLEARED, "Off stage again")
    deciding.write(plan, [back], make_user(), NOW)
    [after] = deciding.milder_care(plan)

    assert (before.allowed_by, after.allowed_by) == (None, None)
    assert allowed.allowed_by.reason == "Mineral make-up, on stage"
    assert allowed.instruction.milder_hours == 12


def test_an_area_setting_carries_energy_only_where_it_is_said():
    plan = make_waiting()
    [area] = plan.areas.all()
    plan.areas.update(rf_energy="Level 2")
    approve(plan, areas=settings_for(plan))
    assert plan.areas.get().rf_energy == "Level 2"

    other = make_waiting()
    [row] = other.areas.all()
    approve(other, areas=[AreaSetting(row.area_id, Decimal("1.0"), 3, "Level 3")])
    assert other.areas.get().rf_energy == "Level 3"
    assert area.area != row.area
