"""Contact sheets: what was taken, what is missing, and what is worth comparing."""

from datetime import timedelta

import pytest

from bookings.models import AppointmentStatus, PhotoMoment
from bookings.services.photos import comparing, sheets, showing
from bookings.services.photos.sheets import State
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_area,
    make_plan,
)
from bookings.tests.photos import agree, make_photo

pytestmark = pytest.mark.django_db

ALL = ["front", "left", "right"]


@pytest.fixture
def plan():
    """Two sessions of the face: none has a time yet."""
    return make_plan(patient=agree(), session_count=2)


def session(plan, number, days, *, is_done=False):
    """A session so many days from now."""
    at = NOW + timedelta(days=days)
    done = {"status": AppointmentStatus.DONE, "completed_at": at} if is_done else {}
    return make_appointment(plan=plan, number=number, starts_at=at, **done)


def photo(plan, moment=PhotoMoment.BASELINE, angle="front", days=-70, **fields):
    facts = {"plan": plan, "area": plan.areas.get().area, "stored": False} | fields
    if facts.pop("without_plan", False):
        facts["plan"] = None
    taken_at = NOW + timedelta(days=days)
    return make_photo(
        plan.patient, moment=moment, angle=angle, taken_at=taken_at, **facts
    )


def sheets_of(plan, now=NOW):
    shown = list(showing.photos_of(plan.patient))
    return sheets.of_patient(plan.patient, shown, now=now)


def states(sheet):
    """By side: what each occasion holds."""
    return {
        str(row.angle): [str(cell.state) for cell in row.cells] for row in sheet.rows
    }


def gaps(sheet):
    return {
        gap.column.title: ([str(angle) for angle in gap.angles], gap.can_be_taken)
        for gap in sheet.gaps
    }


# --- What is missing --------------------------------------------------------------------


def test_before_the_first_session_three_sides_are_to_take(plan):
    [sheet] = sheets_of(plan)

    ahead = ["ahead", "ahead", "ahead"]
    assert states(sheet) == {angle: ["to-take", *ahead] for angle in ALL}
    assert gaps(sheet) == {"Before the series": (ALL, True)}
    assert [c.note for c in sheet.columns[1:3]] == ["no date yet", "no date yet"]
    assert sheet.count == 0


def test_a_session_ahead_and_the_result_are_still_ahead(plan):
    session(plan, 1, 7)
    session(plan, 2, 56)
    photo(plan)

    [sheet] = sheets_of(plan)

    assert [c.title for c in sheet.columns] == [
        "Before the series",
        "Session 1",
        "Session 2",
        "Result",
    ]
    assert states(sheet)["front"] == ["kept", "ahead", "ahead", "ahead"]
    assert gaps(sheet) == {"Before the series": (["left", "right"], True)}


@pytest.mark.parametrize(("days", "state"), [(0, "to-take"), (-1, "missed")])
def test_the_baseline_can_be_taken_until_the_day_of_the_first_session(
    plan, days, state
):
    session(plan, 1, days)

    [sheet] = sheets_of(plan)

    assert states(sheet)["front"][0] == state
    assert gaps(sheet)["Before the series"] == (ALL, state == "to-take")


@pytest.mark.parametrize(
    ("days", "state"), [(1, "ahead"), (0, "to-take"), (-1, "missed")]
)
def test_a_sessions_photos_are_taken_on_its_day(plan, days, state):
    session(plan, 1, days)
    photo(plan)

    [sheet] = sheets_of(plan)

    assert states(sheet)["front"][1] == state


def test_after_the_baseline_its_own_sides_are_wanted_and_no_others(plan):
    photo(plan, angle="left")
    photo(plan, angle="close")
    session(plan, 1, 0)

    [sheet] = sheets_of(plan)

    assert states(sheet) == {
        "front": ["to-take", "blank", "blank", "blank"],
        "left": ["kept", "to-take", "ahead", "ahead"],
        "right": ["to-take", "blank", "blank", "blank"],
        "close": ["kept", "to-take", "ahead", "ahead"],
    }
    assert gaps(sheet)["Session 1"] == (["left", "close"], True)


@pytest.mark.parametrize(("days", "state"), [(41, "ahead"), (42, "to-take")])
def test_the_result_is_due_six_weeks_after_the_last_session_performed(
    plan, days, state
):
    photo(plan, days=-200)
    session(plan, 1, -days - 49, is_done=True)
    session(plan, 2, -days, is_done=True)

    [sheet] = sheets_of(plan)

    assert states(sheet)["front"][-1] == state
    assert ("Result" in gaps(sheet)) == (state == "to-take")


