from dataclasses import replace
from decimal import Decimal

import pytest

from treatments.care import Instruction
from treatments.composition import (
    CompositionError,
    Effect,
    Fact,
    Figures,
    Part,
    PartPhase,
    Phase,
    Role,
    SessionCount,
    compose,
    compose_phases,
    compose_roles,
    larger_count,
    stricter_care,
    stricter_figures,
    stricter_rule,
)
from treatments.suitability import Rule

FIGURES = Figures(
    gap_min_days=42,
    gap_max_days=56,
    gap_source="S1",
    ideal_gap_days=49,
    ideal_gap_source="S1",
    maintenance_min=1,
    maintenance_max=3,
    maintenance_source="S1",
    single_session_may_do=True,
    single_session_source="S1",
    max_depth_mm=Decimal("2.0"),
    depth_source="S1",
    passes_min=1,
    passes_max=20,
    passes_source="S1",
    target_layer="epidermis",
    layer_source="S1",
    needs_supervision=False,
    supervision_source="S1",
)


def figures(**fields) -> Figures:
    """As FIGURES, from another source."""
    sources = {name: "S2" for name in Figures.__slots__ if name.endswith("source")}
    return replace(FIGURES, **sources | fields)


def phase(name: str, minutes: int, *roles: str, within: str = "") -> PartPhase:
    return PartPhase(Phase(name, minutes, roles or ("room",), "S1"), within)


def role(name: str, *skills: str, **fields) -> Role:
    return Role(
        **{"name": name, "kind": "device", "skills": skills, "source": "S1"} | fields
    )


def care(**fields) -> Instruction:
    defaults = {
        "code": "make-up",
        "phase": "post",
        "kind": "avoid",
        "text": "No make-up.",
        "starts": "hours",
        "starts_offset": 0,
        "ends": "hours",
        "ends_offset": 24,
        "source": "S0",
    }
    return Instruction(**defaults | fields)


def rule(kind: str = "decide", **fields) -> Rule:
    defaults = {
        "code": "thing",
        "question": "thing",
        "question_text": "Thing?",
        "reason": "Thing.",
        "source": "S2",
    }
    if kind == "wait":
        defaults |= {"answer_kind": "yes-no-date", "date_text": "When?"}
    return Rule(kind=kind, **defaults | fields)


def part(code: str = "needling", **fields) -> Part:
    defaults = {
        "figures": FIGURES,
        "phases": (phase("Needling", 30),),
        "roles": (role("room", "treatment"),),
    }
    return Part(code, **defaults | fields)


# --- Figures -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "gap", "source"),
    [
        ({}, (42, 56), "S1"),
        ({"gap_min_days": 49}, (49, 56), "S2"),
        ({"gap_max_days": 50}, (42, 50), "S2"),
        ({"gap_min_days": 40, "gap_max_days": 60}, (42, 56), "S1"),
        ({"gap_min_days": 56, "gap_max_days": 60}, (56, 56), "S2"),
    ],
)
def test_sessions_keep_the_distance_that_every_part_asks_for(other, gap, source):
    told = stricter_figures(FIGURES, figures(**other))

    assert (told.gap_min_days, told.gap_max_days) == gap
    assert told.gap_source == source


def test_parts_without_a_common_gap_make_no_treatment():
    other = figures(gap_min_days=57, gap_max_days=60, ideal_gap_days=57)

    with pytest.raises(CompositionError, match="gap_days: the parts leave nothing"):
        stricter_figures(FIGURES, other)


@pytest.mark.parametrize(
    ("other", "ideal"),
    [
        ({"ideal_gap_days": 45}, 49),
        ({"ideal_gap_days": 52}, 52),
        ({"gap_max_days": 47, "ideal_gap_days": 45}, 47),
        ({"gap_min_days": 51, "ideal_gap_days": 51}, 51),
    ],
)
def test_the_longer_ideal_gap_wins_and_stays_within_what_is_allowed(other, ideal):
    assert stricter_figures(FIGURES, figures(**other)).ideal_gap_days == ideal


