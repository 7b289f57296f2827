"""The waiting list: what somebody waits for, and why they stop."""

from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.series import WEEKDAYS, DayField
from bookings.models import Appointment
from bookings.services.waiting import Waitable, Wish

SERIES = "series"


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WaitingForm(forms.Form):
    """Which session waits, on which local days and at which times it could be."""

    what = forms.ChoiceField(label=gettext_lazy("Waits for"), widget=forms.RadioSelect)
    first_day = DayField(label=gettext_lazy("From"))
    last_day = DayField(label=gettext_lazy("Until"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose at least one day of the week.")
        },
    )
    arrive_from = forms.TimeField(label=gettext_lazy("Arrive from"), widget=TimeInput)
    arrive_until = forms.TimeField(label=gettext_lazy("Arrive until"), widget=TimeInput)
    note = forms.CharField(
        label=gettext_lazy("Note for the desk"), max_length=200, required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        waitable: Waitable,
        number: int | None,
        today: date,
    ) -> None:
        super().__init__(data, initial=_usual(waitable, number, today))
        self.fields["what"].choices = _choices(waitable)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self._in_order("first_day", "last_day", _("The last day is before the first."))
        self._in_order(
            "arrive_from",
            "arrive_until",
            _("The latest arrival is before the earliest."),
        )
        return data

    def _in_order(self, first: str, last: str, words: str) -> None:
        data = self.cleaned_data
        if {first, last} <= set(data) and data[last] < data[first]:
            self.add_error(last, words)

    def number(self) -> int | None:
        """The session that waits; None for all that lack a time."""
        what = self.cleaned_data["what"]
        return None if what == SERIES else int(what)

    def wish(self) -> Wish:
        """Days, times and note as the service wants them."""
        data = self.cleaned_data
        return Wish(
            first_day=data["first_day"],
            last_day=data["last_day"],
            weekdays=data["weekdays"],
            arrive_from=data["arrive_from"],
            arrive_until=data["arrive_until"],
            note=data["note"],
        )


class CloseForm(forms.Form):
    """Why an entry is taken off the list."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Say why: the reason is kept with the entry.")
        },
    )


def _choices(waitable: Waitable) -> list[tuple[str, str]]:
    found = [(str(n), _session(n, row)) for n, row in waitable.sessions.items()]
    if waitable.has_series:
        found.insert(0, (SERIES, _("Every session that has no time yet")))
    return found


def _session(number: int, row: Appointment | None) -> str:
    if row is None:
        return _("Session %(number)s, which has no time yet") % {"number": number}
    return _("An earlier time for session %(number)s, now on %(day)s") % {
        "number": number,
        "day": date_format(row.local_start, "D j M Y, H:i"),
    }


def _usual(waitable: Waitable, number: int | None, today: date) -> dict[str, Any]:
    """What most people would ask for: any weekday, from tomorrow to what they have."""
    if number is None and not waitable.has_series:
        number = min(waitable.sessions, default=None)
    row = waitable.sessions.get(number) if number else None
    last = row.local_date - timedelta(days=1) if row else today + timedelta(days=28)
    return {
        "what": str(number or SERIES),
        "first_day": today + timedelta(days=1),
        "last_day": last,
        "weekdays": [day for day, _name in WEEKDAYS[:5]],
        "arrive_from": time(8),
        "arrive_until": time(17),
    }
