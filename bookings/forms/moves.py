"""Moving a session: where to, what was picked for those that follow, and why."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from bookings.forms.changes import NotifyField
from bookings.forms.series import DayField, is_skipped
from bookings.services.moves.wishing import Wish
from bookings.services.proposing.wishes import FIRST_DAY, LAST_DAY
from clinic.models import Location, Practitioner, Room

SALT = "bookings.move"
PICK = "pick-"


class WhereToForm(forms.Form):
    """A local day and time of arrival, with whom and where; all are in the address."""

    day = DayField(label=_("Day"))
    time = forms.TimeField(
        label=_("Arrival"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.none(),
        label=_("With"),
        required=False,
        empty_label=_("Whoever is free"),
        error_messages={"invalid_choice": _("Choose somebody who works there.")},
    )
    room = forms.ModelChoiceField(
        Room.objects.none(),
        label=_("Room"),
        required=False,
        empty_label=_("Any that is free"),
        error_messages={"invalid_choice": _("Choose a room of that location.")},
    )

    def __init__(self, *args: Any, place: Location, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = place.zone
        for name, model in (("practitioner", Practitioner), ("room", Room)):
            rows = model.objects.filter(location=place, is_active=True)
            cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = rows

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if {"day", "time"} <= set(data) and is_skipped(self.start()):
            self.add_error("time", _("The clocks skip that time on that day."))
        return data

    def start(self) -> datetime:
        """The arrival asked for, aware; call it on a valid form."""
        day: date = self.cleaned_data["day"]
        at: time = self.cleaned_data["time"]
        return datetime.combine(day, at, self.zone)

    def wish(self) -> Wish:
        """With whom and where; call it on a valid form."""
        chosen = (self.cleaned_data[name] for name in ("practitioner", "room"))
        return Wish(*(one.pk if one else None for one in chosen))


class AcceptForm(forms.Form):
    """A proposed move as it was shown, why, and what is allowed against the rules."""

    proposal = forms.CharField(widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why"), max_length=200, required=False)
    allowed = forms.CharField(
        label=_("Why the rule may be broken"), max_length=300, required=False
    )
    notify = NotifyField()

    def sealed(self) -> Any:
        """The proposal's plain values; raise BadSignature if they were altered."""
        return signing.loads(self.cleaned_data["proposal"], salt=SALT)


class AcceptTalkForm(forms.Form):
    """That a talk moves to where it was shown, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    why = forms.CharField(label=_("Why"), max_length=200, required=False)
    notify = NotifyField()


def sign(sealed: Mapping[str, Any]) -> str:
    """Seal a proposed move for the way through the browser and back."""
    return signing.dumps(sealed, salt=SALT, compress=True)


def picks(query: Mapping[str, str]) -> dict[int, datetime]:
    """The alternatives picked in the address, by session number; nonsense is left out."""
    found = {}
    for name, value in query.items():
        number = name.removeprefix(PICK)
        is_pick = name.startswith(PICK) and number.isdecimal() and len(number) < 4
        if is_pick and (start := _aware(value)):
            found[int(number)] = start
    return found


def _aware(text: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_day = FIRST_DAY <= start.date() <= LAST_DAY
    return start if start.tzinfo and is_day else None