@pytest.mark.parametrize(
    ("depth", "told", "source"), [("1.9", "1.9", "S2"), ("2.1", "2.0", "S1")]
)
def test_the_shallower_depth_wins(depth, told, source):
    composed = stricter_figures(FIGURES, figures(max_depth_mm=Decimal(depth)))

    assert (str(composed.max_depth_mm), composed.depth_source) == (told, source)


def test_the_deeper_layer_counts_and_supervision_wanted_by_one_is_wanted_by_all():
    deep = figures(target_layer="dermis", needs_supervision=True)

    for told in (stricter_figures(FIGURES, deep), stricter_figures(deep, FIGURES)):
        assert (told.target_layer, told.layer_source) == ("dermis", "S2")
        assert (told.needs_supervision, told.supervision_source) == (True, "S2")


def test_a_single_session_does_only_where_it_does_for_every_part():
    told = stricter_figures(FIGURES, figures(single_session_may_do=False))

    assert (told.single_session_may_do, told.single_session_source) == (False, "S2")


@pytest.mark.parametrize("what", ["gap_max_days", "maintenance_max", "passes_max"])
def test_a_range_that_runs_backwards_is_refused(what):
    with pytest.raises(ValueError, match=f"is more than {what}"):
        figures(**{what: 0})


# --- Counts, care and rules ----------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ((2, 3, 3), (2, 3, 3), (2, 3, 3)),
        ((2, 3, 3), (1, 4, 6), (2, 4, 6)),
        ((2, 3, 3), (5, 5, None), (5, 5, None)),
        ((5, 5, None), (2, 3, 3), (5, 5, None)),
    ],
)
def test_the_larger_number_of_sessions_wins_and_or_more_beats_any(a, b, told):
    count = larger_count(SessionCount("x", *a, "S1"), SessionCount("x", *b, "S2"))

    assert (count.minimum, count.usual, count.maximum) == told
    assert count.source == ("S2" if b[1] > a[1] else "S1")


@pytest.mark.parametrize(
    ("a", "b", "wins"),
    [
        (care(ends_offset=24), care(ends_offset=12), "a"),
        (care(ends_offset=24), care(ends_offset=25), "b"),
        (care(ends_offset=24), care(ends="days", ends_offset=2), "b"),
        (care(ends_offset=49), care(ends="days", ends_offset=2), "a"),
        (care(ends_offset=24), care(ends="healed", ends_offset=None), "b"),
        (
            care(ends="onwards", ends_offset=None),
            care(ends="healed", ends_offset=None),
            "a",
        ),
    ],
)
def test_the_longer_abstinence_wins(a, b, wins):
    longer = a if wins == "a" else b

    assert stricter_care(a, b) == longer
    assert stricter_care(b, a) == longer


def test_care_before_a_session_begins_with_the_earlier_part():
    pre = {"phase": "pre", "starts": "days", "ends": "session", "ends_offset": None}
    week = care(**pre, starts_offset=-7)
    month = care(**pre, starts_offset=-28)

    assert stricter_care(week, month).starts_offset == -28


def test_care_that_means_two_things_makes_no_treatment():
    with pytest.raises(CompositionError, match="care make-up"):
        stricter_care(care(), care(kind="wash"))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (rule("exclude"), rule("defer")),
        (rule("defer"), rule("wait", wait_amount=3, wait_unit="months")),
        (rule("wait", wait_amount=3, wait_unit="months"), rule("decide")),
        (
            rule("wait", wait_amount=4, wait_unit="months"),
            rule("wait", wait_amount=3, wait_unit="months"),
        ),
        (
            rule("wait", wait_amount=1, wait_unit="years"),
            rule("wait", wait_amount=11, wait_unit="months"),
        ),
    ],
)
def test_what_is_harder_to_lift_wins_then_the_longer_wait(a, b):
    assert stricter_rule(a, b) == a
    assert stricter_rule(b, a) == a


