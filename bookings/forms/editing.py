"""The clinicians' plan editor: everything that a plan says, and a template's name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from bookings.models import PlanArea, TreatmentPlan
from bookings.services import plans, shapes
from bookings.services.amendments.amended import Change
from bookings.services.editing import limits, saving
from bookings.services.editing.details import AreaDetail, Details
from bookings.services.editing.suggesting import Case, Severity
from clinic.words import said
from treatments.models import (
    DEPTH_LIMIT_MM,
    BodyArea,
    Concern,
    Protocol,
    ProtocolPhase,
    TargetLayer,
)

SALT = "bookings.plan-edit"
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area of skin: whether it is treated, and how."""

    area: BodyArea
    chosen: forms.BoundField
    depth: forms.BoundField
    passes: forms.BoundField
    energy: forms.BoundField | None


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase with its minutes; `usual` are the protocol's."""

    name: str
    usual: int
    source: str
    minutes: forms.BoundField


class EditorForm(forms.Form):
    """All that a clinician sets on one plan; `change` is what was asked for.

    Bounds are shown beside the fields. What they say is judged by the services.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    severity = forms.ChoiceField(
        label=_("How severe"),
        choices=Severity,
        widget=forms.RadioSelect,
        initial=Severity.MODERATE,
        required=False,
    )
    concerns = forms.ModelMultipleChoiceField(
        Concern.objects.none(),
        label=_("What brings the patient"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a concern.")},
    )
    session_count = forms.IntegerField(
        label=_("Number of sessions"),
        min_value=1,
        max_value=plans.MOST_SESSIONS,
        error_messages={"required": _("Say how many sessions.")},
    )
    gap_min = forms.IntegerField(
        label=_("At least, in days"),
        error_messages={"required": _("Give a number of days.")},
    )
    gap_max = forms.IntegerField(
        label=_("At most, in days"),
        error_messages={"required": _("Give a number of days.")},
    )
    layer = forms.ChoiceField(
        label=_("Target layer"), choices=TargetLayer, widget=forms.RadioSelect
    )
    maintenance = forms.TypedChoiceField(
        label=_("Maintenance after the series"),
        coerce=int,
        empty_value=None,
        required=False,
    )
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept with the plan, as it was signed before."),
    )
    keep_as = forms.CharField(
        label=_("Name of the template"), required=False, max_length=80
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        plan: TreatmentPlan,
    ) -> None:
        super().__init__(data, initial=_initial(plan))
        self.plan, self.protocol = plan, plan.protocol
        self.rows = {one.area_id: one for one in plan.areas.all()}
        self.areas = _areas(plan)
        self.has_rf = limits.uses_rf(self.protocol)
        self._bound_choices()
        for area in self.areas:
            self._add_area(area)
        for at, phase in enumerate(self.protocol.phases.all()):
            self._add_phase(at, phase)

    def area_rows(self) -> Iterator[AreaRow]:
        """Each area that the treatment is for, or that the plan has already."""
        for area in self.areas:
            key = area.pk
            energy = self[f"energy-{key}"] if self.has_rf else None
            chosen, depth = self[f"area-{key}"], self[f"depth-{key}"]
            yield AreaRow(area, chosen, depth, self[f"passes-{key}"], energy)

    def phase_rows(self) -> Iterator[PhaseRow]:
        """The phases of a session, in order."""
        for at, phase in enumerate(self.protocol.phases.all()):
            name = said(phase.name).capitalize()
            yield PhaseRow(name, phase.minutes, phase.source, self[f"phase-{at}"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(data.get(f"area-{area.pk}") for area in self.areas):
            self.add_error(None, _("Choose at least one area of skin."))
        return data

    def change(self) -> Change:
        """What is asked for; call it on a valid form."""
        data = self.cleaned_data
        return Change(
            session_count=data["session_count"],
            protocol=self.protocol,
            gap_days=saving.tidy_gap(self.plan, data["gap_min"], data["gap_max"]),
            reason=data["reason"],
            details=self._details().tidied(self.protocol),
        )

    def case(self) -> Case:
        """What suggestions are made from: as typed, as far as that can be read."""
        data = getattr(self, "cleaned_data", {})
        concerns = data.get("concerns") if "concerns" in data else None
        severity = data.get("severity") or Severity.MODERATE
        return Case(
            protocol=self.protocol,
            concerns=list(self.plan.concerns.all() if concerns is None else concerns),
            areas=[area for area in self.areas if self._is_chosen(area, data)],
            severity=Severity(severity),
            layer=data.get("layer") or self.plan.target_layer,
        )

    def _is_chosen(self, area: BodyArea, data: Mapping[str, Any]) -> bool:
        return bool(data.get(f"area-{area.pk}", not data and area.pk in self.rows))

    def _details(self) -> Details:
        data = self.cleaned_data
        phases = enumerate(self.protocol.phases.all())
        return Details(
            concerns=tuple(sorted(one.pk for one in data["concerns"])),
            areas=tuple(
                sorted(self._chosen_areas(data), key=lambda detail: detail.area)
            ),
            target_layer=data["layer"],
            phase_minutes={phase.name: data[f"phase-{at}"] for at, phase in phases},
            maintenance_per_year=data["maintenance"],
        )

    def _chosen_areas(self, data: Mapping[str, Any]) -> Iterator[AreaDetail]:
        for area in self.areas:
            key = area.pk
            if data.get(f"area-{key}"):
                energy = data.get(f"energy-{key}") or ""
                yield AreaDetail(
                    key, data.get(f"depth-{key}"), data.get(f"passes-{key}"), energy
                )

    def _bound_choices(self) -> None:
        concerns, layer = self.fields["concerns"], self.fields["layer"]
        maintenance = self.fields["maintenance"]
        if isinstance(concerns, forms.ModelMultipleChoiceField):
            mine = [row.pk for row in self.plan.concerns.all()]
            offered = self.protocol.treatment.concerns.values_list("pk", flat=True)
            concerns.queryset = Concern.objects.filter(pk__in={*mine, *offered})
        if isinstance(layer, forms.ChoiceField):
            layer.choices = [(one, one.label) for one in limits.layers(self.protocol)]
        if isinstance(maintenance, forms.ChoiceField):
            maintenance.choices = _a_year(self.plan)
        for name in ("gap_min", "gap_max"):
            self.fields[name].widget.attrs |= _gap_bounds(self.plan)

    def _add_area(self, area: BodyArea) -> None:
        row, key, protocol = self.rows.get(area.pk), area.pk, self.protocol
        name = said(area.name)
        self.fields[f"area-{key}"] = forms.BooleanField(
            label=name, required=False, initial=row is not None
        )
        self.fields[f"depth-{key}"] = _depth_field(name, protocol, row)
        self.fields[f"passes-{key}"] = forms.IntegerField(
            label=_("Passes, %(area)s") % {"area": name},
            required=False,
            min_value=protocol.passes_min,
            max_value=protocol.passes_max,
            initial=row.passes if row else None,
        )
        if self.has_rf:
            self.fields[f"energy-{key}"] = forms.CharField(
                label=_("RF energy, %(area)s") % {"area": name},
                required=False,
                max_length=limits.LONGEST_ENERGY,
                initial=row.rf_energy if row else "",
            )

    def _add_phase(self, at: int, phase: ProtocolPhase) -> None:
        self.fields[f"phase-{at}"] = forms.IntegerField(
            label=_("Minutes, %(phase)s") % {"phase": said(phase.name)},
            min_value=1,
            max_value=limits.longest(phase),
            initial=self.plan.phase_minutes.get(phase.name, phase.minutes),
            error_messages={"required": _("Give a number of minutes.")},
        )


class TemplateForm(forms.Form):
    """One of the clinician's own templates, and the name it is to have."""

    template = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = forms.CharField(label=_("Name"), max_length=80, required=False)


