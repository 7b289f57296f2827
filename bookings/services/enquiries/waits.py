"""The little picture of a wait: the last time, today, and the first day allowed.

Lengths are whole units of the drawing, which is 316 wide and 62 high.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from treatments.suitability import Rule, WaitUnit

WIDTH, BEGINS, OPENS = 316, 12, 224
LETTER = 7  # the width of an average letter of the label, in units of the drawing
PADDING = 10
SINCE = {
    "isotretinoin": gettext_lazy("Last capsule, %(day)s"),
    "radiation": gettext_lazy("Last radiation, %(day)s"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """Where to draw what: `today` is an x; the label is a box and its centre."""

    since: str
    until: str
    wait: str
    words: str
    today: int
    today_label: int
    today_anchor: str
    today_word: str
    label_from: int
    label_width: int
    label_centre: int


def bar(rule: Rule, since: date, today: date, until: date) -> Bar:
    """The picture of a wait that counts from `since` and lasts until `until`."""
    at = BEGINS + round((OPENS - BEGINS) * (today - since) / (until - since))
    wait = _wait(rule)
    width = LETTER * len(wait) + 2 * PADDING
    middle = _middle(at, width)
    label, anchor = _today_label(at)
    return Bar(
        since=_since(rule) % {"day": _short(since, today)},
        until=_("From %(day)s") % {"day": date_format(until, _("j M"))},
        wait=wait,
        words=_in_words(since, until, wait),
        today=at,
        today_label=label,
        today_anchor=anchor,
        today_word=_("Today"),
        label_from=middle - width // 2,
        label_width=width,
        label_centre=middle,
    )


def _middle(at: int, width: int) -> int:
    """The centre of the label: in the longer of the two stretches, and within the bar."""
    left, right = (BEGINS, at) if at - BEGINS > OPENS - at else (at, OPENS)
    centre = (left + right) // 2
    half = width // 2 + 4
    return min(max(centre, BEGINS + half), OPENS - half)


def _today_label(at: int) -> tuple[int, str]:
    """Where the word stands under the bar, so that it meets neither edge nor date."""
    if at < BEGINS + 16:
        return 0, "start"
    return (OPENS - 10, "end") if at > OPENS - 34 else (at, "middle")


def _since(rule: Rule) -> str:
    return str(SINCE.get(rule.question, _("Last time, %(day)s")))


def _short(day: date, near: date) -> str:
    """A day as short as it can be said: its year only where it is another."""
    return date_format(day, _("j M") if day.year == near.year else _("j M Y"))


def _wait(rule: Rule) -> str:
    count = rule.wait_amount or 0
    if rule.wait_unit == WaitUnit.DAYS:
        words = ngettext("wait %(count)d day", "wait %(count)d days", count)
    elif rule.wait_unit == WaitUnit.MONTHS:
        words = ngettext("wait %(count)d month", "wait %(count)d months", count)
    else:
        words = ngettext("wait %(count)d year", "wait %(count)d years", count)
    return words % {"count": count}


def _in_words(since: date, until: date, wait: str) -> str:
    """The picture in a sentence, for whoever does not see it."""
    return _("Last on %(since)s, %(wait)s, first possible day %(until)s.") % {
        "since": date_format(since, "j F Y"),
        "wait": wait,
        "until": date_format(until, "j F Y"),
    }
