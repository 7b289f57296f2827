"""The facts by which the desk knows a patient."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import Patient
from bookings.services import patients
from clinic.models import Location
from treatments.models import Treatment


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, and at least one way to reach the person."""

    class Meta:
        model = Patient
        fields = [
            "first_name",
            "last_name",
            "phone",
            "email",
            "birth_date",
            "pronouns",
            "language",
            "location",
        ]
        widgets = {"birth_date": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"pronouns": _("Such as she/her. Leave empty if unsure.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Location.objects.filter(is_active=True)
        self.fields["location"] = forms.ModelChoiceField(
            places,
            required=False,
            label=_("Usual location"),
            empty_label=_("Not known yet"),
        )

    def facts(self) -> dict[str, Any]:
        """What was typed, as fields of Patient."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class NewPatientForm(PatientForm):
    """A new patient, and the treatment they ask for if it is known."""

    treatment = forms.ModelChoiceField(
        Treatment.objects.all(),
        required=False,
        to_field_name="code",
        label=_("Planned treatment"),
        empty_label=_("Not decided yet"),
        help_text=_("The health questions of this treatment come next."),
    )
    is_someone_new = forms.BooleanField(
        required=False, label=_("This is somebody else. Add a new patient.")
    )

    def alike(self) -> list[Patient]:
        """Patients already known who may be this person."""
        names = ("first_name", "last_name", "email", "phone", "birth_date")
        return patients.alike(**{name: self.cleaned_data[name] for name in names})
