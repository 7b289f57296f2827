"""Days and times as patients read them, in the language now spoken.

English: "Mon 30 November, 9:30". French: "lun 30 novembre, 9 h 30". A year is said
when it is not the reader's own.
"""

from datetime import date, datetime, time

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def day(of: date, this_year: int) -> str:
    """A day: Mon 30 November; lun 30 novembre."""
    return date_format(of, "D j F" if of.year == this_year else "D j F Y")


def long_day(of: date, this_year: int) -> str:
    """A day in full: Monday 30 November; lundi 30 novembre."""
    return date_format(of, "l j F" if of.year == this_year else "l j F Y")


def hour(at: datetime | time) -> str:
    """A time of day: 9:30; 9 h 30. A datetime is taken in its own zone."""
    if (get_language() or "").startswith("fr"):
        minutes = f"\N{NO-BREAK SPACE}{at.minute:02}" if at.minute else ""
        return f"{at.hour}\N{NO-BREAK SPACE}h{minutes}"
    return f"{at.hour}:{at.minute:02}"


def moment(at: datetime, this_year: int) -> str:
    """A day and a time, in the zone of `at`: Mon 30 November, 9:30."""
    return _("%(day)s, %(time)s") % {"day": day(at, this_year), "time": hour(at)}


def days(first: date, last: date, this_year: int) -> str:
    """From `first` to `last`, both included: 25 to 28 December; du 25 au 28 décembre."""
    if first == last:
        return day(first, this_year)
    end = "j F" if last.year == this_year else "j F Y"
    start = "j" if (first.year, first.month) == (last.year, last.month) else "j F"
    if first.year != last.year:
        start = "j F Y"
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, start),
        "last": date_format(last, end),
    }
