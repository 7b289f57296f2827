"""The facts by which the desk knows a patient."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import ConsentKind, Patient
from bookings.services import patients
from bookings.services.people import consents
from bookings.services.people.listing import Wanted
from clinic.models import Location
from clinic.stale import StaleAwareForm
from treatments.models import Treatment


class PatientForm(StaleAwareForm):
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


class ListForm(forms.Form):
    """Which patients to list, as the address says it."""

    q = forms.CharField(required=False, max_length=200)
    location = forms.ModelChoiceField(
        Location.objects.filter(is_active=True),
        required=False,
        to_field_name="slug",
        label=_("Usual location"),
        empty_label=_("All locations"),
    )
    plan = forms.BooleanField(required=False, label=_("With a plan"))
    unbooked = forms.BooleanField(required=False, label=_("Nothing booked"))

    def wanted(self) -> Wanted:
        """What the address asks for; what makes no sense is left out."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            words=said.get("q", ""),
            location=said.get("location"),
            has_plan=said.get("plan", False),
            is_unbooked=said.get("unbooked", False),
        )


class ConsentForm(forms.Form):
    """What a patient agreed to or took back, and where that was said."""

    kind = forms.ChoiceField(
        choices=[(kind, ConsentKind(kind).label) for kind in consents.WORDS],
        label=_("What it is about"),
    )
    is_given = forms.TypedChoiceField(
        choices=[("yes", _("Agrees")), ("no", _("Takes it back"))],
        coerce=lambda said: said == "yes",
        label=_("What was said"),
    )
    source = forms.ChoiceField(
        choices=list(consents.SOURCES.items()), label=_("How it was said")
    )


class FileForm(forms.Form):
    """A file to keep with the record."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, up to 10 MB."),
        max_length=255,
        allow_empty_file=True,  # the service says it better
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
