"""Other times for one session of a proposal, each with what it does to the finish."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.scheduling.alternatives import Alternative
from bookings.services.proposing.wishes import Pin, Wishes


@dataclass(frozen=True, slots=True)
class Instead:
    """A local start, its effect on the finish in words, and the query that pins it."""

    start: datetime
    effect: str
    query: str


def told(
    found: Iterable[Alternative], finish: date, wishes: Wishes, way: str
) -> tuple[Instead, ...]:
    """What the solver found, for the page of `wishes` on which `way` is lit."""
    asked = wishes.query(way)
    return tuple(
        Instead(
            start=each.start,
            effect=effect_words((each.finish - finish).days),
            query=f"{asked}&pin={_pin(each)}",
        )
        for each in found
    )


def effect_words(days: int) -> str:
    """How many days later than now the series would end."""
    if days == 0:
        return _("same finish")
    if days < 0:
        words = ngettext("%(days)s day sooner", "%(days)s days sooner", -days)
    else:
        words = ngettext("%(days)s day later", "%(days)s days later", days)
    return words % {"days": abs(days)}


def _pin(each: Alternative) -> Pin:
    return Pin(each.number, each.start.replace(tzinfo=None))
