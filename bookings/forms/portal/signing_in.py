"""Where letters go, and what came in one."""

from django import forms
from django.utils.translation import gettext_lazy as _


class MailboxForm(forms.Form):
    """The e-mail address to sign in with."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Type your e-mail address."),
            "invalid": _("Type it like name@example.org."),
        },
    )


class CodeForm(forms.Form):
    """The digits of the letter, with or without spaces."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            {
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
                "class": "cd-portal-code tnum",
            }
        ),
        error_messages={"required": _("Type the 8 digits of the e-mail.")},
    )
