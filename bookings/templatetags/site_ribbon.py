"""Tags that draw an example of a series for everybody: in weeks, with notes, or tiny."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from bookings.ribbon import Drawing, Ribbon, Rows, Size, draw, scale_for, shared_range
from bookings.ribbon.frame import Axis
from bookings.ribbon.values import monday
from bookings.ribbon.weeks import LEAD, Mini, Note, mini, notes_below, weeks_upright
from bookings.services.site import wording
from bookings.templatetags.ribbon_words import WeekWords, week_facts

register = template.Library()

WIDTH = 1200


@register.inclusion_tag("components/ribbon_hero.html")
def hero_ribbon(series: Ribbon, caption: str = "") -> dict[str, Any]:
    """A typical series in weeks, 1200 px wide, upright where there is no room for it."""
    _first, last = shared_range((series,))
    first = monday(series.live[0].day) - LEAD
    scale = scale_for(first, last, WIDTH)
    notes = _notes(series)
    level = draw(series, Size.HERO, scale, first, last, words=WeekWords())
    return {
        "level": level,
        "below": notes_below(notes, Axis(first, last, scale)),
        "upright": _upright(series),
        "notes": notes,
        "facts": week_facts(series),
        "caption": caption or _("A typical series in time"),
        "id": "hero",  # always the same, so that caches can tell an unchanged page
    }


@register.inclusion_tag("components/ribbon_mini.html")
def mini_ribbon(series: Ribbon) -> dict[str, Mini]:
    """A series in the space of a word; what it shows is said beside it."""
    return {"mini": mini(series)}


def _upright(series: Ribbon) -> Drawing:
    first, last = shared_range((series,), weeks=0)
    words = WeekWords()
    rows = Rows(ruler=False)
    drawing = draw(series, Size.VERTICAL, None, first, last, words=words, rows=rows)
    axis = Axis(monday(first), last, Size.VERTICAL.value.scale)
    return replace(drawing, ruler=weeks_upright(axis, series, words, _("Week")))


def _notes(series: Ribbon) -> list[Note]:
    """What the parts of the picture mean, in the order of time."""
    live = series.live
    first = live[0].day
    notes = [
        Note(
            first - timedelta(days=7),
            _("A week before"),
            _("We tell you what to stop, and when."),
        ),
        Note(
            first + timedelta(days=17),
            _("The weeks between"),
            _("Your skin builds new collagen."),
        ),
    ]
    return notes + (_later(series) if len(live) > 2 else [])


def _later(series: Ribbon) -> list[Note]:
    second = series.live[1].day
    least, most = series.gap_days
    notes = [
        Note(
            second + timedelta(days=6),
            _("The week after"),
            _("Skin is pink, then settles."),
        ),
        *(
            Note(
                span.first + (span.last - span.first) / 2,
                _("Your own dates"),
                _("Trips and weddings stay clear."),
            )
            for span in series.away
        ),
        Note(
            second + timedelta(days=least),
            _("%(span)s on") % {"span": wording.span(least, most).capitalize()},
            _("The next session goes in here."),
        ),
    ]
    return sorted(notes)
