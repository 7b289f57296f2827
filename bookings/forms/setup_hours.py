"""A week of split shifts as a grid, and from when it holds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Any

from django import forms
from django.core import signing
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.series import DayField
from bookings.services.setup.weeks import Shift, Week

FEWEST, MOST = 3, 6  # shifts that a day of the grid has room for
SALT = "bookings.setup.hours"
PARTS = ("opens", "closes")
READ = ["%H:%M", "%H.%M", "%Hh%M", "%H", "%H%M"]  # "12" is noon, never 01:02
NO_TIME = gettext_lazy("Give a time of the 24-hour clock, such as 08:30.")


def name_of(day: int, shift: int, part: str) -> str:
    """The field of a weekday (0 is Monday), of its nth shift, opening or closing."""
    return f"day{day}-{shift}-{part}"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One weekday of the grid: its number and name, and pairs of bound fields."""

    number: int
    name: str
    shifts: list[tuple[Any, Any]]

    @property
    def errors(self) -> list[str]:
        """What is wrong with its shifts."""
        pairs = [field for pair in self.shifts for field in pair]
        return [error for field in pairs for error in field.errors]


class WeekForm(forms.Form):
    """Local times at the resource's location; a day without shifts is a day off."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("Until"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, size: int = FEWEST, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.size = max(FEWEST, min(size, MOST))
        self.fields["last"].help_text = _("Leave it empty if it is for good.")
        for day in range(7):
            for shift in range(self.size):
                for part in PARTS:
                    self.fields[name_of(day, shift, part)] = forms.TimeField(
                        label=_label(day, shift, part),
                        widget=forms.TimeInput(format="%H:%M"),
                        input_formats=READ,
                        error_messages={"invalid": NO_TIME},
                        required=False,
                    )

    @property
    def days(self) -> list[DayRow]:
        """The grid, day by day."""
        return [
            DayRow(
                day,
                str(WEEKDAYS[day]),
                [
                    (self[name_of(day, n, "opens")], self[name_of(day, n, "closes")])
                    for n in range(self.size)
                ],
            )
            for day in range(7)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        for day in range(7):
            self._judge_day(day)
        return data

    def week(self) -> Week:
        """The shifts of each day in order; call it on a valid form."""
        return tuple(
            tuple(sorted(shift for _number, shift in self._shifts(day)))
            for day in range(7)
        )

    def _shifts(self, day: int) -> Iterator[tuple[int, Shift]]:
        """Yield the whole shifts of a day, with their place in the grid."""
        for number in range(self.size):
            names = (name_of(day, number, part) for part in PARTS)
            opens, closes = (self.cleaned_data.get(name) for name in names)
            if opens is not None and closes is not None:
                yield number, (opens, closes)

    def _judge_day(self, day: int) -> None:
        for number in range(self.size):
            self._judge_whole(day, number)
        self._judge_forwards(day)
        shifts = sorted(self._shifts(day), key=lambda one: one[1])
        for (_before, one), (number, other) in pairwise(shifts):
            if other[0] < one[1]:
                words = _("%(one)s and %(other)s overlap on %(day)s.") % {
                    "one": _span(one),
                    "other": _span(other),
                    "day": WEEKDAYS[day],
                }
                self.add_error(name_of(day, number, "opens"), words)

    def _judge_forwards(self, day: int) -> None:
        """Refuse a shift that ends before it starts."""
        for number, shift in list(self._shifts(day)):
            if shift[1] <= shift[0]:
                words = _backwards(*shift)
                facts = {"shift": _span(shift), "day": WEEKDAYS[day]}
                self.add_error(name_of(day, number, "closes"), words % facts)

    def _judge_whole(self, day: int, number: int) -> None:
        """Refuse a shift of which only one end was given."""
        names = [name_of(day, number, part) for part in PARTS]
        given = [self.cleaned_data.get(name) is not None for name in names]
        missing = names[given.index(False)] if any(given) and not all(given) else ""
        if missing and missing not in self.errors:
            words = _("Give both ends of the shift on %(day)s.")
            self.add_error(missing, words % {"day": WEEKDAYS[day]})


def grid_of(week: Week) -> dict[str, Any]:
    """`week` as the initial values of a form."""
    return {
        name_of(day, number, part): f"{at:%H:%M}"
        for day, shifts in enumerate(week)
        for number, shift in enumerate(shifts)
        for part, at in zip(PARTS, shift, strict=True)
    }


def size_of(data: Mapping[str, Any]) -> int:
    """How many shifts a day the values of a form need at most, and one to spare."""
    numbers = [int(name.split("-")[1]) for name in data if _is_shift(name)]
    return min(max(numbers, default=0) + 1, MOST)


def copied(data: Mapping[str, Any], source: int, targets: list[int]) -> dict[str, Any]:
    """The values of a form with one day's shifts on other days, in place of theirs."""
    values = {name: data[name] for name in data}
    for number in range(MOST):
        for part in PARTS:
            for day in targets:
                at = data.get(name_of(source, number, part), "")
                values[name_of(day, number, part)] = at
    return values


def seal(week_rows: Any) -> str:
    """What the hours were when a page showed them, signed."""
    rows = week_rows.order_by("pk").values_list(
        "pk", "weekday", "opens", "closes", "valid_from", "valid_until"
    )
    text = json.dumps([list(map(str, row)) for row in rows])
    return signing.Signer(salt=SALT).signature(text)


def _is_shift(name: str) -> bool:
    parts = name.split("-")
    is_number = len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 4
    return is_number and parts[0].startswith("day")


def _label(day: int, shift: int, part: str) -> str:
    words = _("%(day)s, shift %(number)s, until")
    if part == "opens":
        words = _("%(day)s, shift %(number)s, from")
    return words % {"day": WEEKDAYS[day], "number": shift + 1}


def _backwards(opens: time, closes: time) -> str:
    """What is wrong with a shift that ends before it starts, or at midnight."""
    if closes == time(0):
        return _("%(day)s: a shift ends at 23:59 at the latest, not at midnight.")
    if opens.hour >= 12 and closes.hour < 12:
        return _(
            "%(day)s: %(shift)s goes over midnight. Give it as two shifts, until 23:59 "
            "and from 00:00 on the next day."
        )
    return _("%(day)s: %(shift)s ends before it starts.")


def _span(shift: tuple[time, time]) -> str:
    return f"{shift[0]:%H:%M}–{shift[1]:%H:%M}"


def starts_on(text: str, today: date) -> date:
    """The day an address names, or the Monday after `today` where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.fromordinal(today.toordinal() + 7 - today.weekday())
