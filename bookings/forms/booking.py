"""One visit being arranged: when, where, with whom; and somebody new inside it."""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bookings.forms.patients import NewPatientForm
from bookings.forms.series import (
    WEEKDAYS,
    DayField,
    TimeSelect,
    arrival_times,
    is_skipped,
)
from bookings.models import Appointment, Patient
from clinic.models import Location, Practitioner, Room

LONGEST_NOTE = Appointment._meta.get_field("note").max_length
LONGEST_REASON = Appointment._meta.get_field("reason").max_length
OF_THE_SLOT = {"form": "slot", "class": "form-select"}  # beside its form on the page
Between = tuple[time, time]
WHO_AND_WHERE: dict[str, Any] = {"practitioner": Practitioner, "room": Room}


class SlotForm(forms.Form):
    """A local day and time, with whom and where, as the address has them.

    Nothing is required: what is left out is still to be chosen.
    """

    date = DayField(label=_("Day"), required=False)
    time = forms.TimeField(
        label=_("Arrival"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    practitioner = forms.ModelChoiceField(
        Practitioner.objects.none(),
        label=_("With"),
        required=False,
        empty_label=_("Whoever is free"),
    )
    room = forms.ModelChoiceField(
        Room.objects.none(),
        label=_("Room"),
        required=False,
        empty_label=_("Any that is free"),
    )
    days = forms.MultipleChoiceField(label=_("Days"), choices=WEEKDAYS, required=False)
    arrive_from = forms.ChoiceField(
        label=_("Arrive from"),
        choices=arrival_times,
        widget=TimeSelect(OF_THE_SLOT),
        required=False,
    )
    arrive_until = forms.ChoiceField(
        label=_("Arrive until"),
        choices=arrival_times,
        widget=TimeSelect(OF_THE_SLOT),
        required=False,
    )

    def __init__(self, data: QueryDict, place: Location) -> None:
        self.zone = place.zone
        kept = _usual(data)
        there = {
            name: model.objects.filter(location=place, is_active=True)
            for name, model in WHO_AND_WHERE.items()
        }
        for name, rows in there.items():
            if not rows.filter(pk=_key(kept.get(name, ""))).exists():
                kept[name] = ""  # somebody of another place is nobody here
        super().__init__(kept)
        for name, rows in there.items():
            field = cast("forms.ModelChoiceField[Any]", self.fields[name])
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("time") and not data.get("date") and "date" not in self.errors:
            self.add_error("date", _("Give the day as well."))
        if data.get("date") and data.get("time") and self._is_skipped():
            self.add_error("time", _("The clocks skip that time on that day."))
        if (data.get("arrive_from") or "") > (data.get("arrive_until") or "99"):
            self.add_error(
                "arrive_until", _("The latest arrival is before the earliest.")
            )
        return data

    def start(self) -> datetime | None:
        """The arrival asked for, aware; None where day or time is still to choose."""
        day, at = self.cleaned_data.get("date"), self.cleaned_data.get("time")
        return datetime.combine(day, at, self.zone) if day and at else None

    def chosen(self, name: str) -> int | None:
        """The key of the practitioner or the room asked for."""
        row = self.cleaned_data.get(name)
        return row.pk if row else None

    def weekdays(self) -> frozenset[int]:
        """The days asked for; all that the clinic could have, where none is."""
        days = self.cleaned_data.get("days") or [code for code, _name in WEEKDAYS]
        return frozenset(int(day) for day in days)

    def arrive_between(self) -> Between:
        """The first and last arrival asked for."""
        bounds = (self.cleaned_data.get(f"arrive_{end}") for end in ("from", "until"))
        first, last = bounds
        return time.fromisoformat(first or "00:00"), time.fromisoformat(last or "23:59")

    def _is_skipped(self) -> bool:
        """Whether the clocks never show that time on that day."""
        start = self.start()
        return start is not None and is_skipped(start)


class BookForm(forms.Form):
    """What goes with the submit: its key, the note, why the patient comes twice."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note for the desk"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Shown in the diary to everyone who works here."),
    )
    reason = forms.CharField(
        label=_("Why twice on one day"), max_length=LONGEST_REASON, required=False
    )


class SomebodyNewForm(NewPatientForm):
    """A new patient inside a booking: a name, and a way to reach them."""

    class Meta(NewPatientForm.Meta):
        fields = ["first_name", "last_name", "phone", "email", "birth_date"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("location", "treatment"):
            self.fields.pop(name, None)


def names_in(words: str) -> dict[str, str]:
    """What was searched for, as the start of a new patient's name."""
    first, _space, last = " ".join(words.split()).partition(" ")
    if any(sign.isdigit() for sign in words):
        return {}
    longest = Patient._meta.get_field("first_name").max_length
    return {"first_name": first[:longest], "last_name": last[:longest]}


def _usual(data: QueryDict) -> QueryDict:
    """The address, with the times most people would ask for."""
    kept = data.copy()
    kept.setdefault("arrive_from", "08:00")
    kept.setdefault("arrive_until", "18:00")
    return kept


def _key(text: str) -> int:
    """A primary key as an address has it; 0, which nobody has, for anything else."""
    is_key = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_key else 0
