"""The visits one session could have, held against the solver on small problems."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given

from bookings.scheduling import Optimal, Strategy, parse, solve
from bookings.scheduling.soonest import Soonest
from bookings.tests.test_scheduling_reference import problems, proven


def read(made):
    """The problem, and its first session that is still to plan."""
    problem = replace(parse(made), strategy=Strategy.EARLIEST_FINISH, proposals=1)
    missing = {*range(1, problem.series.count + 1)} - {*problem.series.fixed}
    assume(missing)
    return problem, min(missing)


def not_before(problem, number, day):
    series = problem.series
    dates = {**series.not_before, number: max(day, series.not_before.get(number, day))}
    return replace(problem, series=replace(series, not_before=dates))


@proven
@given(problems())
def test_a_visit_that_leaves_room_exists_exactly_where_the_solver_finds_a_plan(made):
    """Asked again from each later day on, so that every last day is met once."""
    problem, number = read(made)
    search = Soonest(problem, number)
    days = {one.start.date() for one in search.visits() if search.with_the_rest(one)}

    series = problem.series
    for ahead in range((series.latest - series.earliest).days + 1):
        day = series.earliest + timedelta(days=ahead)
        plan = solve(not_before(problem, number, day))
        found = isinstance(plan, Optimal)
        assert found == any(each >= day for each in days)


@proven
@given(problems())
def test_visits_come_soonest_first_and_each_once(made):
    problem, number = read(made)

    starts = [visit.start.timestamp() for visit in Soonest(problem, number).visits()]

    assert sorted(set(starts)) == starts


@proven
@given(problems())
def test_what_follows_is_whole_and_keeps_the_gaps(made):
    problem, number = read(made)
    search = Soonest(problem, number)
    whole = next(filter(None, map(search.with_the_rest, search.visits())), ())

    dates = {n: one.date for n, one in problem.series.fixed.items()}
    dates |= {one.number: one.start.date() for one in whole}
    least, most = problem.series.gap_days
    assert not whole or sorted(dates) == list(range(1, problem.series.count + 1))
    for one in whole:
        for other in (one.number - 1, one.number + 1):
            if other in dates:
                gap = abs((dates[one.number] - dates[other]).days)
                assert least <= gap <= most
