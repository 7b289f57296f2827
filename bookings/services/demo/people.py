"""The demo's two hundred patients and its staff accounts."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.contrib.auth.models import Group

from bookings.models import (
    Consent,
    Patient,
)
from bookings.models.patients import ConsentKind
from bookings.services.demo import names
from bookings.services.demo.places import CENTRETOWN, COLLEAGUES, STAFF_JOINED, WESTBORO
from clinic import roles
from clinic.demo_accounts import DEMO_PATIENT, DEMO_SIGN_INS
from clinic.models import Location, User

HOW_MANY = 200
FAR_AWAY = ("America/Halifax", "America/Vancouver", "America/New_York")
CARE_WORDS = (
    "The clinic may e-mail me about my appointments and about looking after my skin."
)
# Who signs in as what; the addresses and passwords are the launcher's to print.
SIGN_IN_NAMES = (
    ("Camille", "Boyer", roles.FRONT_DESK),
    ("Adaeze", "Okafor", roles.CLINICIAN),
    ("Judith", "Amsel", roles.MANAGER),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A patient to be: the demo knows some by name and draws the others."""

    first_name: str
    last_name: str
    pronouns: str
    language: str = "en"
    age: int = 0
    phone: str = ""
    slug: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def address(self) -> str:
        """An address at example.org in plain letters."""
        plain = unicodedata.normalize("NFKD", self.name.replace("œ", "oe"))
        letters = plain.encode("ascii", "ignore").decode().lower()
        return f"{letters.replace(' ', '.')}@example.org"


DIRECTOR = "Okafor"


def make_staff() -> dict[str, User]:
    """The accounts of the demo, by last name; three of them can sign in."""
    group = {row.name: row for row in Group.objects.filter(name__in=roles.ROLES)}
    staff = {}
    for (first, last, role), sign_in in zip(SIGN_IN_NAMES, DEMO_SIGN_INS, strict=True):
        staff[last] = _account(first, last, sign_in[1], sign_in[2])
        staff[last].groups.add(group[role])
    for person in COLLEAGUES:
        if person.last_name not in staff:
            first, last = person.first_name, person.last_name
            staff[last] = _account(first, last, f"{last.lower()}@example.org", None)
            staff[last].groups.add(group[roles.CLINICIAN])
    staff[DIRECTOR].groups.add(group[roles.MEDICAL_DIRECTOR])
    return staff


def _account(first: str, last: str, email: str, password: str | None) -> User:
    return User.objects.create_user(
        email, password, first_name=first, last_name=last, date_joined=STAFF_JOINED
    )


def let_in(patients: list[Patient]) -> None:
    """Give the demo's patient of the drawings an account that a password opens too."""
    _role, email, password = DEMO_PATIENT
    patient = next(one for one in patients if one.email == email)
    account = User.objects.create_user(email, password, date_joined=STAFF_JOINED)
    Patient.objects.filter(pk=patient.pk).update(user=account)


def make_patients(
    named: tuple[Person, ...],
    places: dict[str, Location],
    rng: Random,
    *,
    today: date,
) -> list[Patient]:
    """Two hundred patients: first `named`, then the diary's regulars, then others.

    The last are those who asked for a consultation on the site.
    """
    people = [*named, *(Person(*row) for row in names.REGULARS)]
    askers = {f"{first} {last}" for first, last, *_rest in names.ASKERS}
    strangers = _strangers({person.name for person in people} | askers, rng)
    while len(people) < HOW_MANY:
        people.append(next(strangers))
    people[-len(names.ASKERS) :] = [Person(*row) for row in names.ASKERS]
    rows = [
        _patient(person, number, places, rng, today)
        for number, person in enumerate(people)
    ]
    return Patient.objects.bulk_create(rows)


def _strangers(known: set[str], rng: Random) -> Iterator[Person]:
    """Yield people with names nobody has yet, about a third of them French."""
    first_names = (
        ("en", "she/her", names.SHE.split(), names.SURNAMES.split(), 5),
        ("en", "he/him", names.HE.split(), names.SURNAMES.split(), 2),
        ("fr", "she/her", names.ELLE.split(), names.NOMS.split(), 2),
        ("fr", "he/him", names.LUI.split(), names.NOMS.split(), 1),
    )
    weights = [row[-1] for row in first_names]
    while True:
        language, pronouns, first, last, _weight = rng.choices(first_names, weights)[0]
        person = Person(
            rng.choice(first),
            rng.choice(last),
            "they/them" if rng.random() < 0.03 else pronouns,
            language,
        )
        if person.name not in known:
            known.add(person.name)
            yield person


def _patient(
    person: Person,
    number: int,
    places: dict[str, Location],
    rng: Random,
    today: date,
) -> Patient:
    slug = rng.choices((CENTRETOWN, WESTBORO), (7, 3))[0]
    age = person.age or rng.randint(19, 67)
    zone = rng.choice(FAR_AWAY) if rng.random() < 0.03 else "America/Toronto"
    return Patient(
        first_name=person.first_name,
        last_name=person.last_name,
        pronouns=person.pronouns,
        birth_date=_born(age, rng.randrange(365), today),
        email=person.address,
        phone=person.phone or f"+1613555{100 + number % 100:04d}",
        language=person.language,
        timezone="America/Toronto" if person.slug else zone,
        location=places[person.slug or slug],
    )


def _born(age: int, days: int, today: date) -> date:
    """A birth date for somebody who is `age` today."""
    latest = date(today.year - age, today.month, min(today.day, 28))
    return latest - timedelta(days=days)


def make_consents(patients: list[Patient], *, at: datetime) -> None:
    """Everybody may be written to about their care."""
    Consent.objects.bulk_create(
        Consent(
            patient=patient,
            kind=ConsentKind.CARE_MESSAGES,
            is_given=True,
            words=CARE_WORDS,
            source="front desk",
            at=at,
        )
        for patient in patients
    )
