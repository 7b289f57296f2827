"""What the ribbon's tags write into a page."""

import re
from datetime import date

import pytest
from django.template import engines
from django.utils import translation

from bookings.ribbon import (
    NotBefore,
    Ribbon,
    RibbonNote,
    RibbonSession,
    RibbonSpan,
    State,
    Treatment,
)


def render(tag: str, **context) -> str:
    return engines["django"].from_string("{% load ribbon %}" + tag).render(context)


def make_ribbon(**more) -> Ribbon:
    sessions = (
        RibbonSession(1, date(2027, 2, 3), State.PROPOSED, "16:15", "Dr Okafor"),
        RibbonSession(2, date(2027, 3, 24), State.PROPOSED),
    )
    return Ribbon(**{"sessions": sessions, "treatment": Treatment.RF} | more)


def listed(html: str) -> list[str]:
    words = re.findall(r"<li>(.*?)</li>", html, re.DOTALL)
    return [word.strip() for word in words]


def test_the_list_says_what_the_drawing_shows_in_order_of_time():
    ribbon = make_ribbon(
        not_before=NotBefore(date(2027, 2, 3), "Three months after isotretinoin."),
        away=(RibbonSpan(date(2027, 3, 13), date(2027, 3, 21), "Halifax", "trip"),),
        closed=(RibbonSpan(date(2027, 2, 15), date(2027, 2, 15), "Family Day"),),
        notes=(RibbonNote(2, "Settled before the wedding", bad=False),),
    )

    assert listed(render("{% ribbon r %}", r=ribbon)) == [
        "Not before 3 February 2027. Three months after isotretinoin.",
        "Session 1: Wed 3 February 2027, 16:15, Dr Okafor, proposed.",
        "Closed: Family Day, 15 February 2027.",
        "Away: Halifax, 13 March 2027 to 21 March 2027.",
        "Window for the next session: 17 March 2027 to 31 March 2027.",
        "Session 2: Wed 24 March 2027, proposed. 49 days after session 1."
        " Settled before the wedding.",
    ]


def test_the_list_says_when_a_gap_is_outside_its_window():
    late = (
        RibbonSession(1, date(2027, 2, 3)),
        RibbonSession(2, date(2027, 4, 1)),
    )

    html = render("{% ribbon r %}", r=make_ribbon(sessions=late))

    assert listed(html)[-1] == (
        "Session 2: Thu 1 April 2027, booked. 57 days after session 1."
        " Outside its window, 17 March 2027 to 31 March 2027."
    )


def test_a_ribbon_is_drawn_level_and_upright_and_hidden_from_screen_readers():
    html = render("{% ribbon r %}", r=make_ribbon())

    ways = re.findall(r'<svg class="rb rb-(\w+) t-rf"', html)
    assert ways == ["level", "upright"]
    assert html.count('aria-hidden="true"') == 2


def test_a_compact_ribbon_stays_level():
    html = render("{% ribbon r 'compact' %}", r=make_ribbon())

    assert re.findall(r'<svg class="rb rb-(\w+) ', html) == ["level"]


def test_no_two_ribbons_of_a_page_share_an_id():
    html = render(
        "{% ribbon_ruler rs %}{% for r in rs %}{% ribbon r among=rs %}{% endfor %}"
        "{% ribbon_key rs %}",
        rs=[make_ribbon(), make_ribbon()],
    )

    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 15
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_numbers_are_plain_in_every_language_and_nothing_carries_a_style(language):
    with translation.override(language):
        html = render("{% ribbon r %}{% ribbon_key r %}", r=make_ribbon())

    numbers = re.findall(r' (?:x|y|width|height|rx)="([^"]*)"', html)
    assert numbers
    assert all(re.fullmatch(r"-?[\d.]+", number) for number in numbers)
    assert " style=" not in html


def test_names_are_escaped():
    away = (RibbonSpan(date(2027, 2, 20), date(2027, 2, 21), "<b>Trip</b>"),)

    html = render("{% ribbon r %}", r=make_ribbon(away=away))

    assert "<b>" not in html
    assert "&lt;b&gt;Trip" in html


def test_compared_ribbons_leave_the_ruler_to_the_one_above():
    pair = [make_ribbon(), make_ribbon()]

    ruler = render("{% ribbon_ruler rs %}", rs=pair)
    level = render("{% ribbon rs.0 among=rs %}", rs=pair).partition("rb-upright")[0]

    assert ("rb-month" in ruler, "rb-month" in level) == (True, False)


def test_a_ruler_for_nothing_is_nothing():
    assert render("{% ribbon_ruler rs %}", rs=[]).strip() == ""


def test_a_series_without_sessions_is_not_drawn():
    assert render("{% ribbon r %}", r=make_ribbon(sessions=())).strip() == ""


def test_the_key_names_only_what_is_on_the_ribbon():
    plain = render("{% ribbon_key r %}", r=make_ribbon())
    busy = render(
        "{% ribbon_key r %}",
        r=make_ribbon(closed=(RibbonSpan(date(2027, 3, 1), date(2027, 3, 2)),)),
    )

    assert ("6–8 week window" in plain, "Closed" in plain) == (True, False)
    assert "Closed" in busy


def test_the_key_tells_a_window_in_days_where_it_is_not_whole_weeks():
    html = render("{% ribbon_key r %}", r=make_ribbon(gap_days=(30, 45)))

    assert "30–45 day window" in html


def test_a_hero_speaks_of_weeks_and_never_of_dates():
    html = render("{% ribbon r 'hero' %}", r=make_ribbon())

    assert "Week 0" in html
    assert "7 weeks" in html
    assert not re.search(r"\bFeb|2027", html.partition("rb-upright")[0])


def test_a_status_stands_beside_its_word():
    html = render("{% status_glyph 'late_cancelled' %}")

    assert "cd-status-cancelled" in html
    assert "Cancelled late" in html


@pytest.mark.parametrize(("label", "drops"), [("MN + RF", 0), ("MN + RF + PRP", 1)])
def test_rf_with_prp_wears_a_drop_beside_its_code(label, drops):
    html = render("{% treatment_mark 'diamond' label %}", label=label)

    assert label in html
    assert html.count("t-prp") == drops
