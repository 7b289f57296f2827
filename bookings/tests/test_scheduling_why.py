"""Why not earlier: what is named stands in the way, and without it there is a way."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial, reduce
from random import Random

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bookings.scheduling import (
    Away,
    Earliest,
    Malformed,
    NotBefore,
    Optimal,
    Strategy,
    Times,
    Unavailable,
    Weekdays,
    instant,
    parse,
    solve,
    why_not_earlier,
    without,
)
from bookings.scheduling.problem import ANY_TIME, EVERY_WEEKDAY
from bookings.tests import exchange
from bookings.tests.exchange import open_daily, resource
from bookings.tests.small_problems import small_problem

DAY = timedelta(days=1)
ROOM = resource("r1", "room")

proven = settings(
    max_examples=180,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


# --- as the desk would say it ---------------------------------------------------------


def asked(**changed):
    """A problem with one arrival a day, its best plan, and why that ends no earlier."""
    changed = {"arrive_between": ["10:00", "10:00"], **changed}
    problem = parse(exchange.problem(**changed))
    plan = solve(problem).plans[0]
    return problem, plan, why_not_earlier(problem, plan)


def why(**changed):
    return asked(**changed)[2]


def june(day, hour=10, minute=0):
    zone = parse(exchange.problem()).zone
    return datetime(2027, 6, day, hour, minute, tzinfo=zone)


def on_june(first, last, start="09:00", end="12:00"):
    """Those hours on each day from `first` to `last`."""
    return open_daily(start, end, f"2027-06-{first:02}", last - first + 1)


def test_the_patients_own_dates_are_named():
    found = why(blackouts=[["2027-06-02", "2027-06-03"]])

    assert found.causes == (Away(2, june(2), date(2027, 6, 2), date(2027, 6, 3)),)
    assert (found.finish, found.sooner) == (date(2027, 6, 4), date(2027, 6, 2))


def test_of_many_dates_to_avoid_only_those_in_the_way_are_named():
    """Three trips cover 2 to 8 June, so that giving up two of them is no help."""
    trips = [["2027-06-02", "2027-06-08"], ["2027-06-01", "2027-06-08"]]
    trips = [*trips, ["2027-05-31", "2027-06-08"]]
    later = [[f"2027-06-{day}"] * 2 for day in range(20, 26)]

    found = why(
        fixed={"1": {"date": "2027-06-01"}},
        gap_days=[1, 10],
        blackouts=[*later, *trips],
    )
    assert found.causes == tuple(
        Away(2, june(2), date.fromisoformat(first), date(2027, 6, 8))
        for first, _last in trips
    )


def test_a_medical_date_is_named_with_the_session_it_holds_up():
    found = why(not_before={"2": "2027-06-04"})

    assert found.causes == (NotBefore(2, june(2), date(2027, 6, 4)),)


def test_everyone_who_suits_a_taken_role_is_named():
    rooms = [
        resource(name, "room", busy=on_june(2, 2, "10:15", "11:00"))
        for name in ("r1", "r2")
    ]

    found = why(resources=[resource("ann"), *rooms])
    assert found.causes == (Unavailable(2, june(2), "room", ("r1", "r2"), ()),)


def test_who_is_not_at_work_is_told_from_who_is_taken():
    ann = resource("ann", opens=on_june(1, 1) + on_june(3, 30))
    bo = resource("bo", busy=on_june(2, 2))

    found = why(resources=[ann, bo, ROOM])
    assert found.causes == (Unavailable(2, june(2), "operator", ("bo",), ("ann",)),)


def test_a_taken_moment_is_named_before_one_at_which_nobody_works():
    """Both would do: 9:45, when the room is taken, and 11:45, when it shuts too soon."""
    room = resource("r1", "room", opens=on_june(1, 30, "09:00", "12:00"))
    room["busy"] = on_june(2, 2, "09:00", "11:45")
    ann = resource("ann", opens=on_june(1, 30, "09:00", "14:00"))

    found = why(resources=[ann, room], arrive_between=["09:45", "11:45"])
    assert [type(cause) for cause in found.causes] == [Unavailable]
    assert found.causes[0].taken == ("r1",)


def test_two_roles_taken_at_the_same_moment_are_both_named():
    busy = on_june(2, 2)

    found = why(
        resources=[resource("ann", busy=busy), resource("r1", "room", busy=busy)],
    )
    assert [(each.role, each.start) for each in found.causes] == [
        ("operator", june(2)),
        ("room", june(2)),
    ]


def test_a_shared_role_is_closed_and_never_taken():
    doctor = resource("doc", skills=["doctor"], opens=on_june(1, 1) + on_june(3, 30))
    roles = {
        **exchange.problem()["roles"],
        "operator": {"kind": "practitioner", "skills": ["needling"]},
        "supervisor": {"kind": "practitioner", "skills": ["doctor"], "shared": True},
    }
    phases = [
        {"name": "care", "minutes": 30, "uses": ["operator", "room", "supervisor"]}
    ]

    found = why(
        resources=[resource("ann", skills=["needling"]), doctor, ROOM],
        roles=roles,
        phases=phases,
    )
    assert found.causes == (Unavailable(2, june(2), "supervisor", (), ("doc",)),)


def test_the_weekdays_asked_for_are_named():
    found = why(weekdays=[1, 4])  # Tuesday 1 June, Friday 4 June

    assert found.causes == (Weekdays(2, june(2)),)


def test_the_times_asked_for_are_named_with_the_nearest_that_would_do():
    opens = on_june(1, 1) + on_june(2, 2, "10:20", "12:00") + on_june(3, 30)
    both = [resource("ann", opens=opens), resource("r1", "room", opens=opens)]

    found = why(resources=both, arrive_between=["09:00", "10:00"])
    assert found.causes == (Times(2, june(2, 10, 30)),)


def test_a_series_that_loses_no_day_waits_for_the_first_one_asked_for():
    found = why()

    assert [type(cause) for cause in found.causes] == [Earliest]
    assert found.causes[0].date == date(2027, 6, 1)
    assert found.waiting == (2,)


def test_behind_a_kept_session_the_gaps_alone_can_be_the_reason():
    found = why(fixed={"1": {"date": "2027-06-07"}}, gap_days=[3, 5])

    assert (found.finish, found.causes, found.sooner) == (date(2027, 6, 10), (), None)
    assert (found.waiting, found.kept) == ((2,), 1)


def test_a_kept_last_session_ends_the_series_whatever_comes_before():
    found = why(fixed={"2": {"date": "2027-06-03"}})

    assert (found.finish, found.causes, found.kept) == (date(2027, 6, 3), (), 2)


def test_the_session_that_holds_up_the_others_is_named_not_those_that_follow():
    found = why(count=3, resources=[resource("ann", busy=on_june(2, 2)), ROOM])

    assert found.causes == (Unavailable(2, june(2), "operator", ("ann",), ()),)
    assert found.waiting == (3,)


def test_one_practitioner_throughout_is_held_up_by_himself():
    ann = resource("ann", busy=on_june(2, 2))
    bo = resource("bo", opens=on_june(2, 2))

    found = why(resources=[ann, bo, ROOM], strategy="one-practitioner")
    assert found.causes == (Unavailable(2, june(2), "operator", ("ann",), ()),)


def test_steady_is_asked_for_its_own_weekday_and_time():
    """Tuesday 8 June is taken at ten; on other days the series could end on the 2nd."""
    found = why(
        strategy="steady",
        gap_days=[1, 14],
        resources=[resource("ann", busy=on_june(8, 8)), ROOM],
        weekdays=[1, 2],
        blackouts=[["2027-06-09", "2027-06-09"]],
        latest="2027-06-15",
    )

    assert found.finish == date(2027, 6, 15)
    assert found.causes == (Unavailable(2, june(8), "operator", ("ann",), ()),)
    assert (found.sooner, found.sooner_otherwise) == (
        date(2027, 6, 8),
        date(2027, 6, 2),
    )


# --- proven ---------------------------------------------------------------------------


def planned(seed):
    """A small problem and its best plan; None where it has none."""
    made = small_problem(partial(choice, Random(seed)))
    try:
        problem = replace(parse(made), proposals=1)
    except Malformed:  # a span that a clock change turned around
        return None
    answer = solve(problem)
    if not isinstance(answer, Optimal) or not answer.plans[0].sessions:
        return None
    return problem, answer.plans[0]


def choice(rng, choices):
    return rng.choice(list(choices))


def has_pattern(problem, plan):
    starts = {(each.start.weekday(), each.start.time()) for each in plan.sessions}
    steady = problem.strategy is Strategy.STEADY
    return steady and len(plan.sessions) > 1 and len(starts) == 1


def soonest(problem, plan):
    """The first date on which `problem` can end; as steadily as `plan`, if it is so."""
    series = problem.series
    if has_pattern(problem, plan):
        start = plan.sessions[0].start
        minute = start.hour * 60 + start.minute
        series = replace(
            series,
            weekdays=frozenset([start.weekday()]),
            arrive_between=(minute, minute),
        )
    if problem.strategy is Strategy.STEADY:
        problem = replace(problem, strategy=Strategy.EARLIEST_FINISH)
    answer = solve(replace(problem, series=series))
    if not isinstance(answer, Optimal):
        return date.max
    fixed = series.fixed.get(series.count)
    return fixed.date if fixed else answer.plans[0].sessions[-1].start.date()


def without_all(problem):
    """The problem with no wish, no medical date, and everyone free at all hours."""
    series = problem.series
    earliest = series.earliest - timedelta(days=7)
    first, last = (
        instant(datetime(day.year, day.month, day.day, tzinfo=problem.zone))
        for day in (earliest - DAY, series.latest + 2 * DAY)
    )
    return replace(
        problem,
        resources=tuple(
            replace(each, open=((first, last),), busy=()) for each in problem.resources
        ),
        series=replace(
            series,
            earliest=earliest,
            blackouts=(),
            not_before={},
            weekdays=EVERY_WEEKDAY,
            arrive_between=ANY_TIME,
        ),
    )


@proven
@given(made=st.integers(0, 2**32).map(planned))
def test_what_is_named_and_nothing_else_stands_in_the_way(made):
    assume(made)
    problem, plan = made
    found = why_not_earlier(problem, plan)

    if found.causes:
        assert_named_rightly(problem, plan, found)
    elif has_pattern(problem, plan) or not found.sooner_otherwise:
        assert found.sooner is None
        assert soonest(without_all(problem), plan) >= found.finish


def assert_named_rightly(problem, plan, found):
    """Without the causes it ends earlier; with any of them left it does not."""
    ends = soonest(reduce(without, found.causes, problem), plan)
    assert ends <= found.sooner < found.finish
    if problem.strategy is Strategy.ONE_PRACTITIONER:
        return  # somebody else, whom the plan is not with, could do better yet
    assert ends == found.sooner
    for cause in found.causes:
        others = [other for other in found.causes if other != cause]
        assert soonest(reduce(without, others, problem), plan) >= found.finish


@proven
@given(made=st.integers(0, 2**32).map(planned))
def test_an_earlier_end_that_another_plan_has_is_told_of_steady_alone(made):
    assume(made)
    problem, plan = made
    found = why_not_earlier(problem, plan)

    rule = problem.strategy
    if rule is Strategy.STEADY:
        rule = Strategy.EARLIEST_FINISH
    ends = soonest(replace(problem, strategy=rule), plan)
    assert found.sooner_otherwise == (ends if ends < found.finish else None)
