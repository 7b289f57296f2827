"""Other dates for one session, sessions chosen by hand, and who leaves no place."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bookings.scheduling import (
    Blocker,
    Infeasible,
    Kind,
    Malformed,
    Optimal,
    Strategy,
    Workspace,
    alternatives,
    parse,
    pin_each,
    pinned,
    solve,
    who_blocks,
    with_pins,
)
from bookings.tests import exchange
from bookings.tests.exchange import open_daily, resource
from bookings.tests.reference_solver import Reference, TooManyPlansError
from bookings.tests.small_problems import small_problem

ROOM = resource("r1", "room")

proven = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
seeds = st.integers(0, 2**32)


def small(seed):
    """A small problem in the exchange format; None if it is malformed."""
    made = small_problem(partial(choice, Random(seed)))
    made["proposals"] = 1
    try:
        parse(made)
    except Malformed:  # a span that a clock change turned around
        return None
    return made


def choice(rng, choices):
    return rng.choice(list(choices))


def best_plan(problem):
    """The best plan, if there is one and it plans anything."""
    answer = solve(problem)
    if isinstance(answer, Optimal) and answer.plans[0].sessions:
        return answer.plans[0]
    return None


def june(day, hour=10, minute=0):
    zone = parse(exchange.problem()).zone
    return datetime(2027, 6, day, hour, minute, tzinfo=zone)


def on_june(first, last, start="09:00", end="12:00"):
    """Those hours on each day from `first` to `last`."""
    return open_daily(start, end, f"2027-06-{first:02}", last - first + 1)


# --- alternatives ---------------------------------------------------------------------


def asked(**changed):
    return parse(exchange.problem(**{"arrive_between": ["10:00", "10:00"], **changed}))


def others(problem, most=2):
    """By session number, the day of June and the day of the end of each alternative."""
    found = alternatives(problem, solve(problem).plans[0], most=most)
    return {
        number: [(each.start.day, each.finish.day) for each in each_]
        for number, each_ in found.items()
    }


def test_the_soonest_end_comes_first_and_then_the_nearest_date():
    ann = resource("ann", busy=on_june(3, 3))

    found = others(asked(resources=[ann, ROOM], gap_days=[2, 4]))
    assert found == {1: [(1, 4), (4, 6)], 2: [(5, 5), (6, 6)]}


def test_other_dates_are_preferred_to_another_time_of_the_same_day():
    problem = parse(exchange.problem(count=1, latest="2027-06-02"))
    plan = solve(problem).plans[0]

    found = alternatives(problem, plan, most=3)[1]
    assert [each.start for each in found] == [
        june(2, 9),
        june(1, 9, 15),
        june(1, 9, 30),
    ]


def test_one_practitioner_throughout_keeps_the_same_one():
    ann = resource("ann", opens=on_june(1, 2) + on_june(5, 5))
    bo = resource("bo", opens=on_june(3, 4))

    found = others(asked(resources=[ann, bo, ROOM], strategy="one-practitioner"))
    assert found == {1: [(2, 5)], 2: [(5, 5)]}


def test_a_plan_with_no_other_way_has_no_alternatives():
    found = others(asked(latest="2027-06-02"))

    assert found == {1: [], 2: []}


def test_an_end_that_is_kept_stays_where_it_is():
    found = others(asked(fixed={"2": {"date": "2027-06-05"}}, gap_days=[1, 3]))

    assert found == {1: [(2, 5), (4, 5)]}


def by_trying_everything(made, plan, most):
    """By session number, the best (start, finish) that any plan has, each date once."""
    reference = Reference(made)
    keeps = made["strategy"] == "one-practitioner" and "operator" in made["roles"]
    own = {each.number: each for each in plan.sessions}
    ends = defaultdict(dict)
    for visits in lists(reference):
        leaders = {n: reference.options(day)[m] for n, (day, m) in visits.items()}
        if keeps and any(own[n].roles["operator"] not in leaders[n] for n in own):
            continue
        fixed = reference.fixed.get(reference.count)
        finish = fixed[0] if fixed else visits[reference.count][0]
        for number, visit in visits.items():
            best = ends[number].get(visit, date.max)
            ends[number][visit] = min(best, finish)
    return {n: ranked(ends[n], own[n].start)[:most] for n in own}


def lists(reference):
    for tried, visits in enumerate(reference.lists()):
        if tried == reference.patience:
            raise TooManyPlansError
        yield visits


def ranked(ends, start):
    """Other dates by end and nearness, then the planned date's other arrivals."""
    planned = start.hour * 60 + start.minute
    order = sorted(
        (
            finish,
            abs((day - start.date()).days),
            abs(minute - planned),
            day,
            minute,
        )
        for (day, minute), finish in ends.items()
    )
    first = {}
    for finish, _away, _drift, day, minute in order:
        first.setdefault(day, (day, minute, finish))
    first.pop(start.date())
    here = [
        (day, minute, finish)
        for finish, away, drift, day, minute in order
        if away == 0 and drift
    ]
    return [*first.values(), *here]


