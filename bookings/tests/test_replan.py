"""Least change: what has to follow when one session of a series changes."""

from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bookings.scheduling import (
    Blocked,
    Malformed,
    Replan,
    Standing,
    parse,
    replan,
)
from bookings.tests.reference_replan import ReplanReference, standing_series
from bookings.tests.reference_solver import TooManyPlansError
from bookings.tests.small_problems import small_problem

TORONTO = ZoneInfo("America/Toronto")


@st.composite
def changes(draw):
    def pick(choices):
        return draw(st.sampled_from(list(choices)))

    made = small_problem(pick)
    try:
        parse(made)
    except Malformed:  # a span that a clock change turned around
        assume(False)
    return made, *standing_series(pick, made)


def assert_least(made, standing, pinned, must_move):
    reference = ReplanReference(made, standing, pinned, must_move)
    problem = parse(made)
    answer = replan(
        problem,
        {n: Standing(*each) for n, each in standing.items()},
        pinned={n: Standing(*each) for n, each in pinned.items()},
        must_move=must_move,
    )
    try:
        ranked = reference.ranked()
    except TooManyPlansError:
        assume(False)
    if not ranked:
        assert isinstance(answer, Blocked)
        assert answer.session == reference.first_blocked()
        return
    assert isinstance(answer, Replan)
    wanted = [total for total, _visits in ranked[: problem.proposals]]
    assert [plan.objective for plan in answer.plans] == wanted
    for plan in answer.plans:
        assert_sound(reference, plan, dict(enumerate_visits(ranked)))


def enumerate_visits(ranked):
    for total, visits in ranked:
        yield tuple(sorted(visits.items())), total


def assert_sound(reference, plan, known):
    """The plan is one of those tried, at its own cost, and its roles can be filled."""
    visits = {}
    for session in plan.sessions:
        day, minute = reference.local(session.start)
        if session.number in reference.pinned:
            assert session.roles == reference.pinned[session.number][3]
            continue
        visits[session.number] = day, minute
        assert session.roles in list(
            reference.crews(reference.roles, session.start.astimezone(ZoneInfo("UTC")))
        )
    assert known[tuple(sorted(visits.items()))] == plan.objective


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(changes())
def test_no_other_plan_changes_less(change):
    assert_least(*change)
