"""Every rule of the tables, from both sides; what they say is what people read."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from treatments import care, composition, suitability
from treatments.models import (
    AnswerKind,
    AskAgain,
    Concern,
    EffectKind,
    InstructionEdge,
    InstructionKind,
    InstructionPhase,
    Protocol,
    RuleKind,
    TargetLayer,
    Treatment,
    WaitUnit,
)
from treatments.tests.factories import PARTS, make_draft, make_part, make_treatment

pytestmark = pytest.mark.django_db


def refusal(make, *about: Any, **fields: Any) -> str:
    """The name of the constraint that refuses the row."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        make(*about, **fields)
    return refused.value.__cause__.diag.constraint_name


# --- Protocols -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad", "name"),
    [
        (
            {"gap_min_days": 1},
            {"gap_min_days": 0},
            "protocol_gap_at_least_one_day",
        ),
        (
            {"gap_min_days": 49, "gap_max_days": 49},
            {"gap_min_days": 50, "gap_max_days": 49, "ideal_gap_days": 50},
            "protocol_gap_in_order",
        ),
        ({"ideal_gap_days": 42}, {"ideal_gap_days": 41}, "protocol_ideal_gap_within"),
        ({"ideal_gap_days": 56}, {"ideal_gap_days": 57}, "protocol_ideal_gap_within"),
        (
            {"maintenance_min": 3},
            {"maintenance_min": 4},
            "protocol_maintenance_in_order",
        ),
        (
            {"max_depth_mm": Decimal("2.0")},
            {"max_depth_mm": Decimal("2.1")},
            "protocol_depth_at_most_two_mm",
        ),
        (
            {"max_depth_mm": Decimal("0.1")},
            {"max_depth_mm": Decimal("0.0")},
            "protocol_depth_at_most_two_mm",
        ),
        ({"passes_min": 20}, {"passes_min": 21}, "protocol_passes_in_order"),
        ({"passes_min": 1}, {"passes_min": 0}, "protocol_passes_in_order"),
        ({"version": 1}, {"version": 0}, "protocol_versions_count_from_one"),
        (
            {"target_layer": "epidermis"},
            {"target_layer": "bone"},
            "protocol_layer_is_known",
        ),
        (
            {"target_layer": "epidermis", "needs_supervision": False},
            {"target_layer": "dermis", "needs_supervision": False},
            "protocol_dermis_is_supervised",
        ),
        (
            {"gap_source": "S1 S2"},
            {"gap_source": "S3"},
            "protocol_gap_source_is_known",
        ),
    ],
)
def test_the_figures_of_a_protocol_stay_within_their_limits(good, bad, name):
    make_draft(**good)

    assert refusal(make_draft, **bad) == name


def test_the_shortest_gap_is_never_longer_than_the_longest():
    protocol = make_draft()
    protocol.gap_min_days, protocol.gap_max_days = 50, 49

    with pytest.raises(ValidationError) as refused:
        protocol.validate_constraints()

    assert "The shortest gap is longer than the longest." in refused.value.messages


def test_a_version_is_there_once():
    treatment = make_treatment()
    make_draft(treatment=treatment, version=1)
    make_draft(treatment=treatment, version=2)

    refused_by = refusal(make_draft, treatment=treatment, version=2)

    assert refused_by == "protocol_version_once"


def test_an_approval_is_a_person_and_a_time(director):
    refused_by = refusal(make_draft, approved_by=director)

    assert refused_by == "protocol_approval_is_whole"


def test_a_treatment_has_one_of_three_shapes():
    for shape in ("circle", "drop", "diamond"):
        make_treatment(shape=shape)

    assert refusal(make_treatment, shape="star") == "treatment_shape_is_known"


# --- Their rows ----------------------------------------------------------------------

