"""A whole series: gaps, fixed sessions, strategies, proposals and their tuples."""

from datetime import date

import pytest

from bookings.tests.exchange import answer, objectives, open_daily, resource, starts


def day(number):
    """The ordinal of that day of June 2027."""
    return date(2027, 6, number).toordinal()


def days_of(answered, plan=0):
    """The days of June on which the sessions of a plan lie."""
    return [int(start[8:10]) for start in starts(answered, plan)]


def on(*days, name="ann", **hours):
    """A practitioner who is open on those days of June only."""
    opens = [span for n in days for span in open_on(n, **hours)]
    return resource(name, opens=opens)


def open_on(number, start="09:00", end="12:00"):
    return open_daily(start, end, first=f"2027-06-{number:02}", days=1)


ROOM = resource("r1", "room")


@pytest.mark.parametrize(
    ("second", "fits"), [(3, False), (4, True), (6, True), (7, False)]
)
def test_the_gap_includes_both_its_ends(second, fits):
    answered = answer(resources=[on(1, second), ROOM], gap_days=[3, 5])

    assert (answered["status"] == "optimal") is fits


def test_rules_of_dates_include_the_days_they_name():
    asked = {"count": 1, "proposals": 60, "arrive_between": ["09:00", "09:00"]}

    found = answer(
        **asked,
        earliest="2027-06-07",
        latest="2027-06-17",
        weekdays=[0, 3],
        blackouts=[["2027-06-09", "2027-06-10"]],
        not_before={"1": "2027-06-08"},
    )
    assert [
        start[:10]
        for plan in found["plans"]
        for start in [plan["sessions"][0]["start"]]
    ] == [
        "2027-06-14",
        "2027-06-17",
    ]


def test_not_before_binds_its_own_session_only():
    answered = answer(not_before={"2": "2027-06-09"})

    assert days_of(answered) == [7, 9]


# --- fixed ----------------------------------------------------------------------------


def test_gaps_count_from_fixed_sessions_on_both_sides():
    fixed = {"1": {"date": "2027-06-02"}, "3": {"date": "2027-06-08"}}
    answered = answer(count=3, gap_days=[2, 4], fixed=fixed)

    assert [s["number"] for s in answered["plans"][0]["sessions"]] == [2]
    assert days_of(answered) == [4]
    assert objectives(answered) == [[day(8), 0, 2, day(4), 540]]


def test_a_fixed_session_obeys_nothing_but_its_gaps():
    fixed = {"1": {"date": "2027-05-30", "operator": "who left"}}
    answered = answer(
        fixed=fixed, blackouts=[["2027-05-01", "2027-05-31"]], weekdays=[1]
    )

    assert days_of(answered) == [1]
    assert objectives(answered) == [[day(1), 1, 0, day(1), 540]]


def test_a_pair_of_fixed_sessions_never_counts():
    fixed = {
        "1": {"date": "2027-01-01", "operator": "bo"},
        "2": {"date": "2027-06-01", "operator": "ann"},
    }
    answered = answer(count=3, fixed=fixed)

    assert objectives(answered) == [[day(2), 0, 1, day(2), 540]]


def test_all_sessions_fixed_is_one_empty_plan():
    fixed = {"1": {"date": "2027-06-01"}, "2": {"date": "2028-06-01"}}

    answered = answer(fixed=fixed, proposals=3)
    assert answered["plans"] == [
        {"objective": [date(2028, 6, 1).toordinal(), 0, 0, 0, 0], "sessions": []}
    ]


def test_a_fixed_session_without_operator_is_skipped_by_the_switches():
    fixed = {
        "1": {"date": "2027-06-01", "operator": "bo"},
        "2": {"date": "2027-06-02"},
    }

    asked = answer(count=3, fixed=fixed)
    assert objectives(asked)[0][1] == 1
    strict = answer(count=3, fixed=fixed, strategy="one-practitioner")
    assert strict["blocked"]["roles"] == ["operator"]


