"""A clinician's review: depth and passes, decisions, and a note to the desk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import PlanArea, TreatmentPlan
from bookings.services.plans import AreaSetting
from bookings.services.reviewing.deciding import Decision
from bookings.services.verdicts import OpenDecision, Option
from treatments.models import DEPTH_LIMIT_MM


class NoteForm(forms.Form):
    """What has to change, or why not: kept with the signature."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note to the desk"),
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept with your signature. Needed if you return or decline."),
        error_messages={"required": _("Say what has to change, or why not.")},
    )


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area of skin with its two fields."""

    area: PlanArea
    depth_mm: forms.BoundField
    passes: forms.BoundField


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One open decision with its radio buttons and its reason."""

    open: OpenDecision
    choice: forms.BoundField
    reason: forms.BoundField


class ReviewForm(NoteForm):
    """Everything a signature covers."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        plan: TreatmentPlan,
        decisions: Sequence[OpenDecision],
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={**(typed or {}), "version": plan.version})
        self.fields["note"].required = False
        self.plan, self.decisions = plan, decisions
        self.areas = list(plan.areas.all())
        for area in self.areas:
            self._add_area(area)
        for decision in decisions:
            self._add_decision(decision)

    def _add_area(self, area: PlanArea) -> None:
        protocol = self.plan.protocol
        deepest = min(protocol.max_depth_mm, DEPTH_LIMIT_MM)
        self.fields[f"depth-{area.pk}"] = forms.DecimalField(
            label=_("Depth in mm, %(area)s") % {"area": area},
            min_value=0.1,
            max_value=deepest,
            max_digits=2,
            decimal_places=1,
            initial=area.depth_mm,
            error_messages={
                "required": _("Set the depth."),
                "max_value": _("Needles go no deeper than %(limit_value)s mm."),
            },
        )
        self.fields[f"passes-{area.pk}"] = forms.IntegerField(
            label=_("Passes, %(area)s") % {"area": area},
            min_value=protocol.passes_min,
            max_value=protocol.passes_max,
            initial=area.passes or protocol.passes_min,
            error_messages={"required": _("Set the passes.")},
        )

    def _add_decision(self, decision: OpenDecision) -> None:
        self.fields[f"choice-{decision.rule_code}"] = forms.ChoiceField(
            label=decision.title,
            choices=[(option.key, option.label) for option in decision.options],
            widget=forms.RadioSelect,
            error_messages={"required": _("This needs your decision first.")},
        )
        self.fields[f"reason-{decision.rule_code}"] = forms.CharField(
            label=_("Reason"), required=False, max_length=300
        )

    def clean(self) -> dict[str, Any]:
        """A decision that asks for a reason gets one."""
        cleaned = super().clean() or self.cleaned_data
        for decision in self.decisions:
            option = self._chosen(decision)
            name = f"reason-{decision.rule_code}"
            if option and option.asks_reason and not cleaned.get(name, "").strip():
                self.add_error(name, _("Say why: the reason is kept with the plan."))
        return cleaned

    def area_rows(self) -> Iterator[AreaRow]:
        """Each area with its depth and passes."""
        for area in self.areas:
            yield AreaRow(area, self[f"depth-{area.pk}"], self[f"passes-{area.pk}"])

    def decision_rows(self) -> Iterator[DecisionRow]:
        """Each open decision with its choice and reason."""
        for decision in self.decisions:
            code = decision.rule_code
            yield DecisionRow(decision, self[f"choice-{code}"], self[f"reason-{code}"])

    def settings(self) -> list[AreaSetting]:
        """Depth and passes, as the service takes them."""
        return [
            AreaSetting(
                area=area.area_id,
                depth_mm=self.cleaned_data[f"depth-{area.pk}"],
                passes=self.cleaned_data[f"passes-{area.pk}"],
            )
            for area in self.areas
        ]

    def decided(self) -> list[Decision]:
        """What was decided; an option that decides nothing is left out."""
        return [
            Decision(
                rule_code=decision.rule_code,
                kind=option.kind,
                reason=self.cleaned_data[f"reason-{decision.rule_code}"]
                or option.label,
            )
            for decision in self.decisions
            if (option := self._chosen(decision)) and option.kind
        ]

    def _chosen(self, decision: OpenDecision) -> Option | None:
        key = self.cleaned_data.get(f"choice-{decision.rule_code}")
        return next((o for o in decision.options if o.key == key), None)


class DeclineForm(NoteForm):
    """Why the clinic will not treat: a reason to choose, and the clinician's words."""

    ABLATIVE = _(
        "A treatment that removes the top layer (laser, peel, dermabrasion) fits better"
    )
    REASONS = [
        ("", _("In my own words, in the note")),
        ("ablative", ABLATIVE),
        ("risk", _("The answers speak against this treatment")),
    ]

    reason = forms.ChoiceField(
        label=_("If you decline, the reason"), choices=REASONS, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("reason"):
            self.fields["note"].required = False

    def words(self) -> str:
        """The reason and the note, as one text."""
        reason = dict(self.REASONS).get(self.cleaned_data["reason"], "")
        chosen = str(reason) if self.cleaned_data["reason"] else ""
        return "\n".join(filter(None, [chosen, self.cleaned_data["note"]]))
