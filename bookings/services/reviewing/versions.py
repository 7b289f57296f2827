"""What each version of a plan said, kept as values, and what changed from one to another.

A version is kept at the moment from which it must not change any more: when a clinician
signs, returns or declines it, and before somebody writes another. The newest version,
as long as it is open, is the plan itself: `contents` reads it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import PlanVersion, TreatmentPlan
from clinic.models import User
from clinic.words import said
from treatments.models import TargetLayer

Contents = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs, in words: "Temples, depth", "1.5 mm", "1.0 mm".

    `before` or `after` is "blank" where nothing was, or is, said.
    """

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what} {self.before} → {self.after}"


def contents(plan: TreatmentPlan) -> dict[str, Any]:
    """What the plan says now, as plain values; needs the plan's row to be fresh.

    Depth is text in mm ("1.5"), gaps are [fewest, most] local days, `phases` holds
    minutes by name where the plan has its own. None and "" mean that nothing is said.
    """
    return {
        "treatment": plan.protocol.treatment.name,
        "protocol": plan.protocol_id,
        "protocol_version": plan.protocol.version,
        "location": plan.location.name,
        "concerns": sorted(row.name for row in plan.concerns.all()),
        "session_count": plan.session_count,
        "gap_days": list(plan.gap_days),
        "target_layer": plan.target_layer or plan.protocol.target_layer,
        "phase_minutes": dict(plan.phase_minutes),
        "maintenance_per_year": plan.maintenance_per_year,
        "wishes": plan.wishes,
        "areas": list(_areas(plan)),
    }


def keep(plan: TreatmentPlan, actor: User | None, now: datetime) -> PlanVersion:
    """Keep what `plan` says as its present version; the same version only once.

    Hold the plan's lock, with its row fresh. Where this version is kept already, that
    row is returned and nothing is written: `is_kept_otherwise` says if it differs.
    """
    kept, _is_new = PlanVersion.objects.get_or_create(
        plan=plan,
        number=plan.version,
        defaults={"contents": contents(plan), "by": actor, "at": now},
    )
    return kept


def is_kept_otherwise(plan: TreatmentPlan) -> bool:
    """Whether the plan's present version is kept with other contents than it has now."""
    kept = plan.versions.filter(number=plan.version).first()
    return kept is not None and bool(diff(kept.contents, contents(plan)))


def diff(old: Contents, new: Contents) -> list[Line]:
    """What differs between two `contents`, in words, areas first; nothing where equal.

    What one of the two does not hold (it was kept by an older programme) is left out.
    """
    found = [*_area_lines(old, new)]
    for key, what, words in _shown():
        if key in old and key in new and old[key] != new[key]:
            found.append(Line(what, words(old[key]), words(new[key])))
    return [line for line in found + list(_phase_lines(old, new)) if _differs(line)]


def depth_before(old: Contents, area: int) -> str:
    """The depth in mm that `old` gives for the area of that key; "" without one."""
    rows = (row for row in old.get("areas", ()) if row["area"] == area)
    return str(next((row["depth_mm"] for row in rows), None) or "")


def _areas(plan: TreatmentPlan) -> Iterator[dict[str, Any]]:
    for row in plan.areas.all():
        depth = row.depth_mm
        yield {
            "area": row.area_id,
            "name": row.area.name,
            "depth_mm": None if depth is None else f"{depth:.1f}",
            "passes": row.passes,
            "rf_energy": row.rf_energy,
        }


def _area_lines(old: Contents, new: Contents) -> Iterator[Line]:
    before = {row["area"]: row for row in old.get("areas", ())}
    after = {row["area"]: row for row in new.get("areas", ())}
    for key in before | after:
        name = said((after.get(key) or before[key])["name"])
        if key not in before or key not in after:
            yield Line(name, _in_plan(key in before), _in_plan(key in after))
        else:
            yield from _settings(name, before[key], after[key])


def _settings(name: str, before: Contents, after: Contents) -> Iterator[Line]:
    depth = _("%(area)s, depth") % {"area": name}
    yield Line(depth, _mm(before["depth_mm"]), _mm(after["depth_mm"]))
    passes = _("%(area)s, passes") % {"area": name}
    yield Line(passes, _or_blank(before["passes"]), _or_blank(after["passes"]))
    energy = _("%(area)s, RF energy") % {"area": name}
    yield Line(energy, _or_blank(before["rf_energy"]), _or_blank(after["rf_energy"]))


def _phase_lines(old: Contents, new: Contents) -> Iterator[Line]:
    before, after = (one.get("phase_minutes", {}) for one in (old, new))
    for phase in before | after:
        yield Line(
            _("%(phase)s, minutes") % {"phase": said(phase).capitalize()},
            _or_usual(before.get(phase)),
            _or_usual(after.get(phase)),
        )


def _shown() -> list[tuple[str, str, Any]]:
    return [
        ("treatment", _("Treatment"), said),
        ("protocol_version", _("Version of the protocol"), str),
        ("location", _("Where"), str),
        ("concerns", _("For"), _named),
        ("session_count", _("Sessions"), str),
        ("gap_days", _("Gap between sessions"), _gap),
        ("target_layer", _("Target layer"), _layer),
        ("maintenance_per_year", _("Maintenance, sessions a year"), _or_blank),
        ("wishes", _("In the patient’s words"), _or_blank),
    ]


def _differs(line: Line) -> bool:
    return line.before != line.after


def _in_plan(is_there: bool) -> str:
    return _("in the plan") if is_there else _("not in the plan")


def _or_blank(value: Any) -> str:
    return str(value) if value else _("blank")


def _or_usual(minutes: int | None) -> str:
    return _("as usual") if minutes is None else str(minutes)


def _mm(depth: str | None) -> str:
    return _("%(depth)s mm") % {"depth": depth} if depth else _("blank")


def _named(names: list[str]) -> str:
    return ", ".join(said(name) for name in names) or _("blank")


def _gap(days: list[int]) -> str:
    return _("%(fewest)s to %(most)s days") % {"fewest": days[0], "most": days[1]}


def _layer(layer: str) -> str:
    return str(dict(TargetLayer.choices).get(layer, layer))
