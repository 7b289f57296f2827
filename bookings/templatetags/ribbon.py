"""Tags that draw the series ribbon, its ruler and its key, and the marks beside words."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.ribbon import (
    Ribbon,
    Rows,
    Size,
    Treatment,
    draw,
    ruler,
    scale_for,
    shapes,
    shared_range,
)
from bookings.templatetags.ribbon_words import (
    PatientWords,
    ShortWords,
    WeekWords,
    facts,
    week_facts,
)

register = template.Library()

WIDTHS = {Size.HERO: 1200, Size.REGULAR: 952, Size.COMPACT: 352, Size.VERTICAL: 310}
UNDER_RULER = Rows(ruler=False, flags=False)

STATUSES = {
    "held": gettext_lazy("Held"),
    "booked": gettext_lazy("Booked"),
    "confirmed": gettext_lazy("Confirmed"),
    "arrived": gettext_lazy("Arrived"),
    "in_session": gettext_lazy("In session"),
    "done": gettext_lazy("Done"),
    "no_show": gettext_lazy("No-show"),
    "cancelled": gettext_lazy("Cancelled"),
    "late_cancelled": gettext_lazy("Cancelled late"),
    "released": gettext_lazy("Let go"),
}
GIVEN_UP = frozenset({"late_cancelled", "released"})


@register.inclusion_tag("components/ribbon.html", name="ribbon")
def ribbon_tag(
    series: Ribbon,
    size: str = "regular",
    caption: str = "",
    width: float | None = None,
    among: Iterable[Ribbon] = (),
    dates: bool = True,
    this_year: int = 0,
) -> dict[str, Any]:
    """`series` drawn to fill `width` pixels, upright in a box narrower than 560.

    `among` are compared under one `ribbon_ruler` of that width; `dates=False` leaves out
    the days above windows. With `this_year` it speaks to a patient, of years too.
    """
    if not series.sessions:
        return {"size": None}
    measure = Size[size.upper()]
    words = _words(measure, this_year)
    return _drawings(series, measure, width, tuple(among), dates, words) | {
        "size": size,
        "caption": caption or _("The series in time"),
        "facts": _facts(series, words),
        "id": get_random_string(6),
    }


@register.inclusion_tag("components/ribbon_ruler.html")
def ribbon_ruler(
    series: Iterable[Ribbon], width: float = WIDTHS[Size.REGULAR]
) -> dict[str, Any]:
    """The ruler and the flags that the ribbons of `series` share; nothing if none."""
    compared = tuple(ribbon for ribbon in series if ribbon.sessions)
    if not compared:
        return {"drawing": None}
    first, last = shared_range(compared)
    scale = scale_for(first, last, width)
    words = ShortWords()
    return {"drawing": ruler(first, last, scale, words=words, ribbons=compared)}


@register.inclusion_tag("components/ribbon_key.html")
def ribbon_key(
    series: Ribbon | Iterable[Ribbon], plainly: bool = False
) -> dict[str, Any]:
    """What the signs on one ribbon, or on all of several, mean; `plainly` to patients."""
    shown = (series,) if isinstance(series, Ribbon) else tuple(series)
    if not shown:
        return {"shown": False}
    return {
        "shown": True,
        "plainly": plainly,
        "window": _window_name({ribbon.gap_days for ribbon in shown}),
        "windows": any(len(one.numbers) > 1 or one.awaited for one in shown),
        "treatment": shown[0].treatment.value,
        "outline": shapes.outline(shown[0].treatment, 4.7),
        "sink": shapes.sink(shown[0].treatment, 4.7),
        "away": any(ribbon.away for ribbon in shown),
        "closed": any(ribbon.closed for ribbon in shown),
        "not_before": any(ribbon.not_before for ribbon in shown),
        "moved": any(s.state == "was" for ribbon in shown for s in ribbon.sessions),
        "id": get_random_string(6),
    }


@register.inclusion_tag("components/status.html")
def status_glyph(status: str, label: str = "") -> dict[str, Any]:
    """A status glyph beside its word; `label` replaces the word. KeyError if unknown."""
    glyph = "cancelled" if status in GIVEN_UP else status
    return {"status": glyph, "label": label or STATUSES[status]}


@register.inclusion_tag("components/treat.html")
def treatment_mark(shape: str, label: str = "", plasma: bool = False) -> dict[str, Any]:
    """A treatment's shape beside its name; `plasma` adds the drop of RF with PRP.

    `shape` is circle, drop or diamond, or mn, prp or rf.
    """
    names = {Treatment.MN: "circle", Treatment.PRP: "drop", Treatment.RF: "diamond"}
    mark = Treatment.of(shape)
    both = plasma or (mark is Treatment.RF and "PRP" in label)
    return {
        "treatment": {"shape": names[mark], "short_code": label},
        "plasma": both,
    }


def _words(size: Size, this_year: int) -> ShortWords:
    if size is Size.HERO:
        return WeekWords()
    return PatientWords(this_year) if this_year else ShortWords()


def _facts(series: Ribbon, words: ShortWords) -> list[str]:
    return week_facts(series) if type(words) is WeekWords else facts(series, words)


def _drawings(
    series: Ribbon,
    size: Size,
    width: float | None,
    compared: tuple[Ribbon, ...],
    dates: bool,
    words: ShortWords,
) -> dict[str, Any]:
    """The level drawing and the upright one, as far as `size` has them."""
    level = upright = None
    if size is not Size.COMPACT:
        first, last = shared_range((series,), weeks=0)
        upright = draw(series, Size.VERTICAL, None, first, last, words=words)
    if size is not Size.VERTICAL:
        first, last = shared_range(compared or (series,))
        rows = (UNDER_RULER if compared else Rows())._replace(dates=dates)
        scale = scale_for(first, last, width or WIDTHS[size])
        level = draw(series, size, scale, first, last, words=words, rows=rows)
    return {"level": level, "upright": upright, "both": bool(level and upright)}


def _window_name(gaps: set[tuple[int, int]]) -> str:
    """The window in weeks where it is whole weeks, else in days; several have no name."""
    if len(gaps) > 1:
        return _("Window for the next session")
    [(fewest, most)] = gaps
    if fewest % 7 or most % 7:
        return _("%(first)d–%(last)d day window") % {"first": fewest, "last": most}
    weeks = {"first": fewest // 7, "last": most // 7}
    return _("%(first)d–%(last)d week window") % weeks
