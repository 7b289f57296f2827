"""A clinician's review: depth and passes, decisions, and a note to the desk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import DecisionKind, PlanArea, TreatmentPlan
from bookings.services import shapes
from bookings.services.plans import AreaSetting
from bookings.services.reviewing.deciding import Decision, MilderCare
from bookings.services.verdicts import OpenDecision, Option


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
    """One area of skin with its fields; `rf_energy` only where heat is used."""

    area: PlanArea
    depth_mm: forms.BoundField
    passes: forms.BoundField
    rf_energy: forms.BoundField | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One open decision with its radio buttons and its reason."""

    open: OpenDecision
    choice: forms.BoundField
    reason: forms.BoundField


@dataclass(frozen=True, slots=True)
class CareRow:
    """One piece of care with a milder end: the choice between the two, and why."""

    care: MilderCare
    choice: forms.BoundField
    reason: forms.BoundField


@dataclass(frozen=True, slots=True)
class Entered:
    """Something that was typed, and is not saved: the field's name and the value."""

    label: str
    value: str


RULE, MILDER = "rule", "milder"


class ReviewForm(NoteForm):
    """Everything a signature covers.

    An override is offered only with `may_override`; the rest of `decisions` then stands
    in `out_of_reach`.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        plan: TreatmentPlan,
        decisions: Sequence[OpenDecision],
        care: Sequence[MilderCare] = (),
        may_override: bool = True,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={**(typed or {}), "version": plan.version})
        self.fields["note"].required = False
        self.plan, self.care, self.typed = plan, care, typed or data or {}
        self.out_of_reach = [d for d in decisions if d.is_override and not may_override]
        self.decisions = [d for d in decisions if d not in self.out_of_reach]
        self.areas, self.deepest = list(plan.areas.all()), shapes.depth_limit(plan)
        self.is_heated = any("rf" in row.skills for row in plan.protocol.roles.all())
        for area in self.areas:
            self._add_area(area)
        for decision in self.decisions:
            self._add_decision(decision)
        for one in care:
            self._add_care(one)

    def _add_area(self, area: PlanArea) -> None:
        self.fields[f"depth-{area.pk}"] = forms.DecimalField(
            label=_("Depth in mm, %(area)s") % {"area": area},
            min_value=0.1,
            max_value=self.deepest,
            max_digits=2,
            decimal_places=1,
            initial=area.depth_mm,
            error_messages={
                "required": _("Set the depth."),
                "max_value": _("Needles go no deeper than %(limit_value)s mm."),
            },
        )
        self._add_passes(area)
        if self.is_heated:
            self.fields[f"energy-{area.pk}"] = forms.CharField(
                label=_("RF energy, %(area)s") % {"area": area},
                max_length=40,
                required=False,
                initial=area.rf_energy,
            )

    def _add_passes(self, area: PlanArea) -> None:
        protocol = self.plan.protocol
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

    def _add_care(self, one: MilderCare) -> None:
        code, allowed, care = one.instruction.code, one.allowed_by, one.instruction
        rule = _("Until %(hours)s hours after, as the rule says (%(source)s)")
        milder = _("Until %(hours)s hours after (%(source)s), for a reason")
        strict = {"hours": str(care.ends_offset), "source": care.source}
        mild = {"hours": str(care.milder_hours), "source": care.milder_source}
        self.fields[f"care-{code}"] = forms.ChoiceField(
            label=care.text,
            choices=[(RULE, rule % strict), (MILDER, milder % mild)],
            widget=forms.RadioSelect,
            initial=MILDER if allowed else RULE,
            required=False,
        )
        self.fields[f"why-{code}"] = forms.CharField(
            label=_("Reason for the milder rule"),
            required=False,
            max_length=300,
            initial=allowed.reason if allowed else "",
        )

    def clean(self) -> dict[str, Any]:
        """A decision that asks for a reason gets one."""
        cleaned = super().clean() or self.cleaned_data
        for decision in self.decisions:
            option = self._chosen(decision)
            name = f"reason-{decision.rule_code}"
            if option and option.asks_reason and not cleaned.get(name, "").strip():
                self.add_error(name, _("Say why: the reason is kept with the plan."))
        for one in self.care:
            why = f"why-{one.instruction.code}"
            if self._is_milder(one) and not cleaned.get(why, "").strip():
                self.add_error(why, _("Say why: the reason is kept with the plan."))
        return cleaned

    def area_rows(self) -> Iterator[AreaRow]:
        """Each area with its depth, passes and energy."""
        for area in self.areas:
            energy = self[f"energy-{area.pk}"] if self.is_heated else None
            depth, passes = self[f"depth-{area.pk}"], self[f"passes-{area.pk}"]
            yield AreaRow(area, depth, passes, energy)

    def care_rows(self) -> Iterator[CareRow]:
        """Each piece of care with a milder end, its choice and its reason."""
        for one in self.care:
            code = one.instruction.code
            yield CareRow(one, self[f"care-{code}"], self[f"why-{code}"])

    def entered(self) -> Iterator[Entered]:
        """What was typed or chosen, in the words of the page: for one who was too late."""
        for field in self.visible_fields():
            value = self.typed.get(field.html_name, "")
            if value:
                choices = dict(getattr(field.field, "choices", ()))
                yield Entered(str(field.label), str(choices.get(value, value)))

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
                rf_energy=self.cleaned_data.get(f"energy-{area.pk}"),
            )
            for area in self.areas
        ]

    def decided(self) -> list[Decision]:
        """What was decided; an option that decides nothing is left out."""
        return [*self._decided_rules(), *self._decided_care()]

    def _decided_rules(self) -> Iterator[Decision]:
        for decision in self.decisions:
            option = self._chosen(decision)
            if option and option.kind:
                reason = self.cleaned_data[f"reason-{decision.rule_code}"]
                yield Decision(decision.rule_code, option.kind, reason or option.label)

    def _decided_care(self) -> Iterator[Decision]:
        """A word on care only where it differs from the one that stands."""
        for one in self.care:
            code, stands = one.instruction.code, one.allowed_by
            why = self.cleaned_data[f"why-{code}"].strip()
            if self._is_milder(one):
                if stands is None or stands.reason != why:
                    yield Decision(code, DecisionKind.OVERRIDE, why)
            elif stands:
                back = str(_("Back to the rule"))
                yield Decision(code, DecisionKind.CLEARED, back)

    def _is_milder(self, one: MilderCare) -> bool:
        return self.cleaned_data.get(f"care-{one.instruction.code}") == MILDER

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
        ("other", _("Another treatment of ours fits better")),
        ("hope", _("The result hoped for is not to be had with this treatment")),
        ("later", _("Not now: the skin or the health has to settle first")),
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