def test_planned_sessions_are_neighbours_across_a_fixed_one():
    answered = answer(
        count=3,
        strategy="steady",
        resources=[on(1, end="09:30"), on(5, name="bo", start="10:00"), ROOM],
        fixed={"2": {"date": "2027-06-03"}},
        gap_days=[2, 2],
    )

    assert objectives(answered) == [[1, 60, day(5), 1, day(1) + day(5), 540 + 600]]


# --- strategies -----------------------------------------------------------------------


def test_earliest_finish_would_rather_switch_than_finish_later():
    people = [on(1, 4), on(2, name="bo"), ROOM]

    answered = answer(resources=people)
    assert days_of(answered) == [1, 2]
    assert objectives(answered) == [[day(2), 1, 1, day(1) + day(2), 1080]]


def test_one_practitioner_would_rather_finish_later_than_switch():
    people = [on(1, 4), on(2, name="bo"), ROOM]

    answered = answer(resources=people, strategy="one-practitioner")
    assert days_of(answered) == [1, 4]
    assert objectives(answered) == [[day(4), 1, day(1) + day(4), 1080]]


def test_steady_keeps_weekday_before_time_before_finish():
    people = [
        on(1),
        on(2, name="bo"),
        on(8, name="cy", start="10:00"),
        on(15, name="di"),
        ROOM,
    ]
    asked = {
        "resources": people,
        "strategy": "steady",
        "arrive_between": ["09:00", "10:00"],
    }

    assert days_of(answer(**asked, gap_days=[1, 14])) == [1, 8]
    assert days_of(answer(**asked, gap_days=[1, 6])) == [1, 2]
    early_only = {**asked, "arrive_between": ["09:00", "09:00"]}
    assert days_of(answer(**early_only, gap_days=[1, 14])) == [1, 15]


def test_the_rhythm_is_kept_where_the_finish_allows():
    answered = answer(
        count=3,
        resources=[on(1, 2, 3, 4, 5), ROOM],
        gap_days=[1, 3],
        not_before={"3": "2027-06-05"},
    )

    assert days_of(answered) == [1, 3, 5]


def test_without_an_operator_nobody_can_switch():
    answered = answer(
        roles={"room": {"kind": "room"}},
        phases=[{"name": "care", "minutes": 30, "uses": ["room"]}],
        fixed={"1": {"date": "2027-06-01", "operator": "bo"}},
        strategy="one-practitioner",
    )

    assert objectives(answered) == [[day(2), 1, day(2), 540]]


def test_the_earliest_arrivals_win_when_all_else_is_equal():
    assert starts(answer()) == ["2027-06-01T09:00", "2027-06-02T09:00"]


# --- proposals ------------------------------------------------------------------------


def test_proposals_differ_in_date_or_arrival_not_in_staff_alone():
    people = [on(1, 2), on(1, 2, name="bo"), ROOM]
    asked = {"resources": people, "arrive_between": ["09:00", "09:15"]}

    found = answer(**asked, proposals=9)
    assert len({tuple(starts(found, at)) for at in range(4)}) == 4
    assert len(found["plans"]) == 4
    arrivals = [objective[-1] for objective in objectives(found)]
    assert arrivals == [1080, 1095, 1095, 1110]
    assert objectives(answer(**asked, proposals=2)) == objectives(found)[:2]


def test_each_proposal_has_its_own_fewest_switches():
    people = [on(1, end="09:30"), on(1, 2, name="bo", start="09:15"), ROOM]

    found = answer(resources=people, proposals=2, arrive_between=["09:00", "09:15"])
    assert [objective[1] for objective in objectives(found)] == [0, 1]
    operators = [
        [session["roles"]["operator"] for session in plan["sessions"]]
        for plan in found["plans"]
    ]
    assert operators == [["bo", "bo"], ["ann", "bo"]]
