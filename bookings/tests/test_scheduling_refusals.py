"""When nothing fits: the session, its window, the roles it lacks, and what would help."""

import pytest

from bookings.tests.exchange import answer, open_daily, resource

ROOM = resource("r1", "room")


def on(*days, name="ann", kind="practitioner", start="09:00", end="12:00"):
    opens = [
        span
        for day in days
        for span in open_daily(start, end, first=f"2027-06-{day:02}", days=1)
    ]
    return resource(name, kind, opens=opens)


def refused(**changed):
    answered = answer(**changed)
    assert answered["status"] == "infeasible"
    return answered["blocked"]


def changes(**changed):
    """The changes that would help, best first."""
    return [each["change"] for each in answer(**changed)["relaxations"]]


def test_the_first_session_has_the_range_asked_for_as_its_window():
    blocked = refused(resources=[ROOM], earliest="2027-06-03")

    assert blocked == {
        "session": 1,
        "window": ["2027-06-03", "2027-06-30"],
        "roles": ["operator"],
        "reason": "No operator is free at the times asked for between 3 and "
        "30 June 2027.",
    }


def test_a_later_session_has_the_gap_after_its_reachable_neighbours():
    blocked = refused(resources=[on(1, 4, 20), ROOM], count=3)

    assert blocked["session"] == 3
    assert blocked["window"] == ["2027-06-05", "2027-06-07"]


def test_the_window_is_not_clipped():
    blocked = refused(resources=[on(29), ROOM])

    assert blocked["session"] == 2
    assert blocked["window"] == ["2027-06-30", "2027-07-02"]


def test_after_a_fixed_session_the_window_counts_from_its_date():
    blocked = refused(resources=[ROOM], fixed={"1": {"date": "2027-06-10"}})

    assert blocked["window"] == ["2027-06-11", "2027-06-13"]


def test_a_session_is_blocked_where_it_cannot_reach_the_fixed_one_after_it():
    fixed = {"2": {"date": "2027-06-20"}}
    blocked = refused(resources=[on(1, 2, 3), ROOM], fixed=fixed)

    assert blocked["session"] == 1
    assert blocked["roles"] == ["operator"]


def test_no_roles_are_named_where_dates_and_times_alone_leave_none():
    blocked = refused(weekdays=[1], gap_days=[1, 6])

    assert blocked["session"] == 2
    assert blocked["roles"] == []
    assert blocked["reason"] == (
        "The days and times asked for leave no date for it between 2 June and "
        "5 July 2027."
    )


def test_no_role_is_blamed_for_a_window_past_every_opening():
    blocked = refused(resources=[on(1), on(1, name="r1", kind="room")])

    assert blocked["session"] == 2
    assert blocked["roles"] == ["operator"]


def test_of_several_smallest_sets_the_alphabetically_first_is_named():
    assert refused(resources=[])["roles"] == ["operator"]


def test_roles_that_fail_only_together_are_named_together():
    blocked = refused(resources=[on(1, 3), on(2, 4, name="r1", kind="room")])

    assert blocked["roles"] == ["operator", "room"]
    assert blocked["reason"] == (
        "The operator and the room are never free together at the times asked for "
        "between 1 and 30 June 2027."
    )


def test_under_one_practitioner_the_operator_must_be_allowed():
    people = [on(1), on(2, name="bo"), ROOM]
    blocked = refused(resources=people, strategy="one-practitioner")

    assert blocked["session"] == 2
    assert blocked["roles"] == ["operator"]


def test_under_one_practitioner_the_next_fixed_operator_counts():
    fixed = {"2": {"date": "2027-06-03", "operator": "bo"}}
    blocked = refused(fixed=fixed, strategy="one-practitioner")

    assert blocked["session"] == 1
    assert blocked["roles"] == ["operator"]


# --- relaxations ----------------------------------------------------------------------


def test_one_more_weekday_is_offered_each_with_its_best_plan():
    people = [on(1, 2, 3), ROOM]  # Tuesday to Thursday
    answered = answer(resources=people, weekdays=[1])

    assert answered["relaxations"] == [
        {"change": {"weekdays": [1, 2]}, "objective": [740134, 0, 1, 1480267, 1080]},
        {"change": {"weekdays": [1, 3]}, "objective": [740135, 0, 0, 1480268, 1080]},
    ]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (["13:00", "14:00"], ["11:30", "14:00"]),
        (["12:01", "14:00"], ["11:30", "14:00"]),
        (["07:00", "08:00"], ["07:00", "09:00"]),
        (["07:00", "08:59"], ["07:00", "09:00"]),
    ],
)
def test_the_nearest_arrival_that_helps_is_offered(asked, offered):
    assert changes(arrive_between=asked) == [{"arrive_between": offered}]


def test_the_least_later_latest_is_offered():
    assert changes(resources=[on(1, 4), ROOM], latest="2027-06-02") == [
        {"latest": "2027-06-04"}
    ]


def test_one_blackout_fewer_is_offered_and_never_part_of_one():
    blackouts = [["2027-06-01", "2027-06-29"], ["2027-06-20", "2027-06-30"]]

    assert changes(blackouts=blackouts) == [{"blackouts": [blackouts[1]]}]


def test_no_two_changes_at_once_are_offered():
    assert changes(resources=[on(1), ROOM], weekdays=[2]) == []


def test_gap_and_not_before_are_never_relaxed():
    assert changes(resources=[on(1, 10), ROOM]) == []
    assert changes(resources=[on(1, 2), ROOM], not_before={"1": "2027-06-03"}) == []


def test_what_helps_is_listed_best_first():
    people = [on(1, 4, 8), ROOM]  # Tuesday, Friday, Tuesday
    offered = answer(
        resources=people, weekdays=[1], gap_days=[3, 7], latest="2027-06-07"
    )["relaxations"]

    assert [each["change"] for each in offered] == [
        {"weekdays": [1, 4]},
        {"latest": "2027-06-08"},
    ]
    assert [each["objective"][0] for each in offered] == [740136, 740140]
