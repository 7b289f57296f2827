"""How a patient said that a consent is taken back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.services.people.consents import SOURCES


class TakenBackForm(forms.Form):
    """Where or how it was said."""

    source = forms.ChoiceField(
        choices=list(SOURCES.items()), label=_("How it was said")
    )
