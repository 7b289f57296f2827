"""One session of a series: where it can lie, who fills its roles, and the clock."""

import pytest

from bookings.tests.exchange import answer, open_daily, resource, starts


def one(**changed):
    """The answer for a single session; its earliest arrival comes first."""
    return answer(count=1, **changed)


def people(opens=None, busy=(), room=None):
    """The practitioner with those hours, and a room that is open when she is."""
    return [
        resource("ann", opens=opens, busy=busy),
        resource("r1", "room", opens=room or opens),
    ]


def test_an_arrival_lies_on_the_grid():
    opens = open_daily("09:01", "12:00", days=1)

    assert starts(one(resources=people(opens))) == ["2027-06-01T09:15"]
    assert starts(one(resources=people(opens), grid_minutes=20)) == ["2027-06-01T09:20"]
    assert starts(one(resources=people(opens), grid_minutes=7)) == ["2027-06-01T09:06"]


@pytest.mark.parametrize(("end", "fits"), [("09:30", True), ("09:29", False)])
def test_an_interval_may_end_off_the_grid_to_the_minute(end, fits):
    opens = open_daily("09:00", end, days=1)

    assert (one(resources=people(opens))["status"] == "optimal") is fits


@pytest.mark.parametrize(("busy", "start"), [("09:30", "09:00"), ("09:29", "11:45")])
def test_busy_time_is_half_open_to_the_minute(busy, start):
    busy = [[f"2027-06-01T{busy}", "2027-06-01T11:31"]]
    opens = open_daily("09:00", "12:15", days=1)

    assert starts(one(resources=people(opens, busy))) == [f"2027-06-01T{start}"]


def test_a_session_may_run_across_the_joint_of_touching_spans():
    opens = [
        ["2027-06-01T09:17", "2027-06-01T10:00"],
        ["2027-06-01T09:00", "2027-06-01T09:17"],
    ]
    answered = one(resources=people(opens), arrive_between=["09:00", "09:00"])

    assert starts(answered) == ["2027-06-01T09:00"]


def test_empty_and_overlapping_spans_change_nothing():
    opens = [
        ["2027-06-01T09:00", "2027-06-01T09:20"],
        ["2027-06-01T09:10", "2027-06-01T09:30"],
        ["2027-06-01T09:12", "2027-06-01T09:12"],
    ]
    busy = [["2027-06-01T09:05", "2027-06-01T09:05"]]

    assert starts(one(resources=people(opens, busy))) == ["2027-06-01T09:00"]


def test_a_session_may_end_at_midnight_and_not_after():
    opens = [["2027-06-01T23:00", "2027-06-02T00:10"]]
    late = {"resources": people(opens), "latest": "2027-06-01"}

    end = one(**late, arrive_between=["23:30", "23:45"])["plans"][0]["sessions"][0]
    assert (end["start"], end["end"]) == ("2027-06-01T23:30", "2027-06-02T00:00")
    assert one(**late, arrive_between=["23:31", "23:59"])["status"] == "infeasible"


def test_an_arrival_window_includes_both_ends():
    within = one(arrive_between=["10:15", "10:15"])

    assert starts(within) == ["2027-06-01T10:15"]
    assert one(arrive_between=["10:16", "10:29"])["status"] == "infeasible"


# --- roles ----------------------------------------------------------------------------


def two_phases(first, second):
    return [
        {"name": "first", "minutes": 15, "uses": first},
        {"name": "second", "minutes": 15, "uses": second},
    ]


def test_a_role_is_filled_by_one_resource_throughout():
    early = [["2027-06-01T09:00", "2027-06-01T09:15"]]
    late = [["2027-06-01T09:15", "2027-06-01T09:30"]]
    resources = [
        resource("ann", opens=early),
        resource("bo", opens=late),
        resource("r1", "room"),
    ]
    uses = ["operator", "room"]

    assert one(resources=resources)["status"] == "infeasible"
    assert (
        one(resources=resources, phases=two_phases(uses, uses))["status"]
        == "infeasible"
    )