ROWS = [
    ("session_counts", {"minimum": 1}, {"minimum": 0}, "sessioncount_in_order"),
    ("session_counts", {"minimum": 3}, {"minimum": 4}, "sessioncount_in_order"),
    ("session_counts", {"maximum": 3}, {"maximum": 2}, "sessioncount_in_order"),
    ("phases", {"minutes": 1}, {"minutes": 0}, "protocolphase_takes_time"),
    ("phases", {"roles": ["a"]}, {"roles": []}, "protocolphase_uses_something"),
    ("roles", {"kind": "device"}, {"kind": "pet"}, "protocolrole_kind_is_known"),
    (
        "care_instructions",
        {"kind": "wash"},
        {"kind": "shun"},
        "careinstruction_kind_is_known",
    ),
    (
        "care_instructions",
        {"ends": "healed", "ends_offset": None},
        {"ends": "healed", "ends_offset": 24},
        "careinstruction_ends_offset_where_counted",
    ),
    (
        "care_instructions",
        {"starts_offset": 0},
        {"starts_offset": -1},
        "careinstruction_aftercare_counts_forward",
    ),
    (
        "care_instructions",
        {
            "phase": "pre",
            "starts": "days",
            "starts_offset": 0,
            "ends": "session",
            "ends_offset": None,
        },
        {
            "phase": "pre",
            "starts": "days",
            "starts_offset": 1,
            "ends": "session",
            "ends_offset": None,
        },
        "careinstruction_precare_counts_days_back",
    ),
    (
        "care_instructions",
        {"milder_hours": 23, "milder_source": "S2"},
        {"milder_hours": 24, "milder_source": "S2"},
        "careinstruction_stricter_rules",
    ),
    (
        "care_instructions",
        {"milder_hours": 12, "milder_source": "S2"},
        {"milder_hours": 12, "milder_source": ""},
        "careinstruction_stricter_rules",
    ),
    ("rules", {"kind": "defer"}, {"kind": "maybe"}, "suitabilityrule_kind_is_known"),
    (
        "rules",
        {"ask_again": "before-session"},
        {"ask_again": "hourly"},
        "suitabilityrule_asking_is_known",
    ),
    (
        "rules",
        {
            "kind": "wait",
            "wait_amount": 1,
            "wait_unit": "days",
            "answer_kind": "yes-no-date",
            "date_text": "When?",
        },
        {
            "kind": "wait",
            "wait_amount": 0,
            "wait_unit": "days",
            "answer_kind": "yes-no-date",
            "date_text": "When?",
        },
        "suitabilityrule_wait_says_how_long",
    ),
    (
        "rules",
        {"answer_kind": "yes-no-date", "date_text": "When?"},
        {"answer_kind": "yes-no-date"},
        "suitabilityrule_date_is_asked_for",
    ),
    ("effects", {"kind": "rare"}, {"kind": "odd"}, "protocoleffect_kind_is_known"),
    ("facts", {"source": "S0"}, {"source": "S9"}, "protocolfact_source_is_known"),
]


@pytest.mark.parametrize(("part", "good", "bad", "name"), ROWS)
def test_a_row_stays_within_its_limits(part, good, bad, name):
    make_part(make_draft(), part, **good)

    refused_by = refusal(make_part, make_draft(), part, **bad)

    assert refused_by == name


@pytest.mark.parametrize("part", PARTS)
def test_a_row_is_there_once(part):
    protocol = make_draft()
    make_part(protocol, part)

    elsewhere = {"position": 1} if part == "phases" else {}
    refused_by = refusal(make_part, protocol, part, **elsewhere)

    assert refused_by.endswith("_once")


def test_two_concerns_may_each_have_a_number_of_sessions():
    protocol = make_draft()
    for code in ("acne-scars", "wrinkles"):
        make_part(
            protocol,
            "session_counts",
            concern=Concern.objects.create(code=code, name=code),
        )

    assert protocol.session_counts.count() == 2


def test_every_rule_of_a_protocol_carries_words_for_people():
    models = [Protocol, Treatment, *(row.related_model for row in part_relations())]

    silent = [
        constraint.name
        for model in models
        for constraint in model._meta.constraints
        if constraint.violation_error_message
        == constraint.default_violation_error_message
    ]

    assert silent == []


def part_relations() -> list[Any]:
    return [Protocol._meta.get_field(name) for name in PARTS]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (RuleKind, suitability.RuleKind),
        (AnswerKind, suitability.AnswerKind),
        (AskAgain, suitability.AskAgain),
        (WaitUnit, suitability.WaitUnit),
        (InstructionPhase, care.CarePhase),
        (InstructionKind, care.CareKind),
        (InstructionEdge, care.Edge),
        (EffectKind, composition.EffectKind),
        (TargetLayer, composition.SkinLayer),
    ],
)
def test_tables_and_pure_modules_speak_the_same_words(choices, words):
    assert choices.values == [str(word) for word in words]


@pytest.mark.parametrize("part", PARTS)
def test_a_row_reads_as_words_and_as_a_value(part):
    row = make_part(make_draft(), part)

    assert row.in_words()
    assert isinstance(row.as_value(), type(row).value_class)
