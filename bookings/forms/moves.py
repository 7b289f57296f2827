"""Moving a session: where to, what was picked for those that follow, and why."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from bookings.forms.series import DayField
from bookings.services.proposing.wishes import FIRST_DAY, LAST_DAY

SALT = "bookings.move"
PICK = "pick-"


class WhereToForm(forms.Form):
    """A local day and time of arrival; both are in the address."""

    day = DayField(label=_("Day"))
    time = forms.TimeField(
        label=_("Arrival"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def start(self) -> datetime:
        """The arrival asked for, aware; call it on a valid form."""
        day: date = self.cleaned_data["day"]
        at: time = self.cleaned_data["time"]
        return datetime.combine(day, at, self.zone)


class AcceptForm(forms.Form):
    """A proposed move as it was shown, why, and what is allowed against the rules."""

    proposal = forms.CharField(widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why"), max_length=200, required=False)
    allowed = forms.CharField(
        label=_("Why the rule may be broken"), max_length=300, required=False
    )

    def sealed(self) -> Any:
        """The proposal's plain values; raise BadSignature if they were altered."""
        return signing.loads(self.cleaned_data["proposal"], salt=SALT)


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
