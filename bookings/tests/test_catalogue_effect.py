"""What a draft would mean for plans that run: named before anybody signs it."""

from datetime import timedelta

import pytest

from bookings.models import AccessLog
from bookings.services.vouching import effect
from bookings.tests.conftest import signed_in
from bookings.tests.factories import (
    NOW,
    PREGNANCY,
    make_appointment,
    make_area,
    make_plan,
    make_protocol,
    make_user,
)
from clinic.roles import MEDICAL_DIRECTOR
from treatments.models import SuitabilityRule
from treatments.services import editing

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(db):
    return make_user(MEDICAL_DIRECTOR)


def drafted(head, protocol=None, **changes):
    """A draft with `changes` of its figures."""
    protocol = protocol or make_protocol()
    draft = editing.begin(protocol.treatment, actor=head, now=NOW)
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save(update_fields=changes)
    draft.refresh_from_db()
    return draft


def running(draft, **fields):
    return make_plan(protocol=draft.treatment.current_protocol(), **fields)


def with_depth(draft, depth, passes=4):
    plan = running(draft, areas=[make_area(name="Face")])
    plan.areas.update(depth_mm=depth, passes=passes)
    return plan


def reasons(draft):
    return [why for one in effect.of(draft, now=NOW).outside for why in one.reasons]


def test_running_plans_are_counted_by_the_version_they_keep(head):
    draft = drafted(head)
    running(draft)
    running(draft, status="submitted")
    running(draft, status="declined")

    found = effect.of(draft, now=NOW)

    assert (found.plans, found.versions, found.is_quiet) == (2, ((1, 2),), True)


@pytest.mark.parametrize(
    ("depth", "why"),
    [
        ("1.5", []),
        ("1.6", ["Face: 1.6 mm deep, at most 1.5 mm in the draft."]),
    ],
)
def test_a_plan_deeper_than_the_new_limit_is_named(head, depth, why):
    draft = drafted(head, max_depth_mm="1.5")
    with_depth(draft, depth)

    assert reasons(draft) == why


@pytest.mark.parametrize(
    ("passes", "is_named"), [(2, True), (3, False), (6, False), (7, True)]
)
def test_passes_outside_the_new_range_are_named(head, passes, is_named):
    draft = drafted(head, passes_min=3, passes_max=6)
    with_depth(draft, "1.0", passes)

    assert bool(reasons(draft)) is is_named


def test_a_gap_and_a_maintenance_of_its_own_are_judged(head):
    draft = drafted(head, gap_min_days=45, maintenance_max=2)
    running(draft, gap_min_days=44, gap_max_days=50, maintenance_per_year=3)
    running(draft, gap_min_days=45, gap_max_days=56, maintenance_per_year=2)

    assert reasons(draft) == [
        "Its own gaps of 44 to 50 days reach outside the draft’s.",
        "3 maintenance sessions a year, outside the draft’s number.",
    ]


def test_what_its_own_version_does_not_allow_either_is_nothing_new(head):
    draft = drafted(head, passes_max=19)
    with_depth(draft, "1.0", 21)

    assert reasons(draft) == []


def test_more_sessions_than_the_draft_gives_are_named(head):
    draft = drafted(head)
    draft.session_counts.update(maximum=3)
    running(draft, session_count=3)
    running(draft, session_count=4)

    assert reasons(draft) == ["4 sessions, outside the number in the draft."]


def test_work_that_is_to_be_supervised_from_now_on_is_named(head):
    draft = drafted(head, target_layer="dermis", needs_supervision=True)
    running(draft)

    assert reasons(draft) == [
        "Planned without a supervising doctor; the draft needs one."
    ]


@pytest.mark.parametrize(("days", "is_named"), [(44, True), (45, False)])
def test_a_session_closer_than_the_new_gap_is_named(head, days, is_named):
    draft = drafted(head, gap_min_days=45)
    plan = running(draft, session_count=2)
    first = NOW + timedelta(days=2)
    make_appointment(plan=plan, number=1, starts_at=first)
    make_appointment(plan=plan, number=2, starts_at=first + timedelta(days=days))

    found = effect.of(draft, now=NOW)

    assert [one.days for one in found.unspaced] == ([days] if is_named else [])
    assert found.bookings == 2


def test_a_question_that_running_plans_never_asked_is_named(head):
    draft = drafted(head, make_protocol(rules=()))
    SuitabilityRule.objects.create(protocol=draft, **PREGNANCY)

    assert effect.of(draft, now=NOW).questions == (
        "Are you pregnant or breastfeeding?",
    )


def test_who_is_named_on_the_page_was_looked_at(head):
    draft = drafted(head, max_depth_mm="1.5")
    plan = with_depth(draft, "2.0")

    page = signed_in(head).get(f"/review/catalogue/{draft.treatment.code}/effect/")

    assert "Face: 2.0 mm deep" in page.content.decode()
    assert AccessLog.objects.get().patient == plan.patient


def test_the_effect_costs_the_same_for_one_plan_and_for_three(head, count_queries):
    draft = drafted(head, max_depth_mm="1.5", gap_max_days=49)
    address = f"/review/catalogue/{draft.treatment.code}/effect/"
    client = signed_in(head)

    def add():
        plan = with_depth(draft, "2.0")
        for number in (1, 2):
            starts = NOW + timedelta(days=50 * number)
            make_appointment(plan=plan, number=number, starts_at=starts)

    add()
    count_queries(client, address)
    one = count_queries(client, address)
    add()
    add()

    assert count_queries(client, address) == one
