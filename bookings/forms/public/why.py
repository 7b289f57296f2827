"""Step 1: what brings you."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bookings.forms.public.fields import PublicForm, SaidChoice, SaidChoices
from bookings.services.enquiries import questions
from bookings.services.enquiries.questions import Matters
from treatments.models import BodyArea, Concern, Treatment

LONGEST_WORDS = 1000


class WhyForm(PublicForm):
    """Concerns, areas, a treatment if there is one in mind, and free words."""

    concerns = SaidChoices(
        Concern.objects.all(),
        to_field_name="code",
        required=False,
        label=_("What would you like to talk about?"),
    )
    areas = SaidChoices(
        BodyArea.objects.all(),
        to_field_name="code",
        required=False,
        label=_("Where on your skin?"),
    )
    treatment = SaidChoice(
        Treatment.objects.offered(),
        to_field_name="code",
        required=False,
        blank=True,
        empty_label=_("I am not sure yet"),
        label=_("Do you have a treatment in mind?"),
    )
    words = forms.CharField(
        required=False,
        max_length=LONGEST_WORDS,
        label=_("In your own words"),
        help_text=_("If you like: what bothers you, what you hope for."),
        widget=forms.Textarea({"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Something has to be said: a concern, a treatment or words."""
        cleaned = super().clean() or self.cleaned_data
        names = ("concerns", "treatment", "words")
        if not self.errors and not any(cleaned.get(name) for name in names):
            self.add_error(
                "concerns", _now("Choose at least one, or tell us in your own words.")
            )
        return cleaned

    def matters(self) -> Matters:
        """The questions that this choice makes necessary; of a valid form."""
        chosen = self.cleaned_data
        fitting = questions.fitting(
            chosen["treatment"], chosen["concerns"], chosen["areas"]
        )
        return questions.matters(fitting)

    def wishes(self) -> dict[str, Any]:
        """What was chosen, as fields of the request."""
        return {name: self.cleaned_data[name] for name in self.fields}
