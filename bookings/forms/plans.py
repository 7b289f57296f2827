"""A treatment plan as the desk drafts it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import TreatmentPlan
from bookings.services import plans
from clinic.models import Location
from treatments.models import BodyArea, Concern, Treatment


class PlanForm(forms.Form):
    """Treatment, concerns, areas, number of sessions, place and wishes."""

    treatment = forms.ModelChoiceField(
        Treatment.objects.none(),
        label=_("Treatment"),
        widget=forms.RadioSelect,
        empty_label=None,
        to_field_name="code",
        error_messages={"required": _("Choose a treatment.")},
    )
    concerns = forms.ModelMultipleChoiceField(
        Concern.objects.none(),
        label=_("Concerns"),
        widget=forms.CheckboxSelectMultiple,
        to_field_name="code",
        error_messages={"required": _("Say what brings the patient.")},
    )
    areas = forms.ModelMultipleChoiceField(
        BodyArea.objects.none(),
        label=_("Areas"),
        widget=forms.CheckboxSelectMultiple,
        to_field_name="code",
        error_messages={"required": _("Choose at least one area of skin.")},
    )
    session_count = forms.IntegerField(
        label=_("Number of sessions"),
        required=False,
        min_value=1,
        max_value=plans.MOST_SESSIONS,
        help_text=_("Leave it empty for the usual number."),
    )
    location = forms.ModelChoiceField(
        Location.objects.none(),
        label=_("Where"),
        widget=forms.RadioSelect,
        empty_label=None,
        to_field_name="slug",
        error_messages={"required": _("Choose a location.")},
    )
    wishes = forms.CharField(
        label=_("In the patient’s words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What they hope for, and any day that matters to them."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = {
            "treatment": plans.treatments_on_offer(),
            "concerns": Concern.objects.all(),
            "areas": BodyArea.objects.all(),
            "location": Location.objects.filter(is_active=True),
        }
        for name, rows in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows

    def contents(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        chosen = self.cleaned_data
        protocol = plans.current_protocol(chosen["treatment"])
        concerns = list(chosen["concerns"])
        return {
            "protocol": protocol,
            "location": chosen["location"],
            "concerns": concerns,
            "areas": list(chosen["areas"]),
            "session_count": chosen["session_count"]
            or plans.usual_count(protocol, concerns),
            "wishes": chosen["wishes"],
        }


def contents_of(plan: TreatmentPlan) -> dict[str, Any]:
    """A plan as the form shows it."""
    return {
        "treatment": plan.protocol.treatment.code,
        "concerns": [concern.code for concern in plan.concerns.all()],
        "areas": [row.area.code for row in plan.areas.all()],
        "session_count": plan.session_count,
        "location": plan.location.slug,
        "wishes": plan.wishes,
        "version": plan.version,
    }