class PreviewForm(forms.Form):
    """The amendment that was read, signed by us when it was shown."""

    preview = forms.CharField(widget=forms.HiddenInput)

    def sealed(self) -> Any:
        """The preview's plain values; raise BadSignature if they were altered."""
        signed = self.cleaned_data["preview"] if self.is_valid() else ""
        return signing.loads(signed, salt=SALT)


def sign(sealed: Mapping[str, Any]) -> str:
    """Seal a preview for the way through the browser and back."""
    return signing.dumps(sealed, salt=SALT, compress=True)


def _depth_field(
    area: str, protocol: Protocol, row: PlanArea | None
) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Depth in mm, %(area)s") % {"area": area},
        required=False,
        min_value=Decimal("0.1"),
        max_value=min(protocol.max_depth_mm, DEPTH_LIMIT_MM),
        max_digits=2,
        decimal_places=1,
        initial=row.depth_mm if row else None,
        error_messages={
            "max_value": _("Needles go no deeper than %(limit_value)s mm.")
        },
    )


def _initial(plan: TreatmentPlan) -> dict[str, Any]:
    fewest, most = plan.gap_days
    return {
        "version": plan.version,
        "concerns": [row.pk for row in plan.concerns.all()],
        "session_count": plan.session_count,
        "gap_min": fewest,
        "gap_max": most,
        "layer": shapes.layer_of(plan),
        "maintenance": plan.maintenance_per_year or "",
    }


def _areas(plan: TreatmentPlan) -> list[BodyArea]:
    """The areas of the treatment, and those of the plan, in the clinic's order."""
    own = {one.area for one in plan.areas.all()}
    offered = set(plan.protocol.treatment.areas.all())
    return sorted(own | offered, key=lambda area: (area.position, area.name))


def _a_year(plan: TreatmentPlan) -> list[tuple[str, Any]]:
    protocol = plan.protocol
    numbers = range(protocol.maintenance_min, protocol.maintenance_max + 1)
    return [("", _("Nothing said")), *((str(n), str(n)) for n in numbers)]


def _gap_bounds(plan: TreatmentPlan) -> dict[str, int]:
    """The protocol's days, widened to what the plan has already."""
    fewest, most = plan.gap_days
    return {
        "min": min(fewest, plan.protocol.gap_min_days),
        "max": max(most, plan.protocol.gap_max_days),
    }
