"""Signing what one has read, and saying yes or no to photos."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bookings.models import Patient
from bookings.services.consenting import signing

LONGEST_NAME = 160
YES, NO = "yes", "no"


class _NameForm(forms.Form):
    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    name = forms.CharField(
        label=_("Your full name"),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Type your full name: it is your signature.")},
    )

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.fields["name"].help_text = _("As we have it: %(name)s") % {"name": patient}
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean_name(self) -> str:
        """What was typed, if it is the patient's name."""
        typed: str = self.cleaned_data["name"]
        if typed and not signing.is_name_of(typed, self.patient):
            said = _("Type your full name as we have it: %(name)s.")
            raise forms.ValidationError(said % {"name": self.patient})
        return typed

    def signature(self) -> signing.Signature:
        """What the form brought, with the language in which the page spoke."""
        return signing.Signature(
            digest=self.cleaned_data["digest"],
            language=(get_language() or "en")[:2],
            name=self.cleaned_data.get("name", ""),
        )


class SignForm(_NameForm):
    """The name under a consent to treatment, and that the text was read."""

    field_order = ["digest", "has_read", "name"]

    has_read = forms.BooleanField(
        label=_("I have read this"),
        error_messages={"required": _("Tick this once you have read the text.")},
    )


class PhotosForm(_NameForm):
    """Yes or no to photos, neither chosen beforehand; a yes is signed."""

    field_order = ["digest", "answer", "name"]

    answer = forms.ChoiceField(
        choices=[
            (YES, _("Yes, the clinic may take photos")),
            (NO, _("No, I do not want photos")),
        ],
        label=_("Your answer"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose yes or no. Both are fine."),
            "invalid_choice": _("Choose yes or no. Both are fine."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].label = _("Your full name, if yes")

    def clean(self) -> dict[str, Any]:
        """A yes without a name is not signed; a no needs none."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_yes and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("Type your full name: it is your signature."))
        return cleaned

    def clean_name(self) -> str:
        """What was typed, judged only where it counts."""
        return super().clean_name() if self.is_yes else ""

    @property
    def is_yes(self) -> bool:
        return self.data.get("answer") == YES
