"""What a record may say: refused beyond the limits, confirmed beyond the plan.

Never deeper than 2.0 mm (source: S2) nor than the protocol allows. Deeper or more than
the clinician signed, or passes outside the protocol's range, is the operator's to
confirm, each value by itself; less than was signed asks nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Endpoint, PlanArea, TreatmentPlan
from bookings.scheduling import instant
from bookings.services import hours, shapes
from bookings.services.recording import needs
from bookings.services.recording.values import AreaDone, Contents
from bookings.services.refusals import BookingRefused
from clinic.models import Practitioner, User

MOST_PASSES = 99
LONGEST_HOURS = 8


@dataclass(frozen=True, slots=True)
class Beyond:
    """A value outside the plan: what it is, what was planned, what was done.

    `code` names the value too, so that another value has to be confirmed anew.
    """

    code: str
    what: str
    planned: str
    done: str

    def as_kept(self) -> dict[str, Any]:
        """As it is kept with the record."""
        return asdict(self)


def judge(
    plan: TreatmentPlan,
    contents: Contents,
    *,
    actor: User,
    known: int | None = None,
) -> tuple[Beyond, ...]:
    """Refuse what may not be recorded; say what was confirmed beyond the plan.

    `known` is the doctor, by key, whom the version before names.
    """
    if said := list(refusals(plan, contents, actor=actor, known=known)):
        raise BookingRefused(" ".join(said))
    outside = beyond(plan, contents)
    if any(one.code not in contents.confirmed for one in outside):
        raise BookingRefused(
            _("Some values are outside the plan. Confirm each one, or put it right.")
        )
    return outside


def refusals(
    plan: TreatmentPlan,
    contents: Contents,
    *,
    actor: User,
    known: int | None = None,
) -> Iterator[str]:
    """Everything that stands against signing `contents`, in words."""
    yield from _about_time(contents)
    yield from _about_areas(plan, contents)
    day = contents.ended_at.astimezone(plan.location.zone).date()
    if reason := needs.why_unfit(contents.device, plan, day):
        yield reason
    if contents.endpoint not in Endpoint.values:
        yield _("Say whether the endpoint was reached.")
    yield from _about_plasma(plan, contents)
    yield from _about_supervision(plan, contents, actor, known)


def beyond(plan: TreatmentPlan, contents: Contents) -> tuple[Beyond, ...]:
    """What lies outside the plan and is the operator's to confirm."""
    planned = {row.area_id: row for row in plan.areas.all()}
    return (
        *(
            one
            for area in contents.areas
            for one in beyond_of_area(plan, planned.get(area.area.pk), area)
        ),
        *beyond_of_doctor(
            plan, contents.supervisor, contents.started_at, contents.ended_at
        ),
    )


def beyond_of_area(
    plan: TreatmentPlan, planned: PlanArea | None, done: AreaDone
) -> Iterator[Beyond]:
    """What of one area lies outside the plan; `planned` is missing where it is not in it."""
    key = done.area.pk
    if planned is None:
        yield Beyond(f"area-{key}", str(done.area), _("not in the plan"), _("treated"))
    yield from _too_deep(plan, planned, done)
    yield from _too_many(plan, planned, done)
    if planned and planned.rf_energy and planned.rf_energy != done.rf_energy:
        what = _("%(area)s, RF energy") % {"area": done.area}
        code = f"energy-{key}-{done.rf_energy}"
        yield Beyond(code, what, planned.rf_energy, done.rf_energy or _("none"))


def _too_deep(
    plan: TreatmentPlan, planned: PlanArea | None, done: AreaDone
) -> Iterator[Beyond]:
    limits = [shapes.depth_limit(plan)]
    if planned and planned.depth_mm:
        limits.append(planned.depth_mm)
    if done.depth_mm > min(limits):
        what = _("%(area)s, depth") % {"area": done.area}
        code = f"depth-{done.area.pk}-{done.depth_mm:.1f}"
        yield Beyond(code, what, f"{min(limits):.1f} mm", f"{done.depth_mm:.1f} mm")