@proven
@given(made=seeds.map(small))
def test_every_alternative_is_the_one_that_trying_everything_gives(made):
    assume(made)
    problem = parse(made)
    plan = best_plan(problem)
    assume(plan)
    try:
        expected = by_trying_everything(made, plan, most=4)
    except TooManyPlansError:
        assume(False)

    found = alternatives(problem, plan, most=4)
    assert {
        number: [
            (each.start.date(), each.start.hour * 60 + each.start.minute, each.finish)
            for each in each_
        ]
        for number, each_ in found.items()
    } == expected


# --- sessions chosen by hand ----------------------------------------------------------


def test_a_chosen_session_is_staffed_and_the_rest_planned_around_it():
    problem = asked(gap_days=[2, 4])
    chosen = pinned(problem, 2, june(8))

    assert (chosen.number, chosen.start, chosen.end) == (2, june(8), june(8, 10, 30))
    assert chosen.roles == {"operator": "ann", "room": "r1"}
    [first] = best_plan(with_pins(problem, [chosen])).sessions
    assert (first.number, first.start) == (1, june(6))


@pytest.mark.parametrize(
    "start",
    [
        june(2, 10, 15),  # outside the times asked for
        june(2, 10).replace(second=30),
        june(5),  # a Saturday
        june(9),  # the patient is away
        june(16),  # the room is taken
        june(30) + timedelta(days=1),  # after the last day
    ],
)
def test_a_session_is_not_pinned_where_it_cannot_be(start):
    problem = asked(
        weekdays=[1, 2, 3],
        blackouts=[["2027-06-09", "2027-06-09"]],
        resources=[resource("ann"), {**ROOM, "busy": on_june(16, 16)}],
    )

    assert pinned(problem, 1, june(2)) is not None
    assert pinned(problem, 1, start) is None


def test_a_kept_or_unknown_session_is_not_pinned():
    problem = asked(fixed={"1": {"date": "2027-06-01"}})

    assert pinned(problem, 2, june(2)) is not None
    assert pinned(problem, 1, june(2)) is None
    assert pinned(problem, 3, june(2)) is None


def test_the_wanted_practitioner_leads_if_they_can():
    cy = resource("cy", busy=on_june(2, 2))
    problem = asked(resources=[resource("ann"), resource("bo"), cy, ROOM])

    assert pinned(problem, 1, june(2), operator="bo").roles["operator"] == "bo"
    assert pinned(problem, 1, june(2), operator="cy").roles["operator"] == "ann"


def test_beside_a_known_practitioner_the_hard_rule_holds_for_pins_too():
    bo = resource("bo", busy=on_june(3, 3))
    fixed = {"1": {"date": "2027-06-01", "operator": "bo"}}
    asks = {"resources": [resource("ann"), bo, ROOM], "fixed": fixed}
    problem = asked(**asks, strategy="one-practitioner")

    assert pinned(problem, 2, june(2), operator="ann").roles["operator"] == "bo"
    assert pinned(problem, 2, june(3)) is None
    assert pinned(asked(**asks), 2, june(3)).roles["operator"] == "ann"


def test_several_sessions_are_pinned_with_the_gaps_between_them():
    problem = asked(count=4, gap_days=[2, 4])

    found = pin_each(problem, {3: june(9), 2: june(7)})
    assert [each.number for each in found.sessions] == [2, 3]
    assert [each.start.day for each in best_plan(found.problem).sessions] == [5, 11]
    assert pin_each(problem, {2: june(7), 3: june(8)}) is None
    assert pin_each(problem, {2: june(7), 3: june(11)}) is not None
    assert pin_each(problem, {2: june(7), 3: june(12)}) is None


def test_the_second_of_two_equal_local_times_is_no_arrival():
    opens = [["2027-11-07T00:00", "2027-11-07T06:00"]]
    problem = parse(
        exchange.problem(
            count=1,
            resources=[
                resource("ann", opens=opens),
                resource("r1", "room", opens=opens),
            ],
            earliest="2027-11-07",
            latest="2027-11-07",
        )
    )
    first = datetime(2027, 11, 7, 1, 30, tzinfo=problem.zone)

    assert pinned(problem, 1, first).start == first
    assert pinned(problem, 1, first.replace(fold=1)) is None


