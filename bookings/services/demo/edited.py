"""A plan that a clinician has edited while it waited, and templates to start from."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bookings.models import TreatmentPlan
from bookings.services.amendments.amended import Change
from bookings.services.demo.world import World
from bookings.services.editing import saving, templates

EDITED = "Mowbray"
CLINICIAN = "Okafor"
AFTER_SENDING = timedelta(minutes=40)
NEEDLING = "Needling"


def write(world: World) -> None:
    """Give one waiting plan a second version, and its clinician two templates."""
    waiting = TreatmentPlan.objects.waiting().filter(patient__last_name=EDITED)
    rows = waiting.with_people().prefetch_related("protocol__phases", "protocol__roles")
    plan, actor = rows.first(), world.staff.get(CLINICIAN)
    if plan is None or actor is None or plan.submitted_at is None:
        return
    now = plan.submitted_at + AFTER_SENDING
    for name, change in (
        ("Fine lines, gentle", _set(plan, "0.5", 2, 20)),
        ("Fine lines, firm", _set(plan, "1.0", 6, 30)),
    ):
        templates.keep(actor, name, plan, change, now=now)
    edit = _set(plan, "0.5", 4, 40)
    saving.save(plan, edit, version=plan.version, actor=actor, now=now)


def _set(plan: TreatmentPlan, depth: str, passes: int, minutes: int) -> Change:
    """The plan with this depth in mm, these passes and so many minutes of needling."""
    change = saving.as_is(plan)
    if change.details is None:
        raise ValueError("What a plan says is known.")
    areas = tuple(
        replace(one, depth_mm=Decimal(depth), passes=passes)
        for one in change.details.areas
    )
    told = replace(change.details, areas=areas, phase_minutes={NEEDLING: minutes})
    return replace(change, details=told.tidied(plan.protocol))
