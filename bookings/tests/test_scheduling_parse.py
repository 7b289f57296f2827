"""A malformed problem is refused with the path of what is wrong, on one line."""

from copy import deepcopy
from datetime import UTC, date, datetime

import pytest

from bookings.scheduling import Fixed, Malformed, instant, parse
from bookings.tests.exchange import problem

FULL = problem(
    resources=[
        {
            "id": "ann",
            "kind": "practitioner",
            "skills": ["needling"],
            "open": [["2027-06-01T09:00", "2027-06-01T12:00"]],
            "busy": [["2027-06-01T10:00", "2027-06-01T10:30"]],
        },
        {"id": "r1", "kind": "room", "open": []},
    ],
    roles={
        "operator": {"kind": "practitioner", "skills": ["needling"], "shared": False},
        "room": {"kind": "room"},
    },
    count=3,
    weekdays=[1, 2],
    arrive_between=["09:00", "11:00"],
    blackouts=[["2027-06-05", "2027-06-06"]],
    not_before={"2": "2027-06-03"},
    fixed={"1": {"date": "2027-06-01", "operator": "zoe"}},
    proposals=2,
)
GONE = object()

# Where, what is put there (GONE takes the key away), and the path that is named.
WRONG = [
    ("", [], "problem"),
    ("", "text", "problem"),
    ("", None, "problem"),
    ("timezone", GONE, "timezone"),
    ("timezone", "Mars/Olympus", "timezone"),
    ("timezone", "", "timezone"),
    ("timezone", "../UTC", "timezone"),
    ("timezone", "America", "timezone"),
    ("timezone", "a\0b", "timezone"),
    ("timezone", 5, "timezone"),
    ("grid_minutes", GONE, "grid_minutes"),
    ("grid_minutes", 0, "grid_minutes"),
    ("grid_minutes", 61, "grid_minutes"),
    ("grid_minutes", 15.0, "grid_minutes"),
    ("grid_minutes", True, "grid_minutes"),
    ("grid_minutes", "15", "grid_minutes"),
    ("resources", GONE, "resources"),
    ("resources", {}, "resources"),
    ("resources", None, "resources"),
    ("resources.0", "ann", "resources[0]"),
    ("resources.0.id", GONE, "resources[0].id"),
    ("resources.0.id", 5, "resources[0].id"),
    ("resources.0.id", "", "resources[0].id"),
    ("resources.1.id", "ann", "resources[1].id"),
    ("resources.0.kind", "robot", "resources[0].kind"),
    ("resources.0.kind", ["room"], "resources[0].kind"),
    ("resources.0.colour", "red", "resources[0].colour"),
    ("resources.0.skills", "rf", "resources[0].skills"),
    ("resources.0.skills.0", 1, "resources[0].skills[0]"),
    ("resources.0.open", GONE, "resources[0].open"),
    ("resources.0.open", None, "resources[0].open"),
    ("resources.0.open.0", ["2027-06-01T09:00"], "resources[0].open[0]"),
    ("resources.0.open.0", "ab", "resources[0].open[0]"),
    ("resources.0.open.0", {"2027-06-01T09:00": 1}, "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01 09:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T9:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T24:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T09:60", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T09:00:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-02-29T09:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T09:00+0500", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T09:00z", "resources[0].open[0]"),
    ("resources.0.open.0.0", "2027-06-01T09:00+24:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", "٢٠٢٧-06-01T09:00", "resources[0].open[0]"),
    ("resources.0.open.0.0", 7, "resources[0].open[0]"),
    ("resources.0.open.0.0", ["x"], "resources[0].open[0]"),
    ("resources.0.open.0.1", "2027-06-01T08:59", "resources[0].open[0]"),
    ("resources.0.busy.0.1", "2027-06-01T09:59", "resources[0].busy[0]"),
    ("resources.0.busy.0.1", "2027-06-01T10:00+00:00", "resources[0].busy[0]"),
    ("roles", GONE, "roles"),
    ("roles", [], "roles"),
    ("roles.room", "room", "roles.room"),
    ("roles.room.kind", GONE, "roles.room.kind"),
    ("roles.room.kind", "Room", "roles.room.kind"),
    ("roles.room.size", 5, "roles.room.size"),
    ("roles.operator.skills", None, "roles.operator.skills"),
    ("roles.operator.shared", 1, "roles.operator.shared"),
    ("roles.device", {"kind": "device"}, "roles.device"),
    ("phases", GONE, "phases"),
    ("phases", [], "phases"),
    ("phases.0.name", GONE, "phases[0].name"),
    ("phases.0.name", 3, "phases[0].name"),
    ("phases.0.minutes", 0, "phases[0].minutes"),
    ("phases.0.minutes", -5, "phases[0].minutes"),
    ("phases.0.minutes", 7.5, "phases[0].minutes"),
    ("phases.0.uses", "room", "phases[0].uses"),
    ("phases.0.uses.1", "nurse", "phases[0].uses[1]"),
    ("phases.0.uses.1", None, "phases[0].uses[1]"),
    ("phases.0.when", 1, "phases[0].when"),
    ("series", GONE, "series"),
    ("series", [], "series"),
    ("series.count", GONE, "series.count"),
    ("series.count", 0, "series.count"),
    ("series.count", "3", "series.count"),
    ("series.gap_days", GONE, "series.gap_days"),
    ("series.gap_days", 42, "series.gap_days"),
    ("series.gap_days", [42], "series.gap_days"),
    ("series.gap_days", [3, 1], "series.gap_days"),
    ("series.gap_days", [0, 1], "series.gap_days"),
    ("series.gap_days", [1, 2.5], "series.gap_days"),
    ("series.ideal_gap_days", GONE, "series.ideal_gap_days"),
    ("series.ideal_gap_days", "2", "series.ideal_gap_days"),
    ("series.ideal_gap_days", -1, "series.ideal_gap_days"),
    ("series.earliest", GONE, "series.earliest"),
    ("series.earliest", "2027-6-1", "series.earliest"),
    ("series.earliest", "20270601", "series.earliest"),
    ("series.earliest", "2027-06-31", "series.earliest"),
    ("series.earliest", "0000-01-01", "series.earliest"),
    ("series.latest", GONE, "series.latest"),
    ("series.latest", "2027-06-30T10:00", "series.latest"),
    ("series.latest", "2027-05-31", "series.latest"),
    ("series.weekdays", [], "series.weekdays"),
    ("series.weekdays", None, "series.weekdays"),
    ("series.weekdays", [7], "series.weekdays[0]"),
    ("series.weekdays", [1, -1], "series.weekdays[1]"),
    ("series.weekdays", ["Monday"], "series.weekdays[0]"),
    ("series.arrive_between", ["09:00"], "series.arrive_between"),
    ("series.arrive_between", ["11:01", "11:00"], "series.arrive_between"),
    ("series.arrive_between", ["09:00", "24:00"], "series.arrive_between"),
    ("series.arrive_between", ["9:00", "11:00"], "series.arrive_between"),
    ("series.blackouts", "2027-06-05", "series.blackouts"),
    ("series.blackouts.0", ["2027-06-05"], "series.blackouts[0]"),
    ("series.blackouts.0", ["2027-06-06", "2027-06-05"], "series.blackouts[0]"),
    ("series.blackouts.0", ["2027-06-06", 5], "series.blackouts[0]"),
    ("series.not_before", [], "series.not_before"),
    ("series.not_before", {"4": "2027-06-01"}, "series.not_before.4"),
    ("series.not_before", {"0": "2027-06-01"}, "series.not_before.0"),
    ("series.not_before", {"two": "2027-06-01"}, "series.not_before.two"),
    ("series.not_before", {"02": "2027-06-01"}, "series.not_before.02"),
    ("series.not_before", {"9" * 5000: "2027-06-01"}, "series.not_before.999"),
    ("series.not_before", {"2": "soon"}, "series.not_before.2"),
    ("series.fixed", {"4": {"date": "2027-06-01"}}, "series.fixed.4"),
    ("series.fixed", {"1": "2027-06-01"}, "series.fixed.1"),
    ("series.fixed", {"1": {"operator": "ann"}}, "series.fixed.1.date"),
    ("series.fixed.1.operator", None, "series.fixed.1.operator"),
    ("series.fixed.1.room", "r1", "series.fixed.1.room"),
    ("series.fixed.2", {"date": "2027-06-01"}, "series.fixed.2"),
    ("series.fixed.2", {"date": "2027-05-31"}, "series.fixed.2"),
    ("series.hurry", True, "series.hurry"),
    ("strategy", GONE, "strategy"),
    ("strategy", "fastest", "strategy"),
    ("strategy", ["steady"], "strategy"),
    ("proposals", 0, "proposals"),
    ("proposals", None, "proposals"),
    ("comment", "hello", "comment"),
    ("two\nlines", 1, "two\\nlines"),
]


