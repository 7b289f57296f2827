"""What a clinician did about an alert."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.services.alerts import NOTE


class AnswerForm(forms.Form):
    """The note with which an alert is closed."""

    note = forms.CharField(
        label=_("What you did"),
        max_length=NOTE,
        error_messages={
            "required": _("Note what you did: it is kept with the patient."),
            "max_length": _("Use up to %(limit_value)d characters."),
        },
    )
