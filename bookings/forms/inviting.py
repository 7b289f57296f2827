"""Answering a request: who looks after it, and the times to propose."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from bookings.forms.series import DayField, is_skipped
from bookings.models import ConsultationRequest
from bookings.services.inviting import MOST, Slot
from clinic.models import Location, Practitioner
from clinic.stale import StaleAwareForm


class AssignForm(StaleAwareForm):
    """Where a request belongs and who looks after it."""

    class Meta:
        model = ConsultationRequest
        fields = ["location", "clinician"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"] = forms.ModelChoiceField(
            Location.objects.filter(is_active=True),
            required=False,
            label=_("Location"),
            empty_label=_("Either will do"),
        )
        self.fields["clinician"] = forms.ModelChoiceField(
            Practitioner.objects.filter(is_active=True),
            required=False,
            label=_("Looked after by"),
            empty_label=_("Nobody yet"),
        )


class PractitionerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A practitioner, named with the place where they work."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.location}"


class OtherTimeForm(forms.Form):
    """One more time to propose: local to where the practitioner works."""

    date = DayField(label=_("Day"), required=False)
    time = forms.TimeField(
        label=_("Arrival"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    practitioner = PractitionerField(
        Practitioner.objects.none(), label=_("With"), required=False
    )

    def __init__(self, *args: Any, people: Iterable[Practitioner], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Any]", self.fields["practitioner"])
        keys = [one.pk for one in people]
        field.queryset = Practitioner.objects.filter(pk__in=keys).select_related(
            "location"
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        said = [name for name in ("date", "time") if data.get(name)]
        if said and not self.errors:
            for name in self.fields:
                if not data.get(name):
                    self.add_error(name, _("Give day, time and practitioner."))
        if not self.errors and (start := self.start()) and is_skipped(start):
            self.add_error("time", _("The clocks skip that time on that day."))
        return data

    def start(self) -> datetime | None:
        """The arrival, aware; None where no time was typed."""
        data = self.cleaned_data
        if not (data.get("date") and data.get("time") and data.get("practitioner")):
            return None
        zone = data["practitioner"].location.zone
        return datetime.combine(data["date"], data["time"], zone)


class TimesForm:
    """Up to three times: ticked among those offered, or typed."""

    def __init__(self, data: QueryDict | None = None) -> None:
        self.is_bound = data is not None
        can = Practitioner.objects.filter(is_active=True, skills__contains=["consult"])
        self.people = list(
            can.filter(location__is_active=True).select_related("location")
        )
        self.picked = data.getlist("pick")[: MOST * 4] if data is not None else []
        self.others = [
            OtherTimeForm(data, prefix=f"other-{number}", people=self.people)
            for number in range(1, MOST + 1)
        ]
        self.errors: list[str] = []

    def slots(self) -> list[Slot] | None:
        """The times chosen; None where something of it cannot be understood."""
        found = self.slots_picked()
        if len(found) != len(self.picked):
            self.errors.append(_t("One of the times cannot be read. Choose it again."))
        for form in self.others:
            if form.is_valid() and (start := form.start()):
                who = form.cleaned_data["practitioner"]
                found.append(Slot(who.location, who, start))
        is_clear = not self.errors and all(form.is_valid() for form in self.others)
        return found if is_clear else None

    def slots_picked(self) -> list[Slot]:
        """The times ticked, as far as they can be read."""
        known = {str(one.pk): one for one in self.people}
        found = (_picked(value, known) for value in self.picked)
        return [slot for slot in found if slot]

    @property
    def is_typed(self) -> bool:
        """Whether anything was typed beside the times offered."""
        return self.is_bound and any(form.has_changed() for form in self.others)


def _picked(value: str, known: dict[str, Practitioner]) -> Slot | None:
    """The time that a tick names: 12|2026-11-30T09:30, by the clocks of the place."""
    key, _bar, said = value.partition("|")
    who = known.get(key)
    try:
        start = datetime.fromisoformat(said)
    except ValueError:
        return None
    if who is None or start.tzinfo is not None:
        return None
    return Slot(who.location, who, start.replace(tzinfo=who.location.zone))
