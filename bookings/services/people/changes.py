"""What became of a record: who changed which fact, what was merged, who looked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bookings.models import AccessLog, Patient, PatientMerge
from bookings.services.people.facts import FACTS, label, shown, value
from clinic.models import Location, User

LOOKS = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """One fact before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One moment of a record's history: `at` is an instant, `who` may be empty."""

    at: datetime
    who: str
    words: str
    turns: tuple[Turn, ...] = ()


def history(patient: Patient) -> list[Change]:
    """What became of the record and of those merged into it, the latest first.

    In four queries, whatever their number.
    """
    family = Q(pgh_obj=patient.pk) | Q(pgh_obj__merged_into=patient.pk)
    events: Any = Patient.events.rel.related_model  # type: ignore[attr-defined]
    rows = list(
        events.objects.filter(family).select_related("pgh_context").order_by("pgh_id")
    )
    merges = PatientMerge.objects.filter(
        Q(kept=patient) | Q(kept__merged_into=patient)
    ).select_related("gone", "by")
    told = [*_told(rows, patient), *map(_merged, merges)]
    told.sort(key=lambda change: change.at)
    return told[::-1]


def looks(patient: Patient) -> QuerySet[AccessLog]:
    """Who opened the record last, and which page of it."""
    of_both = Q(patient=patient) | Q(patient__merged_into=patient)
    return AccessLog.objects.filter(of_both).select_related("user")[:LOOKS]


def _told(rows: list[Any], patient: Patient) -> Iterator[Change]:
    names, places = _names(rows), _places(rows)
    before: dict[int, Any] = {}
    for row in rows:
        last = before.get(row.pgh_obj_id)
        before[row.pgh_obj_id] = row
        who = names.get(_user(row), "")
        turns = tuple(_turns(last, row, places)) if last else ()
        if last is None and row.pgh_obj_id == patient.pk:
            yield Change(row.pgh_created_at, who, _("Record added"))
        elif turns:
            yield Change(row.pgh_created_at, who, _words(row, patient), turns)


def _words(row: Any, patient: Patient) -> str:
    if row.pgh_obj_id == patient.pk:
        return _("Changed")
    return _("Changed in the record that was merged")


def _turns(last: Any, row: Any, places: dict[int, str]) -> Iterator[Turn]:
    for name in FACTS:
        if value(last, name) != value(row, name):
            yield Turn(label(name), shown(last, name, places), shown(row, name, places))


def _merged(row: PatientMerge) -> Change:
    moved = sum(row.moved.values())
    words = _("Merged with the record of %(patient)s: %(count)s entries moved") % {
        "patient": row.gone,
        "count": moved,
    }
    return Change(row.at, str(row.by), words)


def _user(row: Any) -> int | None:
    context = row.pgh_context
    user: int | None = (context.metadata if context else {}).get("user")
    return user


def _names(rows: Iterable[Any]) -> dict[int | None, str]:
    known = {user for row in rows if (user := _user(row)) is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=known)}


def _places(rows: Iterable[Any]) -> dict[int, str]:
    known = {row.location_id for row in rows if row.location_id}
    return {place.pk: str(place) for place in Location.objects.filter(pk__in=known)}
