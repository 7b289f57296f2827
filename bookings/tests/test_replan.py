"""Least change: what has to follow when one session of a series changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bookings.scheduling import (
    Allowance,
    Blocked,
    Fixed,
    Kind,
    Malformed,
    Phase,
    Problem,
    Replan,
    Replanner,
    Resource,
    Role,
    Series,
    Standing,
    instant,
    parse,
    replan,
    slack,
)
from bookings.scheduling.workspace import Workspace
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


def assert_least(made, standing, pinned, must_move, allowed):
    reference = ReplanReference(made, standing, pinned, must_move, allowed)
    problem = parse(made)
    answer = replan(
        problem,
        {n: Standing(*each) for n, each in standing.items()},
        pinned={n: Standing(*each) for n, each in pinned.items()},
        must_move=must_move,
        allowed={n: Allowance(*each) for n, each in allowed.items()},
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


# --- As a manual ----------------------------------------------------------------------

FIRST = date(2027, 2, 2)  # a Tuesday
PHASES = (Phase("numbing", 30, ("room",)), Phase("needling", 30, ("operator", "room")))
ROLES = {"operator": Role(Kind.PRACTITIONER), "room": Role(Kind.ROOM)}


def at(days, hour=10, minute=0):
    day = FIRST + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), tzinfo=TORONTO)


def hours_of(name, kind, busy=(), days=300):
    spans = [(instant(at(day, 8)), instant(at(day, 18))) for day in range(-30, days)]
    taken = tuple((instant(start), instant(end)) for start, end in busy)
    return Resource(name, kind, frozenset(), tuple(spans), taken)


def problem_of(*resources, count=3, **asked):
    proposals = asked.pop("proposals", 1)
    series = {
        "count": count,
        "gap_days": (42, 56),
        "ideal_gap_days": 49,
        "earliest": FIRST - timedelta(days=20),
        "latest": FIRST + timedelta(days=250),
    }
    return Problem(
        zone=TORONTO,
        grid_minutes=15,
        resources=resources
        or (hours_of("ann", Kind.PRACTITIONER), hours_of("r1", Kind.ROOM)),
        roles=ROLES,
        phases=PHASES,
        series=Series(**series | asked),
        proposals=proposals,
    )


def stand(*days, hour=10, **roles):
    return {
        number: Standing(at(day, hour), {"operator": "ann", "room": "r1"} | roles)
        for number, day in enumerate(days, start=1)
    }


def days_of(answer):
    return [(one.start.date() - FIRST).days for one in answer.plans[0].sessions]


def test_where_nothing_changed_nothing_moves():
    answer = replan(problem_of(), stand(0, 49, 98))

    assert answer.plans[0].objective[:4] == (0, 0, 0, 0)
    assert days_of(answer) == [0, 49, 98]


def test_the_times_asked_for_bind_only_what_moves():
    mondays = problem_of(weekdays=frozenset({0}), arrive_between=(14 * 60, 15 * 60))

    stays = replan(mondays, stand(0, 49, 98))
    moves = replan(mondays, stand(0, 49, 98), must_move={3})

    assert stays.plans[0].moved == ()
    assert moves.plans[0].moved == (3,)
    session = moves.plans[0].sessions[2]
    assert (session.start.weekday(), session.start.hour) == (0, 14)


@pytest.mark.parametrize(("pin", "moved"), [(42, ()), (41, (3,)), (56, ()), (57, (3,))])
def test_a_pinned_session_drags_what_falls_out_of_its_window(pin, moved):
    fixed = {1: Fixed(FIRST)}
    standing = {2: stand(0, 49)[2], 3: Standing(at(98), {})}

    answer = replan(
        problem_of(fixed=fixed), standing, pinned={2: Standing(at(pin), {})}
    )

    assert [n for n in answer.plans[0].moved if n != 2] == list(moved)
    assert days_of(answer)[1] == {42: 98, 41: 97, 56: 98, 57: 99}[pin]


def test_fewer_sessions_come_before_fewer_days():
    """Two sessions by a day each, or one by fourteen: one is less change."""
    standing = stand(0, 56, 112)

    answer = replan(
        problem_of(fixed={1: Fixed(at(0).date())}),
        {2: standing[2], 3: standing[3]},
        must_move={2},
    )

    assert answer.plans[0].moved == (2,)


def test_days_come_before_minutes_and_minutes_before_people():
    taken = [(at(49, 8), at(49, 16))]
    ann = hours_of("ann", Kind.PRACTITIONER, taken)
    problem = problem_of(ann, hours_of("r1", Kind.ROOM))

    answer = replan(problem, stand(0, 49, 98))

    assert answer.plans[0].objective[:4] == (1, 0, 330, 0)  # at 15:30, the same day


def test_somebody_else_at_the_same_time_is_less_than_moving():
    ann = hours_of("ann", Kind.PRACTITIONER, [(at(49, 8), at(49, 18))])
    bo, room = hours_of("bo", Kind.PRACTITIONER), hours_of("r1", Kind.ROOM)

    answer = replan(problem_of(bo, ann, room), stand(0, 49, 98))

    assert answer.plans[0].objective[:4] == (0, 0, 0, 1)
    assert [one.roles["operator"] for one in answer.plans[0].sessions] == [
        "ann",
        "bo",
        "ann",
    ]


def test_a_room_is_exchanged_before_a_practitioner():
    """Two rooms that only fit crosswise: the operator stays."""
    both = (hours_of("ann", Kind.PRACTITIONER), hours_of("bo", Kind.PRACTITIONER))
    busy = [(at(49, 8), at(49, 18))]
    rooms = (hours_of("r1", Kind.ROOM, busy), hours_of("r2", Kind.ROOM))

    answer = replan(problem_of(*both, *rooms), stand(0, 49, 98))

    assert answer.plans[0].sessions[1].roles == {"operator": "ann", "room": "r2"}


def test_a_session_without_a_time_is_planned_and_the_rest_stays():
    standing = stand(0, 49, 98)
    del standing[2]

    answer = replan(problem_of(), standing)

    assert answer.plans[0].moved == (2,)
    assert days_of(answer) == [0, 42, 98]  # the soonest day: nothing to stay near


def test_it_may_not_be_before_a_medical_date():
    early = problem_of(not_before={2: FIRST + timedelta(days=50)})

    assert replan(early, stand(0, 49, 98)).plans[0].moved == (2,)
    late = problem_of(not_before={2: FIRST + timedelta(days=49)})
    assert replan(late, stand(0, 49, 98)).plans[0].moved == ()


def test_a_session_off_the_grid_may_stay():
    standing = {1: Standing(at(0, 10, 7), {"operator": "ann", "room": "r1"})}
    until = [(at(0, 8), at(0, 10, 7)), (at(0, 11, 7), at(0, 18))]
    free = problem_of(
        hours_of("ann", Kind.PRACTITIONER),
        hours_of("r1", Kind.ROOM, until),
        count=1,
    )
    until[1] = (at(0, 11, 6), at(0, 18))
    taken = problem_of(
        hours_of("ann", Kind.PRACTITIONER),
        hours_of("r1", Kind.ROOM, until),
        count=1,
    )

    assert replan(free, standing).plans[0].moved == ()
    assert replan(taken, standing).plans[0].moved == (1,)


def test_where_nothing_fits_the_session_and_its_roles_are_named():
    away = hours_of("ann", Kind.PRACTITIONER, [(at(60), at(290))])
    answer = replan(problem_of(away, hours_of("r1", Kind.ROOM)), stand(0, 49, 98))

    assert isinstance(answer, Blocked)
    assert (answer.session, answer.roles) == (3, ("operator",))


def test_alternatives_lie_on_other_days_between_the_neighbours():
    answer = replan(
        problem_of(proposals=4), stand(0, 49, 98), pinned={1: Standing(at(-10), {})}
    )

    assert answer.plans[0].moved == (1, 2)
    assert days_of(answer)[1] == 46
    others = [(one.start.date() - FIRST).days for one in answer.alternatives[2]]
    assert others == [45, 44, 43, 42]
    assert 1 not in answer.alternatives


def test_plans_differ_and_none_among_the_best_is_missing():
    answer = replan(problem_of(proposals=5), stand(0, 49, 98), must_move={2})

    visits = [tuple(one.start for one in plan.sessions) for plan in answer.plans]
    assert len(set(visits)) == 5
    assert [plan.objective for plan in answer.plans] == sorted(
        plan.objective for plan in answer.plans
    )
    assert [plan.objective[:3] for plan in answer.plans] == [
        (
            1,
            0,
            15 * quarters,
        )
        for quarters in (1, 1, 2, 2, 3)
    ]


def test_windows_count_local_days_over_the_clock_change():
    spring = date(2027, 3, 14)
    first = (spring - FIRST).days - 42
    standing = {2: Standing(at(first + 42), {}), 3: Standing(at(first + 98), {})}

    answer = replan(problem_of(fixed={1: Fixed(spring - timedelta(days=42))}), standing)

    assert answer.plans[0].moved == ()
    assert answer.plans[0].sessions[0].start.utcoffset() == timedelta(hours=-4)


def test_an_hour_that_comes_twice_is_two_moments():
    """At 1:30 the second time: it can stay if that very hour is free."""
    night = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 1:30 in winter time
    first = (night - timedelta(hours=1), night)
    second = (night, night + timedelta(hours=1))

    def room(busy):
        opens = (
            instant(night - timedelta(hours=6)),
            instant(night + timedelta(hours=20)),
        )
        taken = tuple(instant(end) for end in busy)
        return Resource("r1", Kind.ROOM, frozenset(), (opens,), (taken,))

    def moved(busy):
        problem = Problem(
            zone=TORONTO,
            grid_minutes=15,
            resources=(room(busy),),
            roles={"room": Role(Kind.ROOM)},
            phases=(Phase("talk", 60, ("room",)),),
            series=Series(1, (1, 1), 1, date(2026, 11, 1), date(2026, 11, 1)),
        )
        return replan(problem, {1: Standing(night, {"room": "r1"})}).plans[0].moved

    assert moved(first) == ()
    assert moved(second) == (1,)


def test_one_diary_answers_many_questions():
    problem, standing = problem_of(), stand(0, 49, 98)
    workspace = Workspace(problem)
    series = Replanner(problem, standing, workspace)

    for day in range(42, 57):
        pinned = {2: Standing(at(day), {})}
        alone = replan(problem, standing, pinned=pinned)
        assert series.replan(pinned=pinned) == alone
        assert replan(problem, standing, pinned=pinned, workspace=workspace) == alone


def test_options_say_what_each_day_drags_along():
    standing = stand(0, 49, 105)

    options = Replanner(problem_of(), standing).options(2)

    assert [(one.day - FIRST).days for one in options] == list(range(42, 57))
    dragged = {(one.day - FIRST).days for one in options if 3 in one.follows.moved}
    assert dragged == set(range(42, 49))
    present = next(one for one in options if (one.day - FIRST).days == 49)
    assert 10 * 60 not in present.minutes


@pytest.mark.parametrize(("first", "moved"), [(0, ()), (4, ()), (-1, (2,)), (19, (2,))])
def test_an_allowed_gap_stays_as_long_as_it_gets_no_worse(first, moved):
    """Sixty days were allowed for that day: 56 still do, 61 and 41 do not."""
    standing = {2: stand(0, 60)[2]}
    fixed = {1: Fixed(FIRST + timedelta(days=first))}
    allowed = {2: Allowance(FIRST + timedelta(days=60), 60)}

    answer = replan(problem_of(count=2, fixed=fixed), standing, allowed=allowed)

    assert answer.plans[0].moved == moved


def test_an_allowance_is_for_its_own_day_alone():
    problem = problem_of(count=2, fixed={1: Fixed(FIRST)})
    allowed = {2: Allowance(FIRST + timedelta(days=60), 60)}

    answer = replan(problem, {2: stand(0, 57)[2]}, allowed=allowed)

    assert days_of(answer) == [56]


@pytest.mark.parametrize(("day", "days"), [(42, 14), (56, 0), (57, -1)])
def test_slack_is_what_is_left_of_the_window(day, days):
    standing = stand(0, day)

    assert slack(standing, (42, 56), {}) == {2: days}
    assert slack({2: standing[2]}, (42, 56), {1: Fixed(FIRST)}) == {2: days}
    assert slack({2: standing[2]}, (42, 56), {}) == {}