def test_a_rule_is_asked_again_as_often_as_any_part_wants():
    often = rule("defer", ask_again="before-session")
    once = rule("exclude", may_be_overridden=True)

    told = stricter_rule(once, often)

    assert (told.kind, told.ask_again, told.may_be_overridden) == (
        "exclude",
        "before-session",
        False,
    )


def test_a_rule_that_asks_two_questions_makes_no_treatment():
    with pytest.raises(CompositionError, match="ask different questions"):
        stricter_rule(rule(), rule(question="other"))


# --- Phases and roles ----------------------------------------------------------------


def test_work_within_a_phase_takes_its_last_minutes_with_the_roles_of_both():
    phases = compose_phases(
        [
            phase("Numbing", 30, "room"),
            phase("Needling", 30, "operator", "room"),
            phase("Draw", 20, "operator", "centrifuge", within="Numbing"),
        ]
    )

    assert [(p.name, p.minutes, p.roles) for p in phases] == [
        ("Numbing", 10, ("room",)),
        ("Draw", 20, ("room", "operator", "centrifuge")),
        ("Needling", 30, ("operator", "room")),
    ]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(29, [("Numbing", 1), ("Draw", 29)]), (30, [("Draw", 30)]), (31, [("Draw", 31)])],
)
def test_work_that_fills_its_host_takes_its_place(minutes, told):
    phases = compose_phases(
        [phase("Numbing", 30), phase("Draw", minutes, within="Numbing")]
    )

    assert [(p.name, p.minutes) for p in phases] == told


def test_work_within_an_unknown_phase_makes_no_treatment():
    with pytest.raises(CompositionError, match="no phase Numbing"):
        compose_phases([phase("Draw", 20, within="Numbing")])


def test_of_two_phases_with_one_name_the_longer_wins_with_the_roles_of_both():
    phases = compose_phases([phase("Needling", 30, "a"), phase("Needling", 40, "b")])

    assert [(p.minutes, p.roles) for p in phases] == [(40, ("a", "b"))]


def test_a_role_has_every_skill_any_part_asks_for():
    roles = compose_roles(
        [role("operator", "needling"), role("operator", "rf", "needling")]
    )

    assert [r.skills for r in roles] == [("needling", "rf")]


def test_a_role_is_shared_only_where_every_part_shares_it():
    roles = compose_roles([role("a", shared=True), role("a"), role("b", shared=True)])

    assert [r.shared for r in roles] == [False, True]


def test_a_role_of_two_kinds_makes_no_treatment():
    with pytest.raises(
        CompositionError, match="role a: two parts want different kinds"
    ):
        compose_roles([role("a"), role("a", kind="room")])


# --- Whole protocols -----------------------------------------------------------------


def test_a_combination_has_the_care_rules_effects_and_facts_of_all_its_parts():
    plasma = Part(
        "prp",
        care=(care(code="painkillers"),),
        rules=(rule(code="bleeding"),),
        effects=(Effect("bruise", "rare", "A bruise.", "S2"),),
        facts=(Fact("lot", "The lot.", "S2"),),
    )
    needling = part(care=(care(),), rules=(rule(),))

    composed = compose([needling, plasma])

    assert [c.code for c in composed.care] == ["make-up", "painkillers"]
    assert [r.code for r in composed.rules] == ["thing", "bleeding"]
    assert [e.code for e in composed.effects] == ["bruise"]
    assert [f.code for f in composed.facts] == ["lot"]


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ([part(figures=None)], "how far apart"),
        ([part(phases=())], "not both declared and used"),
        ([part(phases=(), roles=())], "a session needs at least one"),
        ([part(roles=())], "roles: room is not both declared and used"),
        ([part(figures=figures(target_layer="dermis"))], "needs a doctor"),
        ([part(figures=figures(needs_supervision=True))], "needs a supervisor"),
    ],
)
def test_a_protocol_that_cannot_be_given_is_refused(parts, complaint):
    with pytest.raises(CompositionError, match=complaint):
        compose(parts)
