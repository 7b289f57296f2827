"""The list of patients: who is in it, in which order, and the same as a sheet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, Patient, TreatmentPlan
from bookings.services import finding
from clinic.models import Location


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patients to list; what is empty does not matter."""

    words: str = ""
    location: Location | None = None
    has_plan: bool = False
    is_unbooked: bool = False

    @property
    def is_everyone(self) -> bool:
        return self == Wanted()


def patients(wanted: Wanted, *, now: datetime) -> QuerySet[Patient]:
    """Current patients that fit; by name where words are given, else the newest first."""
    words = " ".join(wanted.words.split())
    rows = finding.matching(words) if words else Patient.objects.current()
    if not words:
        rows = rows.order_by("-created_at", "-pk")
    if wanted.location:
        rows = rows.filter(location=wanted.location)
    if wanted.has_plan:
        plans = TreatmentPlan.objects.open().filter(patient=OuterRef("pk"))
        rows = rows.filter(Exists(plans))
    if wanted.is_unbooked:
        rows = rows.exclude(Exists(_to_come(now).filter(patient=OuterRef("pk"))))
    return rows.select_related("location")


def _to_come(now: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.firm().filter(during__startswith__gt=now)


def head() -> list[str]:
    """The columns of the sheet."""
    return [
        _("Last name"),
        _("First name"),
        _("Pronouns"),
        _("Born"),
        _("Phone"),
        _("E-mail"),
        _("Language"),
        _("Usual location"),
        _("Next appointment"),
        _("Added"),
    ]


def sheet(people: Iterable[finding.Person]) -> Iterator[list[Any]]:
    """A row for each patient; times are the clock of the appointment's location."""
    for person in people:
        one, visit = person.patient, person.next_visit
        yield [
            one.last_name,
            one.first_name,
            one.pronouns,
            one.birth_date,
            one.phone.as_national if one.phone else "",
            one.email,
            one.get_language_display(),
            one.location,
            f"{visit.local_start:%Y-%m-%d %H:%M}" if visit else "",
            date_format(one.created_at, "Y-m-d"),
        ]
