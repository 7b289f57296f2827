"""What may be chosen by hand: every day that works, none that does not, each with its end."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from bookings.scheduling import (
    Malformed,
    Optimal,
    Strategy,
    parse,
    pinned,
    solve,
    with_pins,
)
from bookings.scheduling.choices import Choice, choices
from bookings.scheduling.clock import instant_at
from bookings.scheduling.problem import moment
from bookings.tests import exchange
from bookings.tests.small_problems import small_problem

DAY = timedelta(days=1)


def tried(problem, number):
    """The same by trying every arrival of every date, one solve each."""
    day, found = problem.series.earliest, []
    while day <= problem.series.latest:
        ends = {
            minute: end
            for minute in range(0, 24 * 60, problem.grid_minutes)
            if (end := finish(problem, number, day, minute))
        }
        if ends:
            found.append(Choice(day, tuple(ends), min(ends.values())))
        day += DAY
    return tuple(found)


def finish(problem, number, day, minute):
    """The date on which the series can end with that session there; None if it cannot."""
    start = moment(instant_at(problem.zone, day.toordinal(), minute), problem.zone)
    if (start.date(), start.hour * 60 + start.minute) != (day, minute):
        return None  # the clock skips that time, or the calendar that day
    session = pinned(problem, number, start)
    if session is None:
        return None
    known = dict(with_pins(problem, [session]).series.fixed)
    known[number] = replace(known[number], operator=None)
    ordered = {each: known[each] for each in sorted(known)}
    answer = solve(replace(problem, series=replace(problem.series, fixed=ordered)))
    if not isinstance(answer, Optimal):
        return None
    dates = {each: row.date for each, row in ordered.items()}
    dates |= {each.number: each.start.date() for each in answer.plans[0].sessions}
    return dates[problem.series.count]


def small(seed):
    made = small_problem(Random(seed).choice)
    problem = replace(parse(made), strategy=Strategy.EARLIEST_FINISH, proposals=1)
    planned = set(range(1, problem.series.count + 1)) - set(problem.series.fixed)
    return problem, sorted(planned)


@pytest.mark.parametrize("seed", range(40))
def test_the_days_offered_are_those_that_trying_everything_gives(seed):
    try:
        problem, planned = small(seed)
    except Malformed:
        pytest.skip("this seed makes no problem")
    for number in planned:
        assert choices(problem, number) == tried(problem, number)


def test_a_session_that_is_fixed_has_no_choice():
    problem = parse(exchange.problem(fixed={"1": {"date": "2027-05-31"}}))

    assert choices(problem, 1) == ()
    assert choices(problem, 2)


def test_a_fixed_end_stays_the_end():
    problem = parse(exchange.problem(count=3, fixed={"3": {"date": "2027-06-10"}}))

    found = choices(problem, 1)

    assert {choice.finish for choice in found} == {date(2027, 6, 10)}
    assert [choice.day.day for choice in found] == [4, 5, 6, 7, 8]


def test_a_series_without_a_plan_offers_nothing():
    assert choices(parse(exchange.problem(weekdays=[1], gap_days=[1, 1])), 1) == ()
