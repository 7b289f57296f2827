"""How the skin heals: one of three answers, and what worries, in signs and words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import CheckInMoment, HealingState
from bookings.services.visit_checks import SIGNS


class HealingForm(forms.Form):
    """What a patient says of one session; an unknown moment counts as any other."""

    state = forms.ChoiceField(
        choices=HealingState,
        error_messages={
            "required": _("Choose how it is healing."),
            "invalid_choice": _("Choose how it is healing."),
        },
    )
    moment = forms.CharField(required=False)
    signs = forms.MultipleChoiceField(
        label=_("What do you notice?"),
        choices=list(SIGNS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list.")},
    )
    words = forms.CharField(
        label=_("In your own words, if you like"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3, "class": "form-control"}),
        error_messages={
            "max_length": _("That is too long. Use up to %(limit_value)d characters.")
        },
    )

    def clean_moment(self) -> CheckInMoment:
        return moment_of(self.cleaned_data["moment"])

    def said(self) -> dict[str, Any]:
        """The answer as the service takes it."""
        return {
            "moment": self.cleaned_data["moment"],
            "state": HealingState(self.cleaned_data["state"]),
            "signs": self.cleaned_data["signs"],
            "words": self.cleaned_data["words"],
        }


def moment_of(text: str) -> CheckInMoment:
    """The moment named in an address, or any other where none is."""
    known = CheckInMoment.values
    return CheckInMoment(text) if text in known else CheckInMoment.OTHER
