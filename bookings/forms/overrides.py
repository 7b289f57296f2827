"""Against the rules of spacing: days and times of one's own choice, and the reason."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.series import DayField
from bookings.services.overrides import LONGEST_REASON


class WhenForm(forms.Form):
    """A local day and time of arrival for each session that has none."""

    def __init__(
        self, *args: Any, numbers: Iterable[int], zone: ZoneInfo, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.numbers, self.zone = list(numbers), zone
        for number in self.numbers:
            self.fields[f"day_{number}"] = DayField(
                label=_("Day of session %(number)s") % {"number": number}
            )
            self.fields[f"time_{number}"] = forms.TimeField(
                label=_("Arrival for session %(number)s") % {"number": number},
                widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
            )

    def rows(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        """Number, day and time of each session."""
        return [(n, self[f"day_{n}"], self[f"time_{n}"]) for n in self.numbers]

    def starts(self) -> dict[int, datetime]:
        """The arrivals asked for, aware, by number; call it on a valid form."""
        return {number: self._start(number) for number in self.numbers}

    def _start(self, number: int) -> datetime:
        day: date = self.cleaned_data[f"day_{number}"]
        at: time = self.cleaned_data[f"time_{number}"]
        return datetime.combine(day, at, self.zone)


class AllowForm(forms.Form):
    """Why the rules may be broken, and the submit's own key."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    allowed = forms.CharField(
        label=_("Why the rule may be broken"),
        max_length=LONGEST_REASON,
        required=False,
    )