def test_a_role_may_be_busy_between_the_phases_that_use_it():
    busy = [["2027-06-01T09:15", "2027-06-01T09:30"]]
    phases = [
        *two_phases(["operator", "room"], ["room"]),
        {"name": "third", "minutes": 15, "uses": ["operator"]},
    ]
    opens = [["2027-06-01T09:00", "2027-06-01T09:45"]]

    assert starts(one(resources=people(opens, busy), phases=phases)) == [
        "2027-06-01T09:00"
    ]


def test_two_roles_never_share_a_resource_even_in_different_phases():
    roles = {"operator": {"kind": "practitioner"}, "nurse": {"kind": "practitioner"}}
    asked = {"roles": roles, "phases": two_phases(["operator"], ["nurse"])}

    alone = one(resources=[resource("ann")], **asked)
    both = one(resources=[resource("ann"), resource("bo")], **asked)

    assert alone["blocked"]["roles"] == ["nurse", "operator"]
    assert set(both["plans"][0]["sessions"][0]["roles"].values()) == {"ann", "bo"}


def test_competing_roles_are_matched_whoever_is_asked_first():
    roles = {
        "operator": {"kind": "practitioner"},
        "nurse": {"kind": "practitioner", "skills": ["blood"]},
    }
    resources = [resource("ann", skills=["blood"]), resource("bo")]

    answered = one(
        resources=resources,
        roles=roles,
        phases=two_phases(["operator"], ["operator", "nurse"]),
    )

    session = answered["plans"][0]["sessions"][0]
    assert session["roles"] == {"operator": "bo", "nurse": "ann"}


def supervised(doctor_busy, doctor_open=None, shared=True):
    """A session with a supervising doctor who may also be its operator."""
    return one(
        resources=[
            resource("ann", skills=["doctor"], opens=doctor_open, busy=doctor_busy),
            resource("bo"),
            resource("r1", "room"),
        ],
        roles={
            "operator": {"kind": "practitioner"},
            "supervisor": {
                "kind": "practitioner",
                "skills": ["doctor"],
                "shared": shared,
            },
        },
        phases=[{"name": "care", "minutes": 30, "uses": ["operator", "supervisor"]}],
        arrive_between=["09:00", "09:00"],
        latest="2027-06-01",
    )


def test_a_shared_role_only_needs_its_resource_to_be_open():
    all_morning = [["2027-06-01T09:00", "2027-06-01T12:00"]]
    until_quarter = [["2027-06-01T09:00", "2027-06-01T09:29"]]

    roles = supervised(all_morning)["plans"][0]["sessions"][0]["roles"]
    assert roles == {"operator": "bo", "supervisor": "ann"}
    assert supervised(all_morning, shared=False)["blocked"]["roles"] == ["supervisor"]
    assert supervised([], until_quarter)["blocked"]["roles"] == ["supervisor"]


def test_a_shared_role_may_be_filled_by_someone_who_fills_another():
    answered = one(
        resources=[resource("ann")],
        roles={
            "operator": {"kind": "practitioner"},
            "supervisor": {"kind": "practitioner", "shared": True},
        },
        phases=two_phases(["operator"], ["operator", "supervisor"]),
    )

    roles = answered["plans"][0]["sessions"][0]["roles"]
    assert roles == {"operator": "ann", "supervisor": "ann"}


def test_a_role_needs_the_kind_and_every_skill():
    needs = {"operator": {"kind": "practitioner", "skills": ["rf", "needling"]}}
    phases = [{"name": "care", "minutes": 30, "uses": ["operator"]}]
    half = [
        resource("ann", skills=["rf"]),
        resource("bo", skills=["needling"]),
        resource("r1", "room", skills=["rf", "needling"]),
    ]
    whole = [*half, resource("cy", skills=["needling", "rf", "doctor"])]

    blocked = one(roles=needs, phases=phases, resources=half)["blocked"]
    session = one(roles=needs, phases=phases, resources=whole)["plans"][0]["sessions"]
    assert blocked["roles"] == ["operator"]
    assert session[0]["roles"] == {"operator": "cy"}


