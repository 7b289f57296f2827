"""Finding a patient or a booking from anywhere, by whatever the person says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.lookups import Unaccent
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.utils.timezone import localdate

from bookings.models import AccessLog, Appointment, Patient
from bookings.models.codes import number_of
from bookings.models.patients import plainly
from bookings.services.people import birthdays
from clinic.models import User

SHOWN = 8
LOOKS = 400  # how far back to look for the patients opened last
# What is written down where one patient was opened, rather than many listed.
OPENED = (
    "patient page",
    "patient form",
    "added",
    "health answers",
    "plan",
    "plan form",
    "appointment",
    "drawer",
    "series",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A patient in a list: age in whole years today, and the next visit."""

    patient: Patient
    age: int | None
    next_visit: Appointment | None


@dataclass(frozen=True, slots=True)
class Found:
    """What `words` lead to; without words, the patients opened last.

    `more` says that there are further patients than those shown.
    """

    words: str
    people: list[Person]
    visits: list[Appointment]
    more: bool = False

    @property
    def is_recent(self) -> bool:
        return not self.words

    @property
    def count(self) -> int:
        return len(self.people) + len(self.visits)


def find(text: str, *, user: User, now: datetime) -> Found:
    """Patients and bookings behind `text`, or whom `user` opened last: 5 queries."""
    words = " ".join(text.split())
    if not words:
        return Found("", with_next(_opened_by(user), now=now), [])
    rows = list(matching(words).select_related("location")[: SHOWN + 1])
    people = with_next(rows[:SHOWN], now=now)
    return Found(words, people, _visits(words), more=len(rows) > SHOWN)


def matching(words: str) -> QuerySet[Patient]:
    """Current patients by name, phone and birth date together, the likeliest first.

    Accents and case are ignored; a name that begins with the words comes before one
    that only holds them.
    """
    born, rest = birthdays.date_in(words.replace("\0", ""))  # no text has it
    found = Patient.objects.current().search(rest)
    if born:
        found = found.filter(birth_date=born)
    return found.order_by(
        _rank(rest), Lower(Unaccent("last_name")), Lower(Unaccent("first_name")), "pk"
    )


def with_next(patients: Iterable[Patient], *, now: datetime) -> list[Person]:
    """The patients with age and next visit, in one query more."""
    rows = list(patients)
    visits = _next_visits(rows, now)
    today = localdate(now)
    return [Person(row, row.age_on(today), visits.get(row.pk)) for row in rows]


def _rank(words: str) -> Case:
    first = (words.split() or [""])[0]
    begins = Q(plain_name__startswith=plainly(first))
    surname = Q(plain_name__contains=plainly(f" {first}"))
    return Case(
        When(begins | surname, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )


def _opened_by(user: User) -> list[Patient]:
    looks = AccessLog.objects.filter(
        user=user, what__in=OPENED, patient__merged_into=None
    )
    keys = looks.order_by("-pk").values_list("patient", flat=True)[:LOOKS]
    latest = list(dict.fromkeys(keys))[:SHOWN]
    rows = Patient.objects.select_related("location").in_bulk(latest)
    return [rows[key] for key in latest]


def _visits(words: str) -> list[Appointment]:
    number = number_of(words)
    return list(Appointment.objects.with_people().filter(pk=number)) if number else []


def _next_visits(patients: list[Patient], now: datetime) -> dict[int, Appointment]:
    rows = (
        Appointment.objects.firm()
        .filter(patient__in=patients, during__startswith__gt=now)
        .select_related("location")
        .order_by("patient_id", "during")
        .distinct("patient_id")
    )
    return {row.patient_id: row for row in rows}
