"""Amending a signed plan: what to change, and the preview that is saved."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from bookings.models import TreatmentPlan
from bookings.services import plans
from bookings.services.amendments.amended import LONGEST_GAP, Change, Gap, own_gap
from treatments.models import Protocol, Treatment

SALT = "bookings.amendment"
USUAL, LONGER = "usual", "longer"
GAPS = [
    (USUAL, _("As the protocol says")),
    (LONGER, _("Longer, for this plan")),
]


class AmendForm(forms.Form):
    """Number of sessions, treatment, longer gaps, and why."""

    session_count = forms.IntegerField(
        label=_("Number of sessions"),
        min_value=1,
        max_value=plans.MOST_SESSIONS,
        error_messages={"required": _("Say how many sessions.")},
    )
    treatment = forms.ModelChoiceField(
        Treatment.objects.none(),
        label=_("Treatment"),
        widget=forms.RadioSelect,
        empty_label=None,
        to_field_name="code",
        error_messages={"required": _("Choose a treatment.")},
    )
    gaps = forms.ChoiceField(
        label=_("Gap between sessions"), choices=GAPS, widget=forms.RadioSelect
    )
    gap_min = forms.IntegerField(
        label=_("At least, in days"), required=False, min_value=1, max_value=LONGEST_GAP
    )
    gap_max = forms.IntegerField(
        label=_("At most, in days"), required=False, min_value=1, max_value=LONGEST_GAP
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("It is kept with the plan, and the clinician reads it."),
        error_messages={"required": _("Say why: the reason is kept with the plan.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, plan: TreatmentPlan
    ) -> None:
        super().__init__(data, initial=_initial(plan))
        self.plan = plan
        treatment = self.fields["treatment"]
        if isinstance(treatment, forms.ModelChoiceField):
            treatment.queryset = plans.treatments_on_offer()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("gaps") == LONGER:
            for name in ("gap_min", "gap_max"):
                if name not in self.errors and data.get(name) is None:
                    self.add_error(name, _("Give a number of days."))
        return data

    def change(self) -> Change:
        """What is asked for; call it on a valid form. BookingRefused without protocol."""
        chosen = self.cleaned_data
        return Change(
            session_count=chosen["session_count"],
            protocol=self._protocol(chosen["treatment"]),
            gap_days=self._gap(),
            reason=chosen["reason"],
        )

    def _protocol(self, treatment: Treatment) -> Protocol:
        """The plan's own protocol version as long as the treatment stays."""
        protocol = self.plan.protocol
        if treatment.pk != protocol.treatment_id:
            protocol = plans.current_protocol(treatment)
        return Protocol.objects.with_contents().get(pk=protocol.pk)

    def _gap(self) -> Gap | None:
        chosen = self.cleaned_data
        if chosen["gaps"] == USUAL:
            return None
        return chosen["gap_min"], chosen["gap_max"]


class SaveForm(forms.Form):
    """The preview that was read, signed by us when it was shown."""

    preview = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def sealed(self) -> Any:
        """The preview's plain values; raise BadSignature if they were altered."""
        signed = self.cleaned_data["preview"] if self.is_valid() else ""
        return signing.loads(signed, salt=SALT)


def sign(sealed: Mapping[str, Any]) -> str:
    """Seal a preview for the way through the browser and back."""
    return signing.dumps(sealed, salt=SALT, compress=True)


def _initial(plan: TreatmentPlan) -> dict[str, Any]:
    own = own_gap(plan)
    fewest, most = plan.gap_days
    return {
        "session_count": plan.session_count,
        "treatment": plan.protocol.treatment.code,
        "gaps": LONGER if own else USUAL,
        "gap_min": fewest,
        "gap_max": most,
        "version": plan.version,
    }
