"""What a clinician may set on a plan, whoever asks: refusals in words."""

from decimal import Decimal

from django.utils.translation import gettext as _

from bookings.models import TreatmentPlan
from bookings.services import shapes
from bookings.services.editing.details import AreaDetail, Details
from bookings.services.refusals import BookingRefused
from clinic.words import said
from treatments.models import Protocol, ProtocolPhase, TargetLayer

STEP_MINUTES = 5
LONGEST_NEEDLING = 60
"""Minutes: a session takes from a few minutes to an hour (source: S1)."""
LONGEST_PHASE = 120
"""Minutes of any other phase [clinic default: the medical director confirms it]."""
RF = "rf"
LONGEST_ENERGY = 40


def judge(plan: TreatmentPlan, details: Details) -> None:
    """Refuse details that `plan`, or whoever needles under it, may not have.

    `plan` says its protocol; depth is judged against 2.0 mm (source: S2), the protocol
    and the layer of `details`.
    """
    if not details.concerns:
        raise BookingRefused(_("Say what brings the patient: choose a concern."))
    if not details.areas:
        raise BookingRefused(_("Choose at least one area of skin."))
    _judge_layer(plan.protocol, details)
    limit = shapes.depth_limit_of(plan.protocol, details.target_layer)
    for area in details.areas:
        _judge_depth(area, limit)
        _judge_passes(area, plan.protocol)
        _judge_energy(area, plan.protocol)
    _judge_phases(plan.protocol, details)
    _judge_maintenance(plan.protocol, details)


def judge_gap(plan: TreatmentPlan, gap: tuple[int, int] | None) -> None:
    """Refuse gaps outside the protocol's days (42 to 56, source: S1 S2).

    Longer ones that the plan has already may stay.
    """
    protocol = plan.protocol
    if gap is None or gap == (plan.gap_min_days, plan.gap_max_days):
        return
    if not protocol.gap_min_days <= gap[0] <= gap[1] <= protocol.gap_max_days:
        raise BookingRefused(
            _(
                "Sessions lie from %(fewest)s to %(most)s days apart. Give the fewest "
                "and the most days within that."
            )
            % {"fewest": protocol.gap_min_days, "most": protocol.gap_max_days}
        )


def uses_rf(protocol: Protocol) -> bool:
    """Whether the treatment heats the skin with radiofrequency."""
    return any(RF in role.skills for role in protocol.roles.all())


def longest(phase: ProtocolPhase) -> int:
    """The most minutes that a plan may give `phase`."""
    is_needling = {"device", shapes.OPERATOR} <= set(phase.roles)
    return LONGEST_NEEDLING if is_needling else LONGEST_PHASE


def layers(protocol: Protocol) -> list[TargetLayer]:
    """The layers that a plan under `protocol` may aim at: never beyond the protocol's."""
    if protocol.target_layer == TargetLayer.EPIDERMIS:
        return [TargetLayer.EPIDERMIS]
    return list(TargetLayer)


def _judge_layer(protocol: Protocol, details: Details) -> None:
    if details.target_layer and details.target_layer not in layers(protocol):
        raise BookingRefused(
            _(
                "This protocol stays in the epidermis: it has no supervising doctor. "
                "Choose another treatment for work in the dermis."
            )
        )


def _judge_depth(area: AreaDetail, limit: Decimal) -> None:
    if area.depth_mm is None or 0 < area.depth_mm <= limit:
        return
    raise BookingRefused(
        _("Needles go no deeper than %(limit)s mm here.") % {"limit": limit}
    )


def _judge_passes(area: AreaDetail, protocol: Protocol) -> None:
    least, most = protocol.passes_min, protocol.passes_max
    if area.passes is not None and not least <= area.passes <= most:
        raise BookingRefused(
            _("Choose from %(least)s to %(most)s passes.")
            % {"least": least, "most": most}
        )


def _judge_energy(area: AreaDetail, protocol: Protocol) -> None:
    if area.rf_energy and not uses_rf(protocol):
        raise BookingRefused(_("This treatment has no radiofrequency to set."))
    if len(area.rf_energy) > LONGEST_ENERGY:
        raise BookingRefused(_("Give the RF energy in at most 40 characters."))


def _judge_phases(protocol: Protocol, details: Details) -> None:
    phases = {phase.name: phase for phase in protocol.phases.all()}
    for name, minutes in details.phase_minutes.items():
        if name not in phases:
            raise BookingRefused(
                _("A session of this treatment has no part called %(name)s.")
                % {"name": name}
            )
        if minutes == phases[name].minutes:
            continue
        most = longest(phases[name])
        if minutes % STEP_MINUTES or not STEP_MINUTES <= minutes <= most:
            raise BookingRefused(_phase_words(name, most))


def _phase_words(name: str, most: int) -> str:
    return _("%(phase)s takes from 5 to %(most)s minutes, in steps of five.") % {
        "phase": said(name).capitalize(),
        "most": most,
    }


def _judge_maintenance(protocol: Protocol, details: Details) -> None:
    least, most = protocol.maintenance_min, protocol.maintenance_max
    a_year = details.maintenance_per_year
    if a_year is not None and not least <= a_year <= most:
        raise BookingRefused(
            _("Maintenance is from %(least)s to %(most)s sessions a year.")
            % {"least": least, "most": most}
        )
