"""What a clinician sets on a plan besides its number of sessions and its gaps."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from bookings.models import PlanArea, TreatmentPlan
from treatments.models import BodyArea, Concern, Protocol

COLUMNS = ("target_layer", "phase_minutes", "maintenance_per_year")
"""What of the details stands in the plan's own row."""


@dataclass(frozen=True, slots=True)
class AreaDetail:
    """How one area of skin, by its key, is treated; depth in mm. None: not set yet."""

    area: int
    depth_mm: Decimal | None
    passes: int | None
    rf_energy: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """Concerns, areas, layer, minutes and maintenance of one plan.

    `target_layer` "" and phases left out of `phase_minutes` follow the protocol;
    `maintenance_per_year` counts sessions, None says nothing.
    """

    concerns: tuple[int, ...]
    areas: tuple[AreaDetail, ...]
    target_layer: str = ""
    phase_minutes: dict[str, int] = field(default_factory=dict)
    maintenance_per_year: int | None = None

    def sealed(self) -> dict[str, Any]:
        """Plain values, for the way through the browser and back."""
        return {
            "concerns": list(self.concerns),
            "areas": [
                [one.area, _text(one.depth_mm), one.passes, one.rf_energy]
                for one in self.areas
            ],
            "target_layer": self.target_layer,
            "phase_minutes": dict(self.phase_minutes),
            "maintenance_per_year": self.maintenance_per_year,
        }

    def tidied(self, protocol: Protocol) -> "Details":
        """The same without what `protocol` says anyway."""
        usual = {phase.name: phase.minutes for phase in protocol.phases.all()}
        own = self.phase_minutes.items()
        same = self.target_layer == protocol.target_layer
        return replace(
            self,
            target_layer="" if same else self.target_layer,
            phase_minutes={name: n for name, n in own if usual.get(name) != n},
        )

    def laid_over(self, plan: TreatmentPlan) -> TreatmentPlan:
        """A copy of `plan` with these columns, to look at; areas stay as stored."""
        edited = copy.copy(plan)
        for name in COLUMNS:
            setattr(edited, name, getattr(self, name))
        return edited

    def contents(self, protocol: Protocol) -> dict[str, Any]:
        """As `versions.contents` tells the same of a plan of `protocol`; two queries."""
        concerns = Concern.objects.filter(pk__in=self.concerns)
        names = BodyArea.objects.in_bulk([one.area for one in self.areas])
        return {
            "concerns": sorted(row.name for row in concerns),
            "target_layer": self.target_layer or protocol.target_layer,
            "phase_minutes": dict(self.phase_minutes),
            "maintenance_per_year": self.maintenance_per_year,
            "areas": [
                {
                    "area": one.area,
                    "name": names[one.area].name,
                    "depth_mm": _text(one.depth_mm),
                    "passes": one.passes,
                    "rf_energy": one.rf_energy,
                }
                for one in self.areas
            ],
        }


def of(plan: TreatmentPlan) -> Details:
    """What `plan` says now, as it is stored."""
    return Details(
        concerns=tuple(sorted(row.pk for row in plan.concerns.all())),
        areas=_ordered(
            AreaDetail(row.area_id, row.depth_mm, row.passes, row.rf_energy)
            for row in plan.areas.all()
        ),
        target_layer=plan.target_layer,
        phase_minutes=dict(plan.phase_minutes),
        maintenance_per_year=plan.maintenance_per_year,
    )


def read(sealed: Mapping[str, Any]) -> Details:
    """The details that `Details.sealed` gave."""
    return Details(
        concerns=tuple(sorted(sealed["concerns"])),
        areas=_ordered(
            AreaDetail(area, None if depth is None else Decimal(depth), passes, energy)
            for area, depth, passes, energy in sealed["areas"]
        ),
        target_layer=sealed["target_layer"],
        phase_minutes=dict(sealed["phase_minutes"]),
        maintenance_per_year=sealed["maintenance_per_year"],
    )


def write_rows(plan: TreatmentPlan, details: Details) -> None:
    """Make the plan's concerns and areas those of `details`; hold the plan's lock.

    Its own columns are the caller's to save.
    """
    plan.concerns.set(details.concerns)
    plan.areas.exclude(area__in=[one.area for one in details.areas]).delete()
    for one in details.areas:
        PlanArea.objects.update_or_create(
            plan=plan,
            area_id=one.area,
            defaults={
                "depth_mm": one.depth_mm,
                "passes": one.passes,
                "rf_energy": one.rf_energy,
            },
        )


def _ordered(areas: Iterable[AreaDetail]) -> tuple[AreaDetail, ...]:
    return tuple(sorted(areas, key=lambda one: one.area))


def _text(depth: Decimal | None) -> str | None:
    return None if depth is None else f"{depth:.1f}"
