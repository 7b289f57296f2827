"""Why one named resource cannot play a part: each reason, and both sides of its limit."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.scheduling import (
    Hindrance,
    Kind,
    Phase,
    Problem,
    Replanner,
    Resource,
    Role,
    Series,
    Standing,
    hindrance,
    instant,
    moment,
)
from bookings.tests.test_replan import TORONTO

NINE = datetime(2026, 12, 8, 9, tzinfo=TORONTO)
HOUR = 60


def span(start, end):
    """Minutes from nine to minutes from nine, as the planner counts."""
    nine = instant(NINE)
    return nine + start, nine + end


def person(name, *, skills=("needling",), busy=(), until=9 * HOUR):
    return Resource(
        name, Kind.PRACTITIONER, frozenset(skills), (span(0, until),), tuple(busy)
    )


def problem(*people, shared=False):
    """Numbing without the operator for half an hour, then needling with one."""
    role = Role(Kind.PRACTITIONER, frozenset({"needling"}), shared)
    phases = (Phase("numbing", 30, ()), Phase("needling", 30, ("operator",)))
    day = date(2026, 12, 8)
    series = Series(1, (42, 56), 49, day, day + timedelta(days=7))
    return Problem(TORONTO, 15, people, {"operator": role}, phases, series)


def why(*people, who="ann", minutes=0, **more):
    start = (NINE + timedelta(minutes=minutes)).astimezone(UTC)
    return hindrance(problem(*people, **more), "operator", who, start)


def test_who_is_free_is_in_nobodys_way():
    assert why(person("ann")) is None


def test_who_is_not_there_at_all_is_unknown():
    assert why(person("ben")) is Hindrance.UNKNOWN


def test_who_lacks_a_skill_is_unsuited():
    assert why(person("ann", skills=())) is Hindrance.UNSUITED


@pytest.mark.parametrize(("until", "found"), [(60, None), (59, Hindrance.CLOSED)])
def test_the_hours_have_to_last_to_the_end_of_the_part(until, found):
    assert why(person("ann", until=until)) is found


@pytest.mark.parametrize(
    ("busy", "found"),
    [((0, 30), None), ((0, 31), Hindrance.BUSY), ((60, 90), None)],
)
def test_only_the_time_of_the_part_itself_counts(busy, found):
    assert why(person("ann", busy=[span(*busy)])) is found


def test_a_shared_part_needs_nobody_to_be_free():
    assert why(person("ann", busy=[span(0, 120)]), shared=True) is None


# --- Placing with a wish --------------------------------------------------------------------


def replanner(*people):
    return Replanner(problem(*people), {1: Standing(NINE, {"operator": "ann"})})


def roles(found):
    return dict(found.roles) if found else None


def test_without_a_wish_whoever_has_it_keeps_it():
    found = replanner(person("ann"), person("ben")).place(1, NINE)

    assert roles(found) == {"operator": "ann"}


def test_a_wish_takes_the_place_of_who_has_it():
    both = replanner(person("ann"), person("ben"))

    assert roles(both.place(1, NINE, {"operator": "ben"})) == {"operator": "ben"}


def test_a_wish_that_cannot_be_had_leaves_no_place():
    busy = replanner(person("ann"), person("ben", busy=[span(0, 120)]))

    assert busy.place(1, NINE, {"operator": "ben"}) is None
    assert roles(busy.place(1, NINE)) == {"operator": "ann"}


def test_the_nearest_places_come_first_and_the_wished_time_is_left_out():
    busy = replanner(person("ann"), person("ben", busy=[span(0, 120)], until=3 * HOUR))

    found = busy.places_near(1, NINE, {"operator": "ben"})

    starts = [moment(instant(one.start), TORONTO) for one in found]
    assert [f"{start:%H:%M}" for start in starts] == ["10:30", "10:45", "11:00"]