@settings(proven, max_examples=100)
@given(made=seeds.map(small))
def test_an_alternative_pinned_and_solved_again_ends_when_it_said(made):
    assume(made)
    problem = parse(made)
    plan = best_plan(problem)
    assume(plan)
    if problem.strategy is Strategy.STEADY:
        problem = replace(problem, strategy=Strategy.EARLIEST_FINISH)

    workspace = Workspace(problem)
    for session in plan.sessions:
        wanted = {session.number: session.roles.get("operator")}
        found = alternatives(problem, plan, workspace=workspace)
        for each in found[session.number]:
            pins = pin_each(problem, {session.number: each.start}, wanted)
            assert ends_on(pins.problem) == each.finish


def ends_on(problem):
    """The date of the last session of the best plan."""
    sessions = solve(problem).plans[0].sessions
    fixed = problem.series.fixed.get(problem.series.count)
    return fixed.date if fixed else sessions[-1].start.date()


@settings(proven, max_examples=100)
@given(made=seeds.map(small))
def test_every_planned_session_could_have_been_pinned_where_it_is(made):
    assume(made)
    problem = parse(made)
    plan = best_plan(problem)
    assume(plan)
    starts = {each.number: each.start for each in plan.sessions}
    operators = {each.number: each.roles.get("operator") for each in plan.sessions}

    found = pin_each(problem, starts, operators, workspace=Workspace(problem))
    assert found.sessions == plan.sessions
    assert found.problem.series.fixed.keys() == set(range(1, problem.series.count + 1))
    alone = pin_each(problem, starts, operators)
    assert [(each.start, each.end, each.roles.keys()) for each in alone.sessions] == [
        (each.start, each.end, each.roles.keys()) for each in plan.sessions
    ]


# --- who leaves no place ----------------------------------------------------------------


def blockers(**changed):
    problem = asked(**{"count": 1, "latest": "2027-06-02", **changed})
    answer = solve(problem)
    assert isinstance(answer, Infeasible)
    return who_blocks(problem, answer.blocked)


def test_who_is_taken_is_told_from_who_is_not_at_work():
    bo = resource("bo", opens=on_june(1, 2, "10:15", "12:00"))
    ann = resource("ann", busy=on_june(1, 2))

    found = blockers(resources=[ann, bo, resource("cy", opens=[]), ROOM])
    assert found == (
        Blocker("operator", Kind.PRACTITIONER, taken=("ann",), closed=("bo", "cy")),
    )


def test_roles_never_free_together_are_named_with_who_is_free():
    ann = resource("ann", busy=on_june(1, 1))
    room = {**ROOM, "busy": on_june(2, 2)}

    found = blockers(resources=[ann, room])
    assert [(each.role, each.free) for each in found] == [
        ("operator", ("ann",)),
        ("room", ("r1",)),
    ]


def test_skills_that_nobody_has_are_named():
    roles = {
        **exchange.problem()["roles"],
        "operator": {"kind": "practitioner", "skills": ["prp", "needling"]},
    }

    [found] = blockers(
        resources=[resource("ann", skills=["needling"]), ROOM], roles=roles
    )
    assert found == Blocker("operator", Kind.PRACTITIONER, missing=("prp",))
    assert found.is_nobody
    each_one = [resource("ann", skills=["needling"]), resource("bo", skills=["prp"])]
    [found] = blockers(resources=[*each_one, ROOM], roles=roles)
    assert (found.is_nobody, found.missing) == (True, ())


def test_one_practitioner_throughout_is_the_only_one_named():
    fixed = {"1": {"date": "2027-06-01", "operator": "bo"}}
    bo = resource("bo", busy=on_june(2, 2))

    [found] = blockers(
        count=2,
        resources=[resource("ann"), bo, ROOM],
        fixed=fixed,
        strategy="one-practitioner",
    )
    assert found == Blocker("operator", Kind.PRACTITIONER, taken=("bo",))


def test_dates_and_times_alone_name_nobody():
    assert blockers(weekdays=[6]) == ()


@settings(proven, max_examples=100)
@given(made=seeds.map(small))
def test_a_single_missing_role_is_never_free_and_every_candidate_is_named(made):
    assume(made)
    problem = parse(made)
    answer = solve(problem)
    assume(isinstance(answer, Infeasible))

    found = who_blocks(problem, answer.blocked)
    assert tuple(each.role for each in found) == answer.blocked.roles
    for each in found:
        suited = {r.id for r in problem.resources if problem.roles[each.role].suits(r)}
        named = [*each.taken, *each.closed, *each.free]
        assert len(named) == len(set(named))
        assert set(named) <= suited
        assert each.is_nobody is (not named)
