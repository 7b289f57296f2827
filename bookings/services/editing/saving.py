"""Saving a plan that a clinician edited, before anybody has signed it.

A signed plan is amended instead: see `amendments.amending`.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import AppointmentKind, TreatmentPlan
from bookings.services import patients, shapes
from bookings.services.amendments.amended import Change, own_gap
from bookings.services.editing import details, limits
from bookings.services.plans import MOST_SESSIONS
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import versions
from clinic.models import User

WRITTEN = ["session_count", "gap_min_days", "gap_max_days", *details.COLUMNS, "version"]


@transaction.atomic
def save(
    plan: TreatmentPlan, change: Change, *, version: int, actor: User, now: datetime
) -> TreatmentPlan:
    """Make `change` the plan's next version, or refuse; what it said before is kept.

    It waits, or is a draft, as before. Its pencilled dates stay until the signature,
    which judges whether they still fit.
    """
    plan = _lock(plan)
    _judge_editable(plan, version)
    judge(plan, change)
    _judge_booked(plan, change, now)
    _keep(plan)
    _write(plan, change)
    versions.keep(plan, actor, now)
    patients.log_access(actor, plan.patient, "plan edited")
    return plan


def judge(plan: TreatmentPlan, change: Change) -> None:
    """Refuse what `change` may not make of a plan that nobody signed."""
    if change.details is None:
        raise ValueError("A clinician's edit says all that the plan says.")
    if not 1 <= change.session_count <= MOST_SESSIONS:
        raise BookingRefused(_("A plan has from 1 to 12 sessions."))
    limits.judge_gap(plan, change.gap_days)
    limits.judge(plan, change.details)
    if is_same(plan, change):
        raise BookingRefused(_("Nothing would change."))


def is_same(plan: TreatmentPlan, change: Change) -> bool:
    """Whether `change` leaves all of the plan as it is."""
    protocol = change.protocol
    usual = (protocol.gap_min_days, protocol.gap_max_days)
    return (
        change.session_count == plan.session_count
        and (change.gap_days or usual) == plan.gap_days
        and change.details == details.of(plan)
    )


def is_other_series(plan: TreatmentPlan, change: Change) -> bool:
    """Whether sessions would be more, fewer, elsewhere in time or of another shape."""
    edited = change.details.laid_over(plan) if change.details else plan
    usual = (change.protocol.gap_min_days, change.protocol.gap_max_days)
    return (
        change.session_count != plan.session_count
        or (change.gap_days or usual) != plan.gap_days
        or shapes.phases_of(edited) != shapes.phases_of(plan)
    )


def as_is(plan: TreatmentPlan) -> Change:
    """The change that leaves all of the plan as it is."""
    return Change(
        session_count=plan.session_count,
        protocol=plan.protocol,
        gap_days=own_gap(plan),
        reason="",
        details=details.of(plan),
    )


def tidy_gap(plan: TreatmentPlan, fewest: int, most: int) -> tuple[int, int] | None:
    """The gap of the plan's own; None where it is the protocol's."""
    protocol = plan.protocol
    gap = (fewest, most)
    is_usual = gap == (protocol.gap_min_days, protocol.gap_max_days)
    return None if is_usual and own_gap(plan) != gap else gap


def _lock(plan: TreatmentPlan) -> TreatmentPlan:
    """Hold patient and plan, in this order; the plan read afresh."""
    patients.hold(plan.patient_id)
    TreatmentPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    rows = TreatmentPlan.objects.with_people()
    return rows.prefetch_related("protocol__phases", "protocol__roles").get(pk=plan.pk)


def _judge_editable(plan: TreatmentPlan, version: int) -> None:
    if plan.version != version:
        raise BookingRefused(
            _("Somebody has changed this plan meanwhile. Look at it as it is now.")
        )
    if not (plan.is_waiting or plan.can_be_edited):
        raise BookingRefused(
            _("This plan is %(status)s by now and is not edited here.")
            % {"status": plan.get_status_display().lower()}
        )


def _judge_booked(plan: TreatmentPlan, change: Change, now: datetime) -> None:
    """Refuse to move or reshape what is booked: that is what amending is for."""
    booked = plan.appointments.firm().filter(kind=AppointmentKind.SESSION)
    to_come = booked.filter(during__endswith__gt=now)
    if is_other_series(plan, change) and to_come.exists():
        raise BookingRefused(
            _(
                "Sessions of this plan are booked. Decide on it as it is; once it is "
                "signed, edit it again, and its sessions move with it."
            )
        )


def _keep(plan: TreatmentPlan) -> None:
    """Keep what the plan says so far; of a first version it is known who wrote it."""
    by = plan.drafted_by if plan.version == 1 else None
    versions.keep(plan, by, plan.submitted_at or plan.drafted_at)


def _write(plan: TreatmentPlan, change: Change) -> None:
    if change.details is None:
        raise ValueError("A clinician's edit says all that the plan says.")
    plan.session_count = change.session_count
    plan.gap_min_days, plan.gap_max_days = change.gap_days or (None, None)
    for name in details.COLUMNS:
        setattr(plan, name, getattr(change.details, name))
    plan.version += 1
    plan.save(update_fields=WRITTEN)
    details.write_rows(plan, change.details)
