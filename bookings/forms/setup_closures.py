"""Closing the clinic, a place or a resource for whole days."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.series import DayField
from bookings.services.setup import closures
from clinic.models import Closure, Location, Resource, ResourceKind
from clinic.stale import StaleAwareForm

CLINIC = "clinic"


class ClosureForm(StaleAwareForm):
    """What a closure is called, and from which local day to which."""

    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(label=gettext_lazy("Last day"))

    class Meta:
        model = Closure
        fields: ClassVar[list[str]] = ["name", "kind", "first_day", "last_day"]

    def facts(self) -> dict[str, Any]:
        """What was typed, as fields of Closure."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def _post_clean(self) -> None:
        """Keep from the model what only the service can say in words."""
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        super()._post_clean()  # type: ignore[misc]


class NewClosureForm(ClosureForm):
    """The same, and what is closed: everything, a place, or somebody or something."""

    whom = forms.ChoiceField(label=gettext_lazy("What is closed"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = _whom()  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        kind, _colon, key = self.cleaned_data["whom"].partition(":")
        about = {} if kind == CLINIC else {f"{kind}_id": int(key)}
        return super().facts() | about


def _whom() -> list[Any]:
    """The whole clinic, its places, and what can be booked under the names of kinds."""
    places = Location.objects.filter(is_active=True)
    rows = Resource.objects.select_related("location").filter(is_active=True)
    groups = [
        (
            kind.label,
            [
                (f"resource:{row.pk}", f"{row.name}, {row.location.name}")
                for row in rows
                if row.kind == kind
            ],
        )
        for kind in ResourceKind
    ]
    return [
        (CLINIC, _("The whole clinic")),
        (_("Location"), [(f"location:{row.pk}", row.name) for row in places]),
        *(group for group in groups if group[1]),
    ]


class HolidaysForm(forms.Form):
    """The suggested days that were ticked."""

    day = forms.TypedMultipleChoiceField(coerce=date.fromisoformat)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        suggested = closures.suggestions(today)
        self.fields["day"].choices = [  # type: ignore[attr-defined]
            (one.day.isoformat(), one.name) for one in suggested
        ]
        self.fields["day"].error_messages["required"] = _("Tick at least one day.")
