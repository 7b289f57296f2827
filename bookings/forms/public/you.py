"""Step 2: about you."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from bookings.forms.public.fields import PlainWords, PublicForm
from bookings.forms.screening import DayField

OLDEST = 1900
LANGUAGE_NAMES = [("en", "English"), ("fr", "Français")]
"""Each in its own words, so that everybody finds theirs."""


class YouForm(PublicForm):
    """Who asks, and how to reach them. `today` is the clinic's local day."""

    first_name = PlainWords(
        max_length=80,
        label=_("First name"),
        error_messages={"required": _("Type your first name.")},
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = PlainWords(
        max_length=80,
        label=_("Last name"),
        error_messages={"required": _("Type your last name.")},
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail address"),
        help_text=_("We send you a link to follow your request."),
        error_messages={
            "required": _("Type your e-mail address."),
            "invalid": _("That is no e-mail address. It looks like name@example.org."),
        },
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )
    phone = PhoneNumberField(
        region=settings.PHONENUMBER_DEFAULT_REGION,
        label=_("Phone"),
        help_text=_("From outside Canada, start with + and the country code."),
        error_messages={
            "required": _("Type your phone number."),
            "invalid": _(
                "That is no phone number we could call. It looks like 613-555-0123."
            ),
        },
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel"}),
    )
    birth_date = DayField(
        label=_("Birth date"), error_messages={"required": _("Type your birth date.")}
    )
    language = forms.ChoiceField(
        choices=LANGUAGE_NAMES,
        label=_("Which language shall we use with you?"),
        widget=forms.RadioSelect,
    )
    pronouns = PlainWords(
        required=False,
        max_length=20,
        label=_("Pronouns"),
        help_text=_("Such as she or they."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        if born.year < OLDEST or born > self.today:
            raise forms.ValidationError(_("Check the date: it cannot be a birth date."))
        return born

    def facts(self) -> dict[str, Any]:
        """What was typed, as fields of Patient."""
        return {name: self.cleaned_data[name] for name in self.fields}