def test_the_result_waits_for_the_last_session_and_says_when(plan):
    session(plan, 1, -60, is_done=True)
    [sheet] = sheets_of(plan)
    assert sheet.columns[-1].note == "6–8 weeks after the last"

    session(plan, 2, 1)
    [sheet] = sheets_of(plan)

    assert sheet.columns[-1].note == "6 Jan – 20 Jan 2027"
    assert states(sheet)["front"][-1] == State.AHEAD


def test_a_session_given_up_is_no_gap_but_its_photos_are_shown(plan):
    gone = session(plan, 1, -1)
    photo(plan, PhotoMoment.SESSION, appointment=gone, days=-1)
    gone.status = AppointmentStatus.CANCELLED
    gone.save(update_fields=["status"])

    [sheet] = sheets_of(plan)

    ahead = ["ahead", "ahead", "ahead"]
    assert states(sheet)["front"] == ["to-take", *ahead, "kept"]
    assert states(sheet)["left"] == ["to-take", *ahead, "blank"]


# --- Where a photo stands ----------------------------------------------------------------


def test_a_photo_without_a_plan_is_the_baseline_of_the_first_plan_after_it(plan):
    early = photo(plan, without_plan=True, days=-80)
    session(plan, 1, -60, is_done=True)
    late = photo(plan, without_plan=True, days=-10)

    first, second = sheets_of(plan)

    assert [p for row in first.rows for c in row.cells for p in c.photos] == [early]
    assert (second.plan, second.rows[0].cells[0].photos) == (None, [late])
    assert second.gaps == []


def test_skin_outside_the_plan_has_a_sheet_and_asks_for_nothing(plan):
    photo(plan, area=make_area(name="Neck"), angle="left")

    face, neck = sheets_of(plan)

    assert (face.area.name, neck.area.name) == ("Face", "Neck")
    assert states(neck) == {"left": ["kept"]}
    assert neck.gaps == []


def test_a_declined_plan_has_a_sheet_only_for_what_was_taken(plan):
    plan.status = "declined"
    plan.save(update_fields=["status"])
    assert sheets_of(plan) == []

    photo(plan)

    [sheet] = sheets_of(plan)
    assert sheet.count == 1


# --- What to compare -----------------------------------------------------------------------


def test_the_baseline_is_compared_with_the_result_of_the_same_side(plan):
    before = photo(plan, days=-200)
    photo(plan, PhotoMoment.REACTION, days=-20)
    photo(plan, angle="left", days=-200)
    result = photo(plan, PhotoMoment.RESULT, days=-30)

    [pair] = comparing.suggested(plan.patient.photos.all())

    assert (pair.before, pair.after) == (before, result)
    assert pair.matches
    assert pair.days == 170


def test_before_the_result_the_newest_will_do_and_the_front_comes_first(plan):
    for angle in ("right", "front"):
        photo(plan, angle=angle, days=-200)
        photo(plan, PhotoMoment.REACTION, angle=angle, days=-150)
        photo(plan, PhotoMoment.REACTION, angle=angle, days=-100)

    pairs = comparing.suggested(plan.patient.photos.all())

    assert [(pair.before.angle, pair.days) for pair in pairs] == [
        ("front", 100),
        ("right", 100),
    ]


def test_with_a_plan_its_own_photos_come_first(plan):
    other = make_plan(patient=plan.patient)
    for one in (plan, other):
        photo(one, days=-90)
        photo(one, PhotoMoment.RESULT, days=-20)

    pairs = comparing.suggested(plan.patient.photos.all(), plan_id=other.pk)

    assert pairs[0].before.plan == other


def test_any_two_can_be_asked_for_and_one_finds_its_other(plan):
    first = photo(plan, days=-90)
    newest = photo(plan, PhotoMoment.REACTION, days=-20)
    side = photo(plan, angle="left", days=-30)
    rows = list(plan.patient.photos.all())

    assert comparing.chosen(rows, first.pk, side.pk) == comparing.Pair(first, side)
    assert not comparing.Pair(first, side).matches
    assert comparing.chosen(rows, first.pk, None) == comparing.Pair(first, newest)
    assert comparing.chosen(rows, None, newest.pk) == comparing.Pair(first, newest)
    assert comparing.chosen(rows, side.pk, None) is None
    assert comparing.chosen(rows, 2**31, 0) == comparing.Pair(first, newest)
    assert comparing.chosen([], None, None) is None