def _too_many(
    plan: TreatmentPlan, planned: PlanArea | None, done: AreaDone
) -> Iterator[Beyond]:
    fewest, most = plan.protocol.passes_min, plan.protocol.passes_max
    words = _("%(fewest)s to %(most)s") % {"fewest": fewest, "most": most}
    if planned and planned.passes and planned.passes < done.passes <= most:
        most, words = planned.passes, str(planned.passes)
    if not fewest <= done.passes <= most:
        what = _("%(area)s, passes") % {"area": done.area}
        code = f"passes-{done.area.pk}-{done.passes}"
        yield Beyond(code, what, words, str(done.passes))


def beyond_of_doctor(
    plan: TreatmentPlan, who: Practitioner | None, start: datetime, end: datetime
) -> Iterator[Beyond]:
    """A supervising doctor who was not on the rota within [start, end), if any."""
    if who and not on_premises([who], plan, start, end):
        yield Beyond(
            f"supervisor-{who.pk}",
            _("Supervising doctor"),
            _("on the rota at that hour"),
            _("%(doctor)s, who was not") % {"doctor": who},
        )


def on_premises(
    people: Collection[Practitioner],
    plan: TreatmentPlan,
    start: datetime,
    end: datetime,
) -> set[int]:
    """Which of `people` were on the rota of the plan's location within [start, end)."""
    place = plan.location
    first, last = (at.astimezone(place.zone).date() for at in (start, end))
    here = [one for one in people if one.location_id == place.pk]
    worked = hours.spans_of_few(here, place, first, last) if here else {}
    asked = (instant(start), instant(end))
    return {
        pk
        for pk, shifts in worked.items()
        if any(opens < asked[1] and asked[0] < closes for opens, closes in shifts)
    }


def _about_time(contents: Contents) -> Iterator[str]:
    took = contents.ended_at - contents.started_at
    if took.total_seconds() <= 0:
        yield _("A session must end after it starts.")
    elif took.total_seconds() > LONGEST_HOURS * 3600:
        yield _("It cannot have taken longer than %(hours)s hours.") % {
            "hours": LONGEST_HOURS
        }


def _about_areas(plan: TreatmentPlan, contents: Contents) -> Iterator[str]:
    if not contents.areas:
        yield _("Say which area was treated.")
    limit = shapes.depth_limit(plan)
    asks_energy = needs.uses_rf(plan)
    for one in contents.areas:
        told = {"area": one.area, "limit": limit}
        if one.depth_mm > limit:
            yield _("%(area)s: needles go no deeper than %(limit)s mm.") % told
        elif one.depth_mm <= 0:
            yield _("%(area)s: give the depth.") % told
        if not 1 <= one.passes <= MOST_PASSES:
            yield _("%(area)s: give the passes.") % told
        if asks_energy and not one.rf_energy.strip():
            yield _("%(area)s: give the RF energy.") % told


def _about_plasma(plan: TreatmentPlan, contents: Contents) -> Iterator[str]:
    if not needs.uses_prp(plan):
        return
    if not contents.prp_lot.strip():
        yield _("Give the lot of the PRP kit: it makes it traceable.")
    if contents.prp_volume_ml is None or contents.prp_volume_ml <= 0:
        yield _("Give the volume of plasma in ml.")


def _about_supervision(
    plan: TreatmentPlan, contents: Contents, actor: User, known: int | None
) -> Iterator[str]:
    who = contents.supervisor
    if who and who.pk != known and not (who.may_supervise and who.is_active):
        yield _("%(name)s may not supervise. Choose a doctor who may.") % {"name": who}
    is_alone = who is None and not needs.may_supervise(actor)
    if is_alone and needs.is_dermal(plan, contents):
        yield _("Name the doctor who supervised it.")
