"""Records that are likely of one person: found, and why."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any
from unicodedata import combining, normalize

from django.contrib.postgres.lookups import Unaccent
from django.db.models import CharField, Count, Max, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Left, Lower
from django.utils.translation import gettext as _

from bookings.models import Patient

SIMILAR = 0.8  # share of letters in one order; "Jon Roy" and "John Roy" have 0.93
SHOWN = 8
MOST = 200  # pairs to work through at a time
KEYS = 200
CROWD = 12  # so many behind one number are a household or a mistake, not one person


@dataclass(frozen=True, slots=True)
class Alike:
    """A record, and the reasons why it may be of the same person."""

    patient: Patient
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be of one person, the older first, and why."""

    older: Patient
    newer: Patient
    reasons: list[str]


def like(patient: Patient) -> list[Alike]:
    """Other current records likely of the same person, in one query.

    `patient` need not be saved. The surest come first.
    """
    same = Q(pk__in=())
    for name in ("phone", "birth_date"):
        if value := getattr(patient, name):
            same |= Q(**{name: value})
    if patient.email:
        same |= Q(email__iexact=patient.email)
    others = Patient.objects.current().exclude(pk=patient.pk).filter(same)
    found = [Alike(other, why(patient, other)) for other in others.order_by("pk")]
    return sorted((one for one in found if one.reasons), key=_doubt)[:SHOWN]


def pairs() -> list[Pair]:
    """The likely duplicates of the whole clinic, the surest first: up to 200 pairs."""
    found: dict[tuple[int, int], Pair] = {}
    for crowd in _crowds():
        for older, newer in combinations(sorted(crowd, key=lambda one: one.pk), 2):
            if reasons := why(older, newer):
                found[older.pk, newer.pk] = Pair(older, newer, reasons)
    return sorted(found.values(), key=_doubt)[:MOST]


def why(one: Patient, other: Patient) -> list[str]:
    """What two records have in common that one person would; empty where too little.

    A shared number says nothing of two people with other names and birth dates: they
    may live together.
    """
    born = one.birth_date is not None and one.birth_date == other.birth_date
    named = are_similar(str(one), str(other))
    said = [_("same birth date and a similar name")] if born and named else []
    unlike = one.birth_date and other.birth_date and not born and not named
    if not unlike:
        said += (
            [_("same phone number")] if one.phone and one.phone == other.phone else []
        )
        said += [_("same e-mail address")] if _one_address(one, other) else []
    return said


def are_similar(one: str, other: str) -> bool:
    """Whether two full names differ by a slip, their order or a part left out."""
    first, second = plain(one), plain(other)
    words = set(first.split()), set(second.split())
    short, long = sorted(words, key=len)
    if len(short) >= 2 and short <= long:
        return True
    letters = SequenceMatcher(None, first, second, autojunk=False)
    return letters.quick_ratio() >= SIMILAR and letters.ratio() >= SIMILAR


def plain(name: str) -> str:
    """A name without accents, capitals and hyphens."""
    letters = normalize("NFKD", name.casefold().replace("-", " "))
    return "".join(sign for sign in letters if not combining(sign))


def _one_address(one: Patient, other: Patient) -> bool:
    return bool(one.email) and one.email.casefold() == other.email.casefold()


def _doubt(found: Alike | Pair) -> int:
    return -len(found.reasons)


def _crowds() -> Iterator[list[Patient]]:
    """Current records that share a number, an address, or birth date and letters."""
    people = Patient.objects.current().select_related("location")
    born = people.exclude(birth_date=None)
    keyed = (
        people.exclude(phone="").annotate(key=Cast("phone", CharField())),
        people.exclude(email="").annotate(key=Lower("email")),
        born.annotate(key=_letters("last_name")),
        born.annotate(key=_letters("first_name")),
    )
    for rows in keyed:
        yield from _shared(rows)


def _letters(field: str) -> Concat:
    return Concat(
        Cast("birth_date", CharField()),
        Value(" "),
        Left(Lower(Unaccent(field)), 3),
        output_field=CharField(),
    )


def _shared(rows: QuerySet[Any]) -> Iterable[list[Patient]]:
    """The rows with each `key` that two or more have, but not a crowd.

    So many of them, those with the newest records, that the list stays quick.
    """
    counted = rows.order_by().values("key")
    counted = counted.annotate(count=Count("pk"), newest=Max("pk"))
    several = counted.filter(count__range=(2, CROWD)).order_by("-newest")
    shared = several.values("key")[:KEYS]
    crowds: dict[str, list[Patient]] = defaultdict(list)
    for row in rows.filter(key__in=shared):
        crowds[row.key].append(row)
    return crowds.values()
