"""The solver against the contract written down a second time, on small problems."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bookings.scheduling import (
    Malformed,
    Strategy,
    parse,
    problem_to_json,
    solve,
    solve_each,
    to_json,
)
from bookings.tests.reference_solver import (
    MINUTE,
    Reference,
    TooManyPlansError,
    local_text,
)
from bookings.tests.small_problems import small_problem

proven = settings(
    max_examples=70,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def problems(draw):
    made = small_problem(lambda choices: draw(st.sampled_from(list(choices))))
    try:
        parse(made)
    except Malformed:  # a span that a clock change turned around
        assume(False)
    return made


def visits_of(plan):
    """{number: (date, minute)} of a plan in the exchange format."""
    found = {}
    for session in plan["sessions"]:
        day, clock = session["start"].split("T")
        minute = int(clock[:2]) * 60 + int(clock[3:])
        found[session["number"]] = date.fromisoformat(day), minute
    return found


def assert_sound(reference, plan):
    """Every session can take place as planned, and the tuple is the plan's own."""
    operators = {}
    length = sum(phase["minutes"] for phase in reference.problem["phases"])
    visits = visits_of(plan)
    for session in plan["sessions"]:
        day, minute = visits[session["number"]]
        arrival = dict(reference.times(day))[minute]
        assert session["roles"] in list(reference.crews(reference.roles, arrival))
        assert session["end"] == local_text(arrival + length * MINUTE, reference.zone)
        operators[session["number"]] = session["roles"].get("operator")
    switches = reference.switches(operators)
    assert plan["objective"] == list(reference.tuple_of(visits, switches))
    assert not (switches and reference.strategy == "one-practitioner")


def assert_right(made):
    reference = Reference(made)
    answer = to_json(solve(parse(made)))
    ranked = reference.ranked()
    if not ranked:
        assert_rightly_infeasible(reference, answer)
        return
    best = [
        list(objective) for objective, _visits in ranked[: made.get("proposals", 1)]
    ]
    assert answer["status"] == "optimal"
    assert [plan["objective"] for plan in answer["plans"]] == best
    lists = [visits_of(plan) for plan in answer["plans"]]
    possible = [visits for _objective, visits in ranked]
    assert all(visits in possible for visits in lists)
    assert all(lists.count(visits) == 1 for visits in lists)
    for plan in answer["plans"]:
        assert_sound(reference, plan)


def assert_rightly_infeasible(reference, answer):
    assert answer["status"] == "infeasible"
    blocked = answer["blocked"]
    assert (
        blocked["session"],
        blocked["window"],
        blocked["roles"],
    ) == reference.blocked()
    latest = date.fromisoformat(reference.series["latest"])
    found = [(each["change"], each["objective"]) for each in answer["relaxations"]]
    expected = reference.relaxations(latest + timedelta(days=8))
    assert [best for _change, best in found] == [best for _change, best in expected]
    assert sorted(found, key=str) == sorted(expected, key=str)


@proven
@given(made=problems())
def test_every_answer_is_the_one_that_trying_everything_gives(made):
    try:
        assert_right(made)
    except TooManyPlansError:
        assume(False)


@pytest.mark.parametrize("strategy", ["earliest-finish", "steady", "one-practitioner"])
@pytest.mark.parametrize("seed", range(40))
def test_each_strategy_lists_the_very_best_plans(strategy, seed):
    made = solvable_problem(seed, strategy)

    assert_right(made)


def _choice(rng, choices):
    return rng.choice(list(choices))


def solvable_problem(seed, strategy):
    """The first problem from `seed` on that has a plan, and not too many."""
    while True:
        made = {**small_problem(partial(_choice, Random(seed))), "strategy": strategy}
        try:
            if to_json(solve(parse(made)))["status"] == "optimal":
                Reference(made).ranked()
                return made
        except (Malformed, TooManyPlansError):
            pass
        seed += 1000


@settings(proven, max_examples=20)
@given(made=problems())
def test_a_problem_exported_and_read_again_is_the_same(made):
    read = parse(made)

    assert parse(json.loads(json.dumps(problem_to_json(read)))) == read


def test_strategies_solved_together_are_answered_as_each_alone():
    read = parse(solvable_problem(1, "steady"))

    assert solve_each(read) == {
        strategy: solve(replace(read, strategy=strategy)) for strategy in Strategy
    }


def test_the_answer_is_the_same_in_every_process():
    script = (
        "import json, sys; from bookings.scheduling import parse, solve, to_json\n"
        "for line in sys.stdin: print(json.dumps(to_json(solve(parse(json.loads(line))))))"
    )
    lines = "\n".join(
        json.dumps(solvable_problem(seed, strategy))
        for seed in (1, 2, 3)
        for strategy in ("earliest-finish", "steady", "one-practitioner")
    )

    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=lines,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()},
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(answers) == 1
