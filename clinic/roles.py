"""The four roles of the clinic's staff, and what each may do.

Permissions are named as strings ("app.codename"), so that the clinic's own app
knows nothing of the apps above it.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_noop

VIEWS = (
    "bookings.view_appointment",
    "bookings.view_patient",
    "bookings.view_treatmentplan",
    "bookings.view_message",
    "bookings.view_task",
    "bookings.view_outage",
    "bookings.view_waitingentry",
    "bookings.view_consultationrequest",
    "bookings.view_patientfile",
    "bookings.view_reaction",
    "bookings.add_reaction",
    "treatments.view_protocol",
)
PLANNING = (
    "bookings.add_healthanswer",
    "bookings.add_treatmentplan",
    "bookings.change_treatmentplan",
)
DESK_WORK = (
    "bookings.add_appointment",
    "bookings.change_appointment",
    "bookings.add_patient",
    "bookings.change_patient",
    "bookings.change_task",
    "bookings.add_outage",
    "bookings.change_outage",
    "bookings.add_waitingentry",
    "bookings.change_waitingentry",
    "bookings.change_consultationrequest",
    "bookings.add_consent",
    "bookings.add_patientfile",
    "bookings.merge_patient",
)
SETTING_UP = ("clinic.set_up_clinic",)
SIGNING = (
    "bookings.review_treatmentplan",
    "bookings.override_rules",
    "bookings.answer_checkin",
)
TREATING = (
    "bookings.view_sessionrecord",
    "bookings.add_sessionrecord",
    "bookings.cosign_sessionrecord",
    "bookings.view_photo",
    "bookings.add_photo",
    "bookings.change_photo",
    "bookings.change_reaction",
    "bookings.close_reaction",
    "bookings.view_outcomereview",
    "bookings.add_outcomereview",
)
VOUCHING = ("treatments.change_protocol", "treatments.approve_protocol")

FRONT_DESK = gettext_noop("Front desk")
CLINICIAN = gettext_noop("Clinician")
MANAGER = gettext_noop("Manager")
MEDICAL_DIRECTOR = gettext_noop("Medical director")

ROLES: dict[str, tuple[str, ...]] = {
    FRONT_DESK: VIEWS + PLANNING + DESK_WORK,
    CLINICIAN: VIEWS + PLANNING + SIGNING + TREATING,
    MANAGER: VIEWS + PLANNING + DESK_WORK + SIGNING + TREATING + SETTING_UP,
    MEDICAL_DIRECTOR: VIEWS + PLANNING + SIGNING + TREATING + VOUCHING,
}


class UnknownPermissionError(LookupError):
    """A role names a permission that no installed app defines."""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What loading did to one role: whether it is new, what it gained and lost."""

    name: str
    is_new: bool
    gained: frozenset[str]
    lost: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.is_new or self.gained or self.lost)


@transaction.atomic
def load_roles() -> list[RoleChange]:
    """Make the groups hold exactly these permissions; say what changed in each.

    Raises UnknownPermissionError, and changes nothing, where a permission is missing.
    """
    known = _permissions({name for names in ROLES.values() for name in names})
    return [
        _load(role, {name: known[name] for name in names})
        for role, names in ROLES.items()
    ]


def _load(role: str, wanted: dict[str, int]) -> RoleChange:
    group, is_new = Group.objects.get_or_create(name=role)
    held = set(_named(group.permissions.all()).values_list("full_name", flat=True))
    change = RoleChange(
        name=role,
        is_new=is_new,
        gained=frozenset(wanted) - held,
        lost=frozenset(held) - frozenset(wanted),
    )
    if change:
        group.permissions.set(wanted.values())
    return change


def _permissions(names: set[str]) -> dict[str, int]:
    """Primary keys of the permissions called `names`, by name."""
    rows = _named(Permission.objects.all()).filter(full_name__in=names)
    known: dict[str, int] = dict(rows.values_list("full_name", "pk"))
    if missing := sorted(names - set(known)):
        raise UnknownPermissionError(", ".join(missing))
    return known


def _named(permissions: QuerySet[Permission]) -> QuerySet[Any]:
    """The permissions with `full_name`, such as bookings.view_patient."""
    return permissions.annotate(
        full_name=Concat(F("content_type__app_label"), Value("."), F("codename"))
    )
