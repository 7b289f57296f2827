"""A gap that was allowed outside its window, on the ribbon: a sign, words, no alarm."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils.html import escape

from bookings.models import OverriddenRule, RuleOverride
from bookings.ribbon import (
    AllowedGap,
    RibbonNote,
    Size,
    State,
    gaps,
    text,
    windows,
)
from bookings.services import ribbons
from bookings.tests.factories import NOW, make_appointment
from bookings.tests.test_overrides import allow, make_visit
from bookings.tests.test_ribbon import drawn, series
from bookings.tests.test_ribbon_tags import listed, make_ribbon, render
from bookings.tests.test_series_book import FIRST, book, make_approved, make_sessions

REASON = "Flies to Halifax for the winter"
LONG = "Flies to Halifax for the winter and cannot come back before the spring, " * 4


def allowed(*offsets, number=2, reason=REASON, **more):
    return series(*offsets, allowed=(AllowedGap(number, reason),), **more)


def kinds(drawing):
    return [(one.kind, one.text) for one in drawing.texts]


@pytest.mark.parametrize("days", [41, 57])
def test_a_gap_that_was_allowed_is_no_alarm_but_wears_a_sign_and_words(days):
    [line] = drawn(allowed(0, days)).scene.gaps

    assert (line.bad, line.allowed) == (False, True)
    assert line.text.text == f"{days} days, allowed"
    assert line.text.icon.name == "allowed"


@pytest.mark.parametrize("days", [42, 56])
def test_a_gap_inside_its_window_stays_plain_whatever_was_allowed_once(days):
    drawing = drawn(allowed(0, days))

    [line] = drawing.scene.gaps
    assert (line.bad, line.allowed, line.text.icon) == (False, False, None)
    assert "note-allowed" not in dict(kinds(drawing))


def test_what_was_allowed_for_one_gap_says_nothing_about_another():
    lines = drawn(allowed(0, 41, 71, number=3)).scene.gaps

    assert [(line.bad, line.allowed) for line in lines] == [
        (True, False),
        (False, True),
    ]


def test_the_reason_stands_beside_the_session():
    drawing = drawn(allowed(0, 41))

    assert ("note-allowed", f"Allowed: {REASON}") in kinds(drawing)


def test_the_window_stays_where_the_rule_puts_it():
    plain, marked = drawn(series(0, 41)), drawn(allowed(0, 41))

    assert marked.scene.windows == plain.scene.windows


def test_a_long_reason_is_cut_between_two_words_and_never_leaves_the_paper():
    drawing = drawn(allowed(0, 41, reason=LONG))

    note = next(one for one in drawing.texts if one.kind == "note-allowed")
    assert note.text.endswith("…")
    assert 0 <= note.x <= drawing.width - text.width(note.text, 12)


def test_two_long_reasons_do_not_lie_over_each_other():
    both = series(0, 30, 60, allowed=(AllowedGap(2, LONG), AllowedGap(3, LONG)))

    drawing = drawn(both)

    first, second = (t for t in drawing.texts if t.kind == "note-allowed")
    assert first.y != second.y
    assert max(first.y, second.y) < drawing.height


def test_upright_the_gap_says_it_was_allowed_and_why():
    drawing = drawn(allowed(0, 41), size=Size.VERTICAL, scale=None)

    said = " ".join(words for kind, words in kinds(drawing) if kind == "v-allowed")
    assert said == f"41 days apart. Allowed: {REASON}"


def test_upright_every_note_of_a_session_is_shown():
    notes = (RibbonNote(1, "One", bad=False), RibbonNote(1, "Two", allowed=True))

    drawing = drawn(series(0, notes=notes), size=Size.VERTICAL, scale=None)

    assert {("v-win", "One"), ("v-allowed", "Two")} <= set(kinds(drawing))


def test_a_gap_knows_whether_it_was_allowed():
    [gap] = gaps(allowed(0, 41))

    assert (gap.fits, gap.is_allowed, gap.is_bad) == (False, True, False)


@pytest.mark.parametrize("days", [41, 57])
def test_a_session_that_is_done_is_held_against_no_window(days):
    done = replace(
        series(0, days),
        sessions=tuple(
            replace(one, state=State.DONE) for one in series(0, days).sessions
        ),
    )

    scene = drawn(done).scene

    assert not scene.gaps[0].bad
    assert scene.windows == ()
    assert len(windows(replace(done, allowed=(AllowedGap(2, REASON),)))) == 1


def test_words_that_fit_are_not_cut():
    assert text.clipped("A short word", 12, 200) == "A short word"
    assert text.clipped("Supercalifragilistic", 12, 20) == "Supercalifragilistic…"


# --- In words, and from rows ---------------------------------------------------------


def test_the_list_says_the_gap_the_window_and_the_whole_reason():
    ribbon = make_ribbon()
    moved = tuple(
        one if one.number == 1 else type(one)(2, date(2027, 4, 1))
        for one in ribbon.sessions
    )

    html = render(
        "{% ribbon r %}",
        r=make_ribbon(sessions=moved, allowed=(AllowedGap(2, LONG.strip()),)),
    )

    assert listed(html)[-1] == (
        "Session 2: Thu 1 April 2027, booked. 57 days after session 1."
        " Outside its window, 17 March 2027 to 31 March 2027."
        f" Allowed: {escape(LONG.strip())}"
    )
    assert re.search(r'<g class="rb-gap rb-allowed">', html)


@pytest.mark.django_db
def test_what_was_allowed_at_booking_shows_on_the_ribbon_of_the_plan(manager):
    plan = make_approved()
    make_visit(plan, FIRST)
    given = [
        *allow(OverriddenRule.GAP, 2, REASON),
        *allow("same-day", 1, "From Pembroke"),
    ]
    book(plan, make_sessions(plan, (0, 41, 90)), actor=manager, overrides=given)

    ribbon = ribbons.of_plan(plan, now=NOW)

    assert ribbon.allowed == (AllowedGap(2, REASON),)
    [note] = ribbon.notes
    assert note.text == "Second visit that day, allowed: From Pembroke"


@pytest.mark.django_db
def test_a_session_that_has_moved_since_shows_no_old_permission(manager):
    plan = make_approved()
    RuleOverride.objects.create(
        plan=plan,
        number=1,
        rule=OverriddenRule.SAME_DAY,
        day=FIRST,
        reason=REASON,
        by=manager,
        at=NOW,
    )
    make_appointment(plan=plan, starts_at=NOW + timedelta(days=15))

    assert ribbons.of_plan(plan, now=NOW).notes == ()
