"""A clinician's own templates: how they like to treat, to start a plan from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bookings.models import PlanTemplate, TreatmentPlan
from bookings.services.amendments.amended import Change
from bookings.services.editing.details import AreaDetail
from bookings.services.refusals import BookingRefused
from clinic.models import User
from treatments.models import BodyArea

LONGEST_NAME = 80


def of(owner: User, plan: TreatmentPlan | None = None) -> QuerySet[PlanTemplate]:
    """The templates of `owner`, by name; with `plan`, those for its treatment."""
    rows = PlanTemplate.objects.filter(owner=owner).select_related("treatment")
    return rows.filter(treatment=plan.protocol.treatment_id) if plan else rows


@transaction.atomic
def keep(
    owner: User, name: str, plan: TreatmentPlan, change: Change, *, now: datetime
) -> PlanTemplate:
    """Keep how `change` treats under a name of the owner's own, or refuse the name.

    The patient, the concerns and which areas there are stay out of it.
    """
    return _named(
        PlanTemplate(
            owner=owner,
            name=_judged(name),
            treatment=plan.protocol.treatment,
            contents=_contents(change),
            saved_at=now,
        )
    )


@transaction.atomic
def rename(template: PlanTemplate, name: str) -> PlanTemplate:
    """Give the template another name, or refuse one that its owner has already."""
    template.name = _judged(name)
    return _named(template, "name")


def delete(template: PlanTemplate) -> None:
    """Forget the template; plans made from it stay as they are."""
    template.delete()


def fields(template: PlanTemplate, areas: Iterable[BodyArea]) -> dict[str, str]:
    """What the template fills in, by the names of the editor's fields.

    An area that it says nothing about is left alone.
    """
    said = template.contents
    found = {
        name: str(said[name])
        for name in ("session_count", "gap_min", "gap_max", "maintenance", "layer")
        if said.get(name)
    }
    for at, minutes in said.get("phases", {}).items():
        found[f"phase-{at}"] = str(minutes)
    for area in areas:
        for name, value in said.get("areas", {}).get(area.code, {}).items():
            found[f"{name}-{area.pk}"] = str(value)
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """One template on its owner's page, with what it fills in, in words."""

    template: PlanTemplate
    words: list[str]


def shown(owner: User) -> list[Shown]:
    """All templates of `owner`, by name, in words; two queries."""
    names = dict(BodyArea.objects.values_list("code", "name"))
    return [Shown(row, _words(row.contents, names)) for row in of(owner)]


def _contents(change: Change) -> dict[str, Any]:
    told, protocol = change.details, change.protocol
    if told is None:
        raise ValueError("A clinician's edit says all that the plan says.")
    fewest, most = change.gap_days or (protocol.gap_min_days, protocol.gap_max_days)
    codes = BodyArea.objects.in_bulk([one.area for one in told.areas])
    own = told.phase_minutes
    return {
        "session_count": change.session_count,
        "gap_min": fewest,
        "gap_max": most,
        "layer": told.target_layer or protocol.target_layer,
        "maintenance": told.maintenance_per_year,
        "phases": {
            str(at): own.get(phase.name, phase.minutes)
            for at, phase in enumerate(protocol.phases.all())
        },
        "areas": {codes[one.area].code: _setting(one) for one in told.areas},
    }


def _setting(one: AreaDetail) -> dict[str, Any]:
    return {
        "depth": str(one.depth_mm) if one.depth_mm else "",
        "passes": one.passes or "",
        "energy": one.rf_energy,
    }


def _words(said: dict[str, Any], names: dict[str, str]) -> list[str]:
    gap = {"fewest": said["gap_min"], "most": said["gap_max"]}
    found = [
        _("Sessions: %(count)s") % {"count": said["session_count"]},
        _("%(fewest)s to %(most)s days apart") % gap,
    ]
    for code, one in said["areas"].items():
        if one["depth"]:
            told = {"area": names.get(code, code), "depth": one["depth"]}
            found.append(_("%(area)s %(depth)s mm") % told)
    return found


def _judged(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise BookingRefused(_("Give the template a name."))
    if len(name) > LONGEST_NAME:
        raise BookingRefused(_("Give the template a name of at most 80 characters."))
    return name


def _named(template: PlanTemplate, *only: str) -> PlanTemplate:
    try:
        with transaction.atomic():
            template.save(update_fields=only or None)
    except IntegrityError as error:
        raise BookingRefused(_("You have a template of that name already.")) from error
    return template
