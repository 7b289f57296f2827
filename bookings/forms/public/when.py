"""Step 4: when and where, and what may be done with what was said."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any, cast

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bookings.forms.public.fields import PlainWords, PublicForm
from bookings.forms.public.zones import ZoneField
from bookings.forms.screening import DayField
from bookings.models import ConsentKind
from bookings.services import told
from bookings.services.enquiries import agreeing
from clinic.models import Location, Practitioner, WeeklyHours

ANYWHERE = "any"
HOURS = [time(hour) for hour in range(8, 20)]
FURTHEST = 2  # years ahead that somebody may know of a stay


class DoctorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the site's doctors, with the place where they work."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.location.name}"


class WhenForm(PublicForm):
    """Where, on which days, at what time, with whom. `today` is the clinic's day."""

    location = forms.ChoiceField(
        label=_("Where suits you?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    weekdays = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Which days suit you?"),
        help_text=_("Leave all empty if any day is fine."),
        widget=forms.CheckboxSelectMultiple,
    )
    arrive_from = forms.TypedChoiceField(
        coerce=time.fromisoformat,
        required=False,
        empty_value=None,
        label=_("From what time"),
    )
    arrive_until = forms.TypedChoiceField(
        coerce=time.fromisoformat,
        required=False,
        empty_value=None,
        label=_("Until what time"),
    )
    doctor = DoctorField(
        Practitioner.objects.none(),
        required=False,
        label=_("Whom would you like to see?"),
        empty_label=_("Anyone who is free"),
    )
    travels = forms.BooleanField(required=False, label=_("I come from another city"))
    comes_from = PlainWords(
        required=False, max_length=80, label=_("Where do you come from?")
    )
    timezone = ZoneField(label=_("Your time zone at home"))
    in_town_from = DayField(required=False, label=_("First day in town"))
    in_town_until = DayField(required=False, label=_("Last day in town"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self._offer("location", places())
        self._offer("weekdays", days())
        hours = [
            ("", _("Any time")),
            *((at.isoformat(), told.hour(at)) for at in HOURS),
        ]
        self._offer("arrive_from", hours)
        self._offer("arrive_until", hours)
        people = Practitioner.objects.filter(is_active=True, is_on_site=True)
        doctors = cast("forms.ModelChoiceField[Any]", self.fields["doctor"])
        doctors.queryset = people.select_related("location").order_by("name")

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Times in order; of somebody who does not travel nothing is kept of a stay."""
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("arrive_from"), cleaned.get("arrive_until")
        if since and until and until <= since:
            self.add_error("arrive_until", _("Choose a later time than the first."))
        if cleaned.get("travels"):
            self._judge_stay(cleaned)
            return cleaned
        for name in ("comes_from", "timezone", "in_town_from", "in_town_until"):
            cleaned[name] = "" if name in ("comes_from", "timezone") else None
            self.errors.pop(name, None)
        return cleaned

    def _judge_stay(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("in_town_from"), cleaned.get("in_town_until")
        if not cleaned.get("comes_from") and "comes_from" not in self.errors:
            self.add_error("comes_from", _("Tell us where you come from."))
        if first and last and last < first:
            self.add_error("in_town_until", _("The last day is before the first."))
        elif last and last < self.today:
            self.add_error("in_town_until", _("That day has passed."))
        for name in ("in_town_from", "in_town_until"):
            day = cleaned.get(name)
            if day and abs(day.year - self.today.year) > FURTHEST:
                self.add_error(name, _("Check the year: it is too far away."))

    def wishes(self) -> dict[str, Any]:
        """What was chosen, as fields of the request."""
        said = self.cleaned_data
        place = Location.objects.filter(slug=said["location"], is_active=True).first()
        kept = (
            "weekdays",
            "arrive_from",
            "arrive_until",
            "doctor",
            "comes_from",
            "in_town_from",
            "in_town_until",
        )
        return {"location": place, **{name: said[name] for name in kept}}

    def home(self) -> dict[str, str]:
        """The zone at home as a fact of Patient; nothing where it is the clinic's."""
        zone = self.cleaned_data["timezone"]
        return {"timezone": zone} if zone else {}


class SendForm(WhenForm):
    """As `WhenForm`, and what is agreed to."""

    contact = forms.BooleanField(
        label="",
        error_messages={
            "required": _("Tick this box: without it we could not answer you.")
        },
    )
    news = forms.BooleanField(required=False, label="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].label = agreeing.words(ConsentKind.CARE_MESSAGES)
        self.fields["news"].label = agreeing.words(ConsentKind.MARKETING)

    def agreed(self) -> list[ConsentKind]:
        """What was ticked."""
        boxes = {
            "contact": ConsentKind.CARE_MESSAGES,
            "news": ConsentKind.MARKETING,
        }
        return [kind for name, kind in boxes.items() if self.cleaned_data[name]]


def places() -> list[tuple[str, Any]]:
    """The clinic's places, and either of them where there is a choice."""
    rows = Location.objects.filter(is_active=True)
    found: list[tuple[str, Any]] = [(row.slug, row.name) for row in rows]
    if len(found) != 1:
        either = _("Either is fine") if len(found) == 2 else _("Any of them is fine")
        found.append((ANYWHERE, either))
    return found


def days() -> list[tuple[int, Any]]:
    """The days of the week on which somebody works, Monday is 1; all where none does."""
    return list(_days())


def _days() -> Iterator[tuple[int, Any]]:
    worked = set(
        WeeklyHours.objects.filter(resource__is_active=True)
        .values_list("weekday", flat=True)
        .distinct()
    )
    for number, name in WEEKDAYS.items():
        if not worked or number in worked:
            yield number + 1, capfirst(str(name))
