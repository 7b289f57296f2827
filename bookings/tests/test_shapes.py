"""A plan's own minutes and layer count wherever its sessions are made."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from bookings.models import Claim
from bookings.services import diary, judging, shapes
from bookings.services.judging import PlannedSession
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import NOW, draft_protocol, make_plan
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    roles_at,
)
from treatments.models import ProtocolPhase, ProtocolRole

pytestmark = pytest.mark.django_db

EVERY_DAY = frozenset(range(7))


def make_supervised(**fields):
    """A protocol that asks for a doctor on the premises while needles are at work."""
    protocol = draft_protocol(needs_supervision=True, **fields)
    ProtocolRole.objects.create(
        protocol=protocol,
        name="supervisor",
        kind="practitioner",
        skills=["doctor"],
        shared=True,
        source="S1",
    )
    ProtocolPhase.objects.filter(protocol=protocol, name="needling").update(
        roles=["operator", "room", "device", "supervisor"]
    )
    protocol.published_at = NOW
    protocol.save(update_fields=["published_at"])
    return protocol


def names(plan):
    return [role.name for role in shapes.roles_of(plan)]


def minutes(plan):
    return {phase.name: phase.minutes for phase in shapes.phases_of(plan)}


def session(plan, length):
    start = local(FIRST)
    end = start + timedelta(minutes=length)
    return PlannedSession(1, start, end, roles_at(plan.location))


def test_a_plans_own_minutes_stand_in_for_the_protocols():
    plan = make_approved(phase_minutes={"needling": 45})

    assert minutes(plan) == {"numbing": 30, "needling": 45, "turnover": 10}
    assert shapes.minutes_of(plan) == 85
    assert shapes.leaves_at(plan, NOW) == NOW + timedelta(minutes=75)


def test_the_planner_looks_for_as_long_a_time_as_the_plan_says():
    plan = make_approved(phase_minutes={"needling": 45})
    day = date(2026, 12, 8)
    asked = diary.Request(day, EVERY_DAY, (time(9), time(17)))

    problem = diary.read(plan, asked, now=NOW).problem

    assert problem.length == 85


@pytest.mark.parametrize(("length", "refused"), [(70, True), (85, False), (90, True)])
def test_a_session_lasts_as_long_as_the_plan_says(length, refused):
    plan = make_approved(phase_minutes={"needling": 45}, session_count=1)

    try:
        judging.judge_series(plan, [session(plan, length)], now=NOW)
        said = ""
    except BookingRefused as refusal:
        said = str(refusal)

    assert ("has to last 85 minutes" in said) == refused


def test_the_practitioner_is_taken_for_the_plans_own_minutes():
    plan = make_approved(phase_minutes={"needling": 45}, session_count=1)

    book(plan, [session(plan, 85)])

    taken = Claim.objects.get(role="operator").during
    assert taken.upper - taken.lower == timedelta(minutes=45)
    room = Claim.objects.get(role="room").during
    assert room.upper - room.lower == timedelta(minutes=85)


@pytest.mark.parametrize(
    ("layer", "supervised"), [("", True), ("dermis", True), ("epidermis", False)]
)
def test_only_work_that_stays_in_the_epidermis_needs_no_doctor(layer, supervised):
    plan = make_plan(protocol=make_supervised(target_layer="dermis"))
    plan.target_layer = layer

    assert shapes.is_supervised(plan) == supervised
    assert ("supervisor" in names(plan)) == supervised
    used = {role for phase in shapes.phases_of(plan) for role in phase.roles}
    assert ("supervisor" in used) == supervised


def test_a_doctor_that_an_epidermal_protocol_asks_for_stays():
    plan = make_plan(protocol=make_supervised(target_layer="epidermis"))
    plan.target_layer = "epidermis"

    assert shapes.is_supervised(plan)


@pytest.mark.parametrize(
    ("layer", "limit"), [("", "2.0"), ("dermis", "2.0"), ("epidermis", "0.3")]
)
def test_the_layer_bounds_the_depth(layer, limit):
    plan = make_plan(protocol=make_supervised(target_layer="dermis"))
    plan.target_layer = layer

    assert shapes.depth_limit(plan) == Decimal(limit)
