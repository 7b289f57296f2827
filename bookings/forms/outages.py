"""An outage: who or what is missing, when and why; and which series to re-plan."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bookings.forms.moves import SALT
from bookings.forms.series import DayField
from bookings.models import OutageKind
from bookings.services.missing import outages
from clinic.models import Resource, ResourceKind


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ResourceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Resources by kind, each with its place."""

    def label_from_instance(self, obj: Resource) -> str:
        return f"{obj.name}, {obj.location.name}"


class OutageForm(forms.Form):
    """Local dates and times at the resource's location; without times, whole days."""

    resource = ResourceField(
        label=_("Who or what is missing"),
        queryset=Resource.objects.none(),
        empty_label=_("Choose one"),
    )
    first = DayField(label=_("From"))
    opens = forms.TimeField(label=_("From what time"), widget=TimeInput, required=False)
    last = DayField(label=_("Until"))
    closes = forms.TimeField(
        label=_("Until what time"), widget=TimeInput, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resource"]
        field.queryset = Resource.objects.select_related("location").filter(  # type: ignore[attr-defined]
            is_active=True
        )
        field.choices = self._grouped(field)  # type: ignore[attr-defined]

    @staticmethod
    def _grouped(field: Any) -> list[Any]:
        """The choices under the names of their kinds."""
        named = [
            (
                kind.label,
                [
                    (row.pk, field.label_from_instance(row))
                    for row in field.queryset
                    if row.kind == kind
                ],
            )
            for kind in ResourceKind
        ]
        return [("", field.empty_label), *(group for group in named if group[1])]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        return data

    @property
    def kind(self) -> OutageKind:
        """People are absent, rooms and devices are out of service."""
        resource = self.cleaned_data["resource"]
        is_person = resource.kind == ResourceKind.PRACTITIONER
        return OutageKind.ABSENCE if is_person else OutageKind.OUT_OF_SERVICE

    def moments(self) -> tuple[datetime, datetime]:
        """[start, end) in UTC; call it on a valid form."""
        data = self.cleaned_data
        first: date = data["first"]
        opens: time | None = data["opens"]
        zone = data["resource"].location.zone
        return outages.moments(zone, first, data["last"], opens, data["closes"])


class BulkForm:
    """The series that were ticked, each with its proposal as it was shown."""

    def __init__(self, data: QueryDict) -> None:
        self._data = data

    def sealed(self) -> list[Any]:
        """The proposals' plain values; raise BadSignature where one was altered."""
        return [
            signing.loads(self._data.get(f"plan-{plan}", ""), salt=SALT)
            for plan in self._data.getlist("apply")
        ]
