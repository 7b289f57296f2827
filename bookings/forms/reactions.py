"""What is typed about a reaction, and what is traced."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bookings.forms.series import DayField
from bookings.models import Reaction, Severity
from bookings.services.reacting import board, signs
from bookings.services.reacting.reporting import LONGEST
from bookings.services.reacting.tracing import Sought, Span
from clinic.models import Device, Location

SOON = {Severity.SEVERE: 1, Severity.MODERATE: 3, Severity.MILD: 7}
"""In how many days one usually looks again (clinic default)."""


class Words(forms.CharField):
    """A few sentences that must be there."""

    def __init__(self, *, label: Any, missing: Any, rows: int = 3, **more: Any) -> None:
        super().__init__(
            label=label,
            max_length=LONGEST,
            widget=forms.Textarea({"rows": rows}),
            error_messages={
                "required": missing,
                "max_length": _("Use up to %(limit_value)d characters."),
            },
            **more,
        )


class SeverityField(forms.ChoiceField):
    """How bad it is."""

    def __init__(self) -> None:
        super().__init__(
            label=_("How bad is it"),
            choices=Severity,
            widget=forms.RadioSelect,
            error_messages={"required": _("Say how bad it is.")},
        )


class ReportForm(forms.Form):
    """The first word of a reaction; advice and a day to look again from who may rate."""

    severity = SeverityField()
    signs_seen = forms.MultipleChoiceField(
        label=_("Signs"),
        choices=list(signs.KNOWN.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = Words(label=_("What happened"), missing=_("Say what happened."))
    advice = Words(
        label=_("Advice given"),
        missing=_("Say what you advised."),
        required=False,
    )
    follow_up_on = DayField(label=_("Look again on"), required=False)

    def __init__(self, data: Any = None, *, rates: bool) -> None:
        super().__init__(data)
        if not rates:
            del self.fields["advice"], self.fields["follow_up_on"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "advice" not in self.fields or self.errors:
            return data
        advice, day = data["advice"], data["follow_up_on"]
        if advice and not day:
            self.add_error("follow_up_on", _("Say when to look again."))
        if day and not advice:
            self.add_error("advice", _("Say what you advised."))
        return data


class ActForm(forms.Form):
    """Something done about `reaction`; it carries the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, reaction: Reaction, today: date) -> None:
        super().__init__(data, initial=self.start(reaction, today))

    @staticmethod
    def start(reaction: Reaction, today: date) -> dict[str, Any]:
        """What stands in the form before anything is typed."""
        ahead = today + timedelta(days=SOON[Severity(reaction.severity)])
        planned = reaction.follow_up_on
        return {
            "version": reaction.version,
            "severity": reaction.severity,
            "advice": reaction.advice,
            "follow_up_on": planned if planned and planned > today else ahead,
        }

    def renewed(self, reaction: Reaction) -> None:
        """Carry the version that is shown now, and keep what was typed."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("version")] = str(reaction.version)
        self.data = data


class RateForm(ActForm):
    """How bad it is, what was advised, when somebody looks again."""

    prefix = "rate"
    severity = SeverityField()
    advice = Words(label=_("Advice given"), missing=_("Say what you advised."))
    follow_up_on = DayField(label=_("Look again on"))


class LookForm(ActForm):
    """What was seen or heard since, and when somebody looks again."""

    prefix = "look"
    words = Words(
        label=_("What you saw or heard"), missing=_("Note what you saw or heard.")
    )
    follow_up_on = DayField(label=_("Look again on"))


class CloseForm(ActForm):
    """How it ended, and how bad it was after all."""

    prefix = "close"
    severity = SeverityField()
    outcome = Words(label=_("How it ended"), missing=_("Say how it ended."), rows=2)


class FilterForm(forms.Form):
    """Which reactions the list shows; what makes no sense is as if it were not there."""

    severity = forms.ChoiceField(
        label=_("Severity"),
        choices=[("", _("Any severity")), *Severity.choices],
        required=False,
    )
    location = forms.ModelChoiceField(
        label=_("Location"),
        queryset=Location.objects.all(),
        required=False,
        empty_label=_("Every location"),
    )
    state = forms.ChoiceField(
        choices=[(one, one) for one in (board.OPEN, board.CLOSED, board.ALL)],
        required=False,
        widget=forms.HiddenInput,
    )

    def wanted(self) -> board.Wanted:
        """The reactions to look at."""
        self.is_valid()
        chosen = self.cleaned_data
        return board.Wanted(
            state=chosen.get("state") or board.OPEN,
            severity=chosen.get("severity") or None,
            location=chosen.get("location"),
        )


class TraceForm(forms.Form):
    """A lot or a device, and the days to look at; an empty form asks for nothing."""

    lot = forms.CharField(label=_("Lot"), max_length=40, required=False)
    device = forms.ModelChoiceField(
        label=_("Device"),
        queryset=Device.objects.select_related("location").order_by("name"),
        required=False,
        empty_label=_("No device"),
    )
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        if data.get("lot") and data.get("device"):
            raise ValidationError(_("Trace a lot or a device, one at a time."))
        return data

    def sought(self) -> Sought:
        """What to trace; call it on a valid form."""
        chosen = self.cleaned_data
        device = cast(Device | None, chosen["device"])
        return Sought(chosen["lot"], device, Span(chosen["first"], chosen["last"]))
