from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from treatments.care import Instruction, precare_begins, timeline

OTTAWA = ZoneInfo("America/Toronto")
STARTS = datetime(2026, 11, 24, 10, 0, tzinfo=OTTAWA)
ENDS = datetime(2026, 11, 24, 11, 10, tzinfo=OTTAWA)

RETINOL = Instruction(
    "retinol", "pre", "stop", "No retinol.", "days", "session", "S0", -7
)
MAKE_UP = Instruction(
    "make-up",
    "post",
    "avoid",
    "No make-up.",
    "hours",
    "hours",
    "S0",
    0,
    24,
    milder_hours=12,
    milder_source="S2",
    milder_text="Mineral make-up only.",
)
HANDS = Instruction("hands", "post", "wash", "Clean hands.", "hours", "healed", "S2", 0)
SUN = Instruction("sun", "post", "protect", "SPF 30.", "hours", "onwards", "S0", 0)
ROUTINE = Instruction("routine", "pre", "keep", "Keep on.", "plan", "session", "S0")
CHECK = Instruction(
    "check",
    "pre",
    "confirm",
    "A look.",
    "plan",
    "session",
    "S0",
    first_session_only=True,
)
FOLLOW_UP = Instruction(
    "follow-up", "post", "follow-up", "Come back.", "days", "days", "S0", 42, 56
)


def only(instruction: Instruction, starts=STARTS, ends=ENDS, **chosen):
    (item,) = timeline([instruction], starts, ends, OTTAWA, **chosen)
    return item


def test_care_before_begins_on_a_local_day_and_ends_with_the_session():
    item = only(RETINOL)

    assert (item.starts, item.ends) == (date(2026, 11, 17), STARTS)
    assert (item.phase, item.kind, item.source) == ("pre", "stop", "S0")


def test_care_after_counts_hours_from_the_end_of_the_session():
    item = only(MAKE_UP)

    assert (item.starts, item.ends) == (ENDS, ENDS + timedelta(hours=24))


def test_a_session_that_ended_late_moves_what_follows():
    late = ENDS + timedelta(minutes=25)

    assert only(MAKE_UP, ends=late).ends == late + timedelta(hours=24)


def test_times_given_in_utc_come_back_local():
    item = only(MAKE_UP, STARTS.astimezone(UTC), ENDS.astimezone(UTC))

    assert item.ends.isoformat() == "2026-11-25T11:10:00-05:00"


def test_a_session_late_in_the_evening_belongs_to_its_local_day():
    late = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)  # 20:30 on the 24th in Ottawa

    item = only(RETINOL, late, late + timedelta(hours=1))

    assert item.starts == date(2026, 11, 17)


@pytest.mark.parametrize(
    ("ends_at", "hours", "told"),
    [
        ("2027-03-13T16:00-05:00", 24, "2027-03-14T17:00:00-04:00"),
        ("2027-03-13T16:00-05:00", 12, "2027-03-14T05:00:00-04:00"),
        ("2027-11-06T16:00-04:00", 24, "2027-11-07T15:00:00-05:00"),
        ("2027-11-06T16:00-04:00", 12, "2027-11-07T03:00:00-05:00"),
        ("2027-11-06T13:30-04:00", 12, "2027-11-07T01:30:00-04:00"),
        ("2027-11-06T14:30-04:00", 12, "2027-11-07T01:30:00-05:00"),
    ],
)
def test_the_nights_the_clocks_change_neither_add_nor_take_an_hour(
    ends_at, hours, told
):
    ends = datetime.fromisoformat(ends_at)
    chosen = {"exceptions": {"make-up"}} if hours == 12 else {}

    item = only(MAKE_UP, ends - timedelta(hours=1), ends, **chosen)

    assert item.ends.isoformat() == told


@pytest.mark.parametrize(
    ("session", "begins"),
    [
        ("2027-03-16T09:00-04:00", date(2027, 3, 9)),  # clocks went forward on the 14th
        ("2027-11-09T09:00-05:00", date(2027, 11, 2)),  # and back on the 7th
    ],
)
def test_seven_days_before_is_the_same_weekday_across_a_clock_change(session, begins):
    starts = datetime.fromisoformat(session)

    assert only(RETINOL, starts, starts + timedelta(hours=1)).starts == begins


@pytest.mark.parametrize(("care", "closes"), [(HANDS, "healed"), (SUN, "onwards")])
def test_an_open_end_says_what_it_depends_on(care, closes):
    item = only(care)

    assert (item.starts, item.ends, item.closes) == (ENDS, None, closes)
    assert item.is_open_ended


def test_a_beginning_that_no_calendar_knows_says_what_it_depends_on():
    item = only(ROUTINE)

    assert (item.opens, item.starts, item.ends) == ("plan", None, STARTS)


def test_the_follow_up_lies_six_to_eight_weeks_later_in_local_days():
    item = only(FOLLOW_UP)

    assert (item.starts, item.ends) == (date(2027, 1, 5), date(2027, 1, 19))


def test_some_care_is_for_the_first_session_only():
    first = timeline([CHECK, ROUTINE], STARTS, ENDS, OTTAWA, number=1)
    second = timeline([CHECK, ROUTINE], STARTS, ENDS, OTTAWA, number=2)

    assert [item.code for item in first] == ["check", "routine"]
    assert [item.code for item in second] == ["routine"]


def test_care_comes_in_the_order_in_which_it_begins():
    items = timeline([FOLLOW_UP, HANDS, RETINOL, ROUTINE], STARTS, ENDS, OTTAWA)

    assert [item.code for item in items] == ["routine", "retinol", "hands", "follow-up"]


# --- Where the sources disagree ------------------------------------------------------


def test_the_stricter_rules_unless_the_plan_allows_the_milder():
    stricter, milder = only(MAKE_UP), only(MAKE_UP, exceptions={"make-up"})

    assert (stricter.ends, stricter.source) == (ENDS + timedelta(hours=24), "S0")
    assert (milder.ends, milder.source) == (ENDS + timedelta(hours=12), "S2")
    assert (stricter.text, milder.text) == ("No make-up.", "Mineral make-up only.")
    assert (stricter.is_exception, milder.is_exception) == (False, True)


@pytest.mark.parametrize("code", ["hands", "nothing"])
def test_an_exception_that_nobody_offers_is_refused(code):
    with pytest.raises(ValueError, match=f"No milder rule is offered for: {code}"):
        timeline([MAKE_UP, HANDS], STARTS, ENDS, OTTAWA, exceptions={code})


# --- When care begins ----------------------------------------------------------------


def test_care_begins_with_the_earliest_that_counts_days():
    later = Instruction("x", "pre", "stop", "X.", "days", "session", "S0", -3)

    begins = precare_begins([later, RETINOL, ROUTINE, MAKE_UP], date(2026, 11, 24))

    assert begins == date(2026, 11, 17)


def test_without_care_before_it_the_session_day_itself_is_the_beginning():
    assert precare_begins([MAKE_UP], date(2026, 11, 24)) == date(2026, 11, 24)
