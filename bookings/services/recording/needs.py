"""What a plan asks of a record: plasma, energy, a supervising doctor, a device that fits."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import TreatmentPlan
from bookings.services import shapes
from bookings.services.recording.values import Contents
from clinic.models import Device, DeviceKind, Practitioner, User

NEEDLING_CLASS = 2  # a Class 2 medical device (source: S1)
DEVICE = "device"


def skills_of(plan: TreatmentPlan) -> frozenset[str]:
    """Every skill that a session of `plan` asks of anybody or anything."""
    roles = plan.protocol.roles.all()
    return frozenset(skill for role in roles for skill in role.skills)


def uses_prp(plan: TreatmentPlan) -> bool:
    """Whether plasma is part of it, so that its lot and volume are recorded."""
    return bool(skills_of(plan) & {"prp", "centrifuge"})


def uses_rf(plan: TreatmentPlan) -> bool:
    """Whether radiofrequency is part of it, so that its energy is recorded."""
    return "rf" in skills_of(plan)


def is_dermal(plan: TreatmentPlan, contents: Contents) -> bool:
    """Whether it was work under a doctor's supervision (source: S1).

    Needles that went deeper than the plan's layer reaches count as such work.
    """
    deepest = max((area.depth_mm for area in contents.areas), default=None)
    is_deeper = deepest is not None and deepest > shapes.depth_limit(plan)
    return shapes.is_supervised(plan) or is_deeper


def practitioner_of(user: User) -> Practitioner | None:
    """Who `user` is among the practitioners, if anybody."""
    return Practitioner.objects.filter(user=user).first()


def may_supervise(user: User) -> bool:
    """Whether `user` is a practitioner in service who may supervise dermal work."""
    who = practitioner_of(user)
    return bool(who and who.may_supervise and who.is_active)


def why_unfit(device: Device, plan: TreatmentPlan, day: date) -> str:
    """Why `device` may not be used for `plan` on the local `day`; empty where it may.

    It has to do what the treatment asks, be a Class 2 medical device, licensed and in
    service on that day (source: S1).
    """
    if not is_made_for(device, plan):
        return _("%(device)s is not made for this treatment.") % {"device": device}
    if device.health_canada_class < NEEDLING_CLASS:
        return _("%(device)s is not a Class 2 medical device.") % {"device": device}
    return _out_of_use(device, day)


def is_made_for(device: Device, plan: TreatmentPlan) -> bool:
    """Whether `device` does what the sessions of `plan` ask of one."""
    asked = {
        skill
        for role in plan.protocol.roles.all()
        if role.name == DEVICE
        for skill in role.skills
    }
    is_needling = device.device_kind != DeviceKind.CENTRIFUGE
    return is_needling and asked <= set(device.skills)


def _out_of_use(device: Device, day: date) -> str:
    first, last = device.may_be_used_between
    if device.licence_expires_on < day:
        return _("The licence of %(device)s expired on %(day)s.") % {
            "device": device,
            "day": date_format(device.licence_expires_on, "j M Y"),
        }
    if not first <= day <= last:
        return _("%(device)s was not in service on that day.") % {"device": device}
    return ""
