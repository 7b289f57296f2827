"""The geometry of the series ribbon, without a browser or a database."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from bookings.ribbon import (
    NotBefore,
    Ribbon,
    RibbonNote,
    RibbonSession,
    RibbonSpan,
    Rows,
    Size,
    Span,
    State,
    Treatment,
    draw,
    gaps,
    ruler,
    scale_for,
    shared_range,
    text,
    windows,
)
from bookings.ribbon.flags import Label, place
from bookings.ribbon.gaplines import free
from bookings.ribbon.vertical import Entry, arranged

MONDAY = date(2027, 2, 1)

WORDS = SimpleNamespace(
    month=lambda day, with_year: f"{day:%b %Y}" if with_year else f"{day:%b}",
    day=lambda day: f"{day.day} {day:%b}",
    days=lambda span: f"{span.first:%d %b}-{span.last:%d %b}",
    week=str,
    gap=lambda days: f"{days} days",
    apart=lambda days: f"{days} days apart",
    allowed=lambda days: f"{days} days, allowed",
    reason=lambda reason: f"Allowed: {reason}",
    today=lambda: "Today",
    not_before=lambda day: f"Not before {day:%d %b}",
    window_opens=lambda day: f"Window opens {day:%d %b}",
    away=lambda span: span.label,
    closed=lambda span: span.label,
    lines=lambda session: (f"{session.day:%a %d %b}",),
    title=lambda session: f"Session {session.number}",
    when=lambda session: f"{session.day:%a %d %b}",
)


def days_on(count: int, start: date = MONDAY) -> date:
    return start + timedelta(days=count)


def series(*offsets: int, **more) -> Ribbon:
    sessions = tuple(
        RibbonSession(number, days_on(offset))
        for number, offset in enumerate(offsets, start=1)
    )
    return Ribbon(sessions, **more)


def drawn(ribbon: Ribbon, **more):
    more = {"scale": 8, "first": days_on(-14), "last": days_on(125)} | more
    return draw(ribbon, words=WORDS, **more)


# --- Days and pixels ---------------------------------------------------------------


def test_a_session_sits_in_the_middle_of_its_day():
    scene = drawn(series(3)).scene

    assert [marker.x for marker in scene.markers] == [(14 + 3) * 8 + 4]


def test_the_range_begins_on_the_monday_of_the_day_asked_for():
    assert drawn(series(0), first=days_on(-12)) == drawn(series(0))


def test_the_scale_that_fills_a_width_counts_whole_weeks_from_monday():
    assert scale_for(MONDAY, days_on(118), 952) == 8


def test_the_shared_range_holds_care_days_and_windows_from_monday_to_sunday():
    first, last = shared_range([series(2, 45), series(9, 51)], weeks=0)

    assert first == days_on(-7)
    assert last == days_on(69)
    assert (first.weekday(), last.weekday()) == (0, 6)


def test_the_shared_range_is_never_shorter_than_asked():
    first, last = shared_range([series(0)], weeks=20)

    assert (last - first).days + 1 == 140


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="at least one session"):
        shared_range([Ribbon(())])


# --- Windows and gaps ----------------------------------------------------------------


def test_a_window_runs_from_day_42_to_day_56_both_inside():
    window = windows(series(0, 49))[0]

    assert window == Span(days_on(42), days_on(56))


def test_a_window_is_fifteen_days_wide():
    box = drawn(series(0, 49)).scene.windows[0].box

    assert (box.x, box.width) == ((14 + 42) * 8, 15 * 8)


@pytest.mark.parametrize(
    ("days", "fits"), [(41, False), (42, True), (56, True), (57, False)]
)
def test_a_gap_is_flagged_on_the_first_day_outside_its_window(days, fits):
    line = drawn(series(0, days)).scene.gaps[0]

    assert (gaps(series(0, days))[0].fits, line.bad) == (fits, not fits)
    assert bool(line.text.icon) is not fits


def test_the_window_follows_the_protocol_when_it_says_otherwise():
    assert windows(series(0, 30, gap_days=(28, 35)))[0] == Span(
        days_on(28), days_on(35)
    )


def test_a_session_called_off_leaves_its_window_but_no_gap():
    ribbon = series(0, 49, 98)
    called_off = replace(ribbon.sessions[1], state=State.CANCELLED)
    ribbon = replace(
        ribbon, sessions=(ribbon.sessions[0], called_off, ribbon.sessions[2])
    )

    assert windows(ribbon) == (Span(days_on(42), days_on(56)),)
    assert gaps(ribbon) == ()


def test_where_a_session_was_counts_for_nothing_but_its_ghost():
    moved = series(0, 49)
    ghost = RibbonSession(2, days_on(54), State.WAS)
    scene = drawn(replace(moved, sessions=(*moved.sessions, ghost))).scene

    assert len(scene.care) == 2
    assert [m.state for m in scene.markers] == ["was", "booked", "booked"]


def test_a_summer_time_change_does_not_stretch_a_day():
    ribbon = Ribbon(
        (RibbonSession(1, date(2027, 3, 1)), RibbonSession(2, date(2027, 4, 12)))
    )

    assert gaps(ribbon)[0].days == 42


# --- The place of a gap's label --------------------------------------------------------


@pytest.mark.parametrize("kind", ["away", "closed"])
def test_a_gap_label_moves_aside_for_days_off(kind):
    off = RibbonSpan(days_on(18), days_on(24), "Off")
    pill = drawn(series(0, 49, **{kind: (off,)})).scene.gaps[0].pill

    assert pill.right <= (14 + 18) * 8 or pill.x >= (14 + 25) * 8


def test_a_gap_label_moves_aside_for_today():
    today = days_on(21)
    scene = drawn(series(0, 49, today=today)).scene
    line = (14 + 21) * 8 + 4

    assert not scene.gaps[0].pill.x < line < scene.gaps[0].pill.right


def test_a_gap_label_stands_midway_to_the_window_when_nothing_is_in_its_way():
    pill = drawn(series(0, 49)).scene.gaps[0].pill
    start, window = 14 * 8 + 4 + 15, (14 + 42) * 8

    assert pill.x + pill.width / 2 == pytest.approx((start + window) / 2, abs=0.01)


def test_a_gap_without_room_for_its_label_goes_without():
    off = RibbonSpan(days_on(0), days_on(49), "Off")

    assert drawn(series(0, 49, closed=(off,))).scene.gaps[0].pill is None


def test_a_gap_outside_its_window_is_never_without_its_label():
    off = RibbonSpan(days_on(0), days_on(63), "Off")
    line = drawn(series(0, 63, closed=(off,))).scene.gaps[0]

    assert line.text.text == "63 days"


def test_a_label_takes_the_nearest_clear_place():
    assert free(50, 10, (0, 100), [(45, 52)]) == 65
    assert free(48, 10, (0, 100), [(45, 52)]) == 32


def test_a_label_that_fits_nowhere_has_no_place():
    assert free(50, 10, (35, 65), [(45, 52)]) is None


# --- Rows ------------------------------------------------------------------------------


def flag_rows(*places: float) -> list[int]:
    found = [Label("closed", at, "Closed") for at in places]
    return [flag.row for flag in place(found, 900, 38, Size.REGULAR.value)]


def test_flags_take_the_first_row_that_fits():
    assert flag_rows(100, 130, 200) == [0, 1, 0]


def test_a_flag_that_fits_in_no_row_is_left_out():
    assert flag_rows(100, 101, 102, 103, 104) == [0, 1, 2, 3]


def test_flags_stay_on_the_paper():
    (flag,) = place([Label("closed", 2, "Closed")], 900, 38, Size.REGULAR.value)

    assert flag.box.x == 0


def test_the_track_moves_down_for_each_row_of_flags():
    plain = drawn(series(0)).scene.track.y
    flagged = drawn(series(0, today=days_on(10))).scene.track.y

    assert (plain, flagged) == (38, 60)


def test_under_a_shared_ruler_a_ribbon_draws_neither_ruler_nor_flags():
    rows = Rows(ruler=False, flags=False, dates=False)
    drawing = drawn(series(0, 49, today=MONDAY), rows=rows)

    assert (drawing.ruler, drawing.flags, drawing.scene.track.y) == (None, (), 0)


def test_a_shared_ruler_says_each_thing_once():
    holiday = (RibbonSpan(days_on(14), days_on(14), "Family Day"),)
    compared = (series(0, 49, closed=holiday), series(1, 50, closed=holiday))
    drawing = ruler(MONDAY, days_on(83), 8, words=WORDS, ribbons=compared)

    assert [flag.text.text for flag in drawing.flags] == ["Family Day"]
    assert drawing.scene is None


def test_compared_ribbons_put_the_same_day_in_the_same_place():
    one, other = series(0, 49), series(0, 54)
    first, last = shared_range([one, other])

    places = [
        draw(ribbon, scale=8, first=first, last=last, words=WORDS).scene.markers[0].x
        for ribbon in (one, other)
    ]

    assert places[0] == places[1]


def test_a_narrow_window_says_its_days_in_one():
    wide = drawn(series(0, 49)).scene.windows[0].texts
    narrow = drawn(series(0, 49), scale=4).scene.windows[0].texts

    assert [t.text for t in wide] == ["15 Mar", "29 Mar"]
    assert [t.text for t in narrow] == ["15 Mar-29 Mar"]


def test_the_first_month_and_every_january_carry_the_year():
    texts = ruler(date(2026, 12, 14), date(2027, 3, 7), 8, words=WORDS).ruler.texts

    months = [t.text for t in texts if t.kind == "month"]

    assert months == ["Dec 2026", "Jan 2027", "Feb", "Mar"]


def test_a_compact_ribbon_has_no_day_ticks_dates_or_numbers():
    drawing = drawn(series(0, 49), size=Size.COMPACT, scale=3)

    assert drawing.ruler.days == ""
    assert {t.kind for t in drawing.ruler.texts} == {"month"}
    assert drawing.scene.windows[0].texts == ()


# --- Care ------------------------------------------------------------------------------


def test_pre_care_is_the_seven_days_before_and_settling_the_eight_from_the_session():
    (care,) = drawn(series(0)).scene.care

    assert (care.pre.x, care.pre.width) == (7 * 8, 7 * 8)
    assert (care.settling.x, care.settling.width) == (14 * 8, 8 * 8)
    assert (care.strong.x, care.strong.width) == (14 * 8, 3 * 8)
    assert (care.stem.x, care.stem.width) == (14 * 8, 8)


def test_care_days_outside_the_range_are_cut_off():
    scene = drawn(series(0), first=MONDAY).scene

    assert scene.care[0].pre is None


def test_a_clash_frames_its_day_in_the_care_band_and_says_so_beside_the_session():
    clash = RibbonNote(1, "Skin still settling", day=days_on(3))
    drawing = drawn(series(0, notes=(clash,)))

    (frame,) = drawing.scene.frames
    label, note = drawing.texts
    assert frame.x == (14 + 3) * 8
    assert note.kind == "note-bad"
    assert note.x > label.x + text.width(label.text, 12) / 2


def test_a_note_about_something_that_fits_frames_nothing():
    note = RibbonNote(1, "Settled", bad=False, day=days_on(3))

    assert drawn(series(0, notes=(note,))).scene.frames == ()


# --- Not before, today ------------------------------------------------------------------


def test_the_ground_ends_where_not_before_begins():
    scene = drawn(series(0, not_before=NotBefore(MONDAY, "Isotretinoin"))).scene

    assert (scene.ground.x, scene.ground.width) == (0, 14 * 8)
    assert scene.not_before.startswith("M112 ")


def test_today_is_left_out_where_it_is_not_drawn():
    assert drawn(series(0, today=days_on(-15))).scene.today == ""
    assert drawn(series(0, today=days_on(-14))).scene.today != ""


# --- Upright ----------------------------------------------------------------------------


def test_upright_time_runs_down_at_the_same_rule():
    scene = drawn(series(3), size=Size.VERTICAL, scale=None).scene

    assert scene.markers[0].y == (14 + 3) * 4 + 2
    assert scene.track.width == 40


def test_upright_words_never_lie_over_each_other():
    crowded = [
        Entry(100, 0, "session", ("Session 2", "Mon 30 Nov")),
        Entry(98, 1, "today", ("Today",)),
        Entry(104, 2, "min", ("A wedding",)),
    ]

    placed = arranged(crowded)

    spans = [(top, top + entry.height) for entry, top in placed]
    assert [entry.kind for entry, _top in placed] == ["today", "session", "min"]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_upright_words_that_would_stray_too_far_are_left_out():
    near = Entry(100, 4, "win", ("Window opens",), drift=12)

    placed = arranged([Entry(100, 0, "session", ("Session 2", "Mon")), near])

    assert [entry.kind for entry, _top in placed] == ["session"]


def test_long_words_are_broken_at_spaces():
    assert text.wrap("Your sister’s wedding, 12 Dec", 14, 120) == (
        "Your sister’s",
        "wedding, 12 Dec",
    )


# --- Marks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "mark"),
    [("circle", "mn"), ("drop", "prp"), ("diamond", "rf"), ("rf", "rf")],
)
def test_a_treatment_is_known_by_its_shape_or_its_code(shape, mark):
    assert Treatment.of(shape) == mark


def test_a_finished_session_shows_a_tick_instead_of_its_number():
    done = Ribbon((RibbonSession(1, MONDAY, State.DONE),))

    assert drawn(done).scene.markers[0].sign
    assert not drawn(series(0)).scene.markers[0].sign
