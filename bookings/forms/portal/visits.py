"""What patients say about their own visits: where to, why not, when it would suit."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.series import DayField
from bookings.models import Appointment
from bookings.services.portal.asking import LONGEST, PartOfDay, What, Wish
from bookings.services.portal.selfservice import LONGEST_REASON
from bookings.services.proposing.wishes import FIRST_DAY, LAST_DAY
from bookings.services.waiting import Wish as WaitingWish

SALT = "portal.move"
OPEN_DAYS = [(str(day), WEEKDAYS[day]) for day in range(6)]
PARTS = [
    (PartOfDay.MORNING, gettext_lazy("Morning")),
    (PartOfDay.NOON, gettext_lazy("Around noon")),
    (PartOfDay.LATE, gettext_lazy("Late afternoon")),
]
ANY, MORNING, AFTERNOON = "any", "morning", "afternoon"
HALVES = {
    ANY: (time(0), time(23, 59)),
    MORNING: (time(0), time(12)),
    AFTERNOON: (time(12), time(23, 59)),
}


class VersionForm(forms.Form):
    """Which version of the visit was on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CancelForm(VersionForm):
    """That the patient cannot come, and why, if they like."""

    why = forms.CharField(
        label=gettext_lazy("Why, if you would like to say"),
        max_length=LONGEST_REASON,
        required=False,
    )


class AcceptMoveForm(forms.Form):
    """A proposed move as it was shown."""

    proposal = forms.CharField(widget=forms.HiddenInput)

    def sealed(self) -> Any:
        """The proposal's plain values; raise BadSignature if they were altered."""
        return signing.loads(self.cleaned_data["proposal"], salt=SALT)


def sign(sealed: dict[str, Any]) -> str:
    """Seal a proposed move for the way through the browser and back."""
    return signing.dumps(sealed, salt=SALT, compress=True)


def start_of(text: str) -> datetime | None:
    """The aware moment that an address names, or None for anything else."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_day = FIRST_DAY <= start.date() <= LAST_DAY
    return start if start.tzinfo and is_day else None


class AskForm(forms.Form):
    """A wish for the desk: words, days and times; one of them at least."""

    words = forms.CharField(
        label=gettext_lazy("Your words"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days that suit you"),
        choices=OPEN_DAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    parts = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Times that suit you"),
        choices=PARTS,
        coerce=PartOfDay,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, what: What) -> None:
        super().__init__(data)
        self.what = what

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        is_empty = not any(data.get(name) for name in ("words", "weekdays", "parts"))
        if self.what != What.CANCEL and is_empty and not self.errors:
            raise forms.ValidationError(
                _("Choose a day or a time that suits you, or write a few words.")
            )
        return data

    def wish(self) -> Wish:
        """The wish as the service wants it; call it on a valid form."""
        data = self.cleaned_data
        return Wish(
            self.what, data["words"], tuple(data["weekdays"]), tuple(data["parts"])
        )


class JoinForm(forms.Form):
    """On which days and at what time an earlier visit would suit."""

    first_day = DayField(label=gettext_lazy("From"))
    last_day = DayField(label=gettext_lazy("Until"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=OPEN_DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one day.")},
    )
    half = forms.ChoiceField(
        label=gettext_lazy("Time of day"),
        choices=[
            (ANY, gettext_lazy("Any time")),
            (MORNING, gettext_lazy("Before noon")),
            (AFTERNOON, gettext_lazy("After noon")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, visit: Appointment, today: date) -> None:
        self.first, self.last = today, visit.local_date - timedelta(days=1)
        initial = {
            "first_day": today + timedelta(days=1),
            "last_day": self.last,
            "weekdays": [str(day) for day in range(5)],
            "half": ANY,
        }
        super().__init__(data, initial=initial)
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and first < self.first:
            self.add_error("first_day", _("That day has passed. Choose a later one."))
        if first and first > self.last:
            self.add_error("first_day", _("Choose a day before your visit."))
        elif first and last and last < first:
            self.add_error("last_day", _("This is before the first day."))
        return data

    def wish(self) -> WaitingWish:
        """Days and times as the waiting list wants them; call it on a valid form."""
        data = self.cleaned_data
        arrive_from, arrive_until = HALVES[data["half"]]
        return WaitingWish(
            first_day=data["first_day"],
            last_day=data["last_day"],
            weekdays=data["weekdays"],
            arrive_from=arrive_from,
            arrive_until=arrive_until,
        )