def test_the_room_that_keeps_long_stretches_whole_is_taken():
    snug = open_daily("09:00", "09:30", days=1)
    resources = [
        resource("ann"),
        resource("wide", "room"),
        resource("snug", "room", opens=snug),
    ]

    session = one(resources=resources)["plans"][0]["sessions"][0]
    assert session["roles"]["room"] == "snug"


# --- the clock ------------------------------------------------------------------------


def night(date, opens, **changed):
    return one(
        resources=people(opens),
        earliest=date,
        latest=date,
        **{"grid_minutes": 30, **changed},
    )


def test_a_skipped_time_is_no_arrival():
    opens = [["2027-03-14T01:30", "2027-03-14T03:30"]]  # one real hour

    found = night("2027-03-14", opens, proposals=9)["plans"]
    arrivals = [plan["sessions"][0]["start"][11:] for plan in found]
    assert arrivals == ["01:30", "03:00"]


def test_a_repeated_time_is_an_arrival_at_its_first_occurrence():
    second = [["2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00"]]
    both = [["2026-11-01T01:30-04:00", "2026-11-01T02:00-05:00"]]
    once = {"arrive_between": ["01:00", "01:59"]}

    assert night("2026-11-01", second, **once)["blocked"]["roles"] == ["operator"]
    assert starts(night("2026-11-01", both, **once)) == ["2026-11-01T01:30"]


def test_elapsed_minutes_are_real_when_the_clock_goes_back():
    opens = [["2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"]]
    phases = [{"name": "care", "minutes": 60, "uses": ["operator", "room"]}]

    session = night("2026-11-01", opens, phases=phases)["plans"][0]["sessions"][0]
    assert (session["start"], session["end"]) == ("2026-11-01T01:30",) * 2


def test_elapsed_minutes_are_real_when_the_clock_goes_forward():
    opens = [["2027-03-14T01:30-05:00", "2027-03-14T03:30-04:00"]]
    phases = [{"name": "care", "minutes": 60, "uses": ["operator", "room"]}]

    session = night("2027-03-14", opens, phases=phases)["plans"][0]["sessions"][0]
    assert session["start"] == "2027-03-14T01:30"
    assert session["end"] == "2027-03-14T03:30"


@pytest.mark.parametrize(
    ("minutes", "date", "fits"),
    [
        (24 * 60, "2026-10-31", True),
        (24 * 60 + 1, "2026-10-31", False),
        (25 * 60, "2026-11-01", True),
        (25 * 60 + 1, "2026-11-01", False),
        (23 * 60, "2027-03-14", True),
        (23 * 60 + 1, "2027-03-14", False),
    ],
)
def test_a_day_is_as_long_as_the_clock_makes_it(minutes, date, fits):
    opens = [["2026-10-01T00:00", "2027-04-01T00:00"]]
    phases = [{"name": "care", "minutes": minutes, "uses": ["operator", "room"]}]

    assert (night(date, opens, phases=phases)["status"] == "optimal") is fits


def test_a_date_that_the_clock_leaves_and_enters_again_is_kept_whole():
    # St John's, 2006: at 00:01 of 29 October the clock went back to 23:01 of the 28th.
    opens = [["2006-10-28T00:00", "2006-10-30T00:00"]]
    zone = {"timezone": "America/St_Johns", "grid_minutes": 15}
    late = {"arrive_between": ["23:00", "23:59"], "proposals": 9}

    found = night("2006-10-28", opens, **zone, **late)["plans"]
    arrivals = [plan["sessions"][0]["start"][11:] for plan in found]
    assert arrivals == ["23:00", "23:15", "23:30"]


def test_a_date_that_never_was_has_no_session():
    # Samoa went from 29 to 31 December 2011.
    opens = [["2011-12-28T00:00", "2012-01-02T00:00"]]

    skipped = night("2011-12-30", opens, timezone="Pacific/Apia")
    assert skipped["blocked"]["roles"] == []


def test_sessions_keep_their_local_time_across_a_clock_change():
    opens = open_daily(first="2026-10-28", days=9)
    answered = answer(
        resources=people(opens),
        earliest="2026-10-30",
        latest="2026-11-05",
        gap_days=[3, 3],
        strategy="steady",
    )

    assert starts(answered) == ["2026-10-30T09:00", "2026-11-02T09:00"]
