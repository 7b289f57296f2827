"""What patients may change about themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.public.zones import PLACES, ZoneField
from bookings.models import AwayDates, Patient

GROUPS: list[tuple[Any, list[tuple[str, Any]]]] = PLACES  # type: ignore[assignment]
LISTED = {key: said for _name, group in GROUPS for key, said in group}


def zone_name(zone: str) -> str:
    """A time zone by a place people know."""
    return str(LISTED.get(zone) or zone.rpartition("/")[2].replace("_", " "))


class DetailsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How to reach and to address somebody; their name is the desk's to change."""

    timezone = ZoneField(label=_("Your time zone at home"))

    class Meta:
        model = Patient
        fields = ["phone", "pronouns", "language", "timezone"]
        labels = {"language": _("Language of pages and letters")}
        help_texts = {"pronouns": _("Such as she/her. Leave empty if you like.")}
        widgets = {"language": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs["autocomplete"] = "tel"
        zone = self.instance.timezone
        field: Any = self.fields["timezone"]
        own = [] if zone in LISTED else [(zone, zone_name(zone))]
        field.choices = [*own, *PLACES]

    def changed(self) -> dict[str, Any]:
        """What was changed, as fields of Patient."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name != "timezone" or self.cleaned_data[name]
        }


class AwayForm(forms.ModelForm):  # type: ignore[type-arg]
    """The first and the last day on which somebody cannot come."""

    class Meta:
        model = AwayDates
        fields = ["first_day", "last_day", "label"]
        labels = {
            "first_day": _("First day away"),
            "last_day": _("Last day away"),
            "label": _("What for, if you like to say"),
        }
        widgets = {
            name: forms.DateInput({"type": "date"}, format="%Y-%m-%d")
            for name in ("first_day", "last_day")
        }

    def validate_constraints(self) -> None:
        """Leave it to the service, which knows whose dates they are."""

    def dates(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        names = {"first": "first_day", "last": "last_day", "label": "label"}
        return {name: typed[field] for name, field in names.items()}