def spoilt(where, value):
    """A good problem with one thing changed."""
    if not where:
        return value
    found = made = deepcopy(FULL)
    *parents, last = where.split(".")
    for key in parents:
        made = made[int(key) if isinstance(made, list) else key]
    last = int(last) if isinstance(made, list) else last
    if value is GONE:
        del made[last]
    else:
        made[last] = value
    return found


@pytest.mark.parametrize(("where", "value", "path"), WRONG)
def test_what_is_wrong_is_named_by_its_path(where, value, path):
    with pytest.raises(Malformed) as refusal:
        parse(spoilt(where, value))

    assert str(refusal.value).startswith(path)
    assert str(refusal.value) == f"{refusal.value.path}: {refusal.value.words}"
    assert "\n" not in str(refusal.value)


def test_a_good_problem_is_read_as_it_stands():
    read = parse(FULL)

    assert read.series.weekdays == {1, 2}
    assert read.series.arrive_between == (540, 660)
    assert read.series.fixed == {1: Fixed(date(2027, 6, 1), "zoe")}
    assert read.series.not_before == {2: date(2027, 6, 3)}
    assert read.resources[1].open == ()
    assert read.proposals == 2


def test_what_may_be_missing_has_its_default():
    read = parse(problem())

    assert read.series.weekdays == set(range(7))
    assert read.series.arrive_between == (0, 1439)
    assert (read.series.blackouts, read.series.fixed) == ((), {})
    assert read.resources[0].busy == ()
    assert read.roles["room"].shared is False
    assert read.proposals == 1


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2026-11-01T00:30", 4, 30),
        ("2026-11-01T01:30", 5, 30),  # twice: the first
        ("2026-11-01T01:30-05:00", 6, 30),  # the second, said exactly
        ("2026-11-01T02:00", 7, 0),
        ("2026-11-01T02:00Z", 2, 0),
        ("2026-11-01T02:00+05:30", -4, 30),
    ],
)
def test_a_moment_is_local_or_exact(text, hour, minute):
    opens = [[text, text]]
    made = problem()
    made["resources"][0]["open"] = opens

    midnight = instant(datetime(2026, 11, 1, tzinfo=UTC))
    at = midnight + hour * 60 + minute
    assert parse(made).resources[0].open == ((at, at),)


def test_a_skipped_moment_is_read_with_the_offset_before_the_gap():
    made = problem()
    made["resources"][0]["open"] = [["2027-03-14T02:30", "2027-03-14T03:30"]]

    at = instant(datetime(2027, 3, 14, 7, 30, tzinfo=UTC))
    assert parse(made).resources[0].open == ((at, at),)


def test_start_and_end_are_compared_as_instants():
    made = problem()
    made["resources"][0]["open"] = [
        ["2026-11-01T01:30-04:00", "2026-11-01T01:15-05:00"]
    ]
    parse(made)
    made["resources"][0]["open"] = [
        ["2026-11-01T01:15-05:00", "2026-11-01T01:30-04:00"]
    ]

    with pytest.raises(Malformed, match=r"^resources\[0\]\.open\[0\]: "):
        parse(made)
