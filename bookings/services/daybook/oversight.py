"""Who supervises on a day of the diary, in words."""

from datetime import date

from django.utils.translation import gettext as _

from bookings.services.daybook import places, shifts, words
from bookings.services.daybook.reading import Rows


def on(rows: Rows, day: date) -> str:
    """Each who may supervise with their hours; else that nobody may, where some work.

    Empty on a day on which nobody works at all. No query.
    """
    people = places.people(rows.resources)
    hours = {row.pk: shifts.open_on(row, day, rows) for row in people}
    there = [row for row in people if hours[row.pk]]
    able = [row for row in there if row.may_supervise]
    if able:
        who = (f"{row.name} {_clock(hours[row.pk])}" for row in able)
        return _("Supervising: %(who)s") % {"who": "; ".join(who)}
    if there:
        return _("Nobody who may supervise is there: work in the epidermis only.")
    return ""


def _clock(spans: list[shifts.Stretch]) -> str:
    return ", ".join(words.span(one.start, one.end) for one in spans)
